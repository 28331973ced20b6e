"""The feed under a hostile server: storms of disconnects, silent sockets, lost and repeated frames. Nothing is lost,
nothing comes twice, and a break that can't be mended is an error.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.servers.sockets import Client, SocketServer, socket_server
from tests.support.binance_frames import aggregate_trade

from geobuk.domain.bar import Trade
from geobuk.domain.errors import NetworkError
from geobuk.venues.binance.connection import StreamSpec, StreamState
from geobuk.venues.binance.feed import BinanceFeed, FeedSpec

QUICK = FeedSpec(
    has_quotes=False, interval="", stream=StreamSpec(first_delay_s=0.005, max_delay_s=0.02), longest_break_s=20.0
)


class Market:
    """A market that goes on while nobody listens, and remembers its trades."""

    def __init__(self) -> None:
        self.newest = 0

    async def fetch(self, path: str, params: Mapping[str, str]) -> bytes:
        await asyncio.sleep(0.001)
        first = int(params["fromId"])
        numbers = range(first, min(first + 1000, self.newest + 1))
        return json.dumps([{"a": n, "p": "1.5", "q": "2", "T": n, "m": False} for n in numbers]).encode()


async def read(feed: BinanceFeed, count: int) -> list[int]:
    events = feed.events(["BTCUSDT"])
    seen: list[int] = []
    try:
        async with asyncio.timeout(60):
            async for event in events:
                if isinstance(event, Trade):
                    seen.append(event.trade_id)
                    if len(seen) >= count:
                        break
    finally:
        await events.aclose()
    return seen


async def trade_badly(server: SocketServer, market: Market, rng: random.Random, *, cuts: float, losses: float) -> None:
    """Print trades for ever: some frames are lost, some come twice, some clients are thrown out."""
    while True:
        for _ in range(rng.randint(1, 20)):
            market.newest += 1
            frame = aggregate_trade(market.newest)
            for client in server.open_clients:
                if rng.random() >= losses:
                    client.send(frame)
                if rng.random() < losses:
                    client.send(frame)
        for client in server.open_clients:
            if rng.random() < cuts:
                client.cut() if rng.random() < 0.5 else client.close()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("seed", range(3))
def test_disconnect_storm_with_lost_and_repeated_frames_loses_no_trade(seed: int) -> None:
    async def scene() -> None:
        market, rng = Market(), random.Random(seed)
        async with socket_server() as server:
            trading = asyncio.create_task(trade_badly(server, market, rng, cuts=0.05, losses=0.05))
            seen = await read(BinanceFeed(market.fetch, replace(QUICK, stream_url=server.url)), 3000)
            trading.cancel()
            await asyncio.gather(trading, return_exceptions=True)
            assert seen == list(range(seen[0], seen[0] + 3000))
            assert len(server.clients) > 3, "there was a storm"

    asyncio.run(scene())


def test_sockets_that_fall_silent_are_replaced_and_nothing_is_lost() -> None:
    async def scene() -> None:
        market = Market()
        stales: list[str] = []

        async def talk(client: Client) -> None:
            for _ in range(50):
                market.newest += 1
                client.send(aggregate_trade(market.newest))
                await asyncio.sleep(0.001)
            market.newest += 100  # the market goes on; this socket stays open and says no more

        talks: list[asyncio.Task[None]] = []
        async with socket_server() as server:
            server.on_open = lambda client: talks.append(asyncio.create_task(talk(client)))
            spec = replace(QUICK, stream_url=server.url, stream=replace(QUICK.stream, stale_after_s=0.3))

            def on_state(path: str, state: StreamState, reason: str) -> None:
                if state is StreamState.STALE:
                    stales.append(reason)

            seen = await read(BinanceFeed(market.fetch, spec, on_state), 400)
            assert seen == list(range(1, 401))
            assert len(stales) >= 2
            await asyncio.gather(*talks)

    asyncio.run(scene())


def test_server_that_accepts_and_drops_at_once_is_not_hammered() -> None:
    async def scene() -> int:
        async with socket_server() as server:
            server.on_open = lambda client: client.cut()
            spec = StreamSpec(first_delay_s=0.05, max_delay_s=0.4)
            feed = BinanceFeed(Market().fetch, replace(QUICK, stream_url=server.url, stream=spec, longest_break_s=1.5))
            with pytest.raises(NetworkError):
                await asyncio.wait_for(read(feed, 1), 3)
            return len(server.paths)

    assert asyncio.run(scene()) <= 20


def test_rest_that_fails_while_a_gap_is_open_is_an_error_and_no_hole() -> None:
    async def scene() -> None:
        async def down(path: str, params: Mapping[str, str]) -> bytes:
            raise NetworkError("REST is down")

        market = Market()
        async with socket_server() as server:
            trading = asyncio.create_task(trade_badly(server, market, random.Random(1), cuts=0.0, losses=0.05))
            with pytest.raises(NetworkError, match="REST is down"):
                await read(BinanceFeed(down, replace(QUICK, stream_url=server.url)), 10_000)
            trading.cancel()
            await asyncio.gather(trading, return_exceptions=True)

    asyncio.run(scene())
