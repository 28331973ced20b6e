import numpy as np
import pytest
import talib

from geobuk.domain.errors import StrategyError
from geobuk.features import indicators
from geobuk.features.indicators import across, atr, ema, highest, lowest, rate_of_change, rolling_std, rsi, sma

NAN = np.nan


def walk(bars: int = 300, instruments: int = 3, *, seed: int = 5) -> np.ndarray:
    return 50.0 + np.cumsum(np.random.default_rng(seed).normal(size=(bars, instruments)), axis=0)


def test_sma_is_the_mean_of_the_last_bars() -> None:
    values = walk()
    expected = np.lib.stride_tricks.sliding_window_view(values, 20, axis=0).mean(axis=2)
    np.testing.assert_allclose(sma(values, 20)[19:], expected, rtol=1e-12)
    assert np.isnan(sma(values, 20)[:19]).all()


def test_ema_follows_its_recursion_from_the_first_average() -> None:
    values = walk(40, 1)
    average = values[:5, 0].mean()
    for value in values[5:, 0]:
        average += (value - average) * 2.0 / 6.0
    assert ema(values, 5)[-1, 0] == pytest.approx(average, rel=1e-12)


def test_highest_and_lowest_include_the_bar_itself() -> None:
    values = np.array([[1.0], [3.0], [2.0], [0.0]])
    np.testing.assert_array_equal(highest(values, 2).T, [[NAN, 3.0, 3.0, 2.0]])
    np.testing.assert_array_equal(lowest(values, 2).T, [[NAN, 1.0, 2.0, 0.0]])


def test_rolling_std_agrees_with_numpy_also_for_coins_of_tiny_price() -> None:
    values = walk() * 1e-9
    expected = np.lib.stride_tricks.sliding_window_view(values, 15, axis=0).std(axis=2)
    np.testing.assert_allclose(rolling_std(values, 15)[14:], expected, rtol=1e-8)


def test_rate_of_change_and_rsi() -> None:
    rising = np.arange(1.0, 31.0)[:, None]
    assert rate_of_change(rising, 5)[5, 0] == pytest.approx(5.0)
    assert rsi(rising, 14)[-1, 0] == pytest.approx(100.0)


def test_atr_and_adx_match_talib_on_one_column() -> None:
    close = walk(120, 2)
    high, low = close + 1.0, close - 2.0
    np.testing.assert_array_equal(atr(high, low, close, 14)[:, 1], _talib(talib.ATR, high, low, close))
    np.testing.assert_array_equal(indicators.adx(high, low, close, 14)[:, 1], _talib(talib.ADX, high, low, close))


def _talib(function, *inputs: np.ndarray) -> np.ndarray:
    return function(*(np.ascontiguousarray(values[:, 1]) for values in inputs), timeperiod=14)


def test_a_hole_is_nan_there_and_counts_as_a_repeat_after() -> None:
    values = np.array([[1.0], [2.0], [NAN], [4.0], [5.0]])
    np.testing.assert_allclose(sma(values, 3).T, [[NAN, NAN, NAN, (2 + 2 + 4) / 3, (2 + 4 + 5) / 3]])


def test_a_late_listing_starts_counting_at_its_first_bar() -> None:
    late = np.vstack([np.full((7, 1), NAN), walk(50, 1)])
    np.testing.assert_array_equal(ema(late, 10)[7:], ema(walk(50, 1), 10))
    assert np.isnan(ema(late, 10)[:16]).all()


def test_columns_do_not_touch_each_other() -> None:
    values = walk()
    hurt = values.copy()
    hurt[:, 0] = NAN
    np.testing.assert_array_equal(ema(hurt, 10)[:, 1:], ema(values, 10)[:, 1:])


def test_no_bars_and_too_few_bars_give_nan() -> None:
    assert ema(np.empty((0, 2)), 10).shape == (0, 2)
    assert rolling_std(np.empty((0, 2)), 10).shape == (0, 2)
    assert np.isnan(sma(walk(5), 10)).all()


@pytest.mark.parametrize("length", [0, -3, 100_001])
def test_a_length_that_talib_refuses_is_refused_with_a_cure(length: int) -> None:
    with pytest.raises(StrategyError, match=r"use 1 to 100,000 bars"):
        sma(walk(20), length)


def test_inputs_of_different_shapes_are_refused() -> None:
    with pytest.raises(StrategyError, match=r"shapes \[\(20, 3\), \(19, 3\)\]"):
        across(talib.BETA, walk(20), walk(19), timeperiod=5)
    with pytest.raises(StrategyError, match="bars, instruments"):
        across(talib.SMA, walk(20)[:, 0], timeperiod=5)
