"""What `import geobuk as gb` offers: the commands' work in a few lines of Python.

No settings file and no ``GEOBUK_`` variable but ``GEOBUK_HOME`` is read here: what is not an argument has its default.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from geobuk.app.backtest import BacktestRun, Mixing, run_backtest, with_notes
from geobuk.app.choose_strategies import split_names
from geobuk.app.history import history_notes, period_of, read_history, read_rules
from geobuk.app.home import Home, default_home
from geobuk.app.settings import Settings
from geobuk.data.panel_query import PanelQuery
from geobuk.data.synthetic import MarketSpec
from geobuk.data.synthetic import synthetic_panel as generate
from geobuk.domain.errors import StrategyError, UserError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_DAY, interval_ns
from geobuk.panel import FloatArray, Panel
from geobuk.regime import RegimePath, RegimeSpec, detect
from geobuk.reports.texts import Language
from geobuk.simulate.spec import BacktestSpec
from geobuk.strategies.matrix import blend, labels
from geobuk.strategies.matrix_spec import MatrixSpec
from geobuk.strategies.registry import load
from geobuk.strategies.strategy import Strategy

if TYPE_CHECKING:
    from geobuk.app.gates import GatesRecord
    from geobuk.research.gate_limits import GateLimits
    from geobuk.simulate.sweep import SweepResult

Beliefs = str | Strategy | Sequence[str | Strategy] | Mapping[str | Strategy, float]


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
    """Imported history.

    Parameters
    ----------
    instruments : all there are if left out.
    start, end : ISO dates, both inclusive.
    resample : a coarser interval such as ``4h`` to make of the stored bars.
    home : the folder that holds the catalog; ``$GEOBUK_HOME`` or ``~/.geobuk`` if left out.

    Raises
    ------
    UnknownNameError, DataError : what the catalog does not have, with what it has; a period that ends before it begins.
    UserError : a date or interval that can't be read.
    """
    from_ns, to_ns = period_of(start, end)
    wanted = PanelQuery(
        venue=venue,
        interval=interval,
        instruments=(instruments,) if isinstance(instruments, str) else tuple(instruments),
        from_ns=from_ns,
        to_ns=to_ns,
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
    matrix: MatrixSpec | None = None,
    detector: RegimeSpec | None = None,
    home: str | Path | None = None,
) -> BacktestRun:
    """Run one strategy or several over a panel.

    Parameters
    ----------
    strategy : a name, a .py file or a Strategy; a sequence of them (equal weights); or a mapping from them to the
        weights of their forecasts. Names and files run with their default parameters.
    capital : overrides ``spec.account.capital``.
    spec : the simulation's parameters; settings.toml is not read.
    instruments : trading rules, in any order; left out, those of the catalog in ``home``, or the built-in ones.
    matrix : weights by regime and class of instruments, instead of equal ones.
    detector : tells the market's regime to the matrix and to the risk limits; nobody does if left out.
    home : as for :func:`load_panel`.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    spec = spec or BacktestSpec()
    if capital is not None:
        spec = replace(spec, account=replace(spec.account, capital=capital))
    strategies, weights = _strategies(strategy)
    if weights is not None and matrix is not None:
        raise StrategyError("both weights and a matrix are given", cure="leave one of them out")
    mixing = Mixing(weights, matrix, detector)
    run = run_backtest(panel, strategies, _rules(panel, instruments, home), spec, mixing=mixing)
    return with_notes(run, history_notes(_home(home), panel))


def regimes(panel: Panel, spec: RegimeSpec | None = None) -> RegimePath:
    """The market's regime at each close of a panel, from that bar and earlier ones only.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    return detect(panel, spec)


def sweep(
    panel: Panel,
    strategies: Sequence[Strategy],
    *,
    spec: BacktestSpec | None = None,
    instruments: Sequence[Instrument] | None = None,
    home: str | Path | None = None,
    workers: int | None = None,
) -> "SweepResult":
    """Run many strategies (parameter sets) over one shared panel on all cores, each by itself.

    The figures of each are those that :func:`backtest` would give with the same ``spec``, ``instruments`` and ``home``.
    ``workers`` defaults to the number of cores.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    from geobuk.simulate.sweep import sweep as run_sweep

    believers = [_Believer(one) for one in strategies]
    result = run_sweep(panel, believers, _rules(panel, instruments, home), spec, workers=workers)
    return dataclasses.replace(result, parameters=tuple(dict(one.parameters()) for one in strategies))


def gates(run: BacktestRun, *, limits: "GateLimits | None" = None, home: str | Path | None = None) -> "GatesRecord":
    """The gates to LIVE of a run made by :func:`backtest`: a line each, ``passed`` for all; nothing is written.

    ``limits`` are the house's if left out. ``home`` holds earlier runs and the paper record.

    Raises
    ------
    UserError : one of its kinds; LookAheadError where the forecasts see the future.
    """
    from geobuk.app.gates import judge_run
    from geobuk.research.gate_limits import GateLimits

    return judge_run(_home(home), run, limits or GateLimits())


def report(run: BacktestRun, path: str | Path, *, language: Language = "en") -> Path:
    """Write the self-contained HTML report of a run; returns its path."""
    return run.write_html(path, language)


@dataclasses.dataclass(frozen=True, slots=True)
class _Believer:
    """A strategy whose warm-up and contract count, as they do in a backtest."""

    strategy: Strategy

    def forecast(self, panel: Panel) -> FloatArray:
        return blend(panel, (self.strategy,)).forecasts


def _strategies(wanted: Beliefs) -> tuple[tuple[Strategy, ...], dict[str, float] | None]:
    """The strategies, and their weights by label where weights were given."""
    if isinstance(wanted, Mapping):
        parts = [(one, weight) for belief, weight in wanted.items() for one in _named(belief)]
        several = tuple(one for one, _ in parts)
        return several, dict(zip(labels(several), (weight for _, weight in parts), strict=True))
    if isinstance(wanted, str | Strategy):
        return _named(wanted), None
    return tuple(one for belief in wanted for one in _named(belief)), None


def _named(belief: object) -> tuple[Strategy, ...]:
    if isinstance(belief, Strategy):
        return (belief,)
    if isinstance(belief, str):
        return tuple(load(name) for name in split_names([belief]))
    raise StrategyError(f"{belief!r} is no strategy", cure="give a name, a .py file or a Strategy")


def _rules(panel: Panel, instruments: Sequence[Instrument] | None, home: str | Path | None) -> tuple[Instrument, ...]:
    if instruments is None:
        return read_rules(_home(home), panel)
    rules = {one.name: one for one in instruments}
    missing = [name for name in panel.instruments if name not in rules]
    if missing:
        raise UserError(f"no trading rules for {', '.join(missing)} among the instruments given", cure="give them all")
    return tuple(rules[name] for name in panel.instruments)


def _home(folder: str | Path | None) -> Home:
    return Home(Path(folder)) if folder else default_home()
