"""Calls: signed, within the limits, repeated only where nothing can come of it twice. Time moves by sleeping only."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.support.binance_wire import LOST, QUICK, UNSENT, ScriptedTransport, SteppingClock, ok, refused

from geobuk.domain.errors import DataError, NetworkError, OrderRefusedError, SettingsError
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.errors import FailedCallError, UnknownOutcomeError, house_error
from geobuk.venues.binance.messages.orders import OrderReply
from geobuk.venues.binance.messages.rules import ServerTime
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.signing import signer
from geobuk.venues.binance.transport import Reply

KEYS = ApiCredentials("key", "secret")
AT = 1_790_000_040_000


class Desk:
    def __init__(self) -> None:
        self.wire = ScriptedTransport(server_ms=AT)
        self.clock = SteppingClock(AT)
        self.rest = BinanceRest(QUICK, self.wire, self.clock, KEYS, self.clock.sleep)

    def call(self, endpoint: endpoints.Endpoint, params: str = "") -> bytes:
        return asyncio.run(self.rest.call(endpoint, params, what="the call"))


def test_a_signed_call_carries_key_window_time_and_signature_last() -> None:
    desk = Desk()
    desk.wire.script("GET account", ok([1]))
    assert desk.call(endpoints.ACCOUNT, "a=1") == b"[1]"
    (asked,) = desk.wire.asked
    assert asked.headers == {"X-MBX-APIKEY": "key"}
    assert list(asked.params) == ["a", "recvWindow", "timestamp", "signature"]
    signature = asked.params.pop("signature")
    assert signature == signer(KEYS)(urlencode(asked.params))
    assert asked.params["timestamp"] == str(AT)


def test_a_public_call_is_not_signed_and_a_signed_one_needs_a_key() -> None:
    desk = Desk()
    desk.call(endpoints.TIME)
    assert desk.wire.asked[0].params == {}
    bare = BinanceRest(QUICK, desk.wire, desk.clock)
    with pytest.raises(SettingsError, match="no API key"):
        asyncio.run(bare.call(endpoints.ACCOUNT, what="x"))


@pytest.mark.parametrize("answer", [LOST, refused(-1007, status=408), Reply(502, b""), Reply(503, b"Unknown error, x")])
def test_a_question_without_an_answer_is_asked_again(answer: Any) -> None:
    desk = Desk()
    desk.wire.script("GET account", answer, answer, ok({}))
    assert desk.call(endpoints.ACCOUNT) == b"{}"
    assert len(desk.wire.asked) == 3
    assert desk.clock.slept == [0.001, 0.002]


@pytest.mark.parametrize(
    "answer",
    [LOST, refused(-1007, status=408), refused(-1006), refused(-1000), Reply(504, b""),
     refused(0, "Unknown error, please check your request or try again later.", 503)],
)  # fmt: skip
def test_an_order_of_unknown_outcome_is_never_sent_again(answer: Any) -> None:
    desk = Desk()
    desk.wire.script("POST order", answer)
    with pytest.raises(UnknownOutcomeError) as caught:
        desk.call(endpoints.PLACE)
    assert len(desk.wire.asked) == 1
    assert caught.value.sent_ms == AT


@pytest.mark.parametrize(
    "answer",
    [UNSENT, refused(-1001), refused(-1008), Reply(503, b'{"code":-1,"msg":"Service Unavailable."}')],
)
def test_an_order_that_was_not_executed_is_sent_again(answer: Any) -> None:
    desk = Desk()
    desk.wire.script("POST order", answer, ok({"orderId": 1}))
    assert desk.call(endpoints.PLACE) == b'{"orderId":1}'
    assert len(desk.wire.asked) == 2


def test_repeats_end_after_a_few_and_say_that_nothing_was_sent() -> None:
    desk = Desk()
    desk.wire.script("POST order", UNSENT)
    with pytest.raises(FailedCallError) as caught:
        desk.call(endpoints.PLACE)
    assert len(desk.wire.asked) == QUICK.retries + 1
    error = house_error(caught.value)
    assert isinstance(error, NetworkError)
    assert "not connected" in str(error)


@pytest.mark.parametrize("code", [-2019, -1121, -5022, -4116, -2011])
def test_a_refusal_is_not_repeated(code: int) -> None:
    desk = Desk()
    desk.wire.script("POST order", refused(code))
    with pytest.raises(FailedCallError) as caught:
        desk.call(endpoints.PLACE)
    assert caught.value.failure.code == code
    assert len(desk.wire.asked) == 1


@pytest.mark.parametrize("code", [-1021, -5028])
def test_a_clock_that_is_off_is_measured_again_and_the_call_repeated_once(code: int) -> None:
    desk = Desk()
    desk.wire.server_ms = AT + 5_000
    desk.wire.script("POST order", refused(code), ok({"orderId": 1}))
    desk.call(endpoints.PLACE)
    first, _, second = desk.wire.asked
    assert int(second.params["timestamp"]) - int(first.params["timestamp"]) == 5_000
    desk.wire.script("POST order", refused(code))
    with pytest.raises(FailedCallError):
        desk.call(endpoints.PLACE)
    assert len(desk.wire.calls("POST order")) == 4


def test_a_429_stops_every_call_for_as_long_as_it_says() -> None:
    desk = Desk()
    desk.wire.script("GET account", refused(-1003, status=429, **{"Retry-After": "5"}), ok({}))
    desk.call(endpoints.ACCOUNT)
    assert desk.clock.slept == [5.0]
    assert desk.rest.budget.blocked_until_ms == AT + 5_000


def test_a_ban_is_respected_until_its_end_and_long_ones_are_told_at_once() -> None:
    desk = Desk()
    until = AT + 600_000
    ban = refused(-1003, f"Way too many requests; IP banned until {until}. ", 418)
    desk.wire.script("DELETE order", ban)
    with pytest.raises(FailedCallError) as caught:
        desk.call(endpoints.CANCEL)
    assert "banned for another 600 s; nothing was sent" in str(house_error(caught.value))
    assert isinstance(house_error(caught.value), OrderRefusedError)
    with pytest.raises(FailedCallError):
        desk.call(endpoints.CANCEL)
    assert len(desk.wire.asked) == 1
    desk.clock.at_ns += 600_001 * 1_000_000
    desk.wire.script("DELETE order", ok({}))
    desk.call(endpoints.CANCEL)


def test_too_many_orders_wait_for_the_next_ten_seconds() -> None:
    desk = Desk()
    desk.wire.script("POST order", refused(-1015, "Too many new orders", 429), ok({}))
    desk.call(endpoints.PLACE)
    assert sum(desk.clock.slept) == pytest.approx(10.0)


def test_used_weight_is_read_from_the_headers() -> None:
    desk = Desk()
    desk.wire.script("GET account", ok({}, **{"X-MBX-USED-WEIGHT-1M": "1900"}))
    desk.call(endpoints.ACCOUNT)
    desk.wire.script("GET depth", ok({}))
    desk.call(endpoints.DEPTH)
    assert sum(desk.clock.slept) == pytest.approx(60.0)


def test_a_reply_of_another_shape_names_what_was_asked() -> None:
    desk = Desk()
    desk.wire.script("GET order", ok({"strange": 1}))
    with pytest.raises(DataError, match="asking for x: Binance replied in a shape"):
        asyncio.run(desk.rest.ask(endpoints.ORDER, OrderReply, what="asking for x"))


def test_the_venues_time_is_measured_from_round_trips() -> None:
    desk = Desk()
    desk.wire.server_ms = AT - 1_234
    asyncio.run(desk.rest.sync_clock())
    assert desk.rest.venue_ms() == AT - 1_234
    assert asyncio.run(desk.rest.ask(endpoints.TIME, ServerTime, what="x")).server_time == AT - 1_234
