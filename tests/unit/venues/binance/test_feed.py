"""The feed over real loopback sockets: exact events, nothing missing after a break, never a silent one."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.servers.sockets import Client, SocketServer, socket_server, until
from tests.support.binance_frames import aggregate_trade, book_ticker, depth_reply, depth_update, kline, mark_price

from geobuk.domain.bar import Bar, Funding, MarketEvent, MarkPrice, Quote, Trade
from geobuk.domain.errors import DataError, NetworkError
from geobuk.domain.order import Side
from geobuk.ports import Feed
from geobuk.venues.binance.connection import StreamSpec, StreamState
from geobuk.venues.binance.feed import BinanceFeed, FeedSpec
from geobuk.venues.binance.local_book import LocalBook

QUICK = FeedSpec(stream=StreamSpec(first_delay_s=0.01, max_delay_s=0.05))
MINUTE = 60_000
OPEN_MS = 1791354000000


class Rest:
    """Answers for what a test says, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.last_trade = 0
        self.fundings: list[list[dict[str, object]]] = []
        self.snapshots: list[bytes] = []
        self.failure: Exception | None = None

    async def fetch(self, path: str, params: Mapping[str, str]) -> bytes:
        self.asked.append((path, dict(params)))
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return getattr(self, "_" + path.rsplit("/", 1)[1])(params)

    def _aggTrades(self, params: Mapping[str, str]) -> bytes:  # noqa: N802
        first = int(params["fromId"])
        numbers = range(first, min(first + int(params["limit"]), self.last_trade + 1))
        rows = [
            {"a": n, "p": "84141.10", "q": "0.120", "f": n, "l": n, "T": 1000 + n, "m": n % 2 == 0} for n in numbers
        ]
        return json.dumps(rows).encode()

    def _klines(self, params: Mapping[str, str]) -> bytes:
        opens = range(int(params["startTime"]), int(params["endTime"]), MINUTE)
        rest = ["1.5", "2.5", "0.5", "1.0", "3.0"]
        return json.dumps([[at, *rest, at + MINUTE - 1, "0", 1, "0", "0", "0"] for at in opens]).encode()

    def _fundingRate(self, params: Mapping[str, str]) -> bytes:  # noqa: N802
        return json.dumps(self.fundings.pop(0)).encode()

    def _depth(self, params: Mapping[str, str]) -> bytes:
        return self.snapshots.pop(0) if len(self.snapshots) > 1 else self.snapshots[0]


async def read(
    feed: BinanceFeed, until_so: Callable[[list[MarketEvent]], bool], names: tuple[str, ...] = ("BTCUSDT",)
) -> list[MarketEvent]:
    """Events until the test has seen enough."""
    seen: list[MarketEvent] = []
    events = feed.events(names)
    try:
        async with asyncio.timeout(20):
            async for event in events:
                seen.append(event)
                if until_so(seen):
                    return seen
    finally:
        await events.aclose()
    return seen


def on_path(server: SocketServer, path: str, act: Callable[[Client], None]) -> None:
    """Act when a client opens this path; actions on other paths stay."""
    before = server.on_open

    def on_open(client: Client) -> None:
        (act if client.path.startswith(f"/{path}/") else before)(client)

    server.on_open = on_open


def spec_of(server: SocketServer, spec: FeedSpec = QUICK) -> FeedSpec:
    return replace(spec, stream_url=server.url)


def trades(events: list[MarketEvent]) -> list[int]:
    return [event.trade_id for event in events if isinstance(event, Trade)]


def test_is_a_feed() -> None:
    feed: Feed = BinanceFeed(Rest().fetch)
    assert feed is not None


def test_messages_become_exact_events() -> None:
    async def scene() -> list[MarketEvent]:
        async with socket_server() as server:
            on_path(
                server,
                "market",
                lambda client: (
                    [
                        client.send(frame)
                        for frame in (
                            aggregate_trade(7),
                            aggregate_trade(8, price="0.0000123", quantity="1000000"),
                            mark_price("84120.50000000", "0.00010000", OPEN_MS + MINUTE, at_ms=OPEN_MS),
                            kline(OPEN_MS, "84106.90", is_closed=False),
                            kline(OPEN_MS, "84106.90", is_closed=True),
                        )
                    ]
                    and None
                ),
            )
            on_path(server, "public", lambda client: client.send(book_ticker(1, "84141.10", "84141.20")))
            seen = await read(BinanceFeed(Rest().fetch, spec_of(server)), lambda seen: len(seen) == 5)
            assert sorted(server.paths) == [
                "/market/stream?streams=btcusdt@aggTrade/btcusdt@markPrice@1s/btcusdt@kline_1m",
                "/public/stream?streams=btcusdt@bookTicker",
            ]
            return seen

    seen = asyncio.run(scene())
    d = Decimal
    trade_at = 1791354000050 * 10**6
    assert [e for e in seen if isinstance(e, Trade)] == [
        Trade("binance", "BTCUSDT", trade_at, d("84141.10"), d("0.120"), Side.BUY, 7),
        Trade("binance", "BTCUSDT", trade_at, d("0.0000123"), d("1000000"), Side.SELL, 8),
    ]
    assert [e for e in seen if isinstance(e, Quote)] == [
        Quote("binance", "BTCUSDT", 1791354000008 * 10**6, d("84141.10"), d("14.663"), d("84141.20"), d("3.021"))
    ]
    assert [e for e in seen if isinstance(e, MarkPrice)] == [
        MarkPrice(
            "binance", "BTCUSDT", OPEN_MS * 10**6, d("84120.5"), d("84150.11"), d("0.0001"), (OPEN_MS + MINUTE) * 10**6
        )
    ]
    assert [e for e in seen if isinstance(e, Bar)] == [
        Bar(
            "binance", "BTCUSDT", OPEN_MS * 10**6, MINUTE * 10**6, d("84125.70"), d("84125.70"), d("84099.90"),
            d("84106.90"), d("214.561"),
        )
    ]  # fmt: skip


def test_trades_missed_in_a_break_are_fetched_and_come_in_order() -> None:
    async def scene() -> None:
        rest = Rest()
        rest.last_trade = 3000
        async with socket_server() as server:

            def act(client: Client) -> None:
                first = sum(c.path.startswith("/market/") for c in server.clients) == 1
                for number in (1, 2, 3) if first else (2, 3, 2600, 2601, 2602):
                    client.send(aggregate_trade(number))
                if first:
                    client.cut()

            on_path(server, "market", act)
            seen = await read(BinanceFeed(rest.fetch, spec_of(server)), lambda seen: 2602 in trades(seen))
        assert trades(seen) == list(range(1, 2603))
        assert [params["fromId"] for _, params in rest.asked] == ["4", "1004", "2004"]

    asyncio.run(scene())


def test_trades_that_come_while_a_gap_is_filled_wait_their_turn() -> None:
    async def scene() -> None:
        rest = Rest()
        rest.last_trade = 40
        async with socket_server() as server:
            numbers = [1, 5, 6, 6, 5, 9, 10, 12]
            on_path(server, "market", lambda c: [c.send(aggregate_trade(n)) for n in numbers] and None)
            seen = await read(BinanceFeed(rest.fetch, spec_of(server)), lambda seen: 12 in trades(seen))
        assert trades(seen) == list(range(1, 13))

    asyncio.run(scene())


def test_bars_missed_in_a_break_are_fetched() -> None:
    async def scene() -> None:
        rest = Rest()
        async with socket_server() as server:

            def act(client: Client) -> None:
                client.send(kline(OPEN_MS, "1", is_closed=True))
                client.send(kline(OPEN_MS + 3 * MINUTE, "2", is_closed=False))
                client.send(kline(OPEN_MS + 3 * MINUTE, "3", is_closed=True))

            on_path(server, "market", act)
            seen = await read(BinanceFeed(rest.fetch, spec_of(server)), lambda seen: len(seen) == 4)
        bars = [event for event in seen if isinstance(event, Bar)]
        assert [bar.at_ns // 10**6 for bar in bars] == [OPEN_MS + n * MINUTE for n in range(4)]
        assert [bar.close for bar in bars] == [Decimal(1), Decimal("1.0"), Decimal("1.0"), Decimal(3)]

    asyncio.run(scene())


def test_settled_funding_is_told_once_when_its_time_has_come() -> None:
    async def scene() -> None:
        rest = Rest()
        row: dict[str, object] = {"symbol": "BTCUSDT", "fundingTime": OPEN_MS + 3, "fundingRate": "-0.00001592"}
        rest.fundings = [[], [row]]
        async with socket_server() as server:

            def act(client: Client) -> None:
                for next_ms in (OPEN_MS, OPEN_MS, OPEN_MS + MINUTE, OPEN_MS + MINUTE):
                    client.send(mark_price("1.0", "0.0001", next_ms))

            on_path(server, "market", act)
            seen = await read(BinanceFeed(rest.fetch, spec_of(server)), lambda seen: isinstance(seen[-1], Funding))
        assert seen[-1] == Funding("binance", "BTCUSDT", OPEN_MS * 10**6, Decimal("-0.00001592"))
        assert len(rest.asked) == 2

    asyncio.run(scene())


def test_slow_reader_gets_the_newest_quote_and_every_trade() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            on_path(server, "market", lambda c: [c.send(aggregate_trade(n)) for n in range(1, 6001)] and None)
            on_path(
                server,
                "public",
                lambda c: [c.send(book_ticker(n, f"{n}.0", f"{n + 1}.0")) for n in range(6000)] and None,
            )
            feed = BinanceFeed(Rest().fetch, replace(spec_of(server), quote_backlog=50))
            events = feed.events(["BTCUSDT"])
            seen = [await anext(events)]
            await until(lambda: len(server.clients) == 2)
            for client in server.clients:
                client.ping(b"heard it all?")
            await until(lambda: len(server.pongs) == 2)  # the reader is busy elsewhere
            while len(trades(seen)) < 6000 or not any(q.bid == 5999 for q in seen if isinstance(q, Quote)):
                seen.append(await anext(events))
            await events.aclose()
        quotes = [event for event in seen if isinstance(event, Quote)]
        assert trades(seen) == list(range(1, 6001))
        assert len(quotes) < 3000
        assert [q.bid for q in quotes] == sorted(q.bid for q in quotes)

    asyncio.run(scene())


def test_break_that_can_not_be_filled_raises() -> None:
    async def scene() -> None:
        rest = Rest()
        rest.failure = NetworkError("REST is down")
        async with socket_server() as server:
            on_path(server, "market", lambda c: [c.send(aggregate_trade(n)) for n in (1, 9)] and None)
            with pytest.raises(NetworkError, match="REST is down"):
                await read(BinanceFeed(rest.fetch, spec_of(server)), lambda seen: False)

    asyncio.run(scene())


def test_numbers_that_the_venue_can_not_give_raise() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            on_path(server, "market", lambda c: [c.send(aggregate_trade(n)) for n in (1, 9)] and None)
            with pytest.raises(NetworkError, match="does not give trade 2"):
                await read(BinanceFeed(Rest().fetch, spec_of(server)), lambda seen: False)

    asyncio.run(scene())


def test_a_hole_in_what_the_venue_gives_raises() -> None:
    rest = Rest()
    rest.last_trade = 20

    async def holed(path: str, params: Mapping[str, str]) -> bytes:
        rows = json.loads(await rest.fetch(path, params))
        return json.dumps([row for row in rows if row["a"] != 5]).encode()

    async def scene() -> None:
        async with socket_server() as server:
            on_path(server, "market", lambda c: [c.send(aggregate_trade(n)) for n in (1, 9)] and None)
            with pytest.raises(NetworkError, match="does not give trade 5"):
                await read(BinanceFeed(holed, spec_of(server)), lambda seen: False)

    asyncio.run(scene())


def test_numbers_that_begin_anew_raise() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            on_path(server, "market", lambda c: [c.send(aggregate_trade(n)) for n in (9_000_000, 1)] and None)
            with pytest.raises(NetworkError, match="counts anew"):
                await read(BinanceFeed(Rest().fetch, spec_of(server)), lambda seen: False)

    asyncio.run(scene())


def test_message_that_can_not_be_read_raises() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            on_path(server, "market", lambda c: c.send('{"stream":"x","data":{"e":"aggTrade"}}'))
            with pytest.raises(DataError, match="can't be read"):
                await read(BinanceFeed(Rest().fetch, spec_of(server)), lambda seen: False)

    asyncio.run(scene())


def test_venue_that_stays_away_ends_the_feed() -> None:
    async def scene() -> None:
        async with socket_server() as server:
            server.refusals = 10_000
            feed = BinanceFeed(Rest().fetch, replace(spec_of(server), longest_break_s=0.3))
            with pytest.raises(NetworkError, match="nothing from ws"):
                await read(feed, lambda seen: False)

    asyncio.run(scene())


def test_instrument_that_falls_silent_renews_its_connection_and_then_raises() -> None:
    async def scene() -> None:
        states: list[tuple[str, StreamState, str]] = []
        async with socket_server() as server:
            on_path(server, "market", lambda c: c.send(aggregate_trade(1)))
            spec = replace(spec_of(server), stale_after_s=0.3)
            feed = BinanceFeed(Rest().fetch, spec, lambda *told: states.append(told))
            with pytest.raises(NetworkError, match="no mark price"):
                await read(feed, lambda seen: False)
        assert any("BTCUSDT fell silent" in reason for _, _, reason in states)

    asyncio.run(scene())


def test_many_instruments_are_spread_over_connections() -> None:
    async def scene() -> None:
        names = tuple(f"COIN{n}USDT" for n in range(10))
        async with socket_server() as server:
            on_path(server, "public", lambda c: c.send(book_ticker(1, "1.0", "1.1")))
            spec = replace(spec_of(server), streams_per_connection=9)
            events = BinanceFeed(Rest().fetch, spec).events(names)
            await anext(events)
            await until(lambda: len(server.clients) == 6)
            await events.aclose()
            assert sum(path.count("@aggTrade") for path in server.paths) == 10
            assert sum(path.startswith("/public") for path in server.paths) == 2

    asyncio.run(scene())


def test_depth_keeps_a_local_book_through_gaps() -> None:
    LocalBook("BTCUSDT")  # compiles what it needs before any time runs

    async def scene() -> None:
        rest = Rest()
        rest.snapshots = [
            depth_reply(100, [("99.0", "1")], [("101.0", "1")]),
            depth_reply(300, [("98.0", "1")], [("102.0", "1")]),
        ]
        async with socket_server() as server:

            def act(client: Client) -> None:
                for ids in ((90, 110, 80), (111, 120, 110), (290, 310, 280)):
                    client.send(depth_update(ids, [("99.5" if ids[2] < 200 else "98.5", "2")]))

            on_path(server, "public", act)
            feed = BinanceFeed(rest.fetch, replace(spec_of(server), has_depth=True, has_quotes=False))
            events = feed.events(["BTCUSDT"])
            reading = asyncio.create_task(anext(events))
            await until(lambda: bool(feed.books) and feed.books["BTCUSDT"].update_id == 310)
            book = feed.books["BTCUSDT"]
            assert book.levels(Side.BUY, 5) == [(Decimal("98.5"), Decimal(2)), (Decimal(98), Decimal(1))]
            assert book.is_synced
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await events.aclose()

    asyncio.run(scene())
