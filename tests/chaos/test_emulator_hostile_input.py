"""Clients that mean no good, or are broken: each gets an error or is dropped, and the others notice nothing."""

import asyncio
import base64
import contextlib
import json
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from tests.support.emulation import Scene, emulation, in_emulation
from tests.support.sockets import Client, until

from geobuk.domain.order import Side
from geobuk.emulators.binance.streams.limits import SocketLimits

DOORS = ("/public/ws", "/market/stream", "/private/ws", "/ws", "/ws-fapi/v1")
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def address(scene: Scene) -> tuple[str, int]:
    host, _, port = scene.base_url.removeprefix("http://").partition(":")
    return host, int(port)


async def still_serves(scene: Scene, client: Client) -> bool:
    """A well-behaved client hears a trade, places an order, and asks for the time."""
    scene.market.trade("BTCUSDT", scene.clock.at_ns, "84000.00", "0.001", Side.BUY)
    scene.exchange.pump()
    heard = await client.next()
    placed = await scene.order(price="83000.00")
    told = await scene.public("/fapi/v1/time")
    return heard["e"] == "trade" and placed.status == 200 and told.status == 200


@asynccontextmanager
async def raw_connection(scene: Scene) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address(scene))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def upgraded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(HANDSHAKE.format(path=path, key=key).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101"), head


async def drained(reader: asyncio.StreamReader, wait_s: float = 3.0) -> bytes:
    """All that comes until the server ends the connection or nothing comes for a while."""
    told = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        while part := await asyncio.wait_for(reader.read(65_536), wait_s):
            told += part
    return told


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "frame", [b"", b"\x00", b"\xff\xfe\xfd", b"{", b"null", b'{"method":1e999}', b"[" * 100_000, b'"\\ud800"']
)
def test_a_frame_that_is_no_request_is_answered_as_such(door: str, frame: bytes) -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@trade") as other, scene.listening(door) as client:
            for kind in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT):
                await client.socket._writer.send_frame(frame, kind)
                reply = await client.next()
                assert reply.get("code") in {2, 3} or reply["error"]["code"] == -1135
            assert await still_serves(scene, other)

    in_emulation(act)


@pytest.mark.parametrize("door", DOORS)
def test_a_huge_frame_ends_its_own_connection_only(door: str) -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@trade") as other, scene.listening(door) as client:
            with contextlib.suppress(ConnectionError):
                await client.socket.send_bytes(b"x" * 1_000_000)
            assert await client.end() in {aiohttp.WSCloseCode.MESSAGE_TOO_BIG, None}
            assert await still_serves(scene, other)

    in_emulation(act)


def test_broken_frames_end_their_own_connection_only() -> None:
    frames = {
        "not masked": b"\x81\x02{}",
        "reserved bits": b"\xf1\x80\x00\x00\x00\x00",
        "unknown kind": b"\x8f\x80\x00\x00\x00\x00",
        "a long ping": b"\x89\xfe\x01\x00" + b"\x00" * 260,
        "a fragment that follows nothing": b"\x80\x80\x00\x00\x00\x00",
        "a length beyond all": b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
        "a closing code of one byte": b"\x88\x81\x00\x00\x00\x00\x03",
        "text that is no utf-8": b"\x81\x84\x00\x00\x00\x00\xff\xfe\xfd\xfc",
    }

    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@trade") as other:
            for door in ("/public/ws", "/ws-fapi/v1"):
                for frame in frames.values():
                    async with raw_connection(scene) as (reader, writer):
                        await upgraded(reader, writer, door)
                        writer.write(frame)
                        writer.write_eof()
                        await drained(reader)
            assert await still_serves(scene, other)
            await until(lambda: len(scene.emulation.hub.subscribers) == 1)

    in_emulation(act)


def test_random_bytes_on_http_are_refused_without_a_crash(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(20261127)
    heads = [b"", b"GET ", b"GET / HTTP/1.1\r\n", b"POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 5\r\n\r\n"]
    targets = [b"/fapi/v1/order?", b"/fapi/v1/depth?symbol=", b"/public/ws/", b"/stream?streams=", b"/control/api/"]

    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@trade") as other:
            for number in range(300):
                noise = chance.randbytes(chance.randrange(1, 200))
                if number % 2:
                    safe = base64.b16encode(noise[:20]) + bytes(chance.choices(b"%&=/?@!~+,;:'\"<>[]{}|\\^`", k=12))
                    sent = b"GET " + chance.choice(targets) + safe + b" HTTP/1.1\r\nHost: x\r\n\r\n"
                else:
                    sent = chance.choice(heads) + noise + b"\r\n\r\n"
                async with raw_connection(scene) as (reader, writer):
                    writer.write(sent)
                    with contextlib.suppress(OSError):
                        writer.write_eof()
                    told = await drained(reader, 1.0)
                    assert not told.startswith(b"HTTP/1.1 500"), (sent, told)
            assert await still_serves(scene, other)

    in_emulation(act)
    assert "failed" not in caplog.text


def test_random_bytes_on_websockets_are_refused_without_a_crash() -> None:
    chance = random.Random(20261128)

    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@trade") as other:
            for number in range(150):
                async with raw_connection(scene) as (reader, writer):
                    await upgraded(reader, writer, DOORS[number % len(DOORS)])
                    writer.write(chance.randbytes(chance.randrange(1, 400)))
                    with contextlib.suppress(OSError):
                        writer.write_eof()
                    await drained(reader, 1.0)
            assert await still_serves(scene, other)
            await until(lambda: len(scene.emulation.hub.subscribers) == 1 and not scene.emulation.ws_api.sockets)

    in_emulation(act)


def test_random_requests_to_the_websocket_api_always_get_an_answer() -> None:
    chance = random.Random(20261129)
    methods = [
        "order.place",
        "order.cancel",
        "order.modify",
        "order.status",
        "algoOrder.place",
        "depth",
        "session.logon",
    ]
    values = [None, True, 0, -1, 1e308, 10**40, "", "BTCUSDT", "NaN", "\u0000", "거북", [], [[1]], {"a": 1}, "9" * 400]
    names = ["symbol", "side", "type", "quantity", "price", "timestamp", "apiKey", "signature", "limit", "orderId"]

    async def act(scene: Scene) -> None:
        async with scene.listening("/ws-fapi/v1") as client:
            for number in range(300):
                params = {name: chance.choice(values) for name in chance.sample(names, chance.randrange(len(names)))}
                reply = await client.call(chance.choice(methods), params, number)
                assert reply["id"] == number
                assert reply["status"] in {200, 400, 401}, (params, reply)

    in_emulation(act)


def test_half_open_connections_hold_nobody_up() -> None:
    async def act(scene: Scene) -> None:
        async with contextlib.AsyncExitStack() as opened:
            for number in range(30):
                _, writer = await opened.enter_async_context(raw_connection(scene))
                writer.write(
                    b"POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 100\r\n\r\nsymbol=" if number % 2 else b"GET /fa"
                )
            async with scene.listening("/public/ws/btcusdt@trade") as other:
                assert await still_serves(scene, other)

    in_emulation(act)


def test_a_client_that_vanishes_is_forgotten() -> None:
    async def act(scene: Scene) -> None:
        for _ in range(20):
            reader, writer = await asyncio.open_connection(*address(scene))
            await upgraded(reader, writer, "/public/ws/btcusdt@trade")
            writer.transport.abort()
        await until(lambda: not scene.emulation.hub.subscribers)
        async with scene.listening("/public/ws/btcusdt@trade") as other:
            assert await still_serves(scene, other)

    in_emulation(act)


def test_a_reader_that_never_reads_is_dropped_and_costs_no_memory() -> None:
    limits = SocketLimits(queue_frames=200, messages_per_s=1_000)

    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@bookTicker") as other, raw_connection(scene) as (reader, writer):
            await upgraded(reader, writer, "/public/ws/btcusdt@trade")
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            payload = b'{"e":"trade","x":"' + b"x" * 200_000 + b'"}'
            from geobuk.emulators.binance.streams.names import topic_of

            topic = topic_of("btcusdt@trade")
            assert topic is not None
            for _ in range(400):
                scene.emulation.hub.publish(topic, "trade", "BTCUSDT", payload)
                await asyncio.sleep(0)
            await until(lambda: len(scene.emulation.hub.subscribers) == 1)
            scene.quote("83999.00", "83999.10")
            assert (await other.next())["e"] == "bookTicker"

    in_emulation(act, sockets=limits)


def test_two_hundred_streams_on_one_connection_are_all_told() -> None:
    names = tuple(f"{base}USDT" for base in ("BTC", "ETH", "BNB", "SOL", "XRP", "DOT", "ADA", "DOGE", "LINK", "LTC"))
    kinds = ["trade", "bookTicker", "depth", "depth@100ms", "depth@500ms"]
    kinds += [f"depth{levels}{speed}" for levels in (5, 10, 20) for speed in ("", "@100ms", "@250ms", "@500ms")]
    kinds += ["aggTrade", "markPrice", "kline_1m"]
    wanted = [f"{name.lower()}@{kind}" for name in names for kind in kinds][:200]

    async def act(scene: Scene) -> None:
        async with scene.listening("/public/stream") as client:
            assert (await client.ask("SUBSCRIBE", *wanted[:100]))["result"] is None
            assert (await client.ask("SUBSCRIBE", *wanted[100:]))["result"] is None
            assert len((await client.ask("LIST_SUBSCRIPTIONS"))["result"]) == 200
            public = {name for name in wanted if name.split("@")[1] not in {"aggTrade", "markPrice", "kline_1m"}}
            for name in names:
                scene.market.trade(name, scene.clock.at_ns, "100.00", "1.000", Side.BUY)
                scene.quote("100.00", "101.00", name=name, quantity="5.000")
            scene.pass_time(1)
            heard: set[str] = set()
            async with asyncio.timeout(20):
                while heard < public:
                    heard.add((await client.next())["stream"])
            assert heard == public

    in_emulation(act, names=names)


def test_many_clients_come_and_go_at_once() -> None:
    async def visit(scene: Scene, number: int) -> None:
        async with scene.session.ws_connect(scene.base_url + DOORS[number % len(DOORS)]) as socket:
            await socket.send_str(json.dumps({"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": number}))
            await socket.receive(timeout=10)

    async def run() -> None:
        async with emulation() as scene:
            await asyncio.gather(*(visit(scene, number) for number in range(120)))
            await until(lambda: not scene.emulation.hub.subscribers and not scene.emulation.ws_api.sockets)

    asyncio.run(run())
