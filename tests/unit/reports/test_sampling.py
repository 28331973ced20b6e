"""Thinning keeps what the eye needs: extremes, ends, the true high and low."""

from collections.abc import Callable

import numpy as np
import pytest

from geobuk.reports.sampling import candles, extremes, last_of, significant
from geobuk.simulate.result import BacktestResult


@pytest.mark.parametrize("count", [1, 2, 999, 3_000, 3_001, 21_864, 1_314_000])
def test_extremes_keep_ends_lowest_and_highest_within_the_limit(count: int) -> None:
    values = np.cumsum(np.random.default_rng(count).normal(size=count))
    rows = extremes(values, 3_000)
    assert len(rows) <= 3_000
    assert (rows[0], rows[-1]) == (0, count - 1)
    assert {int(values.argmin()), int(values.argmax())} <= set(rows.tolist())
    assert np.all(np.diff(rows) > 0)


def test_short_paths_are_kept_whole() -> None:
    assert extremes(np.arange(5.0), 10).tolist() == [0, 1, 2, 3, 4]
    assert last_of(5, 10).tolist() == [0, 1, 2, 3, 4]


def test_last_of_ends_with_the_last() -> None:
    rows = last_of(1_001, 100)
    assert len(rows) <= 100
    assert rows[-1] == 1_000


def test_candles_merge_bars_truthfully(make_result: Callable[..., BacktestResult]) -> None:
    panel = make_result(1_000, 2).panel
    merged = candles(panel, 300)
    assert merged.size == 4
    assert merged.bars.shape == (250, 4, 2)
    opened, closed, low, high = merged.bars[10, :, 0]
    assert (opened, closed) == (panel.open[40, 0], panel.close[43, 0])
    assert (low, high) == (panel.low[40:44, 0].min(), panel.high[40:44, 0].max())


def test_candles_skip_missing_bars_and_stay_empty_where_all_are(make_result: Callable[..., BacktestResult]) -> None:
    panel = make_result(1_000, 2).panel
    panel.open[40, 0] = panel.close[43, 0] = np.nan
    merged = candles(panel, 300)
    assert merged.bars[10, 0, 0] == panel.open[41, 0]
    assert merged.bars[10, 1, 0] == panel.close[42, 0]
    assert np.isnan(merged.bars[0, :, 1]).all()


def test_significant_digits_shorten_numbers_of_every_size() -> None:
    values = np.array([0.0, -61234.567, 0.000123456, 1.0, 98765432.1, np.nan, np.inf])
    shortened = significant(values, 4).tolist()
    assert shortened[:5] == [0.0, -61230.0, 0.0001235, 1.0, 98770000.0]
    assert np.isnan(shortened[5])
    assert shortened[6] == np.inf
