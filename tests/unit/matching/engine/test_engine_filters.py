"""What an order must look like: one refusal a rule, in the order in which the venue looks."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.support.engine_laws import picture
from tests.support.engine_room import BTC, BUY, SELL, START_NS, Room, limit_order, rules_of

from geobuk.domain.instrument import TickBand
from geobuk.domain.order import OrderType, PositionSide, TimeInForce
from geobuk.matching.engine.orders import NewOrder
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.market_rules import TradingStatus
from geobuk.matching.refusals import Refusal, RefusedError

D = Decimal


@pytest.fixture(scope="module")
def room() -> Room:
    return Room()


def market(quantity: Any, **more: Any) -> NewOrder:
    return NewOrder(BTC, BUY, OrderType.MARKET, D(str(quantity)), **more)


REFUSED = [
    (replace(limit_order(BUY, 1, 60000), instrument="XUSDT"), Refusal.UNKNOWN_INSTRUMENT),
    (replace(limit_order(BUY, 1, 60000), price=None), Refusal.PARAMETERS),
    (replace(market(1), price=D(60000)), Refusal.PARAMETERS),
    (replace(market(1), type=OrderType.STOP_MARKET), Refusal.PARAMETERS),
    (limit_order(BUY, 1, 60000, time_in_force=TimeInForce.DAY), Refusal.PARAMETERS),
    (limit_order(BUY, 1, 60000, client_order_id="with space"), Refusal.PARAMETERS),
    (limit_order(BUY, 1, 60000, client_order_id="x" * 37), Refusal.PARAMETERS),
    (limit_order(BUY, 1, 60000, position_side=PositionSide.LONG), Refusal.POSITION_SIDE),
    (limit_order(BUY, 1, 60000, time_in_force=TimeInForce.GTD), Refusal.GOOD_TILL_INVALID),
    (
        limit_order(BUY, 1, 60000, time_in_force=TimeInForce.GTD, good_till_ns=START_NS + 600 * 10**9),
        Refusal.GOOD_TILL_INVALID,
    ),
    (limit_order(BUY, 1, "60000.01"), Refusal.PRICE_DECIMALS),
    (limit_order(BUY, "0.0001", 60000), Refusal.QUANTITY_DECIMALS),
    (limit_order(BUY, 1, "-0.1"), Refusal.PRICE_NOT_POSITIVE),
    (limit_order(BUY, 1, 0), Refusal.PRICE_NOT_POSITIVE),
    (limit_order(BUY, 1, "1000000.1"), Refusal.PRICE_TOO_HIGH),
    (limit_order(BUY, 0, 60000), Refusal.QUANTITY_NOT_POSITIVE),
    (limit_order(BUY, "1000.001", 60000), Refusal.QUANTITY_TOO_LARGE),
    (market("120.001"), Refusal.QUANTITY_TOO_LARGE),
    (limit_order(BUY, 1, "63000.1"), Refusal.PRICE_ABOVE_BAND),
    (limit_order(SELL, 1, "56999.9"), Refusal.PRICE_BELOW_BAND),
    (limit_order(BUY, "0.001", "49999.9"), Refusal.NOTIONAL_TOO_SMALL),
    (limit_order(BUY, 1, 60000, is_reduce_only=True), Refusal.REDUCE_ONLY),
    (limit_order(BUY, 40, 60000), Refusal.MARGIN),
    (limit_order(BUY, 200, 60000), Refusal.MAX_POSITION),
    (limit_order(BUY, 1, "60000.1", time_in_force=TimeInForce.GTX), Refusal.WOULD_TAKE),
    (limit_order(BUY, 6, "60000.1", time_in_force=TimeInForce.FOK), Refusal.WOULD_NOT_FILL),
]


@pytest.mark.parametrize(("order", "reason"), REFUSED)
def test_an_order_that_breaks_a_rule_is_refused_and_changes_nothing(
    room: Room, order: NewOrder, reason: Refusal
) -> None:
    before = picture(room.engine)
    for request in (room.engine.submit, room.engine.test):
        with pytest.raises(RefusedError) as refused:
            request("a", order)
        assert refused.value.reason is reason
    assert picture(room.engine) == before
    assert room.heard()[-1:] == []


def test_the_band_is_one_sided() -> None:
    room = Room()
    room.limit("a", BUY, 1, "56000")
    room.limit("a", SELL, 1, "64000")
    assert len(room.engine.open_orders("a")) == 2


def test_a_price_off_the_tick_and_a_quantity_off_the_step_are_told_apart_from_decimals() -> None:
    room = Room(
        rules_of(ticks=(TickBand(D(0), D("0.5")),), min_price=D("0.5"), step=D("0.002"), min_quantity=D("0.002"))
    )
    for order, reason in [
        (limit_order(BUY, 1, "60000.1"), Refusal.PRICE_OFF_TICK),
        (limit_order(BUY, "0.003", "60000"), Refusal.QUANTITY_OFF_STEP),
        (limit_order(BUY, "0.001", "60000"), Refusal.QUANTITY_TOO_SMALL),
        (limit_order(BUY, 1, "0.4"), Refusal.PRICE_TOO_LOW),
    ]:
        with pytest.raises(RefusedError) as refused:
            room.engine.submit("a", order)
        assert refused.value.reason is reason


def test_a_reduce_only_order_need_not_reach_the_least_notional() -> None:
    room = Room()
    room.market("a", BUY, 1)
    assert room.limit("a", SELL, "0.001", "60001", is_reduce_only=True).quantity == D("0.001")


def test_the_notional_of_a_market_order_is_taken_at_the_mark() -> None:
    room = Room(rules_of(min_notional=D(60)))
    room.mark("59999.9")
    with pytest.raises(RefusedError) as refused:
        room.market("a", BUY, "0.001")
    assert (refused.value.reason, refused.value.limit) == (Refusal.NOTIONAL_TOO_SMALL, "60")
    room.mark(60000)
    room.market("a", BUY, "0.001")


@pytest.mark.parametrize(
    ("status", "on_submit", "on_cancel"),
    [
        (TradingStatus.CANCEL_ONLY, Refusal.CANCEL_ONLY, None),
        (TradingStatus.HALTED, Refusal.NOT_TRADING, Refusal.NOT_TRADING),
    ],
)
def test_a_market_that_does_not_trade_takes_no_orders(
    status: TradingStatus, on_submit: Refusal, on_cancel: Refusal | None
) -> None:
    room = Room()
    order = room.limit("a", BUY, 1, "59000")
    room.engine.set_rules(rules_of(status=status))
    with pytest.raises(RefusedError) as refused:
        room.limit("a", BUY, 1, "59000")
    assert refused.value.reason is on_submit
    with pytest.raises(RefusedError) as refused:
        room.engine.modify("a", BTC, order.id, D(1), D(58000))
    assert refused.value.reason is on_submit
    if on_cancel is None:
        room.engine.cancel("a", BTC, order.id)
        return
    with pytest.raises(RefusedError) as refused:
        room.engine.cancel("a", BTC, order.id)
    assert refused.value.reason is on_cancel


def test_no_more_orders_than_the_rules_allow() -> None:
    room = Room(rules_of(max_orders=2))
    room.limit("a", BUY, 1, "59000")
    room.limit("a", BUY, 1, "59000")
    with pytest.raises(RefusedError) as refused:
        room.limit("a", BUY, 1, "59000")
    assert refused.value.reason is Refusal.TOO_MANY_ORDERS
    room.limit("b", BUY, 1, "59000")


def test_a_market_order_into_nothing_is_refused() -> None:
    room = Room(is_empty=True)
    for price in (None, 60000):
        if price:
            room.mark(price)
        with pytest.raises(RefusedError) as refused:
            room.market("a", BUY, 1)
        assert refused.value.reason is Refusal.NO_LIQUIDITY


def test_a_market_order_is_refused_where_the_best_price_is_outside_the_band() -> None:
    room = Room(is_empty=True)
    room.mark(60000)
    room.book(bids={"56999.9": 5}, asks={"63000.1": 5})
    for side in (BUY, SELL):
        with pytest.raises(RefusedError) as refused:
            room.market("a", side, 1)
        assert refused.value.reason is Refusal.MARKET_PRICE_BAND


def test_a_market_order_must_be_affordable_a_little_above_the_best_ask() -> None:
    room = Room(accounts={"a": AccountSpec(default_leverage=1)})
    with pytest.raises(RefusedError) as refused:
        room.market("a", BUY, "1.667")
    assert refused.value.reason is Refusal.MARGIN
    room.market("a", BUY, "1.66")


def test_client_ids_are_unique_among_open_orders_only() -> None:
    room = Room()
    first = room.limit("a", BUY, 1, "59000", client_order_id="x")
    room.limit("b", BUY, 1, "59000", client_order_id="x")
    with pytest.raises(RefusedError) as refused:
        room.limit("a", BUY, 1, "59000", client_order_id="x")
    assert refused.value.reason is Refusal.CLIENT_ID_TAKEN
    room.engine.cancel("a", BTC, "x")
    second = room.limit("a", BUY, 1, "59000", client_order_id="x")
    assert room.engine.find_order("a", BTC, "x").id == second.id != first.id
    assert room.engine.find_order("a", BTC, first.id).id == first.id


def test_client_ids_that_the_engine_makes_have_22_letters_and_follow_the_seed() -> None:
    made = [Room().limit("a", BUY, 1, "59000").client_order_id for _ in range(2)]
    assert made[0] == made[1]
    assert len(made[0]) == 22
    assert made[0].isalnum()
