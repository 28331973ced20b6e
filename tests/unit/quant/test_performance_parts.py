"""Drawdown, ratios and tails by themselves, each edge by its stated rule."""

import math

import numpy as np
import pytest

from geobuk.domain.times import NS_PER_DAY
from geobuk.quant.drawdown import deepest, drawdown, max_drawdown, pain, ulcer
from geobuk.quant.ratios import (
    calmar,
    minimum_track_record,
    omega,
    probabilistic_sharpe,
    rolling_sharpe,
    sharpe,
    sharpe_error,
    sortino,
)
from geobuk.quant.returns import cagr, total_return, volatility, wealth
from geobuk.quant.tails import expected_shortfall, tail_ratio, value_at_risk

DAYS = np.arange(10, dtype=np.int64) * NS_PER_DAY


def test_drawdown_has_the_dates_of_its_deepest_fall() -> None:
    found = deepest([1.0, 1.2, 1.1, 0.9, 1.0, 1.2, 1.3], DAYS[:7])
    assert found.depth == pytest.approx(-0.25)
    assert (found.peak_at_ns, found.trough_at_ns, found.recovered_at_ns) == (DAYS[1], DAYS[3], DAYS[5])
    assert found.longest_ns == 4 * NS_PER_DAY
    assert found.longest_periods == 3


def test_peak_is_the_last_instant_at_the_old_high() -> None:
    assert deepest([1.0, 1.2, 1.2, 0.9], DAYS[:4]).peak_at_ns == DAYS[2]


def test_longest_drawdown_may_be_another_than_the_deepest() -> None:
    found = deepest([1.0, 0.5, 1.0, 0.9, 0.9, 0.9], DAYS[:6])
    assert found.depth == -0.5
    assert found.recovered_at_ns == DAYS[2]
    assert found.longest_periods == 3
    assert found.longest_ns == 3 * NS_PER_DAY


def test_rising_wealth_has_no_drawdown() -> None:
    found = deepest([1.0, 1.1, 1.2], DAYS[:3])
    assert (found.depth, found.peak_at_ns, found.trough_at_ns, found.longest_ns) == (0.0, None, None, 0)


def test_drawdown_needs_a_positive_start() -> None:
    with pytest.raises(ValueError, match="start above 0"):
        drawdown([0.0, 1.0])


def test_ulcer_and_pain_do_not_count_the_start_as_an_observation() -> None:
    assert ulcer([1.0, 0.9, 1.0]) == pytest.approx(math.sqrt(0.01 / 2))
    assert pain([1.0, 0.9, 1.0]) == pytest.approx(0.05)


def test_wealth_stays_at_zero_after_ruin() -> None:
    assert wealth([0.5, -1.2, 3.0]).tolist() == [1.0, 1.5, 0.0, 0.0]
    assert total_return([-1.0, 5.0]) == cagr([-1.0, 5.0], 365) == -1.0
    assert max_drawdown(wealth([-1.0])) == -1.0


def test_constant_returns_have_no_sharpe() -> None:
    assert math.isnan(sharpe(np.full(100, 0.01), 365))
    assert volatility(np.full(100, 0.01), 365) == 0.0


def test_sharpe_error_is_lo_for_independent_returns() -> None:
    ratio = 1.5
    per_day = ratio / math.sqrt(365)
    assert sharpe_error(ratio, 730, 365) == pytest.approx(math.sqrt((1 + per_day**2 / 2) / 730) * math.sqrt(365))
    assert math.isnan(sharpe_error(1.5, 1, 365))


def test_no_losses_are_infinite_and_no_moves_are_undefined() -> None:
    assert sortino([0.1, 0.2], 365) == omega([0.1, 0.2]) == math.inf
    assert math.isnan(sortino([0.0, 0.0], 365))
    assert math.isnan(omega([0.0, 0.0]))
    assert math.isnan(calmar([0.1, 0.1], 365))


def test_probabilistic_sharpe_is_undefined_where_its_variance_is_not_positive() -> None:
    assert math.isnan(probabilistic_sharpe(1.0, 50, 3.0, 1.0))
    assert math.isnan(probabilistic_sharpe(1.0, 1, 0.0, 3.0))


def test_track_record_below_the_benchmark_is_never_long_enough() -> None:
    assert minimum_track_record(0.1, 0.0, 3.0, benchmark=0.1) == math.inf
    assert math.isnan(minimum_track_record(math.nan, 0.0, 3.0))
    assert math.isnan(minimum_track_record(-0.1, 0.0, math.nan))
    assert math.isnan(minimum_track_record(1.0, 3.0, 1.0))


def test_rolling_sharpe_row_uses_only_its_own_past() -> None:
    returns = np.random.default_rng(5).normal(0.001, 0.02, 60)
    rolled = rolling_sharpe(returns, 20, 365)
    assert np.isnan(rolled[:19]).all()
    assert rolled[19] == pytest.approx(sharpe(returns[:20], 365))
    assert rolled[59] == pytest.approx(sharpe(returns[40:], 365))
    assert np.array_equal(rolling_sharpe(returns[:40], 20, 365), rolled[:40], equal_nan=True)


def test_rolling_sharpe_of_flat_stretches_is_undefined() -> None:
    assert np.isnan(rolling_sharpe(np.zeros(30), 10, 365)).all()
    assert np.isnan(rolling_sharpe(np.zeros(5), 10, 365)).all()
    with pytest.raises(ValueError, match="window"):
        rolling_sharpe(np.zeros(5), 1, 365)


def test_value_at_risk_of_gains_is_negative() -> None:
    assert value_at_risk([0.01, 0.02, 0.03], 0.95) < 0.0


def test_shortfall_weights_the_boundary_loss_by_its_share() -> None:
    returns = -np.arange(1.0, 31.0) / 100.0
    assert expected_shortfall(returns, 0.95) == pytest.approx((0.30 + 0.5 * 0.29) / 1.5)
    assert expected_shortfall(returns, 0.99) == pytest.approx(0.30)
    assert expected_shortfall(returns, 0.90) == pytest.approx((0.30 + 0.29 + 0.28) / 3)


def test_shortfall_is_never_below_value_at_risk() -> None:
    generator = np.random.default_rng(8)
    for size in (5, 20, 99, 100, 101, 700):
        returns = generator.standard_t(4, size)
        for confidence in (0.9, 0.95, 0.99):
            assert expected_shortfall(returns, confidence) >= value_at_risk(returns, confidence) - 1e-12


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, -0.1])
def test_confidence_is_a_fraction(confidence: float) -> None:
    for measure in (value_at_risk, expected_shortfall):
        with pytest.raises(ValueError, match=r"write 0\.95"):
            measure([0.1, -0.1], confidence)


def test_tail_ratio_without_a_lower_tail_is_undefined() -> None:
    assert math.isnan(tail_ratio([0.0, 0.0, 0.0]))


@pytest.mark.parametrize("function", [total_return, omega, tail_ratio, wealth])
@pytest.mark.parametrize("bad", [[], [0.1, math.nan], [math.inf], [[0.1]]])
def test_bad_input_is_refused_never_dropped(function, bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="returns"):
        function(bad)
