"""Tiny hand-made markets, instruments and settings, small enough to follow an account with pencil and paper."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.domain.times import NS_PER_HOUR, interval_ns
from geobuk.matching.spec import Costs, Funding, Orders
from geobuk.panel import FloatArray, Panel
from geobuk.risk.profiles import UNLIMITED
from geobuk.risk.spec import AccountSpec, LossLimits, Sizing, Stops
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

START_NS = 1_672_531_200_000_000_000 + NS_PER_HOUR
"""2023-01-01 01:00 UTC: the first seven bars of an hour meet no eight-hour funding stamp and no new day."""

Row = Sequence[float] | None
"""Open, high, low, close and, if it is not plenty, volume; None where there is no bar."""

PLENTY = 1e9

BTC_TIERS = (
    (300_000, 150, "0.004", 0),
    (800_000, 100, "0.005", 300),
    (3_000_000, 75, "0.0065", 1_500),
    (12_000_000, 50, "0.01", 12_000),
    (70_000_000, 25, "0.02", 132_000),
    (100_000_000, 20, "0.025", 482_000),
    (230_000_000, 10, "0.05", 2_982_000),
    (480_000_000, 5, "0.1", 14_482_000),
)
"""Cap, leverage, maintenance rate and cumulative amount of the first eight published BTCUSDT tiers."""


def brackets(tiers: Sequence[tuple[int, int, str, int]] = BTC_TIERS) -> tuple[LeverageBracket, ...]:
    """Contiguous leverage brackets. Always eight of them: another number would compile the kernels anew."""
    floors = [0, *(cap for cap, *_ in tiers)]
    return tuple(
        LeverageBracket(Decimal(floor), Decimal(cap), leverage, Decimal(rate), Decimal(cumulative))
        for floor, (cap, leverage, rate, cumulative) in zip(floors, tiers, strict=False)
    )


def flat_tiers(rate: str = "0.004", leverage: int = 125, cumulative: int = 0) -> tuple[LeverageBracket, ...]:
    """Eight brackets of one and the same rate."""
    return brackets([(10 ** (9 + n), leverage, rate, cumulative) for n in range(8)])


def instrument(name: str = "AUSDT", **changes: Any) -> Instrument:
    """A perpetual with tick 0.01, step 0.001, no minimum notional, no fees, unless told otherwise."""
    fields: dict[str, Any] = {
        "venue": "synthetic",
        "name": name,
        "kind": InstrumentKind.PERPETUAL,
        "base": name.removesuffix("USDT"),
        "quote": "USDT",
        "ticks": (TickBand(Decimal(0), Decimal("0.01")),),
        "step": Decimal("0.001"),
        "min_quantity": Decimal("0.001"),
        "max_quantity": Decimal(10**9),
        "min_notional": Decimal(0),
        "maker_fee": Decimal(0),
        "taker_fee": Decimal(0),
        "as_of": date(2023, 1, 1),
        "source": "made up for tests",
        "brackets": flat_tiers(),
        "is_synthetic": True,
    }
    return Instrument(**{**fields, **changes})


NOTHING_IN_THE_WAY = BacktestSpec(
    account=AccountSpec(capital=1_000.0, leverage=1),
    sizing=Sizing(method="notional", diversification=1.0, risk_per_trade=0.0, rebalance_band=0.0),
    limits=UNLIMITED.limits,
    conditions=UNLIMITED.conditions,
    stops=Stops(fixed=0.0, atr=0.0, trailing=0.0, trailing_atr=0.0, cooldown_hours=0.0),
    loss=LossLimits(daily=1.0, drawdown=1.0),
    costs=Costs(half_spread_bps=0.0, impact=0.0, participation=1.0),
    funding=Funding(),
    orders=Orders(),
)
"""1,000 in cash, leverage 1, a full forecast wants all of it; no costs, no stops, no locks, no binding limit."""


def spec_of(**groups: Any) -> BacktestSpec:
    """NOTHING_IN_THE_WAY with changes: ``spec_of(stops={"fixed": 0.05}, decide_every="4h")``."""
    changes = {
        name: msgspec.structs.replace(getattr(NOTHING_IN_THE_WAY, name), **value) if isinstance(value, dict) else value
        for name, value in groups.items()
    }
    return msgspec.structs.replace(NOTHING_IN_THE_WAY, **changes)


def panel_of(*columns: Sequence[Row], start_ns: int = START_NS, interval: str = "1h", **changes: Any) -> Panel:
    """One column of rows an instrument (AUSDT, BUSDT, …). A row of None is a bar that does not exist.

    ``mark``, ``funding`` and ``funding_inside`` may be given as (T,) or (T, N); ``masked`` lists (bar, instrument).
    """
    bars, count = len(columns[0]), len(columns)
    table = np.full((5, bars, count), np.nan)
    for n, column in enumerate(columns):
        for t, row in enumerate(column):
            if row is not None:
                table[:, t, n] = [*row, PLENTY][:5]
    tradable = np.isfinite(table[3])
    for bar, n in changes.pop("masked", ()):
        tradable[bar, n] = False
    step = interval_ns(interval)
    fields: dict[str, Any] = {
        "venue": "synthetic",
        "interval_ns": step,
        "instruments": tuple(f"{chr(65 + n)}USDT" for n in range(count)),
        "at_ns": start_ns + step * np.arange(bars, dtype=np.int64),
        **dict(zip(("open", "high", "low", "close", "volume"), table, strict=True)),
        **{name: np.full((bars, count), np.nan) for name in ("mark", "funding", "funding_inside")},
        "tradable": tradable,
        "funding_hours": np.zeros(count, dtype=np.int64),
        "is_synthetic": True,
    }
    for name, value in changes.items():
        given = np.asarray(value)
        is_column = name in {"mark", "funding", "funding_inside"} and given.ndim == 1
        fields[name] = np.repeat(given[:, None], count, axis=1).astype(np.float64) if is_column else value
    fields["funding_hours"] = np.asarray(fields["funding_hours"], dtype=np.int64)
    return Panel(**fields)


def forecasts_of(*columns: Sequence[float | None]) -> FloatArray:
    """(T, N) forecasts from one column an instrument; None is no belief."""
    return np.array([[np.nan if v is None else float(v) for v in column] for column in columns]).T.copy()


def flat_bars(price: float, count: int, volume: float = PLENTY) -> list[Row]:
    """Bars in which nothing happens."""
    return [(price, price, price, price, volume)] * count


def run(panel: Panel, forecasts: FloatArray, spec: BacktestSpec | None = None, **rules: Any) -> BacktestResult:
    """Simulate with the usual made-up instruments; ``rules`` change all of them alike."""
    instruments = [instrument(name, **rules) for name in panel.instruments]
    return simulate(panel, forecasts, instruments, spec or NOTHING_IN_THE_WAY)


def fill_rows(result: BacktestResult) -> list[tuple[int, int, float, float, int]]:
    """(bar, instrument, quantity, price, reason) of every fill, rounded to nine decimals."""
    return [
        (
            int(f["bar"]),
            int(f["instrument"]),
            round(float(f["quantity"]), 9),
            round(float(f["price"]), 9),
            int(f["reason"]),
        )
        for f in result.fills
    ]


def random_walk(
    seed: int, bars: int, instruments: int, *, holes: bool = True, volatility: float = 0.02, start_ns: int = START_NS
) -> Panel:
    """Random bars with wide ranges and thin volume; with ``holes`` bars are masked or missing and one lists late."""
    rng = np.random.default_rng(seed)
    shape = (bars, instruments)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, volatility, shape), axis=0)), 2)
    opened = np.round(np.vstack([np.full((1, instruments), 100.0), close[:-1]]) * (1 + rng.normal(0, 0.004, shape)), 2)
    high = np.round(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, volatility / 2, shape))), 2)
    low = np.round(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, volatility / 2, shape))), 2)
    volume = np.round(rng.lognormal(4.0, 1.0, shape), 3)
    tradable = np.ones(shape, dtype=np.bool_)
    at_ns = start_ns + NS_PER_HOUR * np.arange(bars, dtype=np.int64)
    stamped = (at_ns % (8 * NS_PER_HOUR) == 0)[:, None] & (rng.random(shape) < 0.8)
    arrays = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    if holes:
        tradable &= rng.random(shape) > 0.05
        missing = rng.random(shape) < 0.02
        missing[: bars // 8, -1] = True
        tradable &= ~missing
        for array in arrays.values():
            array[missing] = np.nan
    return Panel(
        venue="synthetic",
        interval_ns=NS_PER_HOUR,
        instruments=tuple(f"{chr(65 + n)}USDT" for n in range(instruments)),
        at_ns=at_ns,
        **arrays,
        mark=np.where(rng.random(shape) < 0.5, close * 1.0005, np.nan),
        funding=np.where(stamped, np.round(rng.normal(1e-4, 3e-4, shape), 6), np.nan),
        funding_inside=np.full(shape, np.nan),
        tradable=tradable,
        funding_hours=np.full(instruments, 8, dtype=np.int64),
        is_synthetic=True,
    )


def random_forecasts(seed: int, panel: Panel, *, silent: float = 0.1) -> FloatArray:
    """Beliefs that last some bars, with zeros and NaN among them."""
    rng = np.random.default_rng(seed + 1_000_003)
    bars, count = panel.shape
    beliefs = np.repeat(rng.uniform(-1.0, 1.0, (bars // 5 + 1, count)), 5, axis=0)[:bars]
    beliefs[rng.random((bars, count)) < 0.05] = 0.0
    beliefs[rng.random((bars, count)) < silent] = np.nan
    return np.ascontiguousarray(beliefs)
