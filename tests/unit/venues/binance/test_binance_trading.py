"""Orders over a wire that loses things: every call ends in knowledge or says that nobody knows."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from tests.support.binance_orders import algo_reply, limits, order_reply, request, state
from tests.support.binance_wire import LOST, QUICK, UNSENT, ScriptedTransport, ok, refused
from tests.support.clocks import START_NS
from tests.support.virtual_time import VirtualLoop

from geobuk.domain.errors import NetworkError, OrderRefusedError, OutcomeUnknownError, TradingBlockedError
from geobuk.domain.order import OrderState, OrderStatus, OrderType, Side
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.trading import OrderDesk
from geobuk.venues.binance.trading_guard import Block, TradingGuard
from geobuk.venues.binance.transport import Reply

T = TypeVar("T")
UNKNOWN_503 = refused(0, "Unknown error, please check your request or try again later.", 503)
S = OrderStatus


class LoopClock:
    """The virtual time of the running loop, after that of the loops before it."""

    def __init__(self) -> None:
        self.before_s = 0.0

    def now_ns(self) -> int:
        return START_NS + round((self.before_s + asyncio.get_running_loop().time()) * 1e9)


class Room:
    def __init__(self) -> None:
        self.clock = LoopClock()
        self.wire = ScriptedTransport(clock=self.clock)
        self.rest = BinanceRest(QUICK, self.wire, self.clock, ApiCredentials("k", "s"))
        self.known = KnownOrders()
        self.guard = TradingGuard()
        rules = {"BTCUSDT": limits()}
        reader = AccountReader(self.rest, self.known, lambda name: rules[name].symbol_param)
        self.desk = OrderDesk(self.rest, self.known, reader, self.guard, lambda: rules)

    def run(self, work: Awaitable[T]) -> T:
        async def main() -> T:
            return await work

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            try:
                return runner.run(main())
            finally:
                self.clock.before_s += runner.get_loop().time()

    def count(self, call: str) -> int:
        return len(self.wire.calls(call))


def stop(key: str = "s-1") -> Any:
    return request(key, type=OrderType.STOP_MARKET, price=None, stop_price=Decimal(58_000), side=Side.SELL)


def test_an_accepted_order_is_returned_as_the_venue_tells_it() -> None:
    room = Room()
    room.wire.script("POST order", ok(order_reply()))
    placed = room.run(room.desk.submit(request()))
    assert (placed.status, placed.venue_order_id, placed.price) == (S.NEW, "7", Decimal(60_000))
    assert room.known.get("BTCUSDT", "a-1") == placed


def test_a_refused_order_names_the_rule_and_frees_its_id() -> None:
    room = Room()
    room.wire.script("POST order", refused(-2019, "Margin is insufficient."), ok(order_reply()))
    with pytest.raises(OrderRefusedError, match="Margin is insufficient") as caught:
        room.run(room.desk.submit(request()))
    assert caught.value.code == -2019
    assert room.run(room.desk.submit(request())).status is S.NEW


def test_the_same_id_is_not_sent_twice() -> None:
    room = Room()
    room.wire.script("POST order", ok(order_reply()))
    room.run(room.desk.submit(request()))
    with pytest.raises(OrderRefusedError, match="was sent before"):
        room.run(room.desk.submit(request()))
    assert room.count("POST order") == 1


def test_two_submits_of_one_id_at_the_same_time_send_one_order() -> None:
    room = Room()
    room.wire.script("POST order", ok(order_reply()))

    async def both() -> list[Any]:
        return await asyncio.gather(room.desk.submit(request()), room.desk.submit(request()), return_exceptions=True)

    outcomes = room.run(both())
    assert sorted(type(one).__name__ for one in outcomes) == ["OrderRefusedError", "OrderState"]
    assert room.count("POST order") == 1


@pytest.mark.parametrize("answer", [LOST, UNKNOWN_503, refused(-1007, status=408), refused(-1006), Reply(502, b"")])
def test_an_order_of_unknown_outcome_that_arrived_is_found_once_the_venue_shows_it(answer: Any) -> None:
    room = Room()
    room.wire.script("POST order", answer)
    room.wire.script("GET order", refused(-2013), ok(order_reply(status="FILLED", executedQty="0.010")))
    placed = room.run(room.desk.submit(request()))
    assert placed.status is S.FILLED
    assert room.count("POST order") == 1
    assert room.wire.calls("GET order")[0].params["origClientOrderId"] == "a-1"


def test_an_order_that_never_arrived_may_be_sent_again_with_its_id() -> None:
    room = Room()
    room.wire.script("POST order", UNKNOWN_503, ok(order_reply()))
    room.wire.script("GET order", refused(-2013))
    with pytest.raises(OrderRefusedError, match="never arrived") as caught:
        room.run(room.desk.submit(request()))
    assert room.clock.before_s >= (QUICK.recv_window_ms + QUICK.settle_margin_ms) / 1000
    assert caught.value.code == -2013
    assert room.run(room.desk.submit(request())).status is S.NEW


def test_an_order_is_believed_absent_only_after_its_window_has_passed() -> None:
    room = Room()
    room.wire.script("POST order", LOST)
    room.wire.script("GET order", *[refused(-2013)] * 2, ok(order_reply()))
    assert room.run(room.desk.submit(request())).status is S.NEW
    assert room.count("GET order") == 3


def test_an_outcome_that_nobody_tells_is_unknown_and_keeps_its_id() -> None:
    room = Room()
    room.wire.script("POST order", LOST)
    room.wire.script("GET order", UNSENT)
    with pytest.raises(OutcomeUnknownError, match="its outcome is unknown"):
        room.run(room.desk.submit(request()))
    with pytest.raises(OrderRefusedError, match="was sent before"):
        room.run(room.desk.submit(request()))


def test_the_stream_settles_an_unknown_outcome() -> None:
    room = Room()
    room.wire.script("POST order", LOST)
    room.wire.script("GET order", UNSENT)

    async def hear() -> OrderState:
        sent = asyncio.create_task(room.desk.submit(request()))
        while not room.count("GET order"):
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        room.known.tell(state(S.FILLED, "0.010"))
        return await sent

    assert room.run(hear()).status is S.FILLED


def test_the_stream_was_quicker_than_the_lost_reply() -> None:
    room = Room()

    async def lose(*_: object) -> Reply:
        room.known.tell(state(S.FILLED, "0.010", at_ms=room.rest.venue_ms()))
        raise LOST

    room.wire.send = lose  # type: ignore[method-assign]
    assert room.run(room.desk.submit(request())).status is S.FILLED


def test_an_id_that_the_venue_knows_already_means_that_an_earlier_attempt_lives() -> None:
    room = Room()
    room.wire.script("POST order", refused(-4116, "clientOrderId is duplicated"))
    room.wire.script("GET order", ok(order_reply()))
    assert room.run(room.desk.submit(request())).status is S.NEW
    assert room.count("POST order") == 1


def test_a_reply_that_cannot_be_read_is_no_refusal() -> None:
    room = Room()
    room.wire.script("POST order", ok({"surprise": 1}))
    room.wire.script("GET order", ok(order_reply()))
    assert room.run(room.desk.submit(request())).status is S.NEW


def test_a_venue_that_cannot_be_reached_got_nothing() -> None:
    room = Room()
    room.wire.script("POST order", UNSENT)
    with pytest.raises(NetworkError, match="not connected"):
        room.run(room.desk.submit(request()))
    room.wire.script("POST order", ok(order_reply()))
    assert room.run(room.desk.submit(request())).status is S.NEW


def test_a_stop_goes_to_the_conditional_orders_and_waits() -> None:
    room = Room()
    room.wire.script("POST algoOrder", ok(algo_reply()))
    placed = room.run(room.desk.submit(stop()))
    assert (placed.status, placed.type, placed.stop_price) == (S.WAITING, OrderType.STOP_MARKET, Decimal(58_000))


def test_a_stop_of_unknown_outcome_is_looked_for_among_the_open_ones_first() -> None:
    room = Room()
    room.wire.script("POST algoOrder", LOST)
    room.wire.script("GET openAlgoOrders", ok([algo_reply("other"), algo_reply()]))
    assert room.run(room.desk.submit(stop())).client_order_id == "s-1"
    assert room.count("GET algoOrder") == 0


def test_a_stop_of_unknown_outcome_that_already_became_an_order_is_found() -> None:
    room = Room()
    room.wire.script("POST algoOrder", LOST)
    room.wire.script("GET openAlgoOrders", ok([]))
    room.wire.script("GET algoOrder", refused(-2013))
    room.wire.script("GET allAlgoOrders", ok([algo_reply(algoStatus="FINISHED", actualOrderId="7")]))
    room.wire.script("GET order", ok(order_reply("s-1", type="MARKET", status="FILLED", executedQty="0.010")))
    assert room.run(room.desk.submit(stop())).status is S.FILLED


def test_a_cancel_returns_the_ended_order() -> None:
    room = Room()
    room.wire.script("DELETE order", ok(order_reply(status="CANCELED", executedQty="0.004")))
    ended = room.run(room.desk.cancel("BTCUSDT", "a-1"))
    assert (ended.status, ended.filled) == (S.CANCELED, Decimal("0.004"))


def test_a_cancel_of_a_waiting_stop_goes_to_the_conditional_orders() -> None:
    room = Room()
    room.wire.script("POST algoOrder", ok(algo_reply()))
    room.wire.script("DELETE algoOrder", ok({"algoId": 1, "clientAlgoId": "s-1", "code": "200", "msg": "success"}))
    room.run(room.desk.submit(stop()))
    assert room.run(room.desk.cancel("BTCUSDT", "s-1")).status is S.CANCELED
    assert room.count("DELETE order") == 0


def test_a_cancel_of_a_stop_that_was_just_triggered_finds_its_order() -> None:
    room = Room()
    room.wire.script("POST algoOrder", ok(algo_reply()))
    room.wire.script("DELETE algoOrder", refused(-2011))
    room.wire.script("DELETE order", ok(order_reply("s-1", status="CANCELED")))
    room.run(room.desk.submit(stop()))
    assert room.run(room.desk.cancel("BTCUSDT", "s-1")).status is S.CANCELED


def test_a_cancel_that_comes_too_late_says_what_became_of_the_order() -> None:
    room = Room()
    room.wire.script("DELETE order", refused(-2011, "Unknown order sent."))
    room.wire.script("DELETE algoOrder", refused(-2013))
    room.wire.script("GET order", ok(order_reply(status="FILLED", executedQty="0.010")))
    with pytest.raises(OrderRefusedError, match=r"can't be cancelled: it is filled, 0.010 filled") as caught:
        room.run(room.desk.cancel("BTCUSDT", "a-1"))
    assert caught.value.code == -2011


@pytest.mark.parametrize("answer", [LOST, UNKNOWN_503])
def test_a_cancel_of_unknown_outcome_is_repeated_while_the_order_is_open(answer: Any) -> None:
    room = Room()
    room.wire.script("DELETE order", answer, ok(order_reply(status="CANCELED")))
    room.wire.script("GET order", ok(order_reply()))
    assert room.run(room.desk.cancel("BTCUSDT", "a-1")).status is S.CANCELED


def test_a_cancel_of_unknown_outcome_that_worked_is_not_repeated() -> None:
    room = Room()
    room.wire.script("DELETE order", LOST)
    room.wire.script("GET order", ok(order_reply(status="CANCELED")))
    assert room.run(room.desk.cancel("BTCUSDT", "a-1")).status is S.CANCELED
    assert room.count("DELETE order") == 1


def test_cancel_all_ends_conditional_and_other_orders_and_repeats_what_was_lost() -> None:
    room = Room()
    done = ok({"code": 200, "msg": "done"})
    room.wire.script("DELETE algoOpenOrders", LOST, done)
    room.wire.script("DELETE allOpenOrders", done)
    room.run(room.desk.cancel_all("BTCUSDT"))
    assert [one.method for one in room.wire.asked] == ["DELETE"] * 3


def known_open(room: Room) -> None:
    room.known.learn(state())


def test_a_change_sends_side_quantity_and_price() -> None:
    room = Room()
    known_open(room)
    room.wire.script("PUT order", ok(order_reply(price="59000.0", origQty="0.020", pair="BTCUSDT")))
    changed = room.run(room.desk.amend("BTCUSDT", "a-1", Decimal("0.02"), Decimal(59_000)))
    assert (changed.quantity, changed.price) == (Decimal("0.020"), Decimal("59000.0"))
    assert room.wire.calls("PUT order")[0].params["side"] == "BUY"


def test_a_change_to_what_is_already_so_is_no_error() -> None:
    room = Room()
    known_open(room)
    room.wire.script("PUT order", refused(-5027, "No need to modify the order."))
    room.wire.script("GET order", ok(order_reply()))
    assert room.run(room.desk.amend("BTCUSDT", "a-1", Decimal("0.01"), Decimal(60_000))).status is S.NEW


def test_a_change_of_unknown_outcome_is_asked_for() -> None:
    room = Room()
    known_open(room)
    room.wire.script("PUT order", LOST)
    later = order_reply(price="59000.0", updateTime=1_790_000_000_005)
    room.wire.script("GET order", ok(order_reply()), ok(later))
    assert room.run(room.desk.amend("BTCUSDT", "a-1", Decimal("0.01"), Decimal(59_000))).price == Decimal(59_000)
    assert room.count("PUT order") == 1


def test_a_change_that_never_arrived_is_told_as_refused() -> None:
    room = Room()
    known_open(room)
    room.wire.script("PUT order", LOST)
    room.wire.script("GET order", ok(order_reply()))
    with pytest.raises(OrderRefusedError, match="the change never arrived"):
        room.run(room.desk.amend("BTCUSDT", "a-1", Decimal("0.01"), Decimal(59_000)))


def test_an_ended_order_is_not_changed() -> None:
    room = Room()
    room.known.learn(state(S.FILLED, "0.010"))
    with pytest.raises(OrderRefusedError, match="it is filled"):
        room.run(room.desk.amend("BTCUSDT", "a-1", Decimal("0.01"), Decimal(59_000)))


def test_a_batch_tells_for_each_order_what_became_of_it() -> None:
    room = Room()
    refusal = {"code": -2019, "msg": "Margin is insufficient."}
    room.wire.script("POST batchOrders", ok([order_reply("a"), refusal, order_reply("c", orderId=9)]))
    first, second, third = room.run(room.desk.submit_batch([request("a"), request("b"), request("c")]))
    assert isinstance(first, OrderState)
    assert isinstance(second, OrderRefusedError)
    assert isinstance(third, OrderState)
    assert third.venue_order_id == "9"


def test_a_batch_of_unknown_outcome_is_settled_order_by_order() -> None:
    room = Room()
    room.wire.script("POST batchOrders", LOST)
    room.wire.script("GET order", ok(order_reply("a")), refused(-2013))
    first, second = room.run(room.desk.submit_batch([request("a"), request("b")]))
    assert isinstance(first, OrderState)
    assert isinstance(second, OrderRefusedError)
    assert "never arrived" in str(second)


@pytest.mark.parametrize("orders", [[], [request(str(n)) for n in range(6)], [stop()]])
def test_a_batch_that_the_venue_cannot_take_is_refused(orders: list[Any]) -> None:
    with pytest.raises(OrderRefusedError, match="1 to 5, none conditional"):
        Room().run(Room().desk.submit_batch(orders))


def test_a_doubtful_order_in_a_batch_sends_none_and_frees_the_others() -> None:
    room = Room()
    with pytest.raises(OrderRefusedError, match="off the tick"):
        room.run(room.desk.submit_batch([request("a"), request("b", price=Decimal("1000.01"))]))
    assert room.wire.asked == []
    room.known.claim(request("a"))


def test_blocked_trading_lets_only_pass_what_reduces_and_cancels() -> None:
    room = Room()
    room.guard.block("canary", Block("the parser saw a new field", "look at it"))
    with pytest.raises(TradingBlockedError, match="the parser saw a new field"):
        room.run(room.desk.submit(request()))
    room.wire.script("POST order", ok(order_reply(reduceOnly=True)))
    assert room.run(room.desk.submit(request(is_reduce_only=True))).is_reduce_only
    room.wire.script("DELETE order", ok(order_reply(status="CANCELED")))
    room.run(room.desk.cancel("BTCUSDT", "a-1"))
    room.guard.block("key", Block("the key can withdraw", "change it", allows_reducing=False))
    with pytest.raises(TradingBlockedError, match="withdraw"):
        room.run(room.desk.submit(request("b", is_reduce_only=True)))
    room.guard.clear("key")
    room.guard.clear("canary")
    room.wire.script("POST order", ok(order_reply("c")))
    room.run(room.desk.submit(request("c")))
