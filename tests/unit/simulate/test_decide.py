"""Decisions: which order leads to the target, which one is left alone, and what a lock lets through."""

from decimal import Decimal
from math import isnan, nan

import pytest
from tests.support.records import account_row, desk_of, market_row, rules_from, rules_row, state_row, table_of, term_row

from geobuk.domain.instrument import TickBand
from geobuk.panel import Record
from geobuk.risk.loss_locks import HALTED, LOCKED_FOR_DAY
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import OrderKind
from geobuk.simulate.decide import decide, order_toward, resting_price

MARKET, LIMIT, STOP, NOTHING = OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP, OrderKind.NOTHING
PLAIN = rules_from()
RESTING = rules_from(orders={"type": "limit", "offset_bps": 100.0})
WAITING = rules_from(orders={"type": "stop", "offset_bps": 100.0})


def ticking(tick: str) -> Record:
    """Terms of an instrument with one tick."""
    return term_row(ticks=(TickBand(Decimal(0), Decimal(tick)),))


def working(order: float, kind: OrderKind = MARKET, reason: Reason = Reason.ENTRY) -> dict[str, float]:
    """Fields of an order that works since bar 2."""
    return {"order_kind": kind, "order": order, "order_price": 0.0, "order_from": 2, "order_reason": reason}


def ordered(
    state: Record, rules: Record = PLAIN, market: Record | None = None, **term: object
) -> tuple[OrderKind, float, float]:
    """Kind, quantity and price of what works after a decision at bar 4; the count of working orders agrees."""
    account = account_row(bar=4, working=int(state["order_kind"] != NOTHING))
    order_toward(market_row() if market is None else market, state, term_row(**term), rules, account)
    assert account["working"] == int(state["order_kind"] != NOTHING)
    return OrderKind(state["order_kind"]), float(state["order"]), float(state["order_price"])


@pytest.mark.parametrize("reason", [Reason.STOP, Reason.LIQUIDATION, Reason.DAILY_LOSS, Reason.DRAWDOWN])
@pytest.mark.parametrize("target", [9.0, 0.0, nan])
def test_what_is_left_of_a_protective_exit_goes_on_working(reason: Reason, target: float) -> None:
    state = state_row(quantity=3.0, target=target, **working(-3.0, reason=reason))
    assert ordered(state)[:2] == (MARKET, -3.0)
    assert (state["order_from"], state["order_reason"]) == (2, reason)


@pytest.mark.parametrize(
    ("held", "target", "order"),
    [(0.0, 5.0, 5.0), (2.0, 5.0, 3.0), (5.0, 2.0, -3.0), (5.0, 0.0, -5.0), (2.0, -4.0, -6.0)],
)
def test_a_market_order_goes_all_the_way_to_the_target(held: float, target: float, order: float) -> None:
    state = state_row(quantity=held, target=target, **working(1.0))
    assert ordered(state)[:2] == (MARKET, order)
    assert (state["order_from"], state["order_reason"]) == (5, Reason.ENTRY)


def test_at_the_target_nothing_is_left_to_work() -> None:
    assert ordered(state_row(quantity=5.0, target=5.0, **working(2.0, LIMIT)))[:2] == (NOTHING, 0.0)
    assert ordered(state_row(quantity=5.0, target=5.0, **working(2.0, LIMIT)), RESTING)[:2] == (NOTHING, 0.0)


@pytest.mark.parametrize("order", [2.0, -2.0])
def test_a_change_that_is_not_worth_it_takes_back_an_old_entry(order: float) -> None:
    assert ordered(state_row(quantity=5.0, target=nan, **working(order)))[:2] == (NOTHING, 0.0)


@pytest.mark.parametrize(
    ("held", "order", "left"),
    [
        (0.0, 4.0, 0.0),  # an entry is taken back
        (3.0, 2.0, 0.0),  # so is an addition
        (-3.0, -2.0, 0.0),
        (3.0, -2.0, -2.0),  # a reduction goes on
        (3.0, -3.0, -3.0),
        (3.0, -8.0, -3.0),  # of a flip only the exit
        (-3.0, 8.0, 3.0),
    ],
)
def test_on_a_masked_bar_only_what_increases_is_taken_back(held: float, order: float, left: float) -> None:
    state = state_row(quantity=held, target=nan, **working(order))
    kind, quantity, _ = ordered(state, market=market_row(is_tradable=False))
    assert (kind, quantity) == (MARKET if left else NOTHING, left)
    assert state["order_from"] == 2


@pytest.mark.parametrize(
    ("rules", "target", "order"),
    [
        (RESTING, 5.0, (LIMIT, 3.0, 99.0)),
        (WAITING, 5.0, (STOP, 3.0, 101.0)),
    ],
)
def test_an_addition_rests_where_its_kind_says(
    rules: Record, target: float, order: tuple[OrderKind, float, float]
) -> None:
    assert ordered(state_row(quantity=2.0, target=target), rules) == order
    assert ordered(state_row(quantity=-2.0, target=-target), rules)[1] == -order[1]


@pytest.mark.parametrize("rules", [RESTING, WAITING])
def test_a_reduction_never_rests(rules: Record) -> None:
    assert ordered(state_row(quantity=5.0, target=2.0), rules) == (MARKET, -3.0, 0.0)
    assert ordered(state_row(quantity=-5.0, target=0.0), rules) == (MARKET, 5.0, 0.0)


@pytest.mark.parametrize("rules", [RESTING, WAITING])
def test_a_flip_with_resting_orders_goes_flat_at_market_first(rules: Record) -> None:
    # the other side is larger than what is held, then smaller: either way the exit alone goes out
    assert ordered(state_row(quantity=2.0, target=-6.0), rules) == (MARKET, -2.0, 0.0)
    assert ordered(state_row(quantity=-2.0, target=0.5), rules) == (MARKET, 2.0, 0.0)
    assert ordered(state_row(quantity=0.0, target=-6.0), rules)[:2] == (OrderKind(rules["order_kind"]), -6.0)


@pytest.mark.parametrize(
    ("kind", "change", "price"),
    [("limit", 1.0, 98.5), ("limit", -1.0, 101.0), ("stop", 1.0, 101.0), ("stop", -1.0, 98.5)],
)
def test_a_resting_price_takes_the_next_tick_away_from_the_market(kind: str, change: float, price: float) -> None:
    # 1 % off 99.9 is 98.901 and 100.899, on ticks of half a unit
    rules = rules_from(orders={"type": kind, "offset_bps": 100.0})
    assert resting_price(99.9, change, ticking("0.5"), rules) == price


def test_without_an_offset_a_limit_rests_at_a_close_that_lies_on_the_tick() -> None:
    rules = rules_from(orders={"type": "limit"})
    assert resting_price(0.1 + 0.2, 1.0, ticking("0.1"), rules) == pytest.approx(0.3)
    assert resting_price(0.1 + 0.2, -1.0, ticking("0.1"), rules) == pytest.approx(0.3)


def decided(state: Record, account: Record, rules: Record = PLAIN, **market: float) -> Record:
    """The instrument's state after a whole decision at a close of 100; ``account`` is changed in place."""
    book = table_of(state)
    accounts = table_of(account)
    desk = desk_of(table_of(market_row(**market)), book, table_of(term_row()))._replace(account=accounts)
    decide(desk, rules, None)
    for name in accounts.dtype.names or ():
        account[name] = accounts[0][name]
    return book[0]


def test_a_decision_turns_a_forecast_into_an_order_for_the_next_bar() -> None:
    # half of 1,000 at 100, less the 2 that are held
    account = account_row(bar=4)
    state = decided(state_row(quantity=2.0), account, forecast=0.5)
    assert (state["target"], state["order"], state["order_kind"], state["order_from"]) == (5.0, 3.0, MARKET, 5)
    assert (account["decisions"], account["working"]) == (1, 1)


@pytest.mark.parametrize("lock", [LOCKED_FOR_DAY, HALTED])
@pytest.mark.parametrize(("forecast", "counted"), [(0.5, 1), (-0.5, 1), (0.0, 0), (nan, 0)])
def test_a_locked_decision_only_counts_what_it_keeps_out(lock: int, forecast: float, counted: int) -> None:
    account = account_row(lock=lock)
    state = decided(state_row(target=1.0), account, forecast=forecast)
    assert state["refusals"][Reason.LOCKED] == counted
    assert state["refusals"].sum() == counted
    assert state["order_kind"] == NOTHING
    assert isnan(state["target"])
    assert (account["decisions"], account["working"]) == (1, 0)


def test_a_lock_leaves_exits_standing() -> None:
    exit_ = working(-2.0, reason=Reason.DAILY_LOSS)
    account = account_row(lock=LOCKED_FOR_DAY, working=1)
    state = decided(state_row(quantity=2.0, **exit_), account)
    assert (state["order"], state["order_kind"], account["working"]) == (-2.0, MARKET, 1)


def test_behind_a_lock_volatility_is_followed_and_cool_downs_pass() -> None:
    # one return of 25 % from an anchor of 80, in a range from 78 to 104
    seen = {"anchor": 80.0, "highest": 104.0, "lowest": 78.0, "resting": 3}
    state = decided(state_row(**seen), account_row(lock=HALTED), rules_row(estimates=True))
    assert (state["variance"], state["atr"], state["observed"]) == (0.0625, 26.0, 1)
    assert (state["anchor"], state["resting"]) == (100.0, 2)


def test_a_rest_after_a_stop_ends_with_the_decision_that_brings_it_to_zero() -> None:
    assert decided(state_row(resting=2), account_row())["refusals"][Reason.COOLING_DOWN] == 1
    assert decided(state_row(resting=1), account_row())["order"] == 10.0


def test_a_resting_price_lies_on_the_tick_of_its_own_band() -> None:
    bands = (TickBand(Decimal(0), Decimal("0.1")), TickBand(Decimal(1000), Decimal(1)))
    assert resting_price(999.9, -1.0, term_row(ticks=bands), RESTING) == 1010.0
