"""Kelly's ceiling from what beliefs have earned, by hand."""

from math import inf, nan

import pytest
from tests.support.records import market_row, rules_row, state_row

from geobuk.risk.kelly import kelly_stake, learn_edge
from geobuk.risk.volatility import update_estimates

PLAIN = {
    "kelly": 0.25,
    "alpha_kelly": 0.01,
    "kelly_count": 100.0,
    "prior_ratio": 0.0,
    "prior_count": 0.0,
    "min_observed": 10,
}


@pytest.mark.parametrize(
    ("edge", "square", "stake"),
    [
        (0.001, 0.0004, 0.625),  # 0.25 * 0.001 / 0.0004
        (0.0, 0.0004, 0.0),
        (-0.001, 0.0004, 0.0),
        (0.001, 0.0, 0.0),  # no variance: no stake, not an endless one
        (0.001, -1e-9, 0.0),
        (nan, 0.0004, 0.0),
        (0.001, nan, 0.0),
        (0.001, inf, 0.0),
    ],
)
def test_a_stake_is_a_fraction_of_mean_over_mean_square(edge: float, square: float, stake: float) -> None:
    state = state_row(edge=edge, edge_square=square, believed=100)
    assert kelly_stake(state, rules_row(**PLAIN)) == pytest.approx(stake)


def test_the_prior_counts_as_if_it_had_been_seen() -> None:
    # 30 beliefs earned 0.002, 10 of the prior earn 0.05 * 0.02 = 0.001: mean (0.06 + 0.01) / 40 = 0.00175
    rules = rules_row(**{**PLAIN, "prior_ratio": 0.05, "prior_count": 10.0})
    state = state_row(edge=0.002, edge_square=0.0004, believed=30)
    assert kelly_stake(state, rules) == pytest.approx(0.25 * 0.00175 / 0.0004)


def test_no_more_beliefs_count_than_the_mean_remembers() -> None:
    # of 5,000 the mean holds 1 / 0.01 = 100: (100 * 0.002 + 100 * 0.001) / 200
    rules = rules_row(**{**PLAIN, "prior_ratio": 0.05, "prior_count": 100.0})
    state = state_row(edge=0.002, edge_square=0.0004, believed=5_000)
    assert kelly_stake(state, rules) == pytest.approx(0.25 * 0.0015 / 0.0004)


def test_before_enough_beliefs_were_answered_the_instruments_own_variance_counts() -> None:
    # 9 of 10: variance 0.0016, not the square 0.0001 of few lucky ones
    rules = rules_row(**PLAIN)
    few = state_row(edge=0.001, edge_square=0.0001, variance=0.0016, believed=9)
    enough = state_row(edge=0.001, edge_square=0.0001, variance=0.0016, believed=10)
    assert kelly_stake(few, rules) == pytest.approx(0.25 * 0.001 / 0.0016)
    assert kelly_stake(enough, rules) == pytest.approx(0.25 * 0.001 / 0.0001)


def test_without_a_prior_and_a_belief_there_is_no_stake() -> None:
    assert kelly_stake(state_row(variance=0.0004), rules_row(**PLAIN)) == 0.0


def test_a_belief_earns_its_size_times_the_return_and_no_belief_teaches_nothing() -> None:
    rules, state = rules_row(**PLAIN), state_row(belief=-0.5)
    learn_edge(-0.04, state, rules)
    assert (state["edge"], state["edge_square"], state["believed"]) == pytest.approx((0.02, 0.0004, 1))
    state["belief"] = 1.0
    learn_edge(0.0, state, rules)
    assert (state["edge"], state["edge_square"], state["believed"]) == pytest.approx((0.01, 0.0002, 2))
    state["belief"] = 0.0
    learn_edge(0.5, state, rules)
    assert (state["edge"], state["believed"]) == pytest.approx((0.01, 2))


@pytest.mark.parametrize(
    ("forecast", "belief"), [(inf, 0.0), (-inf, 0.0), (nan, 0.0), (7.0, 1.0), (-7.0, -1.0), (0.3, 0.3)]
)
def test_a_belief_is_remembered_as_it_was_traded(forecast: float, belief: float) -> None:
    """An endless one would have earned endlessly, and no ceiling would be left."""
    state = state_row(anchor=100.0, highest=100.0, lowest=100.0)
    update_estimates(market_row(forecast=forecast), state, rules_row(estimates=True, **PLAIN))
    assert state["belief"] == belief
