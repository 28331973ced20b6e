"""Requests that no client should send: answered, counted, survived."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.emulated_venue import Desk, at_the_venue

from geobuk.emulators.binance.errors import VenueError
from geobuk.emulators.binance.params import Params

KEY = {"X-MBX-APIKEY": "emulator-key"}


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_break_the_parser(query: bytes, body: bytes) -> None:
    try:
        params = Params.from_bytes(query, body)
    except VenueError as error:
        code = error.code
    else:
        code = 0
        assert all(isinstance(value, str) for value in params.values())
    assert code in {0, -1100, -1101}


@given(st.text(max_size=30))
def test_no_text_breaks_a_typed_reading(value: str) -> None:
    params = Params({"x": value})
    for read in (params.integer, params.decimal, params.boolean, params.json_list, params.required_decimal):
        with suppress(VenueError):
            read("x")


def test_bad_bytes_are_answered_with_a_complaint() -> None:
    async def act(desk: Desk) -> None:
        for query, code in (
            ("symbol=%ZZ", -1100),
            ("symbol=%FF%FE", -1100),
            ("symbol=BTC%00USDT", -1100),
            ("symbol=BTCUSDT&symbol=ETHUSDT", -1101),
            ("&".join(f"a{n}=1" for n in range(101)), -1101),
            ("symbol", -1102),
            ("=x&&&", -1102),
            ("symbol=%F0%9F%90%A2USDT", -1121),
            ("symbol=BTCUSDT&limit=9999999999999999999999", -1100),
            ("symbol=BTCUSDT&limit=-5", -4021),
            ("symbol=BTCUSDT&limit=%D9%A5", -1100),
        ):
            reply = await desk.send("GET", f"/fapi/v1/depth?{query}")
            assert (reply.status, reply.code) == (400, code), query
        assert (await desk.public("/fapi/v1/depth", symbol="BTCUSDT", unknown="1")).status == 200

    at_the_venue(act)


def test_oversized_bodies_are_refused() -> None:
    async def act(desk: Desk) -> None:
        reply = await desk.send("POST", "/fapi/v1/order", b"x=" + b"y" * 600_000, KEY)
        assert reply.status == 413
        assert (await desk.public("/fapi/v1/ping")).status == 200

    at_the_venue(act)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /fapi/v1/ping\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /fapi/v1/ping HTTP/1.1\r\nX-MBX-APIKEY: " + b"k" * 20_000 + b"\r\n\r\n",
    ],
)
def test_broken_http_does_not_stop_the_server(raw: bytes) -> None:
    async def act(desk: Desk) -> None:
        where = urlsplit(desk.base_url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(raw)
        await writer.drain()
        head = await asyncio.wait_for(reader.readline(), 10)
        writer.close()
        await writer.wait_closed()
        assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/0.9 200")), head
        assert (await desk.public("/fapi/v1/ping")).status == 200

    at_the_venue(act)


def test_a_client_that_stops_in_the_middle_of_its_body_holds_nobody_up() -> None:
    async def act(desk: Desk) -> None:
        where = urlsplit(desk.base_url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(b"POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nsymbol=")
        await writer.drain()
        assert (await desk.order()).status == 200
        writer.close()
        await writer.wait_closed()
        assert (await desk.public("/fapi/v1/ping")).status == 200

    at_the_venue(act)


def test_strange_headers_and_bodies_are_answered() -> None:
    async def act(desk: Desk) -> None:
        for name in ("", " ", "a b", "k" * 300, "é"):
            reply = await desk.send("POST", "/fapi/v1/listenKey", headers={"X-MBX-APIKEY": name})
            assert (reply.status, reply.code) == (401, -2014), name
        json_body = await desk.send(
            "POST", "/fapi/v1/order", b'{"symbol":"BTCUSDT"}', {**KEY, "Content-Type": "application/json"}
        )
        assert (json_body.status, json_body.code) == (400, -1102)
        for extreme in ("1" * 21, "0." + "1" * 21, "--1", "+1", "1.", ".1", "٣", "1,0", "0x10", "Infinity"):
            assert (await desk.order(quantity=extreme)).code == -1100, extreme
        assert (await desk.order(quantity="9" * 20)).code == -4005
        assert (await desk.order(price="9" * 20)).code == -4002
        assert (await desk.order(quantity="0." + "0" * 19 + "1")).code == -1111
        assert (await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId="9" * 19)).code == -2013
        assert (await desk.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="9" * 19)).code == -4028
        far = await desk.signed("POST", "/fapi/v1/countdownCancelAll", symbol="BTCUSDT", countdownTime="9" * 18)
        assert far.status in {200, 400}
        window = {"symbol": "BTCUSDT", "startTime": "9" * 19}
        assert (await desk.signed("GET", "/fapi/v1/allOrders", **window)).body == []
        chart = {"symbol": "BTCUSDT", "interval": "1m"}
        assert (await desk.public("/fapi/v1/klines", **chart, startTime="9" * 19)).body == []
        assert (await desk.public("/fapi/v1/klines", **chart, endTime="-" + "9" * 18)).body == []

    at_the_venue(act, has_past=True)
