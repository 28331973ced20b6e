"""What `import geobuk as gb` offers: the commands' work in a few lines of Python."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from geobuk.app.backtest import BacktestRun, Language, run_backtest
from geobuk.app.choose_strategies import split_names
from geobuk.app.history import History, end_of, read_history, read_rules
from geobuk.app.home import Home, default_home
from geobuk.app.settings import Settings
from geobuk.data.synthetic import MarketSpec
from geobuk.data.synthetic import synthetic_panel as generate
from geobuk.domain.errors import StrategyError, UserError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_DAY, interval_ns, parse_at
from geobuk.panel import FloatArray, Panel
from geobuk.simulate.spec import BacktestSpec
from geobuk.strategies.base import Strategy
from geobuk.strategies.matrix import blend
from geobuk.strategies.registry import load

if TYPE_CHECKING:
    from geobuk.simulate.sweep import SweepResult

Beliefs = str | Strategy | Sequence[str | Strategy]


def load_panel(
    venue: str,
    interval: str,
    instruments: Sequence[str] = (),
    *,
    start: str = "",
    end: str = "",
    resample: str = "",
    home: str | Path | None = None,
) -> Panel:
    """Imported history. ``start`` and ``end`` are ISO dates, both inclusive; no instruments means all there are.

    Raises
    ------
    UnknownNameError, DataError : what the catalog does not have, with what it has.
    """
    wanted = History(
        venue=venue,
        interval=interval,
        instruments=(instruments,) if isinstance(instruments, str) else tuple(instruments),
        from_ns=parse_at(start) if start else None,
        to_ns=end_of(end) if end else None,
        resample=resample,
    )
    return read_history(_home(home), Settings(), wanted)


def synthetic_panel(*, seed: int = 7, instruments: int = 8, days: int = 730, interval: str = "1h") -> Panel:
    """A generated market, labelled synthetic: the same arguments give the same bars."""
    bars = max(2, days * NS_PER_DAY // interval_ns(interval))
    return generate(MarketSpec(seed=seed, instruments=instruments, bars=bars, interval=interval))


def backtest(
    panel: Panel,
    strategy: Beliefs,
    *,
    capital: float | None = None,
    spec: BacktestSpec | None = None,
    instruments: Sequence[Instrument] | None = None,
    weights: Mapping[str, float] | None = None,
) -> BacktestRun:
    """Run one strategy or several over a panel.

    Parameters
    ----------
    strategy : a name, a .py file, a Strategy, or a sequence of them.
    capital : overrides ``spec.account.capital``.
    instruments : trading rules in the panel's order; left out, the catalog's or the built-in ones.
    weights : strategy name -> weight of its forecasts; equal weights if left out.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    spec = spec or BacktestSpec()
    if capital is not None:
        spec = replace(spec, account=replace(spec.account, capital=capital))
    return run_backtest(panel, _strategies(strategy), _rules(panel, instruments), spec, weights=weights)


def sweep(
    panel: Panel,
    strategies: Sequence[Strategy],
    *,
    spec: BacktestSpec | None = None,
    instruments: Sequence[Instrument] | None = None,
    workers: int | None = None,
) -> "SweepResult":
    """Run many strategies (parameter sets) over one shared panel on all cores, each by itself.

    The figures of each are those that :func:`backtest` would give. ``workers`` defaults to the number of cores.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    from geobuk.simulate.sweep import sweep as run_sweep

    believers = [_Believer(one) for one in strategies]
    result = run_sweep(panel, believers, _rules(panel, instruments), spec, workers=workers)
    return dataclasses.replace(result, parameters=tuple(dict(one.parameters()) for one in strategies))


def report(run: BacktestRun, path: str | Path, *, language: Language = "en") -> Path:
    """Write the self-contained HTML report of a run; returns its path."""
    return run.write_html(path, language)


@dataclasses.dataclass(frozen=True, slots=True)
class _Believer:
    """A strategy whose warm-up and contract count, as they do in a backtest."""

    strategy: Strategy

    def forecast(self, panel: Panel) -> FloatArray:
        return blend(panel, (self.strategy,)).forecasts


def _strategies(wanted: Beliefs) -> tuple[Strategy, ...]:
    several: Sequence[Any] = [wanted] if isinstance(wanted, str | Strategy) else list(wanted)
    found: list[Strategy] = []
    for one in several:
        if isinstance(one, Strategy):
            found.append(one)
        elif isinstance(one, str):
            found += [load(name) for name in split_names([one])]
        else:
            raise StrategyError(f"{one!r} is no strategy", cure="give a name, a .py file or a Strategy")
    return tuple(found)


def _rules(panel: Panel, instruments: Sequence[Instrument] | None) -> tuple[Instrument, ...]:
    if instruments is None:
        return read_rules(default_home(), panel)
    rules = {one.name: one for one in instruments}
    missing = [name for name in panel.instruments if name not in rules]
    if missing:
        raise UserError(f"no trading rules for {', '.join(missing)} among the instruments given", cure="give them all")
    return tuple(rules[name] for name in panel.instruments)


def _home(folder: str | Path | None) -> Home:
    return Home(Path(folder)) if folder else default_home()
