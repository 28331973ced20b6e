"""What one instrument may be at most: each rule on both sides of its line, counted under its own name alone."""

from math import inf, nan, sqrt
from typing import Any

import pytest
from tests.support.markets import flat_tiers
from tests.support.records import desk_of, market_row, rules_row, state_row, table_of, term_row

from geobuk.domain.regime import Regime
from geobuk.panel import Record
from geobuk.risk.reasons import Reason
from geobuk.risk.wishes import clamped, scaled, weight_of

KNOWN = {"volatility": 0.5, "variance": 0.0004, "anchor": 100.0, "atr": 2.0}
"""Standard deviation 2 % between decisions, average true range 2 at a price of 100."""
KELLY = {"kelly": 0.25, "alpha_kelly": 0.01, "prior_ratio": 0.0, "prior_count": 0.0, "min_observed": 10}


def wish(
    market: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
    account: dict[str, Any] | None = None,
    term: dict[str, Any] | None = None,
    **rules: Any,
) -> tuple[float, set[Reason]]:
    """Weight and reasons of a full forecast at an equity of 1,000 and a share of 1, under these rules alone."""
    states = table_of(state_row(**{**KNOWN, **(state or {})}))
    terms = table_of(term_row(**{"brackets": flat_tiers("0.01"), **(term or {})}))
    desk = desk_of(table_of(market_row(**(market or {}))), states, terms, **(account or {}))
    weight = weight_of(0, desk, rules_row(**rules), 1.0, None)
    return weight, {reason for reason in Reason if states["refusals"][0, reason]}


def test_nothing_in_the_way_leaves_the_whole_share() -> None:
    assert wish() == (1.0, set())
    assert wish({"forecast": -0.3}) == (-0.3, set())
    assert wish({"forecast": 5.0}) == (1.0, set())  # a belief is never larger than full


def test_a_wish_is_the_volatility_target_over_the_volatility() -> None:
    # 0.2 / 0.5
    assert wish(by_volatility=True, volatility_target=0.2)[0] == pytest.approx(0.4)


CASES: list[tuple[dict[str, Any], float, Reason | None]] = [
    # regime: a long against a bear market, and with it
    ({"account": {"regime": int(Regime.BEAR)}, "against": 0.5}, 0.5, Reason.SCALED_REGIME),
    ({"account": {"regime": int(Regime.BULL)}, "against": 0.5}, 1.0, None),
    ({"account": {"regime": int(Regime.BEAR)}, "against": 0.0}, 0.0, Reason.SCALED_REGIME),
    # volatility of the last hours 3 times the usual: 9 times the variance
    ({"state": {"fast_variance": 0.0036}, "jump": 9.0, "jump_scale": 0.5}, 1.0, None),
    ({"state": {"fast_variance": 0.0037}, "jump": 9.0, "jump_scale": 0.5}, 0.5, Reason.SCALED_CONDITION),
    # the account's stage
    ({"account": {"size_scale": 0.25}}, 0.25, Reason.SCALED_DRAWDOWN),
    ({"account": {"size_scale": 1.0}}, 1.0, None),
    ({"account": {"size_scale": nan}}, 0.0, Reason.SCALED_DRAWDOWN),
    ({"account": {"size_scale": -1.0}}, 0.0, Reason.SCALED_DRAWDOWN),
    # Kelly: 0.25 * 0.0008 / 0.0004 = 0.5; 0.25 * 0.0016 / 0.0004 = 1.0
    ({"state": {"edge": 0.0008, "edge_square": 0.0004, "believed": 50}, **KELLY}, 0.5, Reason.CLAMPED_KELLY),
    ({"state": {"edge": 0.0016, "edge_square": 0.0004, "believed": 50}, **KELLY}, 1.0, None),
    ({"state": {"edge": 0.0, "edge_square": 0.0004, "believed": 50}, **KELLY}, 0.0, Reason.NO_EDGE),
    ({"state": {"edge": -0.01, "edge_square": 0.0004, "believed": 50}, **KELLY}, 0.0, Reason.NO_EDGE),
    # its own ceiling
    ({"max_weight": 0.5}, 0.5, Reason.CLAMPED_WEIGHT),
    ({"max_weight": 1.0}, 1.0, None),
    # risk: 1 % over a stop of 3 * 2 = 6 at 100: 100 / 600; with fees of 0.05 % both ways 0.01 * 100 / 6.1
    ({"risk_per_trade": 0.01, "atr": 3.0}, 1 / 6, Reason.CLAMPED_RISK),
    ({"risk_per_trade": 0.01, "atr": 3.0, "term": {"taker": 0.0005}}, 1 / 6.1, Reason.CLAMPED_RISK),
    ({"risk_per_trade": 0.06, "atr": 3.0}, 1.0, None),
    ({"risk_per_trade": 0.01}, 1.0, None),  # without a stop there is nothing to measure
    # liquidity: 1 % of 24 * 400 = 9600 units a day is 96, 9.6 of equity; of 40 units a decision 0.96
    (
        {"state": {"usual_volume": 400.0}, "by_volume": True, "volume_share": 0.01, "daily_sigmas": sqrt(24.0)},
        1.0,
        None,
    ),
    (
        {"state": {"usual_volume": 40.0}, "by_volume": True, "volume_share": 0.01, "daily_sigmas": sqrt(24.0)},
        0.96,
        Reason.CLAMPED_LIQUIDITY,
    ),
    # entries refused
    ({"account": {"is_reduce_only": True}}, 0.0, Reason.REDUCE_ONLY),
    ({"state": {"unrest": 1}}, 0.0, Reason.CRASHED),
    ({"state": {"fast_volume": 5.0, "usual_volume": 100.0}, "dry": 0.05}, 0.0, Reason.DRY_VOLUME),
    ({"state": {"fast_volume": 5.1, "usual_volume": 100.0}, "dry": 0.05}, 1.0, None),
    # refused before anything is wanted
    ({"market": {"forecast": nan}}, 0.0, Reason.NO_FORECAST),
    ({"market": {"close": nan}}, 0.0, Reason.NO_FORECAST),
    ({"market": {"forecast": 0.0}}, 0.0, Reason.ZERO_FORECAST),
    ({"market": {"is_tradable": False}}, 0.0, Reason.MASKED),
    ({"market": {"forecast": inf}}, 0.0, Reason.NOT_FINITE),
    ({"market": {"forecast": -inf}}, 0.0, Reason.NOT_FINITE),
    ({"market": {"close": inf}}, 0.0, Reason.NOT_FINITE),
    ({"market": {"close": 0.0}}, 0.0, Reason.NOT_FINITE),
    ({"market": {"close": -1.0}}, 0.0, Reason.NOT_FINITE),
    ({"market": {"close": 1e-310}}, 0.0, Reason.NOT_FINITE),
    ({"state": {"resting": 1}}, 0.0, Reason.COOLING_DOWN),
    ({"market": {"forecast": -1.0}, "allow_short": False}, 0.0, Reason.SHORT_FORBIDDEN),
    ({"market": {"forecast": -1.0}, "term": {"can_short": False}}, 0.0, Reason.SHORT_FORBIDDEN),
    ({"state": {"volatility": 0.0}, "by_volatility": True}, 0.0, Reason.NO_VOLATILITY),
    ({"state": {"volatility": 0.0}, "by_covariance": True}, 0.0, Reason.NO_VOLATILITY),
    ({"state": {"volatility": 0.0}, "trailing_atr": 3.0}, 0.0, Reason.NO_VOLATILITY),
    ({"state": {"volatility": 0.0}}, 1.0, None),  # nothing reads it
    # isolated at leverage 5: 20 % - 1 % of maintenance = 19 %, of which a short has 19 / 1.01 = 18.81 %
    ({"is_isolated": True, "leverage": 5.0, "liquidation_distance": 0.188}, 1.0, None),
    (
        {"is_isolated": True, "leverage": 5.0, "liquidation_distance": 0.1885},
        0.0,
        Reason.CLAMPED_LIQUIDATION_DISTANCE,
    ),
    ({"is_isolated": True, "leverage": 5.0, "liquidation_distance": 0.18}, 1.0, None),
    (
        {"is_isolated": True, "leverage": 5.0, "liquidation_distance": 0.2},
        0.0,
        Reason.CLAMPED_LIQUIDATION_DISTANCE,
    ),
    # 9 or 10 daily deviations of 2 % each (one decision a day): 18 % or 20 %
    ({"is_isolated": True, "leverage": 5.0, "liquidation_quantile": 9.0, "daily_sigmas": 1.0}, 1.0, None),
    (
        {"is_isolated": True, "leverage": 5.0, "liquidation_quantile": 10.0, "daily_sigmas": 1.0},
        0.0,
        Reason.CLAMPED_LIQUIDATION_PROBABILITY,
    ),
    # the venue's leverage counts where it is lower than the account's
    (
        {
            "is_isolated": True,
            "leverage": 1.0,
            "liquidation_distance": 0.98,
            "term": {"brackets": flat_tiers("0.01", leverage=2)},
        },
        1.0,
        None,
    ),
    (
        {
            "is_isolated": True,
            "leverage": 50.0,
            "liquidation_distance": 0.48,
            "term": {"brackets": flat_tiers("0.01", leverage=2)},
        },
        1.0,
        None,
    ),
]


@pytest.mark.parametrize(("given", "weight", "reason"), CASES)
def test_a_rule_does_what_it_says_and_is_counted_alone(
    given: dict[str, Any], weight: float, reason: Reason | None
) -> None:
    got, reasons = wish(**given)
    assert got == pytest.approx(weight)
    assert reasons == (set() if reason is None else {reason})


@pytest.mark.parametrize(
    "field",
    ["anchor", "variance", "volatility", "atr", "fast_variance", "usual_volume", "fast_volume", "edge", "edge_square"],
)
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_an_estimate_that_is_no_number_forbids_the_instrument(field: str, value: float) -> None:
    assert wish(state={field: value}) == (0.0, {Reason.NOT_FINITE})


@pytest.mark.parametrize(
    ("account", "state", "rules"),
    [
        ({"is_reduce_only": True}, {}, {}),
        ({}, {"unrest": 3}, {}),
        ({}, {"fast_volume": 0.0, "usual_volume": 1.0}, {"dry": 0.05}),
    ],
)
@pytest.mark.parametrize(
    ("held", "forecast", "weight"),
    [
        (2.0, 1.0, 0.2),  # 2 * 100 / 1000 may stay
        (2.0, 0.1, 0.1),  # may become less
        (2.0, -1.0, 0.0),  # may not turn
        (-2.0, -1.0, -0.2),
        (0.0, 1.0, 0.0),
    ],
)
def test_while_entries_are_refused_what_is_held_may_stay_or_shrink(
    account: dict[str, Any], state: dict[str, Any], rules: dict[str, Any], held: float, forecast: float, weight: float
) -> None:
    got, reasons = wish({"forecast": forecast}, {**state, "quantity": held}, account, **rules)
    assert got == pytest.approx(weight)
    assert len(reasons) == (0 if abs(forecast) == 0.1 else 1)


def test_a_crash_against_a_position_leaves_it_where_the_answer_is_to_leave() -> None:
    crash = {"unrest": 24, "change": -0.3, "quantity": 2.0}
    assert wish(state=crash, crash_rest=24, crash_flattens=True) == (0.0, {Reason.CRASHED})
    assert wish(state=crash, crash_rest=24, crash_flattens=False)[0] == pytest.approx(0.2)
    assert wish({"forecast": -1.0}, {**crash, "quantity": -2.0}, crash_rest=24, crash_flattens=True)[0] == -0.2


def test_liquidity_leaves_what_is_held_but_adds_nothing() -> None:
    got, reasons = wish(state={"quantity": 5.0}, by_volume=True, volume_share=0.01, daily_sigmas=1.0)
    assert (got, reasons) == (0.5, {Reason.CLAMPED_LIQUIDITY})


def test_kelly_divides_its_stake_like_the_wish_and_by_the_belief() -> None:
    # stake 0.5 for a full forecast: half of it for a half
    state = {"edge": 0.0008, "edge_square": 0.0004, "believed": 50}
    assert wish({"forecast": 0.5}, state, **KELLY)[0] == pytest.approx(0.25)


def test_scaling_and_clamping_leave_nothing_for_what_is_no_number() -> None:
    state: Record = state_row()
    assert scaled(0.5, nan, Reason.SCALED_REGIME, state) == 0.0
    assert clamped(0.5, nan, Reason.CLAMPED_RISK, state) == 0.0
    assert clamped(nan, 0.0, Reason.CLAMPED_RISK, state) == 0.0
    assert state["refusals"].sum() == 3
