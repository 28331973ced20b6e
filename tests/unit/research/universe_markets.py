"""Daily markets for choosing instruments from: every property of each name is said, the paths are seeded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from tests.support.markets import instrument

from geobuk.domain.instrument import Instrument, TickBand
from geobuk.domain.times import NS_PER_DAY, interval_ns, parse_at
from geobuk.panel import Panel
from geobuk.research.universe_spec import UniverseSpec
from geobuk.risk.affordability import RiskChoice
from geobuk.risk.spec import AccountSpec, Limits, Sizing, Stops

START = parse_at("2024-01-01")
AT = START + 200 * NS_PER_DAY
"""The moment of choice: 200 days after the first bar."""

BARS = 260
"""Days of history, sixty of them after the moment."""


@dataclass(frozen=True)
class Name:
    """An instrument: turnover of a usual day, volatility a day, how much of the common market is in its moves."""

    name: str
    turnover: float = 1e9
    volatility: float = 0.03
    common: float = 0.5
    rules: tuple[tuple[str, Any], ...] = ()


def names(count: int, **changes: Any) -> list[Name]:
    """A01, A02 ...: each trades a little less than the one before."""
    return [Name(f"A{n + 1:02d}", turnover=2e9 / (n + 1), **changes) for n in range(count)]


def market(listed: Sequence[Name], *, bars: int = BARS, interval: str = "1d", seed: int = 5, **changes: Any) -> Panel:
    """Bars whose closes follow their names; every array may be changed afterwards."""
    rng = np.random.default_rng(seed)
    step, shape = interval_ns(interval), (bars, len(listed))
    scale = np.array([one.volatility for one in listed]) * np.sqrt(step / NS_PER_DAY)
    common = np.array([one.common for one in listed])
    moves = np.sqrt(common) * rng.normal(size=(bars, 1)) + np.sqrt(1.0 - common) * rng.normal(size=shape)
    close = 100.0 * np.exp(np.cumsum(scale * moves, axis=0))
    opened = np.vstack([np.full((1, len(listed)), 100.0), close[:-1]])
    wick = 1.0 + 0.5 * scale * rng.random(shape)
    usual = np.array([one.turnover for one in listed]) * step / NS_PER_DAY
    panel = Panel(
        venue="binance",
        interval_ns=step,
        instruments=tuple(one.name for one in listed),
        at_ns=START + step * np.arange(bars, dtype=np.int64),
        open=opened,
        high=np.maximum(opened, close) * wick,
        low=np.minimum(opened, close) / wick,
        close=close,
        volume=usual / close * rng.lognormal(0.0, 0.2, shape),
        mark=np.full(shape, np.nan),
        funding=np.full(shape, np.nan),
        funding_inside=np.full(shape, np.nan),
        tradable=np.ones(shape, dtype=np.bool_),
        funding_hours=np.zeros(len(listed), dtype=np.int64),
    )
    return replace(panel, **changes)


def rules(listed: Sequence[Name], **changes: Any) -> dict[str, Instrument]:
    """Perpetuals with small ticks and a smallest order of 5."""
    usual: dict[str, Any] = {
        "venue": "binance",
        "ticks": (TickBand(Decimal(0), Decimal("0.001")),),
        "min_notional": Decimal(5),
        **changes,
    }
    return {one.name: instrument(one.name, **{**usual, **dict(one.rules)}) for one in listed}


def risk(capital: float = 100_000.0) -> RiskChoice:
    """The default risk settings, decided daily."""
    return RiskChoice(AccountSpec(capital=capital), Sizing(), Limits(), Stops(), NS_PER_DAY)


SPEC = UniverseSpec(max_spread=0.05)
"""Daily bars of a volatile walk look like a wide spread: only the test of the spread itself is strict."""
