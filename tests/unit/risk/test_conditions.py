"""Volatility that jumps, volume that dries up, prices that crash: each on both sides of its line."""

from math import inf, nan

import pytest
from tests.support.records import market_row, rules_row, state_row

from geobuk.risk.conditions import is_dry, is_jumping, must_leave, notice_crash
from geobuk.risk.volatility import observe, update_estimates

KNOWN = {"volatility": 0.5, "variance": 0.0004}
"""A standard deviation of 2 % between decisions."""


@pytest.mark.parametrize(
    ("change", "state", "unrest"),
    [
        (0.1999, KNOWN, 0),  # ten times 2 % is 20 %
        (0.2, KNOWN, 0),
        (0.2001, KNOWN, 24),
        (-0.2001, KNOWN, 24),
        (-0.5, {"variance": 0.0004}, 0),  # before volatility is known nothing is unusual
        (nan, KNOWN, 0),
    ],
)
def test_a_crash_is_a_return_beyond_so_many_deviations(change: float, state: dict[str, float], unrest: int) -> None:
    one = state_row(**state)
    notice_crash(change, one, rules_row(crash=10.0, crash_rest=24))
    assert one["unrest"] == unrest


def test_zero_switches_each_condition_off() -> None:
    state = state_row(**KNOWN, fast_variance=1.0, fast_volume=0.0, usual_volume=1.0)
    rules = rules_row(crash=0.0, jump=0.0, dry=0.0, crash_rest=24)
    notice_crash(-0.9, state, rules)
    assert (state["unrest"], is_jumping(state, rules), is_dry(state, rules)) == (0, False, False)


@pytest.mark.parametrize(("fast", "jumps"), [(0.0036, False), (0.00361, True), (0.0, False), (inf, True)])
def test_volatility_jumps_above_three_times_the_usual(fast: float, jumps: bool) -> None:
    # three times 2 % is 6 %, squared 0.0036; the rule compares variances and so holds nine
    assert is_jumping(state_row(**KNOWN, fast_variance=fast), rules_row(jump=9.0)) == jumps
    assert not is_jumping(state_row(variance=0.0004, fast_variance=fast), rules_row(jump=9.0))


@pytest.mark.parametrize(("fast", "dry"), [(5.1, False), (5.0, True), (0.0, True)])
def test_trading_has_dried_up_at_or_below_a_share_of_the_usual(fast: float, dry: bool) -> None:
    assert is_dry(state_row(**KNOWN, fast_volume=fast, usual_volume=100.0), rules_row(dry=0.05)) == dry


def test_where_nothing_ever_traded_it_is_dry() -> None:
    assert is_dry(state_row(**KNOWN), rules_row(dry=0.05))


@pytest.mark.parametrize(
    ("held", "change", "unrest", "leaves"),
    [
        (1.0, -0.3, 24, True),
        (-1.0, 0.3, 24, True),
        (1.0, 0.3, 24, False),  # a surge in favour
        (1.0, -0.3, 23, False),  # yesterday's crash
        (0.0, -0.3, 24, False),
        (1.0, nan, 24, False),
    ],
)
def test_only_a_fresh_crash_against_a_position_drives_it_out(
    held: float, change: float, unrest: int, leaves: bool
) -> None:
    state = state_row(quantity=held, change=change, unrest=unrest)
    assert must_leave(state, rules_row(crash_rest=24, crash_flattens=True)) == leaves
    assert not must_leave(state, rules_row(crash_rest=24, crash_flattens=False))


def test_leaving_needs_no_rest_afterwards() -> None:
    rules = rules_row(crash=10.0, crash_rest=0, crash_flattens=True)
    state = state_row(quantity=1.0, change=-0.3, **KNOWN)
    notice_crash(-0.3, state, rules)
    assert must_leave(state, rules)


def test_a_rest_ends_after_as_many_decisions_as_it_has() -> None:
    rules = rules_row(estimates=True, by_conditions=True, crash=10.0, crash_rest=2, min_observed=1, alpha_fast=0.5)
    state = state_row(anchor=100.0, highest=100.0, lowest=100.0, observed=50, **KNOWN)
    rests = []
    for close in (70.0, 70.0, 70.0):
        market = market_row(close)
        observe(market, state, rules)
        update_estimates(market, state, rules)
        rests.append(int(state["unrest"]))
    assert rests == [2, 1, 0]


def test_the_crash_itself_is_judged_by_the_volatility_before_it() -> None:
    # 25 % at 2 %: with itself in the mean, (0.0004 + 0.0625) / 2, it would be no more than 1.4 deviations
    rules = rules_row(
        estimates=True,
        by_conditions=True,
        crash=10.0,
        crash_rest=5,
        min_observed=1,
        alpha_volatility=0.5,
        alpha_fast=0.5,
    )
    state = state_row(anchor=100.0, highest=100.0, lowest=75.0, observed=50, **KNOWN)
    update_estimates(market_row(75.0), state, rules)
    assert state["unrest"] == 5
    assert state["variance"] == pytest.approx(0.03145)


@pytest.mark.parametrize("broken", [{"high": inf}, {"volume": inf}, {"volume": nan}, {"low": -inf}])
def test_a_bar_with_a_number_that_is_none_teaches_nothing_and_is_forgotten(broken: dict[str, float]) -> None:
    rules = rules_row(estimates=True, by_conditions=True, alpha_fast=0.5, alpha_volatility=0.5, alpha_atr=0.5)
    state = state_row(anchor=100.0, highest=100.0, lowest=100.0, observed=9, atr=2.0, usual_volume=7.0, **KNOWN)
    for market in (market_row(101.0, **broken), market_row(102.0, volume=7.0)):
        observe(market, state, rules)
        update_estimates(market, state, rules)
    assert state["observed"] == 10
    assert state["usual_volume"] == 7.0
    assert state["atr"] == pytest.approx(1.5)  # (2 + (102 - 101)) / 2


@pytest.mark.parametrize("close", [nan, inf, 0.0, -5.0])
def test_a_close_that_is_no_price_moves_no_anchor(close: float) -> None:
    state = state_row(anchor=100.0, highest=100.0, lowest=100.0, observed=9, **KNOWN)
    update_estimates(market_row(close=close), state, rules_row(estimates=True, alpha_volatility=0.5))
    assert (state["anchor"], state["observed"], state["variance"]) == (100.0, 9, 0.0004)
