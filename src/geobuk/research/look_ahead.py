"""The first law, checked by machine: a forecast may not change when only the future does."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geobuk.domain.errors import LookAheadError, StrategyError
from geobuk.domain.times import at_text
from geobuk.panel import FloatArray, Panel
from geobuk.research.scramble import scramble_future
from geobuk.strategies.contract import forecast_of, warmup_of
from geobuk.strategies.strategy import Strategy

CUTS = 12
"""At how many bars the future is changed, unless told otherwise, besides those that the forecasts suggest."""

_CHANGES = 16
_RUN = 24

MOST_CUTS = CUTS + _CHANGES + _RUN
"""At how many bars the future is changed at most, unless told otherwise."""

MOST_EXTRA_ROWS = 2_000_000
"""Rows forecast at most for the cuts that the forecasts suggest, with either method; long panels get fewer of them."""

_LEAST_LATER = 8
"""Bars that must follow the warm-up for the check to say anything."""


@dataclass(frozen=True, slots=True)
class LookAhead:
    """A forecast that knew its future.

    The forecast of ``instrument`` at ``bar`` (opening at ``at_ns``) was ``before`` with the whole panel and ``after``
    when the bars after ``cut`` were cut off (``method`` "truncate") or replaced by others ("perturb").
    """

    strategy: str
    bar: int
    at_ns: int
    instrument: str
    before: float
    after: float
    method: str
    cut: int

    @property
    def text(self) -> str:
        """One sentence for a person."""
        what = "cut off" if self.method == "truncate" else "replaced by others"
        sentence = (
            f"{self.strategy} forecast {self.before:.6g} for {self.instrument} at bar {self.bar}"
            f" ({at_text(self.at_ns)} UTC), but {self.after:.6g} when the bars after bar {self.cut} were {what}"
        )
        if abs(self.before - self.after) < 1e-9:
            return f"{sentence}; only rounding differs: some sum runs over all bars (matmul, FFT, whole-sample mean)"
        return sentence


def look_ahead_check(strategy: Strategy, panel: Panel, *, cuts: int = CUTS, seed: int = 1) -> list[LookAhead]:
    """Truncate and perturb the future at several bars; earlier forecasts must stay the same bit for bit.

    NaN equals NaN.

    Parameters
    ----------
    cuts : int
        Bars at which the future is changed: around the end of the warm-up, in the first quarter, before the last bar,
        and spread at random between. Within the warm-up the future is only perturbed, so that no strategy has to work
        on fewer bars than it asks for. Besides, as far as MOST_EXTRA_ROWS allows, up to 16 bars at which the forecast
        changes (a strategy that decides once a day or week peeks there or nowhere) and 24 in a row after the warm-up.

    Returns
    -------
    list of LookAhead
        For each cut and method that failed, its first offending bar and instrument; the earliest bar first. Empty
        when no sight of the future was found, which is evidence and no proof.

    Raises
    ------
    StrategyError
        When two runs over the same panel differ, the panel is too short for the warm-up, or the strategy breaks its
        contract.
    """
    warmup, bars = warmup_of(strategy, panel.interval_ns), len(panel.at_ns)
    if bars < warmup + _LEAST_LATER:
        raise StrategyError(
            f"{strategy.name}: {bars:,} bars are too few to check a warm-up of {warmup:,}",
            cure=f"give a panel of at least {warmup + _LEAST_LATER:,} bars, better {2 * warmup + 500:,}",
        )
    whole = _repeatable_forecast(strategy, panel)
    generator = np.random.default_rng(seed)
    found: list[LookAhead] = []
    for cut in sorted({*_cut_bars(bars, warmup, cuts, generator), *_suggested_cuts(whole, warmup, generator)}):
        trials = {"perturb": scramble_future(panel, cut, generator)}
        if cut >= warmup:
            trials["truncate"] = panel.rows(0, cut + 1)
        for method, trial in trials.items():
            place = _first_difference(whole, forecast_of(strategy, trial), cut + 1)
            if place is not None:
                bar, column, after = place
                before, at_ns = float(whole[bar, column]), int(panel.at_ns[bar])
                name = panel.instruments[column]
                found.append(LookAhead(strategy.name, bar, at_ns, name, before, after, method, cut))
    return sorted(found, key=lambda finding: (finding.bar, finding.instrument, finding.method, finding.cut))


def require_no_look_ahead(strategy: Strategy, panel: Panel, *, cuts: int = CUTS, seed: int = 1) -> None:
    """Raise LookAheadError with the earliest offending bar and instrument, if :func:`look_ahead_check` finds one.

    Whatever else the check says (StrategyError) passes through.
    """
    found = look_ahead_check(strategy, panel, cuts=cuts, seed=seed)
    if found:
        raise LookAheadError(
            found[0].text,
            cure="use rows up to t for row t: no negative shift, no statistic of the whole sample, no back-fill",
        )


def _repeatable_forecast(strategy: Strategy, panel: Panel) -> FloatArray:
    whole = forecast_of(strategy, panel)
    place = _first_difference(whole, forecast_of(strategy, panel), len(whole))
    if place is not None:
        bar, column, after = place
        raise StrategyError(
            f"{strategy.name}: two runs over the same bars differ, first at bar {bar}"
            f" ({at_text(int(panel.at_ns[bar]))} UTC) of {panel.instruments[column]}:"
            f" {whole[bar, column]:.6g} and {after:.6g}",
            cure="make it a pure function: no unseeded random numbers, no clock, no state kept between calls",
        )
    return whole


def _cut_bars(bars: int, warmup: int, cuts: int, generator: np.random.Generator) -> list[int]:
    """Rising rows up to ``bars`` - 2: the named ones, and others jittered so that no cut keeps step with a day."""
    last = bars - 2
    named = [last, warmup, bars // 4, max(0, warmup - 1), warmup + 1, warmup // 2][: max(cuts, 1)]
    rest = max(0, cuts - len(named))
    edges = np.linspace(warmup, last, rest + 1)
    spread = [int(generator.integers(int(low), max(int(low) + 1, int(high)))) for low, high in pairwise(edges)]
    return sorted({min(cut, last) for cut in (*named, *spread)})


def _suggested_cuts(whole: FloatArray, warmup: int, generator: np.random.Generator) -> list[int]:
    """Bars spread over the history at which a forecast changes, by turns the greatest change and any, and a run."""
    last, room = len(whole) - 2, MOST_EXTRA_ROWS // len(whole)
    change = np.abs(np.diff(np.nan_to_num(whole[: last + 1], nan=2.0), axis=0)).max(axis=1, initial=0.0)
    rows = np.flatnonzero(change) + 1
    rows = rows[rows >= warmup]
    chosen = []
    for number, part in enumerate(np.array_split(rows, min(_CHANGES, room)) if room else []):
        if len(part):
            greatest = int(part[np.argmax(change[part - 1])])
            chosen.append(greatest if number % 2 == 0 else int(generator.choice(part)))
    run = min(_RUN, max(0, room - _CHANGES))
    return [*chosen, *range(warmup, min(warmup + run, last + 1))]


def _first_difference(whole: FloatArray, other: FloatArray, rows: int) -> tuple[int, int, float] | None:
    """First bar, then first instrument, in which two forecasts differ within ``rows`` rows, and the other's value."""
    a, b = whole[:rows], other[:rows]
    differs = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    if not differs.any():
        return None
    bar, column = divmod(int(differs.argmax()), differs.shape[1])
    return bar, column, float(b[bar, column])
