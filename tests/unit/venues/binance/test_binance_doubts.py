"""What is doubtful ends on the safe side: clocks that are set, batches half told, blocks that a change can't pass."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
import pytest
from tests.support.binance_orders import algo_reply, limits, order_reply, request, state
from tests.support.binance_wire import LOST, QUICK, ScriptedTransport, ok, refused

from geobuk.domain.errors import OrderRefusedError, TradingBlockedError, UnsupportedError, VenueError
from geobuk.domain.order import OrderState, OrderStatus, OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.orders import batch_params, place_params
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.trading import OrderDesk
from geobuk.venues.binance.trading_guard import Block, TradingGuard
from geobuk.venues.binance.transport import Reply
from geobuk.venues.binance.venue import capabilities

T = TypeVar("T")
S = OrderStatus


class VenueClock:
    def now_ns(self) -> int:
        return time.monotonic_ns() + 1_790_000_000_000_000_000


class OurClock(VenueClock):
    """May be set."""

    ahead_ns = 0

    def now_ns(self) -> int:
        return super().now_ns() + self.ahead_ns


class Wire(ScriptedTransport):
    """Our clock is set while an order is on its way."""

    ours: OurClock

    async def send(self, method: str, url: str, headers: Mapping[str, str], timeout_s: float) -> Reply:
        if method in {"POST", "PUT"}:
            self.ours.ahead_ns = 3_600 * 10**9
        return await super().send(method, url, headers, timeout_s)


class Room:
    def __init__(self, wire: ScriptedTransport | None = None) -> None:
        self.clock = OurClock()
        self.wire = wire or ScriptedTransport(clock=VenueClock())
        if isinstance(self.wire, Wire):
            self.wire.ours = self.clock
        spec = replace(QUICK, recv_window_ms=150, settle_margin_ms=50, settle_timeout_s=2.0)
        self.rest = BinanceRest(spec, self.wire, self.clock, ApiCredentials("k", "s"))
        self.known = KnownOrders()
        self.guard = TradingGuard()
        rules = {"BTCUSDT": limits()}
        self.reader = AccountReader(self.rest, self.known, lambda name: rules[name].symbol_param)
        self.desk = OrderDesk(self.rest, self.known, self.reader, self.guard, lambda: rules)

    def run(self, work: Awaitable[T]) -> T:
        async def main() -> T:
            return await work

        return asyncio.run(main())


def test_an_order_is_not_believed_absent_because_our_clock_was_set() -> None:
    room = Room(Wire(clock=VenueClock()))
    room.wire.script("POST order", LOST)
    room.wire.script("GET order", refused(-2013), refused(-2013), ok(order_reply()))
    assert room.run(room.desk.submit(request())).status is S.NEW


def test_a_change_is_not_believed_lost_because_our_clock_was_set() -> None:
    room = Room(Wire(clock=VenueClock()))
    room.known.learn(state())
    room.wire.script("PUT order", LOST)
    changed = order_reply(price="59000.0", updateTime=1_790_000_000_005)
    room.wire.script("GET order", ok(order_reply()), ok(order_reply()), ok(changed))
    found = room.run(room.desk.amend("BTCUSDT", "a-1", Decimal("0.01"), Decimal(59_000)))
    assert found.price == Decimal(59_000)


@pytest.mark.parametrize(
    ("side", "quantity", "price"),
    [(Side.BUY, "0.010", 60_001), (Side.BUY, "0.011", 60_000), (Side.SELL, "0.010", 59_999)],
)
def test_a_block_stops_a_change_that_makes_an_order_larger_or_dearer(side: Side, quantity: str, price: int) -> None:
    room = Room()
    room.known.learn(state(side=side))
    room.guard.block("account", Block("only reducing", "wait"))
    with pytest.raises(TradingBlockedError, match="only reducing"):
        room.run(room.desk.amend("BTCUSDT", "a-1", Decimal(quantity), Decimal(price)))
    assert room.wire.asked == []


@pytest.mark.parametrize(
    ("held", "quantity", "price"),
    [
        (state(), "0.010", 59_999),
        (state(), "0.009", 60_000),
        (state(is_reduce_only=True), "0.020", 70_000),
        (state(side=Side.SELL, position_side=PositionSide.LONG), "0.020", 50_000),
    ],
)
def test_a_block_passes_a_change_that_only_lessens_what_an_order_adds(
    held: OrderState, quantity: str, price: int
) -> None:
    room = Room()
    room.known.learn(held)
    room.guard.block("account", Block("only reducing", "wait"))
    room.wire.script("PUT order", ok(order_reply()))
    room.run(room.desk.amend("BTCUSDT", "a-1", Decimal(quantity), Decimal(price)))


def test_orders_in_the_book_are_cancelled_even_where_the_conditional_ones_can_not_be() -> None:
    room = Room()
    room.wire.script("DELETE algoOpenOrders", refused(-4192))
    room.wire.script("DELETE allOpenOrders", ok({"code": 200, "msg": "done"}))
    with pytest.raises(VenueError, match="-4192"):
        room.run(room.desk.cancel_all("BTCUSDT"))
    assert len(room.wire.calls("DELETE allOpenOrders")) == 1


@pytest.mark.parametrize(
    "reply", [Reply(200, b"<html>"), Reply(200, b"{}"), ok([]), ok([{"strange": 1}]), ok([{"code": -1999, "msg": "?"}])]
)
def test_what_a_batchs_reply_leaves_open_is_asked_for(reply: Reply) -> None:
    room = Room()
    room.wire.script("POST batchOrders", reply)
    room.wire.script("GET order", ok(order_reply("a")), refused(-2013))
    first, second = room.run(room.desk.submit_batch([request("a"), request("b")]))
    assert isinstance(first, OrderState)
    assert isinstance(second, OrderRefusedError)
    assert "never arrived" in str(second)


def test_an_unreadable_element_of_a_batch_keeps_nothing_from_the_others() -> None:
    room = Room()
    room.wire.script("POST batchOrders", ok([{"strange": 1}, order_reply("b")]))
    room.wire.script("GET order", refused(-2013))
    first, second = room.run(room.desk.submit_batch([request("a"), request("b")]))
    assert isinstance(first, OrderRefusedError)
    assert isinstance(second, OrderState)


def test_a_batch_names_instruments_as_they_are_and_encodes_once() -> None:
    rules = limits(symbol="币安人生USDT")
    text = batch_params([place_params(request(instrument=rules.instrument), rules, 0)])
    ((name, orders),) = parse_qsl(text)
    assert name == "batchOrders"
    assert msgspec.json.decode(orders)[0]["symbol"] == "币安人生USDT"


@pytest.mark.parametrize(
    ("market_step", "step", "quantity", "sent"),
    [("0", "0.001", "1.2345", "1.2345"), ("0.1", "1", "1.5", "1.5"), ("0.001", "0.001", "1.2", "1.200")],
)
def test_an_amount_is_never_rounded_on_its_way(market_step: str, step: str, quantity: str, sent: str) -> None:
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0", "maxPrice": "0", "tickSize": "0"},
        {"filterType": "LOT_SIZE", "minQty": "0", "maxQty": "0", "stepSize": step},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0", "maxQty": "0", "stepSize": market_step},
    ]
    market = request(type=OrderType.MARKET, price=None, quantity=Decimal(quantity))
    assert f"&quantity={sent}&" in place_params(market, limits(filters=filters), 0)
    limit = request(price=Decimal("0.75"), quantity=Decimal(1))
    assert "&price=0.75&" in place_params(limit, limits(filters=filters), 0)


def test_a_stop_that_ends_at_a_time_says_so() -> None:
    till = 1_790_000_000_000_000_000
    timed = {"price": None, "time_in_force": TimeInForce.GTD, "good_till_ns": till}
    stop = request(type=OrderType.STOP_MARKET, stop_price=Decimal(58_000), side=Side.SELL, **timed)
    assert "&timeInForce=GTD&goodTillDate=1790000000000&" in place_params(stop, limits(), 0)
    with pytest.raises(OrderRefusedError, match="takes no good-till time"):
        place_params(request(type=OrderType.MARKET, **timed), limits(), 0)


def test_trading_with_oneself_is_neither_promised_nor_sent() -> None:
    room = Room()
    assert SelfTradePrevention.NONE not in capabilities().self_trade_prevention
    with pytest.raises(UnsupportedError, match="trade with itself"):
        room.run(room.desk.submit(request(self_trade_prevention=SelfTradePrevention.NONE)))
    assert room.wire.asked == []


def test_an_order_that_triggers_while_open_orders_are_asked_for_is_in_one_of_the_lists() -> None:
    class Triggering(ScriptedTransport):
        """It triggers as soon as one list was read."""

        has_triggered = False

        async def send(self, method: str, url: str, headers: Mapping[str, str], timeout_s: float) -> Reply:
            is_waiting_list = "openAlgoOrders" in url
            if is_waiting_list:
                await asyncio.sleep(0.01)  # the slower of the two
            rows: list[Any] = [] if is_waiting_list == self.has_triggered else [self._row(is_waiting_list)]
            self.has_triggered = True
            return ok(rows)

        def _row(self, is_waiting: bool) -> dict[str, Any]:
            return algo_reply() if is_waiting else order_reply("s-1")

    room = Room(Triggering())
    (found,) = room.run(room.reader.open_orders("BTCUSDT"))
    assert found.client_order_id == "s-1"
