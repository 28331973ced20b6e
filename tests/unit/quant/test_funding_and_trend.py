"""Funding from a premium, what a carry earns, and the volatility of time-series momentum."""

import math

import numpy as np
import pandas as pd
import pytest

from geobuk.quant.funding_rate import (
    FundingRules,
    break_even_stamps,
    carry_result,
    funding_payment,
    funding_rate,
)
from geobuk.quant.trend_volatility import trend_position, trend_volatility


@pytest.mark.parametrize(("premium", "rate"), [(0.0003, 0.0001), (0.0012, 0.0007), (-0.0012, -0.0007)])
def test_premium_beyond_the_damper_is_paid_less_the_damper(premium: float, rate: float) -> None:
    assert funding_rate(premium) == pytest.approx(rate, abs=1e-15)


def test_shorter_intervals_pay_their_share() -> None:
    four, one = FundingRules(interval_hours=4.0), FundingRules(interval_hours=1.0)
    assert funding_rate(0.0012, four) == pytest.approx(0.00035)
    assert funding_rate(0.0, one) == pytest.approx(0.0000125)


def test_cap_and_floor_hold_the_rate_of_one_interval() -> None:
    rules = FundingRules(cap=0.003, floor=-0.002)
    assert funding_rate(0.05, rules) == 0.003
    assert funding_rate(-0.05, rules) == -0.002
    assert funding_rate(0.0002, FundingRules(interest_8h=0.0)) == 0.0


def test_longs_pay_a_positive_rate_and_shorts_receive_it() -> None:
    assert funding_payment(0.5, 60_000.0, 0.0001) == pytest.approx(3.0)
    assert funding_payment(-0.5, 60_000.0, 0.0001) == pytest.approx(-3.0)


def test_a_carry_earns_its_rates_less_all_costs() -> None:
    assert carry_result([0.0001] * 90, 0.0015, 0.0015, 0.001) == pytest.approx(0.005)
    assert break_even_stamps(0.003, 0.0001) == pytest.approx(30.0)
    assert break_even_stamps(0.003, 0.0) == break_even_stamps(0.003, -0.0001) == math.inf
    assert break_even_stamps(0.0, 0.0001) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: funding_rate(math.nan),
        lambda: FundingRules(interval_hours=0.0),
        lambda: FundingRules(damper=-0.1),
        lambda: FundingRules(cap=-0.1, floor=0.1),
        lambda: funding_payment(1.0, 0.0, 0.1),
        lambda: carry_result([], 0.0, 0.0),
        lambda: carry_result([0.1], -0.1, 0.0),
        lambda: break_even_stamps(-0.1, 0.1),
    ],
)
def test_impossible_funding_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"premium|hours|damper|floor|mark|rates|cost"):
        call()


@pytest.mark.parametrize("com", [60.0, 5.0])
def test_volatility_is_that_of_pandas(com: float) -> None:
    returns = np.random.default_rng(91).standard_t(4, 400) * 0.02 + 0.01
    expected = np.sqrt(pd.Series(returns).ewm(com=com).var(bias=True) * 365)
    found = trend_volatility(returns, 365, com)
    assert math.isnan(found[0])
    assert found[1:] == pytest.approx(expected.to_numpy()[1:], rel=1e-10)
    assert np.array_equal(trend_volatility(returns[:200], 365, com), found[:200], equal_nan=True)


def test_volatility_of_nothing_moving_is_zero_and_holds_nothing() -> None:
    assert trend_volatility(np.full(50, 0.01), 365)[-1] == pytest.approx(0.0, abs=1e-12)
    for volatility in (0.0, math.nan, math.inf, -0.1):
        assert trend_position(0.3, volatility) == 0.0


def test_position_follows_the_sign() -> None:
    assert trend_position(0.2, 0.8) == 0.5
    assert trend_position(-1e-9, 0.2) == -2.0
    assert trend_position(0.0, 0.2) == 0.0
    with pytest.raises(ValueError, match="past_return"):
        trend_position(math.nan, 0.2)


@pytest.mark.parametrize("bad", [([], 365, 60.0), ([0.1, math.nan], 365, 60.0), ([0.1], 0, 60.0), ([0.1], 365, -1.0)])
def test_impossible_volatility_is_refused(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"returns|periods|centre"):
        trend_volatility(*bad)
