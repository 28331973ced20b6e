"""Paths, control messages, limits and lives of streaming sockets, over real connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import pytest
from tests.support.clocks import HandClock
from tests.support.sockets import Client, Door, served, until

from geobuk.emulators.binance.streams.endpoint import StreamEndpoint
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.emulators.binance.streams.limits import SocketLimits
from geobuk.emulators.binance.streams.names import topic_of

TRADE = "btcusdt@trade"
AGG = "btcusdt@aggTrade"
PAYLOAD = b'{"e":"trade","t":1}'
TOLD = {"e": "trade", "t": 1}


class Scene(NamedTuple):
    hub: Hub
    door: Door
    clock: HandClock

    def publish(self, name: str, payload: bytes = PAYLOAD) -> None:
        topic = topic_of(name)
        assert topic is not None
        self.hub.publish(topic, "trade", "BTCUSDT", payload)

    @asynccontextmanager
    async def connected(self, path: str, **options: Any) -> AsyncIterator[Client]:
        before = len(self.hub.subscribers)
        async with self.door.connected(path, **options) as client:
            await until(lambda: len(self.hub.subscribers) > before)
            yield client


@asynccontextmanager
async def scene(limits: SocketLimits | None = None) -> AsyncIterator[Scene]:
    clock, hub = HandClock(), Hub()
    async with served([StreamEndpoint(hub, clock.now_ns, limits)]) as door:
        yield Scene(hub, door, clock)


@pytest.mark.parametrize(
    ("path", "name", "is_wrapped"),
    [
        ("/public/ws/btcusdt@trade", TRADE, False),
        ("/public/ws/ethusdt@depth/btcusdt@trade", TRADE, False),
        ("/public/stream?streams=btcusdt@trade/ethusdt@depth", TRADE, True),
        ("/public/stream?streams=btcusdt%40trade%2Fethusdt%40depth", TRADE, True),
        ("/market/ws/btcusdt@aggTrade", AGG, False),
        ("/market/stream?streams=btcusdt@aggTrade", AGG, True),
        ("/ws/btcusdt@trade", TRADE, False),
        ("/stream?streams=btcusdt@trade", TRADE, True),
    ],
)
def test_a_stream_named_in_the_path_is_heard(path: str, name: str, is_wrapped: bool) -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected(path) as client:
            here.publish(name)
            assert await client.next() == ({"stream": name, "data": TOLD} if is_wrapped else TOLD)

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/public/ws/0", "/public/ws", "/public/ws/", "/public/stream", "/ws/17", "/ws"])
def test_a_path_without_a_stream_waits_for_a_subscription(path: str) -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected(path) as client:
            assert await client.ask("LIST_SUBSCRIPTIONS") == {"result": [], "id": 1}
            assert await client.ask("SUBSCRIBE", TRADE, request_id=7) == {"result": None, "id": 7}
            here.publish(TRADE)
            assert (await client.next()) == ({"stream": TRADE, "data": TOLD} if "stream" in path else TOLD)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "path", ["/public/ws/btcusdt@aggTrade", "/ws/btcusdt@aggTrade", "/private/ws/btcusdt@aggTrade"]
)
def test_a_stream_on_the_wrong_path_is_accepted_and_silent(path: str) -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected(path) as client:
            here.publish(AGG)
            assert await client.hears_nothing()
            assert (await client.ask("LIST_SUBSCRIPTIONS"))["result"] == [AGG]

    asyncio.run(scenario())


def test_unsubscribing_ends_a_stream_and_only_that() -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws/btcusdt@trade/ethusdt@trade") as client:
            assert await client.ask("UNSUBSCRIBE", TRADE, "never@trade", request_id="u-1") == {
                "result": None,
                "id": "u-1",
            }
            here.publish(TRADE)
            here.publish("ethusdt@trade", b'{"e":"trade","t":2}')
            assert (await client.next())["t"] == 2

    asyncio.run(scenario())


def test_frames_are_wrapped_once_the_property_says_so() -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws/btcusdt@trade") as client:
            assert await client.ask("GET_PROPERTY", "combined") == {"result": False, "id": 1}
            assert await client.ask("SET_PROPERTY", "combined", True) == {"result": None, "id": 1}
            here.publish(TRADE)
            assert (await client.next())["stream"] == TRADE

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("frame", "code", "words"),
    [
        ("{", 3, "Invalid JSON"),
        ("\ud83d", 3, "Invalid JSON"),
        ("[" * 5_000, 3, "Invalid JSON"),
        ("[]", 2, "expected an object"),
        ('{"id":1}', 2, "missing field `method`"),
        ('{"method":"SHOUT","id":1}', 2, "unknown variant `SHOUT`"),
        ('{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}', 2, "array"),
        ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "must be a string"),
        ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1, "expected Boolean"),
        ('{"method":"GET_PROPERTY","params":["colour"],"id":1}', 0, "Unknown property"),
        ('{"method":"GET_PROPERTY","params":["combined",1],"id":1}', 2, "too many parameters"),
    ],
)
def test_a_bad_control_message_is_refused_in_the_venues_words(frame: str, code: int, words: str) -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws") as client:
            raw = frame.encode("utf-8", "surrogatepass")
            await client.socket._writer.send_frame(raw, aiohttp.WSMsgType.BINARY)
            reply = await client.next()
            assert reply["code"] == code
            assert words in reply["msg"]
            assert await client.hears_nothing()

    asyncio.run(scenario())


def test_any_id_is_echoed() -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws") as client:
            for request_id in (0, 2**53, "1a2b", "", None):
                assert (await client.ask("LIST_SUBSCRIPTIONS", request_id=request_id))["id"] == request_id

    asyncio.run(scenario())


def test_the_eleventh_message_in_a_second_ends_the_connection() -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws") as client:
            for _ in range(10):
                await client.ask("LIST_SUBSCRIPTIONS")
            here.clock.move(1.0)
            for _ in range(9):
                await client.ask("LIST_SUBSCRIPTIONS")
            await client.socket.ping(b"")
            await client.socket.send_str("{}")
            assert await client.end() == aiohttp.WSCloseCode.POLICY_VIOLATION

    asyncio.run(scenario())


def test_more_streams_than_a_connection_may_have_are_refused() -> None:
    async def scenario() -> None:
        async with scene(SocketLimits(most_streams=3)) as here, here.connected("/public/ws/a@trade/b@trade") as client:
            refused = await client.ask("SUBSCRIBE", "c@trade", "d@trade")
            assert (refused["code"], refused["id"]) == (2, 1)
            assert (await client.ask("SUBSCRIBE", "a@trade", "c@trade"))["result"] is None
            assert len((await client.ask("LIST_SUBSCRIPTIONS"))["result"]) == 3

    asyncio.run(scenario())


def test_a_ping_comes_every_three_minutes_and_silence_for_ten_ends_it() -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws", autoping=False) as client:
            here.hub.tend(here.clock.move(179))
            here.hub.tend(here.clock.move(1))
            message = await client.raw()
            assert message.type is aiohttp.WSMsgType.PING
            await client.socket.pong(message.data)
            assert await client.hears_nothing()
            for _ in range(4):
                here.hub.tend(here.clock.move(180))
                assert (await client.raw()).type is aiohttp.WSMsgType.PING
            here.hub.tend(here.clock.move(59))
            assert await client.hears_nothing()
            here.hub.tend(here.clock.move(1))
            assert await client.end() is None

    asyncio.run(scenario())


def test_a_clients_ping_is_answered_with_its_payload() -> None:
    async def scenario() -> None:
        async with scene() as here, here.connected("/public/ws", autoping=False) as client:
            await client.socket.ping(b"tortoise")
            message = await client.raw()
            assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"tortoise")

    asyncio.run(scenario())


def test_after_a_day_the_connection_is_closed() -> None:
    async def scenario() -> None:
        async with scene(SocketLimits(ping_every_s=1e9, pong_within_s=1e9)) as here, here.connected("/ws") as client:
            here.hub.tend(here.clock.move(86_399))
            assert await client.hears_nothing()
            here.hub.tend(here.clock.move(1))
            assert await client.end() == aiohttp.WSCloseCode.GOING_AWAY

    asyncio.run(scenario())


def test_a_reader_too_slow_is_dropped_and_others_hear_on() -> None:
    async def scenario() -> None:
        limits = SocketLimits(queue_frames=50, queue_bytes=50_000_000)
        async with scene(limits) as here, here.connected("/public/ws/btcusdt@trade") as slow:
            payload = b'{"e":"trade","x":"' + b"x" * 1_000_000 + b'"}'
            slow.socket._response.connection.transport.pause_reading()
            async with here.connected("/public/ws/ethusdt@trade") as quick:
                for _ in range(80):
                    here.publish(TRADE, payload)
                    await asyncio.sleep(0)
                await until(lambda: len(here.hub.subscribers) == 1)
                here.publish("ethusdt@trade")
                assert await quick.next() == TOLD
            slow.socket._response.connection.transport.resume_reading()

    asyncio.run(scenario())


def test_a_plain_request_to_a_stream_is_an_error_and_not_a_crash() -> None:
    async def scenario() -> None:
        async with scene() as here:
            address = f"http://127.0.0.1:{here.door.port}/public/ws"
            async with here.door.session.get(address) as response:
                assert response.status == 400

    asyncio.run(scenario())
