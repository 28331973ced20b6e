"""The first law: nothing that a strategy is made of may change the past when only the future changes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.strategies.panels import QUICK, panel_of, quick, random_panel

from geobuk.features import indicators
from geobuk.features.breakout import box, breakout_side, relative_volume
from geobuk.features.fade import FadeLevels, fade
from geobuk.features.funding import mean_funding_per_day
from geobuk.features.gaps import forward_fill, lagged, log_price
from geobuk.features.ranks import centred_ranks
from geobuk.features.reversion import rolling_reversion, rolling_zscore
from geobuk.features.trend import crossover_score
from geobuk.features.volatility import ewma_volatility
from geobuk.panel import FloatArray, Panel
from geobuk.research.look_ahead import look_ahead_check
from geobuk.research.scramble import scramble_future
from geobuk.strategies.matrix import blend
from geobuk.strategies.registry import available, load


def broken_out(panel: Panel) -> FloatArray:
    top, bottom = box(panel.high, panel.low, 12)
    return breakout_side(panel.close, top, bottom, relative_volume(panel.volume, 12) > 1.0, True)


def faded(panel: Panel) -> FloatArray:
    always = np.ones(panel.shape, dtype=np.bool_)
    return fade(rolling_zscore(panel.close, 10), always, always, FadeLevels(1.0, 0.2, 2.0, 2.5))


FEATURES: dict[str, Callable[[Panel], FloatArray]] = {
    "sma": lambda p: indicators.sma(p.close, 7),
    "ema": lambda p: indicators.ema(p.close, 9),
    "rsi": lambda p: indicators.rsi(p.close, 14),
    "rate_of_change": lambda p: indicators.rate_of_change(p.close, 5),
    "highest": lambda p: indicators.highest(p.high, 11),
    "lowest": lambda p: indicators.lowest(p.low, 11),
    "atr": lambda p: indicators.atr(p.high, p.low, p.close, 14),
    "adx": lambda p: indicators.adx(p.high, p.low, p.close, 8),
    "rolling_std": lambda p: indicators.rolling_std(p.close, 10),
    "ewma_volatility": lambda p: ewma_volatility(p.close, 20.0),
    "crossover_score": lambda p: crossover_score(log_price(p), ewma_volatility(p.close, 20.0), 5, 15),
    "rolling_zscore": lambda p: rolling_zscore(p.close, 13),
    "half_life": lambda p: rolling_reversion(log_price(p), 25).half_life,
    "evidence": lambda p: rolling_reversion(log_price(p), 25).evidence,
    "mean_funding_per_day": lambda p: mean_funding_per_day(p, 2.0),
    "centred_ranks": lambda p: centred_ranks(p.volume, 2),
    "forward_fill": lambda p: forward_fill(p.mark),
    "lagged": lambda p: lagged(p.close, 3),
    "relative_volume": lambda p: relative_volume(p.volume, 6),
    "breakout_side": broken_out,
    "fade": faded,
}

cuts = st.integers(min_value=0, max_value=198)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


@pytest.mark.parametrize("name", sorted(FEATURES))
@given(seed=seeds, cut=cuts, has_holes=st.booleans())
def test_a_feature_knows_the_past_only(name: str, seed: int, cut: int, has_holes: bool) -> None:
    panel = random_panel(seed=seed, bars=200, holes=has_holes)
    whole = FEATURES[name](panel)[: cut + 1]
    other = scramble_future(panel, cut, np.random.default_rng(seed))
    np.testing.assert_array_equal(FEATURES[name](panel.rows(0, cut + 1)), whole)
    np.testing.assert_array_equal(FEATURES[name](other)[: cut + 1], whole)


@given(seed=seeds, cut=st.integers(min_value=100, max_value=398), interval=st.sampled_from(["15m", "1h", "4h", "1d"]))
@pytest.mark.parametrize("name", sorted(available()))
def test_a_strategy_knows_the_past_only(name: str, seed: int, cut: int, interval: str) -> None:
    panel = random_panel(seed=seed, bars=400, interval=interval)
    strategy = quick(name)
    whole = strategy.forecast(panel)[: cut + 1]
    other = scramble_future(panel, cut, np.random.default_rng(seed))
    np.testing.assert_array_equal(strategy.forecast(panel.rows(0, cut + 1)), whole)
    np.testing.assert_array_equal(strategy.forecast(other)[: cut + 1], whole)


@given(seed=seeds)
def test_adding_a_bar_never_changes_a_blend(seed: int) -> None:
    panel, strategies = random_panel(seed=seed, bars=300), [quick(name) for name in QUICK]
    whole, shorter = blend(panel, strategies), blend(panel.rows(0, 299), strategies)
    np.testing.assert_array_equal(shorter.forecasts, whole.forecasts[:299])
    for name, part in shorter.parts.items():
        np.testing.assert_array_equal(part, whole.parts[name][:299])


@pytest.mark.real_data
@pytest.mark.parametrize("name", sorted(available()))
def test_a_strategy_knows_the_past_only_on_real_bars(name: str, shared_data: Path) -> None:
    panel = real_panel(shared_data / "crypto", ("BTCUSDT", "ETHUSDT", "LTCUSDT", "SUIUSDT"))
    strategy = load(name)
    assert look_ahead_check(strategy, panel, cuts=6) == []
    spoken = np.abs(strategy.forecast(panel)[strategy.warmup(panel.interval_ns) :])
    assert np.isfinite(spoken).mean() > 0.3
    assert 0.01 < np.nanmean(spoken) < 0.8


def real_panel(folder: Path, names: tuple[str, ...]) -> Panel:
    """Hourly Binance perpetuals of 2023 with the funding that is known."""
    hour = 3_600_000
    bars = pl.read_parquet(folder / "binance_um_1h_2023_2025-06.parquet").filter(pl.col("symbol").is_in(names))
    rates = pl.read_parquet(folder / "binance_um_funding_2023_2025-06.parquet").filter(pl.col("symbol").is_in(names))
    first = 1_672_531_200_000
    grids: dict[str, FloatArray] = {}
    for frame, fields in ((bars, ("open", "high", "low", "close", "volume")), (rates, ("funding_rate",))):
        stamps = frame.get_column("ts").cast(pl.Int64).to_numpy()
        rows = np.rint((stamps - first) / hour).astype(np.int64)
        columns = np.array([names.index(name) for name in frame.get_column("symbol")])
        inside = rows < 8_760
        for field in fields:
            grids[field] = np.full((8_760, len(names)), np.nan)
            grids[field][rows[inside], columns[inside]] = frame.get_column(field).to_numpy()[inside]
    funding = grids.pop("funding_rate")
    return panel_of(**grids, funding=funding, funding_hours=np.full(len(names), 8))
