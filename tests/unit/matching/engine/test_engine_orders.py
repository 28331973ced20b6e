"""Orders as they live: history, views, changes, and what the listener is told meanwhile."""

from decimal import Decimal

import pytest
from tests.support.engine_laws import picture
from tests.support.engine_room import BTC, BUY, ETH, SELL, START_NS, Room, limit_order, rules_of

from geobuk.domain.order import OrderType, SelfTradePrevention, TimeInForce
from geobuk.matching.book.book import QueueModel
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import ExpireReason, Status
from geobuk.matching.engine.reports import OrderReport, Report
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.market_rules import TradingStatus
from geobuk.matching.refusals import Refusal, RefusedError

D = Decimal


def test_history_keeps_every_order_in_the_order_of_its_number() -> None:
    room = Room(rules_of(), rules_of(ETH), spec=EngineSpec(first_order_id=700))
    first = room.limit("a", BUY, 1, "59000")
    second = room.limit("a", BUY, 1, "59001")
    room.engine.cancel("a", BTC, first.id)
    assert [first.id, second.id] == [700, 701]
    assert [order.id for order in room.engine.orders("a", BTC)] == [700, 701]
    assert [order.id for order in room.engine.orders("a")] == [700, 701]
    assert room.engine.orders("a", ETH) == room.engine.orders("b") == []
    assert [order.id for order in room.engine.open_orders("a")] == [701]
    assert room.engine.find_order("a", BTC, 700).status is Status.CANCELED
    with pytest.raises(RefusedError) as refused:
        room.engine.find_order("a", ETH, 700)
    assert refused.value.reason is Refusal.UNKNOWN_ORDER
    with pytest.raises(RefusedError):
        room.engine.find_order("b", BTC, 700)


def test_a_view_never_changes() -> None:
    room = Room()
    order = room.limit("a", BUY, 1, "60000")
    room.trade(SELL, "0.25", "60000")
    assert (order.status, order.filled, order.average_price) == (Status.NEW, 0, None)
    now = room.engine.find_order("a", BTC, order.id)
    assert (now.status, now.filled, now.quote_filled) == (Status.PARTIALLY_FILLED, D("0.25"), D(15000))
    assert (now.average_price, now.created_ns, now.price) == (D(60000), order.created_ns, D(60000))
    assert now.updated_ns > order.updated_ns


def test_cancel_all_leaves_other_instruments_and_conditional_orders() -> None:
    room = Room(rules_of(), rules_of(ETH))
    room.mark(3000, instrument=ETH)
    kept = room.limit("a", BUY, 1, "2900", instrument=ETH)
    room.stop("a", BUY, 1, 61000)
    gone = [room.limit("a", BUY, 1, "59000").id, room.limit("a", BUY, 1, "59001").id]
    assert [order.id for order in room.engine.cancel_all("a", BTC)] == gone
    assert [order.id for order in room.engine.open_orders("a")] == [kept.id]
    assert len(room.engine.open_conditionals("a")) == 1
    assert room.engine.cancel_all("a", BTC) == []


def test_executions_are_kept_by_account_and_instrument() -> None:
    room = Room()
    maker = room.limit("a", BUY, 1, "60000")
    taker = room.limit("b", SELL, 1, "60000")
    (of_a,) = room.engine.executions("a", BTC)
    (of_b,) = room.engine.executions("b")
    assert (of_a.order_id, of_a.is_maker, of_a.fee, of_a.side) == (maker.id, True, D(12), BUY)
    assert (of_b.order_id, of_b.is_maker, of_b.fee, of_b.side) == (taker.id, False, D(30), SELL)
    assert of_a.trade_id == of_b.trade_id
    assert room.engine.executions("a", ETH) == []


CHANGES = [
    ({"price": D(0)}, Refusal.PRICE_NOT_POSITIVE),
    ({"price": D("59000.01")}, Refusal.PRICE_DECIMALS),
    ({"price": D(70000)}, Refusal.PRICE_ABOVE_BAND),
    ({"quantity": D(0)}, Refusal.QUANTITY_NOT_POSITIVE),
    ({"quantity": D("0.0005")}, Refusal.QUANTITY_DECIMALS),
    ({"quantity": D(50)}, Refusal.MARGIN),
    ({"price": D(40000), "quantity": D("0.001")}, Refusal.NOTIONAL_TOO_SMALL),
    ({}, Refusal.NOTHING_TO_CHANGE),
    ({"price": D(58000), "is_reduce_only": True}, Refusal.NOT_REDUCE_ONLY),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_refused_change_leaves_the_order_as_it_was(change: dict[str, Decimal], reason: Refusal) -> None:
    room = Room()
    order = room.limit("a", BUY, 1, "59000")
    before = picture(room.engine)
    more = {"quantity": D(1), "price": D(59000), **change}
    with pytest.raises(RefusedError) as refused:
        room.engine.modify("a", BTC, order.id, **more)  # type: ignore[arg-type]
    assert refused.value.reason is reason
    assert picture(room.engine) == before


def test_only_limit_orders_can_be_changed_and_only_so_often() -> None:
    room = Room(spec=EngineSpec(max_changes=2))
    room.limit("a", BUY, 1, "59000", client_order_id="x")
    room.engine.modify("a", BTC, "x", D(1), D(59001))
    changed = room.engine.modify("a", BTC, "x", D(2), D(59001))
    assert (changed.changes, changed.quantity, changed.self_trade_prevention) == (2, 2, SelfTradePrevention.NONE)
    with pytest.raises(RefusedError) as refused:
        room.engine.modify("a", BTC, "x", D(1), D(59001))
    assert refused.value.reason is Refusal.TOO_MANY_CHANGES


def test_a_changed_order_needs_margin_for_its_own_difference_only() -> None:
    room = Room()
    room.limit("a", BUY, 30, "60000", client_order_id="x")
    with pytest.raises(RefusedError):
        room.limit("a", BUY, 30, "60000")
    assert room.engine.modify("a", BTC, "x", D(31), D(60000)).quantity == 31


def test_a_listener_that_fails_corrupts_nothing_and_its_error_comes_back() -> None:
    heard: list[Report] = []

    def listen(report: Report) -> None:
        heard.append(report)
        raise RuntimeError(f"report {len(heard)}")

    engine = MatchingEngine([rules_of()], EngineSpec(), at_ns=START_NS, listener=listen)
    engine.open_account("a", {"USDT": D(1000)}, AccountSpec())
    with pytest.raises(RuntimeError, match="report 1"):
        engine.submit("a", limit_order(BUY, "0.1", "59000"))
    (order,) = engine.open_orders("a")
    with pytest.raises(RuntimeError, match="report 2"):
        engine.cancel("a", BTC, order.id)
    assert len(heard) == 2
    assert engine.depth(BTC, 10).bids == []


def test_a_listener_may_trade_and_hears_of_it_in_order() -> None:
    room = Room()
    lines: list[str] = []

    def listen(report: Report) -> None:
        if not isinstance(report, OrderReport):
            return
        lines.append(f"{report.order.client_order_id} {report.type}")
        if report.order.client_order_id == "x" and report.order.status is Status.FILLED:
            room.engine.submit("a", limit_order(SELL, 1, "60100", client_order_id="exit", is_reduce_only=True))

    room.engine._floor.outbox._listener = listen
    room.limit("a", BUY, 1, "60000", client_order_id="x")
    room.trade(SELL, 1, "60000")
    assert lines == ["x NEW", "x TRADE", "exit NEW"]
    assert room.engine.open_orders("a")[0].client_order_id == "exit"


def test_prints_are_reported_on_request_and_counted_on_from_the_markets_own_numbers() -> None:
    room = Room()
    room.engine.reports_trades = True
    room.limit("a", BUY, "0.4", "60000", client_order_id="x")
    room.rows((Happening.TRADE, 1, "60000.1", "0.1"), (Happening.TRADE, -1, "60000", 1), first_id=9000)
    room.market("b", BUY, "0.2")
    assert [line for line in room.heard() if line.startswith("trade")] == [
        "trade 9000 BUY 0.1@60000.1",
        "trade 9001 SELL 0.4@60000",
        "trade 9002 SELL 0.6@60000",
        "trade 9003 BUY 0.2@60000.1",
    ]
    assert [fill.trade_id for fill in room.engine.executions("a")] == [9001]


def test_a_print_through_several_orders_fills_the_best_first_at_their_own_prices() -> None:
    room = Room()
    room.limit("a", BUY, 1, "60000", client_order_id="low")
    room.limit("b", BUY, 1, "60000.0", client_order_id="late")
    room.limit("a", SELL, 1, "60000.1", client_order_id="ask")
    room.heard()
    room.trade(SELL, "1.5", "59999.9")
    told = [line for line in room.heard() if "TRADE" in line]
    assert told == [
        "a TRADE low FILLED 1/1 1@60000 maker #1",
        "b TRADE late PARTIALLY_FILLED 0.5/1 0.5@60000 maker #2",
    ]


@pytest.mark.parametrize(
    ("model", "filled"),
    [(QueueModel.CANCELS_BEHIND, 0), (QueueModel.CANCELS_AHEAD, 1)],
)
def test_the_queue_model_decides_whose_quantity_others_cancel(model: QueueModel, filled: int) -> None:
    room = Room(spec=EngineSpec(queue_model=model))
    room.limit("a", BUY, 1, "59999.9")
    room.book(bids={"59999.9": 9})
    room.book(bids={"59999.9": 4})
    room.trade(SELL, 2, "59999.9")
    assert room.held("a") == filled


def test_a_level_that_crosses_our_order_fills_it() -> None:
    room = Room()
    room.limit("a", BUY, 1, "60000")
    room.book(asks={"60000": "0.3"})
    (fill,) = room.engine.executions("a")
    assert (fill.quantity, fill.price, fill.is_maker) == (D("0.3"), D(60000), True)


def test_a_market_that_settles_ends_its_orders() -> None:
    room = Room()
    order = room.limit("a", BUY, 1, "59000")
    room.stop("a", BUY, 1, 61000)
    room.engine.set_rules(rules_of(status=TradingStatus.SETTLING))
    ended = room.engine.find_order("a", BTC, order.id)
    assert (ended.status, ended.expire_reason) == (Status.EXPIRED, ExpireReason.DELISTED)
    assert room.engine.open_conditionals("a") == []


def test_fill_or_kill_may_meet_orders_of_its_own_account() -> None:
    room = Room()
    room.limit("a", SELL, 1, "60000")
    order = room.limit("a", BUY, "1.5", "60000.1", time_in_force=TimeInForce.FOK)
    assert order.status is Status.FILLED
    assert room.held("a") == D("0.5")


def test_an_order_without_prevention_trades_with_its_own_account() -> None:
    room = Room()
    room.limit("a", SELL, 1, "60000")
    order = room.limit("a", BUY, 1, "60000", self_trade_prevention=SelfTradePrevention.NONE)
    assert order.status is Status.FILLED
    assert room.held("a") == 0
    assert order.type is order.original_type is OrderType.LIMIT
