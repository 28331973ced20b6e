"""Made-up markets whose regimes are known, small enough to be fitted in a moment; and the real ones of the page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from tests.unit.strategies.panels import panel_of

from geobuk.domain.times import NS_PER_DAY, interval_ns
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.regime import RegimeSpec

SHORT = RegimeSpec(
    every="4h",
    return_days=0.5,
    states=2,
    min_days=30.0,
    window_days=60.0,
    refit_days=20.0,
    min_dwell_days=1.0,
    starts=2,
)
"""A detector that is ready after 30 days and fits again every 20."""


def staged(days: int = 120, *, seed: int = 3, instruments: int = 3, block_days: int = 10) -> tuple[Panel, IntArray]:
    """Hourly bars that drift up calmly and down wildly by turns, and (T,) which it is: 0 up, 1 down."""
    rng = np.random.default_rng(seed)
    bars = 24 * days
    down = (np.arange(bars) // (24 * block_days)) % 2
    drift, spread = np.where(down == 1, -0.002, 0.0012), np.where(down == 1, 0.008, 0.003)
    common = drift + spread * rng.standard_normal(bars)
    own = 0.001 * rng.standard_normal((bars, instruments))
    close: FloatArray = 100.0 * np.exp(np.cumsum(common[:, None] + own, axis=0))
    opened = np.vstack([np.full((1, instruments), 100.0), close[:-1]])
    wick = np.abs(0.3 * spread[:, None] * rng.standard_normal((bars, instruments)))
    high, low = np.maximum(opened, close) * (1.0 + wick), np.minimum(opened, close) * (1.0 - wick)
    return panel_of(open=opened, high=high, low=low, close=close, volume=np.full(close.shape, 1e6)), down


def real_panel(file: Path, interval: str) -> Panel:
    """A file of Binance or Bitfinex bars as a panel from the midnight before its first bar on."""
    frame, step = pl.read_parquet(file), interval_ns(interval)
    names = sorted(frame["symbol"].unique().to_list())
    at = frame["ts"].dt.timestamp("ns").to_numpy()
    first = int(at.min()) // NS_PER_DAY * NS_PER_DAY
    rows = (at - first) // step
    columns = np.searchsorted(names, frame["symbol"].to_list())
    grids: dict[str, FloatArray] = {}
    for name in ("open", "high", "low", "close", "volume"):
        grids[name] = np.full((int(rows.max()) + 1, len(names)), np.nan)
        grids[name][rows, columns] = frame[name].to_numpy()
    panel = panel_of(**grids, interval=interval)
    return replace(panel, instruments=tuple(names), at_ns=first + step * np.arange(len(panel.at_ns)))
