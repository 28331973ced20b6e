"""Holds a strategy to its contract: shape and range, a pure function, hard conditions, no sight of the future."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from geobuk.app.choose_strategies import choose_strategies, parameter_tables
from geobuk.app.history import SYNTHETIC, History, read_history
from geobuk.app.home import Home
from geobuk.app.settings import load_settings, override
from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.errors import StrategyError
from geobuk.domain.times import interval_ns
from geobuk.panel import Panel
from geobuk.research.look_ahead import LookAhead, is_deterministic, look_ahead_check
from geobuk.strategies.base import Strategy
from geobuk.strategies.contract import forecast_of, warmup_of

_ENOUGH_AFTER_WARMUP = 500
_INTERVAL = "1h"
_LEAST_BARS = 2_000
_MOST_BARS = 200_000


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that a strategy must do, and whether it does. ``text`` says what was seen."""

    name: str
    is_met: bool
    text: str


@dataclass(frozen=True, slots=True)
class StrategyCheck:
    """What was found. ``look_ahead`` holds every offence, the earliest bar first."""

    strategy: str
    version: int
    warmup_bars: int
    panels: tuple[str, ...]
    duties: tuple[Duty, ...]
    look_ahead: tuple[LookAhead, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every duty is met."""
        return all(duty.is_met for duty in self.duties)


def check_named(
    home: Home,
    name_or_path: str,
    history: History | None,
    *,
    params: Sequence[str] = (),
    settings_file: Path | None = None,
) -> StrategyCheck:
    """Check a strategy by name or file on a synthetic market, and on stored history if one is given.

    Raises
    ------
    UserError : the strategy can't be loaded, or the history can't be read.
    """
    settings = load_settings(
        settings_file,
        home=home,
        overrides=[override(text, "--param") for text in params],
        strategies=parameter_tables([name_or_path]),
    )
    (strategy,) = choose_strategies([name_or_path], settings)
    bars = min(_MOST_BARS, max(_LEAST_BARS, bars_needed(strategy, interval_ns(_INTERVAL))))
    panels = [synthetic_panel(MarketSpec(seed=settings.synthetic.seed, instruments=4, bars=bars, interval=_INTERVAL))]
    if history is not None and history.venue != SYNTHETIC:
        panels.append(read_history(home, settings, history))
    return check_strategy(strategy, panels)


def bars_needed(strategy: Strategy, interval_ns: int) -> int:
    """Bars of a panel on which a check says something."""
    return 2 * warmup_of(strategy, interval_ns) + _ENOUGH_AFTER_WARMUP


def check_strategy(strategy: Strategy, panels: Sequence[Panel], *, seed: int = 1) -> StrategyCheck:
    """Check on each panel; the first must be long enough (see :func:`bars_needed`).

    A broken duty is reported, never raised.
    """
    offences: list[LookAhead] = []
    duties = []
    for panel in panels:
        label = f"{panel.venue} {panel.interval}"
        duties += [_met(f"shape and range on {label}", partial(_shape, strategy, panel))]
        if duties[-1].is_met:
            duties += [_met(f"same answer twice on {label}", partial(_same_twice, strategy, panel))]
            duties += [_met(f"no look-ahead on {label}", partial(_blind, strategy, panel, seed, offences))]
    for name, hard in hard_panels(panels[0]):
        duties.append(_met(name, partial(_shape, strategy, hard)))
    return StrategyCheck(
        strategy=strategy.name,
        version=strategy.version,
        warmup_bars=warmup_of(strategy, panels[0].interval_ns),
        panels=tuple(f"{p.venue} {p.interval}, {p.shape[0]:,} bars of {p.shape[1]}" for p in panels),
        duties=tuple(duties),
        look_ahead=tuple(offences),
    )


def hard_panels(panel: Panel) -> Iterator[tuple[str, Panel]]:
    """The conditions that break careless code, made from a whole panel."""
    yield "a single instrument", panel.select(panel.instruments[:1])
    yield "a single bar", panel.rows(0, 1)
    middle, stop = panel.shape[0] // 2, panel.shape[0] // 2 + 48
    names = ("open", "high", "low", "close", "volume", "mark", "funding", "funding_inside")
    holes = {name: getattr(panel, name).copy() for name in names}
    tradable = panel.tradable.copy()
    for values in holes.values():
        values[middle:stop, 0] = np.nan
    tradable[middle:stop, 0] = False
    yield "a gap of 48 bars", replace(panel, **holes, tradable=tradable)
    absent = {name: getattr(panel, name).copy() for name in names}
    for values in absent.values():
        values[:, -1] = np.nan
    nowhere = panel.tradable.copy()
    nowhere[:, -1] = False
    yield "an instrument without any bar", replace(panel, **absent, tradable=nowhere)
    yield (
        "no volume and no funding",
        replace(
            panel,
            volume=np.zeros(panel.shape),
            funding=np.full(panel.shape, np.nan),
            funding_inside=np.full(panel.shape, np.nan),
        ),
    )


def _met(name: str, look: Callable[[], str]) -> Duty:
    try:
        return Duty(name, True, look())
    except StrategyError as error:
        return Duty(name, False, str(error))


def _shape(strategy: Strategy, panel: Panel) -> str:
    forecast = forecast_of(strategy, panel)
    known = np.isfinite(forecast)
    return f"{known.mean():.0%} of {forecast.size:,} forecasts are beliefs" if forecast.size else "no bars"


def _same_twice(strategy: Strategy, panel: Panel) -> str:
    if not is_deterministic(strategy, panel):
        raise StrategyError(
            f"{strategy.name}: two runs over the same bars differ",
            cure="make it a pure function: no unseeded random numbers, no clock, no state kept between calls",
        )
    return "bit for bit"


def _blind(strategy: Strategy, panel: Panel, seed: int, offences: list[LookAhead]) -> str:
    found = look_ahead_check(strategy, panel, seed=seed)
    offences += found
    if found:
        raise StrategyError(
            found[0].text, cure="use rows up to t for row t: no negative shift, no whole-sample statistic"
        )
    return "the future was cut off and replaced at 12 bars: earlier forecasts stayed the same"
