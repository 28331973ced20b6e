"""Holds a strategy to its contract: shape and range, a pure function, hard conditions, no sight of the future."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from geobuk.app.choose_strategies import choose_strategies, parameter_tables
from geobuk.app.history import SYNTHETIC, read_history
from geobuk.app.home import Home
from geobuk.app.settings import load_settings, override
from geobuk.data.panel_query import PanelQuery
from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.errors import LookAheadError, StrategyError, UserError
from geobuk.domain.times import interval_ns
from geobuk.panel import FLOAT_FIELDS, Panel
from geobuk.research.look_ahead import CUTS, MOST_CUTS, require_no_look_ahead
from geobuk.strategies.contract import forecast_of, warmup_of
from geobuk.strategies.strategy import Strategy

_ENOUGH_AFTER_WARMUP = 500
_GAP = 48
_LEAST_BARS = {"1h": 2_000, "1d": 700}
"""Of the synthetic markets; bars of a day settle funding inside them."""
_MOST_BARS = 200_000


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that a strategy must do, and whether it does. ``text`` says what was seen."""

    name: str
    is_met: bool
    text: str


@dataclass(frozen=True, slots=True)
class StrategyCheck:
    """What was found, duty by duty."""

    strategy: str
    version: int
    warmup_bars: int
    panels: tuple[str, ...]
    duties: tuple[Duty, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every duty is met."""
        return all(duty.is_met for duty in self.duties)


def check_named(
    home: Home,
    name_or_path: str,
    history: PanelQuery | None,
    *,
    params: Sequence[str] = (),
    settings_file: Path | None = None,
) -> StrategyCheck:
    """Check a strategy by name or file on synthetic hours and days, and on stored history if one is given.

    A strategy that refuses bars of a day by a UserError is checked without them.

    Raises
    ------
    LookAheadError : as :func:`check_strategy`.
    UserError : the strategy can't be loaded, or the history can't be read.
    """
    settings = load_settings(
        settings_file,
        home=home,
        overrides=[override(text, "--param") for text in params],
        strategies=parameter_tables([name_or_path]),
    )
    (strategy,) = choose_strategies([name_or_path], settings)
    panels = [_synthetic(strategy, settings.synthetic.seed, "1h")]
    if not _refuses(strategy, settings.synthetic.seed, "1d"):
        panels.append(_synthetic(strategy, settings.synthetic.seed, "1d"))
    if history is not None and history.venue != SYNTHETIC:
        panels.append(read_history(home, settings, history))
    return check_strategy(strategy, panels)


def bars_needed(strategy: Strategy, interval_ns: int) -> int:
    """Bars of a panel on which a check says something."""
    return 2 * warmup_of(strategy, interval_ns) + _ENOUGH_AFTER_WARMUP


def _synthetic(strategy: Strategy, seed: int, interval: str) -> Panel:
    bars = min(_MOST_BARS, max(_LEAST_BARS[interval], bars_needed(strategy, interval_ns(interval))))
    return synthetic_panel(MarketSpec(seed=seed, instruments=4, bars=bars, interval=interval))


def _refuses(strategy: Strategy, seed: int, interval: str) -> bool:
    """Whether it says itself, by a UserError, that it is not for such bars; a crash is no refusal."""
    try:
        strategy.forecast(_synthetic(strategy, seed, interval))
    except UserError:
        return True
    except Exception:
        return False
    return False


def check_strategy(strategy: Strategy, panels: Sequence[Panel], *, seed: int = 1) -> StrategyCheck:
    """Check on each panel; the first must be long enough (see :func:`bars_needed`).

    Any other broken duty is reported, not raised.

    Raises
    ------
    LookAheadError : a forecast changed when only its future did; bar and instrument are named.
    """
    duties = []
    for panel in panels:
        label = f"{panel.venue} {panel.interval}"
        duties.append(_met(f"shape and range on {label}", partial(_shape, strategy, panel)))
        if duties[-1].is_met:
            duties.append(_met(f"same answer twice, no look-ahead on {label}", partial(_blind, strategy, panel, seed)))
    for name, hard in hard_panels(panels[0]):
        duties.append(_met(name, partial(_shape, strategy, hard)))
    return StrategyCheck(
        strategy=strategy.name,
        version=strategy.version,
        warmup_bars=warmup_of(strategy, panels[0].interval_ns),
        panels=tuple(f"{p.venue} {p.interval}, {p.shape[0]:,} bars of {p.shape[1]}" for p in panels),
        duties=tuple(duties),
    )


def hard_panels(panel: Panel) -> Iterator[tuple[str, Panel]]:
    """The conditions that break careless code, made from a whole panel."""
    middle = panel.shape[0] // 2
    yield "a single instrument", panel.select(panel.instruments[:1])
    yield "a single bar", panel.rows(0, 1)
    yield f"a gap of {_GAP} bars", _without(panel, slice(middle, middle + _GAP), 0)
    yield "an instrument without any bar", _without(panel, slice(None), -1)
    unknown = np.full(panel.shape, np.nan)
    yield (
        "no volume and no funding",
        replace(panel, volume=np.zeros(panel.shape), funding=unknown, funding_inside=unknown.copy()),
    )


def _without(panel: Panel, rows: slice, column: int) -> Panel:
    """The panel without an instrument's bars in these rows."""
    arrays: dict[str, Any] = {name: getattr(panel, name).copy() for name in (*FLOAT_FIELDS, "tradable")}
    for name, values in arrays.items():
        values[rows, column] = False if name == "tradable" else np.nan
    return replace(panel, **arrays)


def _met(name: str, look: Callable[[], str]) -> Duty:
    try:
        return Duty(name, True, look())
    except LookAheadError:
        raise
    except StrategyError as error:
        return Duty(name, False, str(error))


def _shape(strategy: Strategy, panel: Panel) -> str:
    forecast = forecast_of(strategy, panel)
    known = np.isfinite(forecast)
    return f"{known.mean():.0%} of {forecast.size:,} forecasts are beliefs" if forecast.size else "no bars"


def _blind(strategy: Strategy, panel: Panel, seed: int) -> str:
    require_no_look_ahead(strategy, panel, cuts=CUTS, seed=seed)
    return f"the future was cut off and replaced at up to {MOST_CUTS} bars: earlier forecasts stayed the same"
