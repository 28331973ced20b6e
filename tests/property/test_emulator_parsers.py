"""Whatever bytes and values reach the emulator, it answers as a venue does, changes nothing by mistake, and goes on."""

import asyncio
import contextlib
import json
import random
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.emulation import Scene, emulation

from geobuk.emulators.binance.errors import VenueError
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.signing import signed_payload
from geobuk.emulators.binance.streams.names import topic_of

T = TypeVar("T")
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010",
         "price": "83000.0"}  # fmt: skip
ALGO = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.010",
        "triggerPrice": "70000.0"}  # fmt: skip
NAMES = ("symbol", "side", "type", "timeInForce", "quantity", "price", "newClientOrderId", "reduceOnly", "positionSide",
         "priceMatch", "selfTradePreventionMode", "goodTillDate", "newOrderRespType", "recvWindow")  # fmt: skip
NEVER_NUMBERS = (
    "NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "inf", "1e400", "1e-400", "-1e400", "1e99999999999", "0", "-0",
    "-0.0",
    "-0.010", "0x10", "1_000", "１０", "٣", "1,5", "1.", ".", "..", "+", "--1", "9" * 10_000, "0." + "9" * 10_000,
    "1" + "0" * 400, "true", "null", "[1]", "{}", " ", "거북", "\x00", "0.010\x00", "😀", "' OR 1=1", "%30", "0.0105",
)  # fmt: skip
WEIRD = (*NEVER_NUMBERS, "", "BTCUSDT\n", "btcusdt", "../..", "LIMIT ", "-1", "99999999999999999999", "1" * 37)


class Room:
    """One emulator for all examples: its account must come out of each as it was."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.context = emulation()
        self.scene: Scene = self.run(self.context.__aenter__())
        self.run(self.scene.order(newClientOrderId="mine"))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def close(self) -> None:
        self.run(self.context.__aexit__(None, None, None))
        self.runner.close()

    def picture(self) -> tuple[object, ...]:
        engine = self.scene.exchange.engine
        (account,) = engine.accounts
        margin = engine.account(account)
        return (
            engine.orders(account), engine.conditionals(account), engine.executions(account), margin.wallet(),
            margin.settings("BTCUSDT"), margin.is_hedged, engine.depth("BTCUSDT", 100),
        )  # fmt: skip

    def send(self, method: str, path: str, pairs: list[tuple[str, str]], *, in_body: bool) -> tuple[int, Any]:
        """Signed as a client signs that escapes everything."""
        text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
        text += f"&timestamp={self.scene.now_ms}"
        text += f"&signature={self.scene.signature(text)}"
        headers = {"X-MBX-APIKEY": self.scene.key}
        if in_body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            reply = self.run(self.scene.send(method, path, text.encode(), headers))
        else:
            reply = self.run(self.scene.send(method, f"{path}?{text}", headers=headers))
        return reply.status, reply.body


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    made = Room()
    made.run(_loosen(made.scene))
    yield made
    made.close()


async def _loosen(scene: Scene) -> None:
    """Thousands of requests at one moment are no offence here."""
    limits = scene.exchange.limits
    loose = dict.fromkeys(("weight_per_minute", "orders_per_10_seconds", "orders_per_minute"), 10**9)
    limits.spec = type(limits.spec)(**loose, requests_before_ban=10**9)


def require_refused(room: Room, status: int, body: Any, before: tuple[object, ...]) -> None:
    assert 400 <= status < 500, (status, body)
    assert isinstance(body["code"], int)
    assert body["code"] < 0
    assert isinstance(body["msg"], str)
    assert body["msg"]
    assert room.picture() == before


def test_an_order_with_nothing_weird_is_taken(room: Room) -> None:
    for in_body in (False, True):
        status, body = room.send("POST", "/fapi/v1/order", list(ORDER.items()), in_body=in_body)
        assert status == 200, body
        params = [("symbol", "BTCUSDT"), ("orderId", str(body["orderId"]))]
        assert room.send("DELETE", "/fapi/v1/order", params, in_body=in_body)[0] == 200


LONGEST_IN_ADDRESS = 5_000
AMOUNTS = [
    (name, number, in_body)
    for name in ("quantity", "price")
    for number, text in enumerate(NEVER_NUMBERS)
    for in_body in ((True,) if len(text) > LONGEST_IN_ADDRESS else (False, True))
    if (name, text) != ("price", "0.0105")
]


@pytest.mark.parametrize(("name", "number", "in_body"), AMOUNTS)
def test_an_amount_that_is_none_is_refused_and_changes_nothing(
    room: Room, name: str, number: int, in_body: bool
) -> None:
    before = room.picture()
    pairs = list({**ORDER, name: NEVER_NUMBERS[number]}.items())
    require_refused(room, *room.send("POST", "/fapi/v1/order", pairs, in_body=in_body), before)


@pytest.mark.parametrize("name", ["quantity", "triggerPrice"])
@pytest.mark.parametrize("number", range(len(NEVER_NUMBERS)))
def test_a_conditional_order_with_such_an_amount_is_refused_too(room: Room, name: str, number: int) -> None:
    before = room.picture()
    pairs = list({**ALGO, name: NEVER_NUMBERS[number]}.items())
    require_refused(room, *room.send("POST", "/fapi/v1/algoOrder", pairs, in_body=True), before)


@pytest.mark.parametrize("name", ORDER)
def test_a_parameter_that_comes_twice_is_refused(room: Room, name: str) -> None:
    before = room.picture()
    pairs = [*ORDER.items(), (name, ORDER[name])]
    require_refused(room, *room.send("POST", "/fapi/v1/order", pairs, in_body=False), before)


@pytest.mark.parametrize("call", ["PUT order", "DELETE order", "DELETE batchOrders", "POST leverage", "POST marginType",
                                  "POST positionMargin", "POST countdownCancelAll", "POST positionSide/dual",
                                  "PUT batchOrders", "POST batchOrders"])  # fmt: skip
def test_changes_with_weird_values_change_nothing(room: Room, call: str) -> None:
    dice = random.Random(f"20261127 {call}")
    method, _, path = call.partition(" ")
    names = ("orderId", "quantity", "price", "leverage", "marginType", "amount", "type", "countdownTime", "batchOrders",
             "orderIdList", "origClientOrderIdList", "dualSidePosition", "side", "modifyId")  # fmt: skip
    before = room.picture()
    for _ in range(40):
        pairs = [("symbol", "BTCUSDT")]
        pairs += [(name, dice.choice(WEIRD)) for name in dice.sample(names, dice.randint(1, len(names)))]
        status, body = room.send(method, f"/fapi/v1/{path}", pairs, in_body=True)
        if status == 200:  # a batch answers each element by itself
            assert isinstance(body, list), (pairs, body)
            assert all(one["code"] < 0 for one in body), (pairs, body)
        else:
            require_refused(room, status, body, before)
    assert room.picture() == before


@settings(max_examples=200)
@given(
    changed=st.dictionaries(st.sampled_from(NAMES), st.one_of(st.text(max_size=40), st.sampled_from(WEIRD)), min_size=1)
)
def test_any_text_in_an_order_is_an_order_or_an_error_of_the_venue(room: Room, changed: dict[str, str]) -> None:
    """What happens to be right makes an order: then that one, and nothing else."""
    changed = {name: text.encode("utf-8", "replace").decode() for name, text in changed.items()}
    before = room.picture()
    status, body = room.send("POST", "/fapi/v1/order", list({**ORDER, **changed}.items()), in_body=True)
    if status != 200:
        require_refused(room, status, body, before)
        return
    assert body["symbol"] == "BTCUSDT"
    assert (body["origQty"], body["price"]) == ("0.010", "83000.00"), (changed, body)
    assert room.send("DELETE", "/fapi/v1/allOpenOrders", [("symbol", "BTCUSDT")], in_body=False)[0] == 200


@given(query=st.binary(max_size=300), body=st.binary(max_size=300))
def test_parameters_are_read_or_refused_whatever_the_bytes(query: bytes, body: bytes) -> None:
    with contextlib.suppress(VenueError):
        Params.from_bytes(query, body)
    signed_payload(query, body)


@given(st.text(max_size=60))
def test_a_stream_has_a_name_or_none(name: str) -> None:
    topic_of(name)


LINES = (b"GET / HTTP/1.1", b"GET /fapi/v1/time HTTP/1.1", b"POST /fapi/v1/order HTTP/1.1", b"GET http://[::1 HTTP/1.1",
         b"PUT /fapi/v1/listenKey HTTP/1.0", b"GET /public/ws HTTP/1.1", b"BREW /fapi/v1/order HTTP/1.1",
         b"GET /fapi/v1/depth?symbol=" + b"9" * 10_000 + b" HTTP/1.1", b"GET /%zz%00?%ff=%fe HTTP/1.1")  # fmt: skip
HEADERS = (b"Host: x", b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 1e9",
           b"Transfer-Encoding: chunked",
           b"Transfer-Encoding: gzip", b"Content-Encoding: gzip", b"Content-Encoding: br", b"Expect: 100-continue",
           b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: x", b"Sec-WebSocket-Version: 13",
           b"X-MBX-APIKEY: \xff\xfe", b"X-MBX-APIKEY: emulator-key", b"Content-Type: text/html; charset=\xff",
           b"Content-Type: multipart/form-data; boundary=", b": empty", b"no colon", b"A: " + b"a" * 9_000)  # fmt: skip


async def _raw(scene: Scene, sent: bytes) -> bytes:
    host, _, port = scene.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    told = b""
    try:
        writer.write(sent)
        with contextlib.suppress(OSError):
            writer.write_eof()
        with contextlib.suppress(TimeoutError, ConnectionError):
            while part := await asyncio.wait_for(reader.read(65_536), 2.0):
                told += part
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return told


def test_requests_put_together_at_random_get_no_fault_of_the_server(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(20_261_130)
    before = room.picture()
    for _ in range(250):
        lines = [dice.choice(LINES), *dice.sample(HEADERS, dice.randint(0, 6))]
        body = dice.choice((b"", b"symbol", b"5\r\nhello\r\n0\r\n\r\n", b"\x1f\x8b\x08broken", dice.randbytes(40)))
        sent = b"\r\n".join(lines) + b"\r\n\r\n" + body
        told = room.run(_raw(room.scene, sent))
        assert not told.startswith(b"HTTP/1.1 5"), (sent[:300], told[:300])
    assert room.picture() == before
    assert "failed" not in caplog.text
    assert room.run(room.scene.public("/fapi/v1/time")).status == 200


async def _frames(scene: Scene, path: str, frames: list[bytes]) -> None:
    async with scene.session.ws_connect(scene.base_url + path) as socket:
        for frame in frames:
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await socket._writer.send_frame(frame, aiohttp.WSMsgType.TEXT)
    assert (await scene.public("/fapi/v1/time")).status == 200


@settings(max_examples=40)
@given(
    path=st.sampled_from(["/public/ws", "/market/stream?streams=", "/private/ws", "/ws-fapi/v1"]),
    contents=st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(["method", "params", "id", "apiKey", "symbol"]), inner, max_size=4)
            ),
            max_leaves=12,
        ),
        max_size=6,
    ),
)
def test_any_json_on_any_socket_leaves_everybody_served(room: Room, path: str, contents: list[Any]) -> None:
    before = room.picture()
    room.run(_frames(room.scene, path, [json.dumps(one).encode("utf-8", "replace") for one in contents]))
    assert room.picture() == before
