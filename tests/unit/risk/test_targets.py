"""The decision path for one row: forecasts in, target quantities and counted reasons out."""

from math import isnan, nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import desk_of, market_row, rules_from, state_row, table_of, term_row

from geobuk.panel import Record, RecordArray
from geobuk.risk.reasons import Reason
from geobuk.risk.targets import set_targets

PLAIN = rules_from()


def decided(
    market: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
    term: dict[str, Any] | None = None,
    rules: Record = PLAIN,
    equity: float = 1_000.0,
) -> RecordArray:
    """The book of a single instrument after the decision."""
    book = table_of(state_row(**(state or {})))
    desk = desk_of(table_of(market_row(**(market or {}))), book, table_of(term_row(**(term or {}))), equity)
    set_targets(desk, rules, None)
    return book


def reasons(book: RecordArray) -> set[Reason]:
    return {reason for reason in Reason if book["refusals"][:, reason].any()}


def test_a_full_forecast_wants_the_whole_account() -> None:
    book = decided()
    assert book["target"][0] == 10.0
    assert reasons(book) == set()


NEEDS_VOLATILITY = rules_from(sizing={"method": "volatility"})
NEEDS_RANGE = rules_from(stops={"atr": 3.0})
LONG_ONLY = rules_from(limits={"allow_short": False})


@pytest.mark.parametrize(
    ("market", "state", "term", "rules", "reason"),
    [
        ({"forecast": nan}, {}, {}, PLAIN, Reason.NO_FORECAST),
        ({"close": nan, "is_tradable": False}, {}, {}, PLAIN, Reason.NO_FORECAST),
        ({"forecast": 0.0}, {}, {}, PLAIN, Reason.ZERO_FORECAST),
        ({"is_tradable": False}, {}, {}, PLAIN, Reason.MASKED),
        ({}, {"resting": 1}, {}, PLAIN, Reason.COOLING_DOWN),
        ({"forecast": -1.0}, {}, {}, LONG_ONLY, Reason.SHORT_FORBIDDEN),
        ({"forecast": -1.0}, {}, {"can_short": False}, PLAIN, Reason.SHORT_FORBIDDEN),
        ({}, {}, {}, NEEDS_VOLATILITY, Reason.NO_VOLATILITY),
        ({}, {}, {}, NEEDS_RANGE, Reason.NO_VOLATILITY),
        ({"forecast": 0.00005}, {}, {}, PLAIN, Reason.BELOW_STEP),
        ({"forecast": 0.05}, {}, {"min_notional": 100}, PLAIN, Reason.BELOW_MIN_NOTIONAL),
        ({"forecast": 0.05}, {}, {"min_quantity": 1}, PLAIN, Reason.BELOW_STEP),
    ],
)
def test_a_no_is_counted_under_its_reason_and_wants_nothing(
    market: dict[str, Any], state: dict[str, Any], term: dict[str, Any], rules: Record, reason: Reason
) -> None:
    book = decided(market, state, term, rules)
    assert reasons(book) == {reason}
    wanted = book["target"][0]
    assert wanted == 0.0 or (isnan(wanted) and reason in {Reason.MASKED, Reason.NO_FORECAST})


def test_the_first_reason_alone_is_counted() -> None:
    book = decided({"forecast": nan, "is_tradable": False}, {"resting": 5}, {}, NEEDS_VOLATILITY)
    assert reasons(book) == {Reason.MASKED}
    assert book["refusals"].sum() == 1


@pytest.mark.parametrize("reason", ["nan", "zero", "resting", "short"])
def test_a_no_closes_what_is_held(reason: str) -> None:
    market = {"forecast": {"nan": nan, "zero": 0.0, "resting": 1.0, "short": -1.0}[reason]}
    state = {"quantity": 5.0, "resting": 3 if reason == "resting" else 0}
    assert decided(market, state, {}, LONG_ONLY)["target"][0] == 0.0


def test_a_masked_position_stays_as_it_is() -> None:
    assert isnan(decided({"is_tradable": False}, {"quantity": 5.0})["target"][0])


def test_weight_is_clamped_before_anything_is_bought() -> None:
    book = decided(rules=rules_from(limits={"max_weight": 0.25}))
    assert book["target"][0] == 2.5
    assert reasons(book) == {Reason.CLAMPED_WEIGHT}


def test_risk_per_trade_caps_by_the_distance_of_the_stop() -> None:
    # 1 % of 1000 at a stop 3 * 2 = 6 away: 10 / 6 = 1.666
    rules = rules_from(sizing={"risk_per_trade": 0.01}, stops={"atr": 3.0})
    book = decided(state={"atr": 2.0, "volatility": 0.5}, rules=rules)
    assert book["target"][0] == pytest.approx(1.666)
    assert reasons(book) == {Reason.CLAMPED_RISK}


def test_risk_per_trade_without_a_stop_caps_nothing() -> None:
    assert decided(rules=rules_from(sizing={"risk_per_trade": 0.01}))["target"][0] == 10.0


def test_adding_counts_the_way_to_the_stop_that_rests() -> None:
    # The stop of the entry rests at 90, 10 away, a new one would rest 5 away. 1 % of 1000 / 10 = 1 in all.
    rules = rules_from(sizing={"risk_per_trade": 0.01}, stops={"fixed": 0.05})
    assert decided(state={"quantity": 0.5, "stop": 90.0}, rules=rules)["target"][0] == pytest.approx(1.0)
    # What is held may stay, though more than the cap.
    assert decided(state={"quantity": 1.5, "stop": 90.0}, rules=rules)["target"][0] == pytest.approx(1.5)


def test_the_account_is_shared_among_those_with_a_forecast() -> None:
    rows = table_of(market_row(), market_row(forecast=-1.0), market_row(forecast=nan), market_row(forecast=0.0))
    book = table_of(*[state_row()] * 4)
    set_targets(desk_of(rows, book, table_of(*[term_row()] * 4), 900.0), PLAIN, None)
    assert book["target"].tolist() == [3.0, -3.0, 0.0, 0.0]


@pytest.mark.parametrize("equity", [0.0, -50.0])
def test_a_ruined_account_wants_nothing(equity: float) -> None:
    assert decided(state={"quantity": 3.0}, equity=equity)["target"][0] == 0.0


def test_a_small_addition_below_the_minimum_leaves_the_position() -> None:
    # 10 wanted, 9.9 held: the order of 10 USDT is below the minimum of 20.
    book = decided(state={"quantity": 9.9}, term={"min_notional": 20})
    assert isnan(book["target"][0])
    assert reasons(book) == {Reason.BELOW_MIN_NOTIONAL}


def test_a_reduction_is_allowed_however_small() -> None:
    book = decided({"forecast": 0.99}, {"quantity": 10.0}, {"min_notional": 100})
    assert book["target"][0] == pytest.approx(9.9)
    assert reasons(book) == set()


def test_a_flip_whose_new_side_is_too_small_closes() -> None:
    assert decided({"forecast": -0.00005}, {"quantity": 3.0})["target"][0] == 0.0


ROWS = st.lists(
    st.tuples(st.floats(-1, 1) | st.just(nan), st.floats(10, 500), st.booleans(), st.floats(0.1, 2)),
    min_size=1,
    max_size=5,
)


@given(ROWS, st.floats(0.1, 2), st.floats(0.1, 2), st.floats(0.05, 2), st.floats(50, 1e6))
def test_limits_hold_on_every_row_and_risk_only_shrinks(
    rows: list[tuple[float, float, bool, float]], gross: float, net: float, weight: float, equity: float
) -> None:
    limits = {"max_gross": gross, "max_net": net, "max_weight": weight}
    sizing = {"method": "volatility", "volatility_target": 0.4, "diversification": 2.0}
    rules = rules_from(limits=limits, sizing=sizing, account={"leverage": 2})
    markets = table_of(*(market_row(price, forecast=f, is_tradable=ok) for f, price, ok, _ in rows))
    book = table_of(*(state_row(volatility=volatility) for *_, volatility in rows))
    set_targets(desk_of(markets, book, table_of(*[term_row()] * len(rows)), equity), rules, None)
    believers = sum(not isnan(f) for f, *_ in rows)
    targets = np.nan_to_num(book["target"])
    weights = targets * markets["close"] / equity
    assert np.abs(weights).sum() <= min(gross, 2.0) + 1e-6
    # Rounding toward zero can lift the net of a row by what it takes off the lighter side: a step each.
    assert abs(weights.sum()) <= net + (0.001 * markets["close"] / equity).sum() + 1e-9
    assert (np.abs(weights) <= weight + 1e-6).all()
    for (forecast, _, _, volatility), got in zip(rows, weights, strict=True):
        wanted = 0.0 if isnan(forecast) else abs(forecast) * 2.0 / believers * 0.4 / volatility
        assert abs(got) <= wanted + 1e-6


@pytest.mark.parametrize(
    ("limits", "loads"),
    [
        ({"max_net": 0.1}, 0.1),  # of the long alone a tenth may be held
        ({"var_sigma": 0.0021}, 0.105),  # both: 0.01 * sqrt(2 - 1.96) = 0.2 %; alone 2 % times 0.105
        ({"cvar_sigma": 0.003}, 0.15),
    ],
)
def test_a_hedge_whose_other_leg_is_too_small_to_order_hedges_nothing(limits: dict[str, float], loads: float) -> None:
    """Long 0.5 and short 0.5 of near twins fit every limit; the short can't be ordered: the long must fit alone."""
    rows = table_of(market_row(10.0), market_row(10.0, forecast=-1.0))
    rules = rules_from()
    volatility = 0.02 * sqrt(float(rules["decisions_per_year"]))
    book = table_of(*[state_row(volatility=volatility, variance=0.0004, anchor=10.0)] * 2)
    desk = desk_of(rows, book, table_of(term_row(), term_row(min_notional=600)))
    desk.covariance[:] = [[0.0004, 0.000392], [0.000392, 0.0004]]
    for name, value in {"by_covariance": True, **limits}.items():
        rules[name] = value
    for _ in range(2):  # the second decision holds what the first ordered
        set_targets(desk, rules, None)
        assert desk.book["target"] == pytest.approx([100.0 * loads, 0.0], abs=0.0011)
        assert desk.book["refusals"][1, Reason.BELOW_MIN_NOTIONAL] > 0
        desk.book["quantity"] = desk.book["target"]


def test_a_hedge_that_may_not_be_ordered_is_none_either() -> None:
    # of two orders of equal size the first is refused: the other must fit a net of 0.1 alone
    rows = table_of(market_row(10.0), market_row(10.0, forecast=-1.0))
    desk = desk_of(rows, table_of(*[state_row(anchor=10.0)] * 2), table_of(*[term_row()] * 2))
    rules = rules_from(limits={"max_net": 0.1, "max_orders": 1})
    set_targets(desk, rules, None)
    after = np.nan_to_num(desk.book["target"])
    assert np.abs(after).sum() == pytest.approx(10.0)


def test_the_risk_of_a_trade_counts_fees_of_both_ways_and_the_tax_on_the_sale() -> None:
    # 1 % of 1,000 by a stop 5 away, fees of 2 * 0.1 and a tax of 0.2 a unit: 10 / 5.4
    rules = rules_from(sizing={"risk_per_trade": 0.01}, stops={"fixed": 0.05})
    book = table_of(state_row())
    term = term_row(taker=0.001)
    term["sell_tax"] = 0.002
    set_targets(desk_of(table_of(market_row()), book, table_of(term)), rules, None)
    assert book["target"][0] == pytest.approx(1.851)
