"""Limits of the account, one at a time, on both sides of each line; figures by hand in the comments."""

from math import inf, nan, sqrt
from typing import Any

import numpy as np
import pytest
from tests.support.markets import flat_tiers
from tests.support.records import desk_of, market_row, rules_row, state_row, table_of, term_row

from geobuk.domain.regime import Regime
from geobuk.panel import Record
from geobuk.risk.account_limits import FIXED, HELD, NOTHING, WANTED, cuts_for, limit_account, load_of, room_for
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk

SIGMA = 0.02
"""Standard deviation between decisions of every instrument here."""
VOLATILITY = SIGMA * sqrt(float(rules_row()["decisions_per_year"]))


def two(
    first: float, second: float, correlation: float = 0.0, *, held: tuple[float, float] = (0.0, 0.0), **account: Any
) -> Desk:
    """Two wanted weights at an equity of 1,000 and a price of 10; ``held`` are weights too."""
    rows = table_of(market_row(10.0), market_row(10.0))
    states = [
        state_row(target=weight, quantity=100.0 * have, anchor=10.0, variance=SIGMA**2, volatility=VOLATILITY)
        for weight, have in zip((first, second), held, strict=True)
    ]
    desk = desk_of(rows, table_of(*states), table_of(*[term_row(brackets=flat_tiers("0.01"))] * 2), **account)
    desk.covariance[:] = SIGMA**2 * np.array([[1.0, correlation], [correlation, 1.0]])
    return desk


def rules_of(**limits: Any) -> Record:
    """No limit but those named."""
    off = {"var_sigma": inf, "cvar_sigma": inf, "liquidation_distance": 0.0, "liquidation_quantile": 0.0}
    return rules_row(**{**off, "by_covariance": True, "daily_sigmas": 2.0, "is_isolated": False, **limits})


def limited(desk: Desk, rules: Record) -> tuple[list[float], set[Reason], bool]:
    was_over = limit_account(desk, rules, None)
    return desk.book["target"].tolist(), {r for r in Reason if desk.book["refusals"][:, r].any()}, was_over


@pytest.mark.parametrize(
    ("correlation", "sigma"),
    [(1.0, 0.02), (0.0, 0.0141421), (-0.5, 0.01), (0.28, 0.016)],  # 0.01 * sqrt(2 + 2 rho)
)
@pytest.mark.parametrize(("name", "reason"), [("var_sigma", Reason.CLAMPED_VAR), ("cvar_sigma", Reason.CLAMPED_CVAR)])
def test_weights_shrink_to_the_deviation_that_is_allowed(
    correlation: float, sigma: float, name: str, reason: Reason
) -> None:
    assert limited(two(0.5, 0.5, correlation), rules_of(**{name: 1.001 * sigma})) == ([0.5, 0.5], set(), False)
    weights, reasons, was_over = limited(two(0.5, 0.5, correlation), rules_of(**{name: 0.5 * sigma}))
    assert weights == pytest.approx([0.25, 0.25], rel=1e-5)
    assert (reasons, was_over) == ({reason}, True)


def test_a_hedge_is_not_cut_for_a_risk_that_it_has_not() -> None:
    # long 0.5 and short 0.5 at rho 0.92: 0.01 * sqrt(2 - 1.84) = 0.004
    assert limited(two(0.5, -0.5, 0.92), rules_of(var_sigma=0.0041))[0] == [0.5, -0.5]
    assert limited(two(0.5, -0.5, 0.92), rules_of(var_sigma=0.002))[0] == pytest.approx([0.25, -0.25])


@pytest.mark.parametrize("correlation", [nan, -1.0, -1.5])
def test_a_covariance_that_gives_no_variance_is_not_believed(correlation: float) -> None:
    # then both count in full: 0.01 + 0.01 = 0.02, twice the limit
    assert limited(two(0.5, 0.5, correlation), rules_of(var_sigma=0.01))[0] == pytest.approx([0.25, 0.25])


def test_a_covariance_beyond_one_is_held_to_the_undiversified_sum() -> None:
    assert limited(two(0.5, 0.5, 7.0), rules_of(var_sigma=0.01))[0] == pytest.approx([0.25, 0.25])


def test_a_deviation_that_is_no_number_leaves_nothing() -> None:
    desk = two(0.5, 0.5)
    desk.book["volatility"][0] = nan
    assert limited(desk, rules_of(var_sigma=0.5)) == ([0.0, 0.0], {Reason.NOT_FINITE}, True)


def test_what_cannot_be_sold_now_counts_in_full_and_the_others_make_room() -> None:
    # 0.3 * 2 % = 0.6 % of 1 % is taken: 0.4 % is left for 0.5 * 2 % = 1 %, whatever the correlation
    desk = two(0.0, 0.5, -0.9, held=(0.3, 0.0))
    desk.rows["is_tradable"][0] = False
    assert limited(desk, rules_of(var_sigma=0.01))[0] == pytest.approx([0.0, 0.2])


def test_where_what_cannot_be_sold_takes_all_room_nothing_is_wanted() -> None:
    desk = two(0.0, 0.5, 0.0, held=(0.6, 0.0))
    desk.rows["close"][0] = nan
    assert limited(desk, rules_of(var_sigma=0.01))[0] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("regime", "after"), [(int(Regime.BEAR), 0.2), (int(Regime.BEAR) + 8, 0.2), (int(Regime.BULL), 0.5), (-1, 0.5)]
)
def test_the_gross_of_the_regime(regime: int, after: float) -> None:
    rules = rules_of(regime_gross=(9.0, 9.0, 0.4, 9.0, 9.0))  # unknown, bull, bear, sideways, neutral
    weights, reasons, _ = limited(two(0.5, -0.5, regime=regime), rules)
    assert weights == pytest.approx([after, -after])
    assert reasons == (set() if after == 0.5 else {Reason.CLAMPED_REGIME})


def test_a_common_move_against_everything_must_not_liquidate() -> None:
    # 20 % against a gross of 5 costs 1.0, margin of 1 % after it 1.2 * 0.05 = 0.06: 1.06 > 1, so times 1 / 1.06
    weights, reasons, _ = limited(two(2.5, -2.5), rules_of(liquidation_distance=0.2))
    assert weights == pytest.approx([2.5 / 1.06, -2.5 / 1.06])
    assert reasons == {Reason.CLAMPED_LIQUIDATION_DISTANCE}
    # 18 %: 0.9 + 1.18 * 0.05 = 0.959
    assert limited(two(2.5, -2.5), rules_of(liquidation_distance=0.18))[0] == [2.5, -2.5]


def test_the_clamped_account_is_just_not_liquidated_by_that_move() -> None:
    desk = two(2.5, -2.5)
    limited(desk, rules_of(liquidation_distance=0.2))
    size = np.abs(desk.book["target"]).sum()
    assert 1.0 - 0.2 * size == pytest.approx(1.2 * size * 0.01)


def test_liquidation_within_a_day_stays_improbable() -> None:
    # 3 daily deviations, each 2 of a decision: 6 * 0.02 * sqrt(4 + 4) = 0.339411, margin 0.04: fits
    assert limited(two(2.0, 2.0), rules_of(liquidation_quantile=3.0))[0] == [2.0, 2.0]
    # 10: 1.131371 + 0.04 = 1.171371 > 1
    weights, reasons, _ = limited(two(2.0, 2.0), rules_of(liquidation_quantile=10.0))
    assert weights == pytest.approx([2.0 / 1.1713708] * 2)
    assert reasons == {Reason.CLAMPED_LIQUIDATION_PROBABILITY}


def test_an_isolated_account_has_no_common_way_to_liquidation() -> None:
    rules = rules_of(liquidation_quantile=10.0, liquidation_distance=0.9, is_isolated=True)
    assert limited(two(2.0, 2.0), rules)[0] == [2.0, 2.0]


@pytest.mark.parametrize(
    ("limits", "held", "is_over"),
    [
        ({"var_sigma": 0.01}, 0.49, False),  # 0.49 * 2 % = 0.98 %
        ({"var_sigma": 0.01}, 0.51, True),
        ({"cvar_sigma": 0.01}, -0.51, True),
        ({"regime_gross": (9.0, 0.5, 9.0, 9.0, 9.0), "regime": int(Regime.BULL)}, 0.51, True),
        ({"liquidation_distance": 0.2}, 4.6, False),  # 0.92 + 1.2 * 0.046 = 0.9752
        ({"liquidation_distance": 0.2}, 4.8, True),  # 0.96 + 0.0576
        ({"liquidation_distance": 0.2, "is_isolated": True}, 4.8, False),
        ({"liquidation_quantile": 5.0}, 4.7, False),  # 10 * 0.02 * 4.7 + 0.047 = 0.987
        ({"liquidation_quantile": 5.0}, 4.8, True),  # 0.96 + 0.048
    ],
)
def test_what_is_held_above_a_limit_is_noticed_though_less_is_wanted(
    limits: dict[str, Any], held: float, is_over: bool
) -> None:
    """Else a position would stay above it for as long as the way down lies inside the band."""
    regime = limits.pop("regime", -1)
    desk = two(0.4, 0.0, held=(held, 0.0), regime=regime)
    weights, reasons, was_over = limited(desk, rules_of(**limits))
    assert (weights, reasons, was_over) == ([0.4, 0.0], set(), is_over)
    limits["regime"] = regime


def test_loads_are_of_what_is_wanted_stuck_or_held() -> None:
    desk = two(0.4, 0.3, held=(0.2, -0.6))
    desk.rows["is_tradable"][1] = False
    rules = rules_of(var_sigma=1e-9)
    expected = {
        WANTED: (0.7, 0.007, SIGMA * 0.5),
        FIXED: (0.6, 0.006, SIGMA * 0.6),
        HELD: (0.8, 0.008, SIGMA * sqrt(0.04 + 0.36)),
    }
    for which, load in expected.items():
        got, has_fixed = load_of(desk, rules, which)
        assert got == pytest.approx(load)
        assert has_fixed


@pytest.mark.parametrize(
    ("held", "masked", "has_fixed"),
    [((0.2, -0.6), None, False), ((0.2, 0.0), 1, False), ((0.2, 0.0), 0, True), ((0.0, -0.6), 1, True)],
)
def test_only_a_position_on_a_masked_bar_is_fixed(
    held: tuple[float, float], masked: int | None, has_fixed: bool
) -> None:
    desk = two(0.4, 0.3, held=held)
    if masked is not None:
        desk.rows["is_tradable"][masked] = False
    assert load_of(desk, rules_of(), WANTED)[1] == has_fixed


def test_cuts_ask_one_after_the_other_and_each_is_counted_on_its_own() -> None:
    # gross 1 to 0.8 (deviation 0.8 * 0.02 = 1.6 %), to 1.2 % by the value at risk, to 0.9 % by the shortfall
    rules = rules_of(regime_gross=(0.8,) * 5, var_sigma=0.012, cvar_sigma=0.009)
    desk = two(0.5, 0.5, 1.0, regime=int(Regime.BULL))
    cuts = cuts_for(load_of(desk, rules, WANTED)[0], NOTHING, desk, rules)
    assert cuts == pytest.approx((0.8, 0.75, 0.75, 1.0, 1.0))
    weights, reasons, was_over = limited(desk, rules)
    assert weights == pytest.approx([0.225, 0.225])
    assert (reasons, was_over) == ({Reason.CLAMPED_REGIME, Reason.CLAMPED_VAR, Reason.CLAMPED_CVAR}, True)


@pytest.mark.parametrize(
    ("ceiling", "fixed", "free", "factor"),
    [(1.0, 0.0, 0.5, 1.0), (1.0, 0.5, 0.5, 1.0), (1.0, 0.5, 1.0, 0.5), (1.0, 2.0, 1.0, 0.0), (inf, 9.0, 9.0, 1.0)],
)
def test_room_is_what_is_left_below_the_ceiling(ceiling: float, fixed: float, free: float, factor: float) -> None:
    assert room_for(ceiling, fixed, free) == factor
