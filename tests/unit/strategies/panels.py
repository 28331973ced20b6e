"""Small random panels with what real history has: late listings, holes, masked bars, funding every eight hours."""

from dataclasses import replace
from typing import Any

import numpy as np

from geobuk.domain.times import NS_PER_HOUR, interval_ns
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.registry import load
from geobuk.strategies.strategy import Strategy

START_NS = 1_672_531_200_000_000_000  # 2023-01-01 UTC

QUICK: dict[str, dict[str, object]] = {
    "trend": {"fast_days": 0.5, "pairs": 2, "volatility_days": 2.0},
    "mean_reversion": {"window_days": 2.0, "enter": 1.2, "evidence": 1.0, "trend_most": 2.0},
    "funding_carry": {"lookback_days": 2.0, "least_instruments": 3},
    "box_breakout": {"box_days": 2.0, "volume_ratio": 0.5},
}
"""Horizons short enough for a panel of a few weeks."""


def quick(name: str) -> Strategy:
    """A built-in strategy with short horizons."""
    return load(name, QUICK.get(name))


def random_panel(
    *, seed: int = 1, instruments: int = 4, bars: int = 600, interval: str = "1h", holes: bool = True
) -> Panel:
    """A geometric random walk per instrument; with ``holes`` the last one lists late and bars are missing or masked."""
    rng = np.random.default_rng(seed)
    shape, step = (bars, instruments), interval_ns(interval)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, shape), axis=0))
    opened = np.vstack([np.full((1, instruments), 100.0), close])[:bars]
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0.0, 0.003, shape)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0.0, 0.003, shape)))
    at_ns = START_NS + step * np.arange(bars)
    stamped = (at_ns % (8 * NS_PER_HOUR) == 0)[:, None] & np.ones(shape, dtype=np.bool_)
    panel = panel_of(
        interval=interval,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=rng.lognormal(5.0, 1.0, shape),
        mark=close * 1.0001,
        funding=np.where(stamped, rng.normal(1e-4, 2e-4, shape), np.nan),
        funding_hours=np.full(instruments, 8),
    )
    return _with_holes(panel, rng) if holes else panel


def panel_of(close: FloatArray, *, interval: str = "1h", **fields: Any) -> Panel:
    """A panel around (T, N) closes; what is not given follows from them."""
    bars, instruments = close.shape
    step = interval_ns(interval)
    given: dict[str, Any] = {
        "open": close,
        "high": close,
        "low": close,
        "volume": np.ones(close.shape),
        "mark": np.full(close.shape, np.nan),
        "funding": np.full(close.shape, np.nan),
        "funding_inside": np.full(close.shape, np.nan),
        "tradable": ~np.isnan(close),
        "funding_hours": np.zeros(instruments, dtype=np.int64),
    } | fields
    names = tuple(f"TEST{i + 1}USDT" for i in range(instruments))
    return Panel("test", step, names, START_NS + step * np.arange(bars), close=close, **given)


def _with_holes(panel: Panel, rng: np.random.Generator) -> Panel:
    bars, instruments = panel.shape
    missing = rng.random(panel.shape) < 0.02
    missing[: bars // 4, instruments - 1] = True
    missing[bars // 2 : bars // 2 + 10, 0] = True
    fields: dict[str, Any] = {
        name: np.where(missing, np.nan, getattr(panel, name))
        for name in ("open", "high", "low", "close", "volume", "mark")
    }
    return replace(panel, **fields, tradable=~missing & (rng.random(panel.shape) > 0.01))
