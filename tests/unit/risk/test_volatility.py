"""Volatility and range as running state."""

from math import sqrt

import numpy as np
import pytest
from tests.support.records import market_row, rules_from, rules_row, state_row

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.quant.ewma_mean import updated_mean
from geobuk.risk.rules import RiskSpec, is_decision, pace_of, risk_values
from geobuk.risk.spec import Stops
from geobuk.risk.volatility import observe, true_range, update_estimates


def test_the_start_is_a_plain_mean_then_an_exponential_one() -> None:
    # alpha 0.25: means of 8; 8, 4; 8, 4, 3; 8, 4, 3, 1 are 8, 6, 5, 4. The fifth value weighs 0.25: 4 + (0 - 4) / 4.
    mean, seen = 0.0, []
    for count, value in enumerate([8.0, 4.0, 3.0, 1.0, 0.0], start=1):
        mean = updated_mean(mean, value, count, 0.25)
        seen.append(mean)
    assert seen == pytest.approx([8.0, 6.0, 5.0, 4.0, 3.0])


@pytest.mark.parametrize(
    ("high", "low", "previous", "width"),
    [(105.0, 95.0, 100.0, 10.0), (105.0, 101.0, 98.0, 7.0), (95.0, 90.0, 100.0, 10.0), (100.0, 100.0, 100.0, 0.0)],
)
def test_the_true_range_reaches_back_to_the_previous_close(
    high: float, low: float, previous: float, width: float
) -> None:
    assert true_range(high, low, previous) == width


def test_the_range_widens_over_the_bars_between_decisions() -> None:
    state = state_row(anchor=100.0, highest=100.0, lowest=100.0)
    for high, low in [(101.0, 99.5), (103.0, 100.0), (102.0, 98.0)]:
        observe(market_row(high=high, low=low), state, rules_row(estimates=True))
    assert (state["highest"], state["lowest"]) == (103.0, 98.0)


def test_an_update_takes_return_and_range_and_starts_anew() -> None:
    rules = rules_row(estimates=True, alpha_volatility=0.5, alpha_atr=0.5, min_observed=2, decisions_per_year=400.0)
    state = state_row()
    update_estimates(market_row(100.0), state, rules)
    assert (state["observed"], state["anchor"], state["volatility"]) == (0, 100.0, 0.0)
    observe(market_row(102.0, high=104.0, low=99.0), state, rules)
    update_estimates(market_row(102.0), state, rules)
    # return 0.02, range 104 - 99; not trusted after one observation
    assert state["variance"] == pytest.approx(0.0004)
    assert (state["atr"], state["observed"], state["volatility"]) == (5.0, 1, 0.0)
    observe(market_row(102.0, high=103.0, low=102.0), state, rules)
    update_estimates(market_row(102.0), state, rules)
    assert state["variance"] == pytest.approx(0.0002)
    assert state["atr"] == pytest.approx(3.0)
    assert state["volatility"] == pytest.approx(sqrt(0.0002 * 400.0))


def test_a_masked_bar_teaches_nothing_but_lets_a_cool_down_pass() -> None:
    state = state_row(anchor=100.0, highest=101.0, lowest=99.0, resting=3)
    update_estimates(market_row(500.0, is_tradable=False), state, rules_row(estimates=True))
    assert (state["observed"], state["anchor"], state["resting"]) == (0, 100.0, 2)


def values(decide_ns: int, **stops: float) -> dict[str, float]:
    return risk_values(RiskSpec(stops=Stops(**stops)), pace_of(decide_ns))


def test_spans_are_counted_in_decisions() -> None:
    hourly, daily = values(NS_PER_HOUR), values(NS_PER_DAY)
    assert hourly["alpha_volatility"] == pytest.approx(2 / (14 * 24 + 1))
    assert daily["alpha_volatility"] == pytest.approx(2 / 15)
    assert hourly["alpha_atr"] == pytest.approx(2 / (7 * 24 + 1))
    assert (hourly["decisions_per_year"], daily["decisions_per_year"]) == (8_760.0, 365.0)
    assert (hourly["min_observed"], daily["min_observed"]) == (84, 5)


@pytest.mark.parametrize(("hours", "decisions"), [(0.0, 0), (1.0, 1), (4.0, 1), (4.1, 2), (12.0, 3), (13.0, 4)])
def test_a_cool_down_is_rounded_up_to_decisions(hours: float, decisions: int) -> None:
    assert values(4 * NS_PER_HOUR, cooldown_hours=hours)["cooldown"] == decisions


def test_volatility_of_a_known_series_comes_out() -> None:
    rng = np.random.default_rng(5)
    closes = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 4_000)))
    rules = rules_row(
        estimates=True, alpha_volatility=2 / 2_001, alpha_atr=0.1, min_observed=10, decisions_per_year=8_760.0
    )
    state = state_row()
    for close in closes:
        market = market_row(float(close))
        observe(market, state, rules)
        update_estimates(market, state, rules)
    assert state["volatility"] == pytest.approx(0.01 * sqrt(8_760.0), rel=0.05)


def test_estimates_that_nothing_reads_are_not_kept_but_the_anchor_is() -> None:
    state, rules = state_row(anchor=100.0), rules_from(sizing={"method": "notional"}, stops={"atr": 0.0})
    observe(market_row(102.0, high=104.0, low=99.0), state, rules)
    update_estimates(market_row(102.0), state, rules)
    assert state["anchor"] == 102.0
    assert state["observed"] == state["variance"] == state["atr"] == state["highest"] - 102.0 == 0.0


def test_where_the_venue_closes_in_between_the_last_bar_before_it_decides() -> None:
    night = np.array([0, 1, 2, 24, 25, 26, 48]) * NS_PER_HOUR
    decided = is_decision(night, NS_PER_HOUR, NS_PER_DAY).tolist()
    assert decided == [False, False, True, False, False, True, False]


def test_bars_without_a_break_decide_at_every_multiple() -> None:
    hours = np.arange(10) * NS_PER_HOUR
    assert np.flatnonzero(is_decision(hours, NS_PER_HOUR, 4 * NS_PER_HOUR)).tolist() == [3, 7]
