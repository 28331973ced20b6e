"""Conditional orders: their lines, their rules, and how long they wait."""

from decimal import Decimal
from typing import Any

import pytest
from tests.support.engine_laws import picture
from tests.support.engine_room import BTC, BUY, SELL, Room, rules_of

from geobuk.domain.order import OrderType, PositionSide, TimeInForce, TriggerSource
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.orders import ConditionalStatus, Status
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.engine.triggers import Prices, TriggerLines
from geobuk.matching.refusals import Refusal, RefusedError

D = Decimal
STOP, TRAIL = OrderType.STOP_MARKET, OrderType.TRAILING_STOP

REFUSED: list[tuple[OrderType, dict[str, Any], Refusal]] = [
    (OrderType.MARKET, {"trigger_price": D(61000)}, Refusal.PARAMETERS),
    (STOP, {}, Refusal.PARAMETERS),
    (STOP, {"trigger_price": D(61000), "price": D(61000)}, Refusal.PARAMETERS),
    (OrderType.STOP_LIMIT, {"trigger_price": D(61000)}, Refusal.PARAMETERS),
    (STOP, {"trigger_price": D(61000), "callback_rate": D("0.01")}, Refusal.PARAMETERS),
    (STOP, {"trigger_price": D(61000), "is_close_position": True}, Refusal.PARAMETERS),
    (STOP, {"trigger_price": D(61000), "position_side": PositionSide.SHORT}, Refusal.POSITION_SIDE),
    (STOP, {"trigger_price": D(61000), "client_order_id": "ü"}, Refusal.PARAMETERS),
    (STOP, {"trigger_price": D(61000), "time_in_force": TimeInForce.GTD}, Refusal.GOOD_TILL_INVALID),
    (TRAIL, {"trigger_price": D(61000), "callback_rate": D("0.01")}, Refusal.PARAMETERS),
    (TRAIL, {"callback_rate": D("0.21")}, Refusal.CALLBACK_RATE),
    (TRAIL, {"callback_rate": D("0.0009")}, Refusal.CALLBACK_RATE),
    (TRAIL, {}, Refusal.CALLBACK_RATE),
    (TRAIL, {"callback_rate": D("0.01"), "activation_price": D(60001)}, Refusal.WOULD_TRIGGER),
    (STOP, {"trigger_price": D("61000.05")}, Refusal.PRICE_DECIMALS),
    (STOP, {"trigger_price": D(2_000_000)}, Refusal.PRICE_TOO_HIGH),
    (STOP, {"trigger_price": D(59000)}, Refusal.WOULD_TRIGGER),
    (STOP, {"trigger_price": D(60000), "trigger_source": TriggerSource.MARK}, Refusal.WOULD_TRIGGER),
    (OrderType.TAKE_PROFIT_MARKET, {"trigger_price": D(61000)}, Refusal.WOULD_TRIGGER),
    (STOP, {"trigger_price": D(61000), "needs_position": True}, Refusal.NO_POSITION_TO_PROTECT),
]


@pytest.mark.parametrize(("kind", "more", "reason"), REFUSED)
def test_a_conditional_order_that_breaks_a_rule_is_refused_and_changes_nothing(
    kind: OrderType, more: dict[str, Any], reason: Refusal
) -> None:
    room = Room()
    room.trade(BUY, "0.1", "60000.1")
    before = picture(room.engine)
    with pytest.raises(RefusedError) as refused:
        room.conditional("a", BUY, kind, 1, **more)
    assert refused.value.reason is reason
    assert picture(room.engine) == before
    assert room.heard() == []


def test_an_account_has_only_so_many_conditional_orders_over_all_instruments() -> None:
    room = Room(spec=EngineSpec(max_conditional_orders=3))
    for _ in range(3):
        room.stop("a", BUY, 1, 61000)
    with pytest.raises(RefusedError) as refused:
        room.stop("a", BUY, 1, 61000)
    assert refused.value.reason is Refusal.TOO_MANY_CONDITIONAL_ORDERS
    room.stop("b", BUY, 1, 61000)


def test_no_margin_is_asked_for_while_an_order_waits() -> None:
    room = Room()
    waiting = room.stop("a", BUY, 100, 61000)
    assert waiting.status is ConditionalStatus.NEW
    assert room.engine.open_orders("a") == room.engine.orders("a") == []


def test_client_ids_are_unique_among_waiting_orders() -> None:
    room = Room()
    room.stop("a", BUY, 1, 61000, client_order_id="s")
    with pytest.raises(RefusedError) as refused:
        room.stop("a", BUY, 1, 61000, client_order_id="s")
    assert refused.value.reason is Refusal.CLIENT_ID_TAKEN
    room.engine.cancel_conditional("a", "s")
    again = room.stop("a", BUY, 1, 61000, client_order_id="s")
    assert room.engine.find_conditional("a", "s").id == again.id
    assert [one.status for one in room.engine.conditionals("a", BTC)] == [
        ConditionalStatus.CANCELED,
        ConditionalStatus.NEW,
    ]


def test_cancelling_what_ended_or_never_was() -> None:
    room = Room()
    waiting = room.stop("a", BUY, 1, 61000)
    assert [one.id for one in room.engine.cancel_all_conditional("a", BTC)] == [waiting.id]
    for key, reason in [(waiting.id, Refusal.ORDER_NOT_OPEN), ("none", Refusal.UNKNOWN_ORDER)]:
        with pytest.raises(RefusedError) as refused:
            room.engine.cancel_conditional("a", key)
        assert refused.value.reason is reason


def test_the_order_it_becomes_is_an_ordinary_one_that_remembers_where_it_came_from() -> None:
    room = Room()
    waiting = room.stop("a", BUY, 1, 60050, client_order_id="s", trigger_source=TriggerSource.MARK)
    room.mark(60050)
    now = room.engine.find_conditional("a", waiting.id)
    assert now.order_id is not None
    order = room.engine.find_order("a", BTC, now.order_id)
    assert (order.client_order_id, order.type, order.original_type) == ("s", OrderType.MARKET, STOP)
    assert (order.trigger_price, order.trigger_source) == (D(60050), TriggerSource.MARK)
    assert (now.status, now.triggered_ns) == (ConditionalStatus.FINISHED, room.engine.at_ns)
    assert order.status is Status.FILLED


def test_one_trigger_may_pull_another() -> None:
    room = Room(is_empty=True)
    room.mark(60000)
    room.book(bids={"59000": 1, "58500": 9}, asks={"60001": 1})
    room.trade(SELL, "0.1", "60000")
    room.stop("a", SELL, "0.9", 59500, client_order_id="first")
    room.stop("b", SELL, "0.5", 58800, client_order_id="second")
    room.limit("a", BUY, "0.2", "59100", client_order_id="x")
    room.heard()
    room.stop("b", SELL, "0.2", 59400, client_order_id="third")
    room.rows((Happening.TRADE, -1, "59499", "0.1"))
    assert room.engine.find_conditional("a", "first").status is ConditionalStatus.FINISHED
    assert room.engine.find_conditional("b", "third").status is ConditionalStatus.FINISHED
    assert room.engine.find_conditional("b", "second").status is ConditionalStatus.FINISHED


def test_a_limit_that_would_take_after_its_trigger_is_rejected_if_it_is_post_only() -> None:
    room = Room()
    room.conditional(
        "a",
        BUY,
        OrderType.STOP_LIMIT,
        1,
        trigger_price=D(60050),
        price=D(60050),
        time_in_force=TimeInForce.GTX,
        client_order_id="s",
        trigger_source=TriggerSource.MARK,
    )
    room.mark(60050)
    rejected = room.engine.find_conditional("a", "s")
    assert (rejected.status, Refusal(rejected.reject_reason)) == (ConditionalStatus.REJECTED, Refusal.WOULD_TAKE)
    assert room.engine.orders("a") == []


def test_a_waiting_order_ends_at_its_good_till_time() -> None:
    room = Room()
    at_ns = room.engine.at_ns + 601 * 10**9
    room.stop("a", BUY, 1, 61000, time_in_force=TimeInForce.GTD, good_till_ns=at_ns)
    assert room.engine.next_due_ns() == at_ns
    room.engine.advance(at_ns)
    assert [one.status for one in room.engine.conditionals("a")] == [ConditionalStatus.EXPIRED]


def test_a_position_that_turns_ends_what_protected_it() -> None:
    room = Room()
    room.market("a", BUY, 1)
    room.stop("a", SELL, 1, 59000, needs_position=True, client_order_id="s")
    room.market("a", SELL, "1.5")
    assert room.engine.find_conditional("a", "s").status is ConditionalStatus.EXPIRED


def test_close_position_orders_of_the_other_kind_or_direction_stand_side_by_side() -> None:
    room = Room()
    room.market("a", BUY, 1)
    room.stop("a", SELL, 0, 59000, is_close_position=True)
    room.conditional("a", SELL, OrderType.TAKE_PROFIT_MARKET, 0, trigger_price=D(61000), is_close_position=True)
    room.stop("a", BUY, 0, 61000, is_close_position=True)
    assert len(room.engine.open_conditionals("a", BTC)) == 3


def test_a_close_position_order_without_a_position_is_rejected_at_its_trigger() -> None:
    room = Room()
    room.stop("a", SELL, 0, 59000, is_close_position=True, client_order_id="s", trigger_source=TriggerSource.MARK)
    room.mark(59000)
    rejected = room.engine.find_conditional("a", "s")
    assert rejected.status is ConditionalStatus.REJECTED


def test_a_buying_trailing_stop_follows_the_price_down() -> None:
    room = Room()
    waiting = room.conditional("a", BUY, TRAIL, 1, callback_rate=D("0.01"), trigger_source=TriggerSource.MARK)
    assert (waiting.is_activated, waiting.extreme) == (True, D(60000))
    room.mark(59000, 59589, "59000.1")
    assert room.engine.find_conditional("a", waiting.id).extreme == D(59000)
    room.mark("59589.9")
    assert room.engine.open_conditionals("a") != []
    room.mark(59590)
    assert room.engine.open_conditionals("a") == []


def test_a_protected_stop_does_not_fire_when_the_price_comes_back_before_the_gap_closes() -> None:
    room = Room(rules_of(trigger_protect=D("0.01")))
    room.trade(SELL, "0.1", "59999.9")
    room.stop("a", SELL, 1, 59000, is_price_protected=True)
    room.trade(SELL, "0.1", "58900")
    assert room.engine.open_conditionals("a") != []
    room.trade(BUY, "0.1", "59400")
    room.mark(59200)
    assert room.engine.open_conditionals("a") != []
    room.trade(SELL, "0.1", "58990")
    assert room.engine.open_conditionals("a") == []


def test_lines_are_found_nearest_first_and_oldest_of_all_reached() -> None:
    room = Room()
    for trigger in (61000, 60500, 60700):
        room.stop("a", BUY, 1, trigger)
    lines: TriggerLines = room.engine._floor.listings[BTC].lines
    assert lines.nearest() == (None, 605_000, None, None)
    assert lines.reached(Prices(604_999, 0)) is None
    found = lines.reached(Prices(610_000, 0))
    assert found is not None
    assert found.trigger == 610_000
    lines.drop(found)
    assert lines.nearest() == (None, 605_000, None, None)
