"""The markets that the cases trade: a plain random walk, always labelled synthetic, and rules like a perpetual's."""

from datetime import date
from decimal import Decimal

import numpy as np

from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.domain.times import NS_PER_HOUR, NS_PER_YEAR, interval_ns, parse_at
from geobuk.panel import FloatArray, Panel

FUNDING_HOURS = 8


def random_walk(bars: int, instruments: int, interval: str, seed: int = 1) -> Panel:
    """Correlated geometric random walks of 60 % annual volatility with funding every 8 hours; synthetic."""
    rng = np.random.default_rng(seed)
    step_ns = interval_ns(interval)
    at_ns = parse_at("2023-01-01") + np.arange(bars, dtype=np.int64) * step_ns
    sigma = 0.6 * np.sqrt(step_ns / NS_PER_YEAR)
    shape = (bars, instruments)
    moves = sigma * (0.7 * rng.standard_normal((bars, 1)) + 0.7 * rng.standard_normal(shape))
    close = 100.0 * np.exp(np.cumsum(moves, axis=0))
    open_ = np.vstack([np.full((1, instruments), 100.0), close[:-1]]) * (
        1.0 + 0.02 * sigma * rng.standard_normal(shape)
    )
    high = np.maximum(open_, close) * (1.0 + 0.5 * sigma * rng.random(shape))
    low = np.minimum(open_, close) * (1.0 - 0.5 * sigma * rng.random(shape))
    stamps = at_ns % (FUNDING_HOURS * NS_PER_HOUR) == 0
    return Panel(
        venue="synthetic",
        interval_ns=step_ns,
        instruments=tuple(f"SYN{n + 1}USDT" for n in range(instruments)),
        at_ns=at_ns,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=rng.lognormal(11.0, 0.5, shape),
        mark=close * (1.0 + 0.02 * sigma * rng.standard_normal(shape)),
        funding=np.where(stamps[:, None], 1e-4 * rng.standard_normal(shape), np.nan),
        funding_inside=np.full(shape, np.nan),
        tradable=np.ones(shape, dtype=np.bool_),
        funding_hours=np.full(instruments, FUNDING_HOURS, dtype=np.int64),
        is_synthetic=True,
    )


def perpetuals(panel: Panel) -> tuple[Instrument, ...]:
    """Rules like those of a large perpetual for each of the panel's instruments."""
    return tuple(
        _instrument(panel.venue, name, step="0.001", tick="0.0001", min_notional="5") for name in panel.instruments
    )


def frictionless(panel: Panel) -> tuple[Instrument, ...]:
    """Rules that round and refuse nothing, for accounts that must agree with another tool's to the last digit."""
    return tuple(
        _instrument(panel.venue, name, step="1e-11", tick="1e-13", min_notional="0") for name in panel.instruments
    )


def crossover_forecast(close: FloatArray, fast: int, slow: int) -> FloatArray:
    """+1 while the fast simple average of ``close`` (T,) is above the slow one, -1 below, NaN before either is known.

    Until the first crossing there is no belief, as in tools that trade crossings and not states.
    """
    import talib

    difference = talib.SMA(close, fast) - talib.SMA(close, slow)
    side = np.sign(difference)
    changed = np.flatnonzero((side[slow:] != side[slow - 1 : -1]) & (side[slow:] != 0))
    side[: slow + int(changed[0]) if len(changed) else len(side)] = np.nan
    return side


def _instrument(venue: str, name: str, *, step: str, tick: str, min_notional: str) -> Instrument:
    return Instrument(
        venue=venue,
        name=name,
        kind=InstrumentKind.PERPETUAL,
        base=name.removesuffix("USDT"),
        quote="USDT",
        ticks=(TickBand(Decimal(0), Decimal(tick)),),
        step=Decimal(step),
        min_quantity=Decimal(step),
        max_quantity=Decimal(1_000_000),
        min_notional=Decimal(min_notional),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        as_of=date(2023, 1, 1),
        source="made up for benchmarks",
        liquidation_fee=Decimal("0.0125"),
        brackets=(
            LeverageBracket(Decimal(0), Decimal(50_000), 125, Decimal("0.004"), Decimal(0)),
            LeverageBracket(Decimal(50_000), Decimal(500_000), 100, Decimal("0.005"), Decimal(50)),
            LeverageBracket(Decimal(500_000), Decimal(10_000_000), 50, Decimal("0.01"), Decimal(2_550)),
            LeverageBracket(Decimal(10_000_000), Decimal(100_000_000), 10, Decimal("0.05"), Decimal(402_550)),
        ),
        funding_interval_hours=FUNDING_HOURS,
        is_synthetic=True,
    )
