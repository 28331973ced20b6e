"""A stream over real loopback sockets: it connects, answers pings, reconnects, renews itself and distrusts silence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from tests.servers.sockets import SocketServer, socket_server, until

from geobuk.domain.errors import NetworkError
from geobuk.venues.binance.connection import Stream, StreamSpec, StreamState

QUICK = StreamSpec(first_delay_s=0.01, max_delay_s=0.05, connect_timeout_s=5.0, settled_after_s=60.0)


class Heard:
    """What a stream told its owner."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.states: list[tuple[StreamState, str]] = []

    def on_state(self, state: StreamState, reason: str) -> None:
        self.states.append((state, reason))

    def count(self, state: StreamState) -> int:
        return sum(seen is state for seen, _ in self.states)


@asynccontextmanager
async def running(
    server: SocketServer, heard: Heard, spec: StreamSpec, on_frame: Callable[[bytes], None] | None = None
) -> AsyncIterator[Stream]:
    async def url() -> str:
        return f"{server.url}/market/stream"

    stream = Stream(url, on_frame or heard.frames.append, heard.on_state, spec, seed=1)
    task = asyncio.create_task(stream.run())
    try:
        yield stream
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_messages_arrive_in_order_and_after_live() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server:
            server.on_open = lambda client: [client.send(f"m{n}") for n in range(200)] and None
            async with running(server, heard, QUICK):
                await until(lambda: len(heard.frames) == 200)
            assert heard.frames == [f"m{n}".encode() for n in range(200)]
            assert server.paths == ["/market/stream"]
        assert [state for state, _ in heard.states] == [StreamState.CONNECTING, StreamState.LIVE, StreamState.CLOSED]

    asyncio.run(scene())


def test_ping_is_answered_with_its_own_payload() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            server.on_open = lambda client: client.ping(b"1791354000123")
            async with running(server, Heard(), QUICK):
                await until(lambda: server.pongs == [b"1791354000123"])

    asyncio.run(scene())


def test_fragments_are_put_together() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server:
            server.on_open = lambda client: client.send_in_parts('{"e":', '"trade"', "}")
            async with running(server, heard, QUICK):
                await until(lambda: heard.frames == [b'{"e":"trade"}'])

    asyncio.run(scene())


def test_dropped_connection_is_opened_again() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server, running(server, heard, QUICK) as stream:
            await until(lambda: stream.is_live)
            server.clients[0].cut()
            await until(lambda: len(server.clients) == 2 and stream.is_live)
            server.clients[1].close()
            await until(lambda: len(server.clients) == 3 and stream.is_live)
            server.clients[2].send("still here")
            await until(lambda: heard.frames == [b"still here"])
        lost = [reason for state, reason in heard.states if state is StreamState.LOST]
        assert lost[0] == "the connection broke off"
        assert lost[1].startswith("closed by the venue (1001 going away")

    asyncio.run(scene())


def test_refused_handshakes_are_tried_again_with_growing_pauses() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server:
            server.refusals = 4
            async with running(server, heard, QUICK) as stream:
                await until(lambda: stream.is_live)
            assert len(server.paths) == 5
        assert heard.count(StreamState.LOST) == 4
        assert "503" in next(reason for state, reason in heard.states if state is StreamState.LOST)

    asyncio.run(scene())


def test_open_but_silent_socket_is_stale_and_replaced() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server:
            server.on_open = lambda client: client.send("hello") if len(server.clients) == 2 else None
            async with running(server, heard, replace(QUICK, stale_after_s=0.2)):
                await until(lambda: heard.frames == [b"hello"])
        seen = [state for state, _ in heard.states]
        assert seen[:4] == [StreamState.CONNECTING, StreamState.LIVE, StreamState.STALE, StreamState.LOST]
        assert "no message for" in heard.states[2][1]

    asyncio.run(scene())


def test_pings_alone_do_not_hide_a_silent_market_stream() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server, running(server, heard, replace(QUICK, stale_after_s=0.2)):
            await until(lambda: bool(server.clients))
            first = server.clients[0]
            while not first.is_gone:
                first.ping(b"x")
                await asyncio.sleep(0.01)
            await until(lambda: len(server.clients) >= 2)
        assert heard.count(StreamState.STALE) >= 1

    asyncio.run(scene())


def test_pings_keep_a_quiet_user_stream_and_their_absence_ends_it() -> None:
    async def scene() -> None:
        heard = Heard()
        spec = replace(QUICK, stale_after_s=None, silent_after_s=0.3)
        async with socket_server() as server, running(server, heard, spec):
            await until(lambda: bool(server.clients))
            for _ in range(60):
                server.clients[0].ping(b"x")
                await asyncio.sleep(0.01)
            assert len(server.clients) == 1
            await until(lambda: len(server.clients) == 2)
        assert "not even a ping" in next(reason for state, reason in heard.states if state is StreamState.STALE)

    asyncio.run(scene())


def test_planned_change_opens_the_next_socket_before_closing_the_old_one() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server, running(server, heard, replace(QUICK, life_s=0.3)):
            await until(lambda: heard.count(StreamState.LIVE) >= 2)
        assert heard.count(StreamState.LOST) == 0
        assert heard.states[2][0] is StreamState.LIVE
        assert "fresh socket" in heard.states[2][1]

    asyncio.run(scene())


def test_failed_planned_change_keeps_the_old_socket() -> None:
    async def scene() -> None:
        heard = Heard()
        async with socket_server() as server:
            async with running(server, heard, replace(QUICK, life_s=0.3)) as stream:
                await until(lambda: stream.is_live)
                server.refusals = 2
                await until(lambda: heard.count(StreamState.LIVE) == 2)
            assert server.refusals == 0
        assert heard.count(StreamState.LOST) == 0

    asyncio.run(scene())


def test_renewal_on_request_changes_the_socket() -> None:
    async def scene() -> None:
        async with socket_server() as server, running(server, Heard(), QUICK) as stream:
            await until(lambda: stream.is_live)
            stream.renew("the venue announced its shutdown")
            await until(lambda: len(server.clients) == 2 and server.clients[0].is_gone)
            assert stream.is_live

    asyncio.run(scene())


def test_listener_that_raises_ends_the_run_with_its_error() -> None:
    async def scene() -> None:
        def choke(frame: bytes) -> None:
            raise ValueError(frame.decode())

        async with socket_server() as server:
            server.on_open = lambda client: client.send("bad")

            async def url() -> str:
                return server.url

            heard = Heard()
            with pytest.raises(ValueError, match="bad"):
                await Stream(url, choke, heard.on_state, QUICK).run()
            assert heard.states[-1][0] is StreamState.CLOSED
            await until(lambda: not server.open_clients)

    asyncio.run(scene())


def test_sent_text_arrives_and_sending_without_a_connection_is_refused() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            async with running(server, Heard(), QUICK) as stream:
                await until(lambda: stream.is_live)
                await stream.send('{"method":"SUBSCRIBE"}')
                await until(lambda: server.texts == ['{"method":"SUBSCRIBE"}'])
            with pytest.raises(NetworkError, match="not connected"):
                await stream.send("too late")

    asyncio.run(scene())


def test_control_messages_stay_below_the_venues_rate() -> None:
    async def scene() -> None:
        async with socket_server() as server, running(server, Heard(), replace(QUICK, sends_per_s=3)) as stream:
            await until(lambda: stream.is_live)
            loop = asyncio.get_running_loop()
            start = loop.time()
            for number in range(7):
                await stream.send(str(number))
            assert loop.time() - start >= 1.99
            await until(lambda: server.texts == [str(number) for number in range(7)])

    asyncio.run(scene())


def test_server_that_accepts_and_never_answers_is_given_up() -> None:
    async def scene() -> None:
        heard = Heard()
        hung_up: list[bool] = []

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                await reader.read()
            writer.close()
            hung_up.append(True)

        mute = await asyncio.start_server(say_nothing, "127.0.0.1", 0)

        async def url() -> str:
            return f"ws://127.0.0.1:{mute.sockets[0].getsockname()[1]}/ws"

        stream = Stream(url, heard.frames.append, heard.on_state, replace(QUICK, connect_timeout_s=0.1))
        task = asyncio.create_task(stream.run())
        await until(lambda: heard.count(StreamState.LOST) >= 2)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await until(lambda: len(hung_up) >= 2)
        mute.close()
        await mute.wait_closed()

    asyncio.run(scene())
