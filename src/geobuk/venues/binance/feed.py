"""The venue's market as domain events: streams on their paths, repaired after a break, never silent about one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote as percent_encoded

from geobuk.domain.bar import MarketEvent
from geobuk.domain.errors import NetworkError
from geobuk.venues.binance.connection import Stream, StreamSpec, StreamState
from geobuk.venues.binance.feed_events import FeedEvents
from geobuk.venues.binance.local_book import LocalBook
from geobuk.venues.binance.market_history import Fetch, MarketHistory
from geobuk.venues.binance.market_messages import BookTicker, TradePrint


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """What is subscribed and how patient the feed is; durations in seconds.

    ``interval`` of bars, empty for none. ``has_depth`` keeps a local book of each instrument. The venue allows 1,024
    streams a connection; fewer keep one break small. An instrument whose mark price, due every second, stays away for
    ``stale_after_s`` has its connection renewed; after twice that, or after ``longest_break_s`` without a connection,
    the feed raises. ``quote_backlog`` events may wait before older quotes give way to newer ones; ``most_waiting``
    events, then the feed raises.
    """

    stream_url: str = "wss://fstream.binance.com"
    venue: str = "binance"
    interval: str = "1m"
    has_quotes: bool = True
    has_depth: bool = False
    streams_per_connection: int = 200
    stale_after_s: float = 15.0
    longest_break_s: float = 120.0
    quote_backlog: int = 1_000
    most_waiting: int = 1_000_000
    stream: StreamSpec = field(default_factory=StreamSpec)
    seed: int = 0


@dataclass(slots=True)
class _Link:
    """One connection and whom it serves."""

    path: str
    instruments: tuple[str, ...]
    stream: Stream
    down_since: float | None
    renewed_at: float = float("-inf")


class BinanceFeed:
    """A ``geobuk.ports.Feed``. Each call of :meth:`events` is a subscription with connections of its own.

    ``on_state`` hears the path and state of every connection; ``fetch`` asks REST for what a break has missed.
    """

    def __init__(
        self,
        fetch: Fetch,
        spec: FeedSpec | None = None,
        on_state: Callable[[str, StreamState, str], None] = lambda path, state, reason: None,
    ) -> None:
        self._history = MarketHistory(fetch, (spec or FeedSpec()).venue)
        self._spec = spec or FeedSpec()
        self._on_state = on_state
        self.books: dict[str, LocalBook] = {}
        """Local books by instrument, where the spec asks for depth; void until their first snapshot."""

    async def events(self, instruments: Sequence[str]) -> AsyncGenerator[MarketEvent, None]:
        """Trades complete and in order, quotes conflated where the reader is slow, marks, closed bars, funding.

        Raises
        ------
        NetworkError
            A break that could not be repaired: too long, not to be fetched, or an instrument that stays silent.
        """
        subscription = _Subscription(self._spec, self._history, self._on_state, tuple(instruments))
        ready = subscription.ready
        self.books, trade, quote = ready.books, ready.trade, ready.quote
        try:
            subscription.start()
            while True:
                for event in await ready.batch():
                    if type(event) is TradePrint:
                        yield trade(event)
                    elif type(event) is BookTicker:
                        yield quote(event)
                    elif event is not None:
                        yield event
        finally:
            await subscription.stop()


class _Subscription:
    """The connections of one call of events, and the watch over them."""

    def __init__(
        self,
        spec: FeedSpec,
        history: MarketHistory,
        on_state: Callable[[str, StreamState, str], None],
        instruments: tuple[str, ...],
    ) -> None:
        self._spec = spec
        self._on_state = on_state
        self._tasks: set[asyncio.Task[None]] = set()
        self.ready = FeedEvents(spec.venue, history, self._start, spec.quote_backlog, spec.most_waiting)
        if spec.has_depth:
            self.ready.books.update({name: LocalBook(name) for name in instruments})
        paths = {"market": self._market_streams}
        if spec.has_quotes or spec.has_depth:
            paths["public"] = self._public_streams
        self._links = [
            self._link(path, names, streams_of)
            for path, streams_of in paths.items()
            for names in _shards(instruments, max(spec.streams_per_connection // len(streams_of("")), 1))
        ]
        self._instruments = instruments

    def start(self) -> None:
        """Open the connections."""
        now = asyncio.get_running_loop().time()
        self.ready.marked_at.update(dict.fromkeys(self._instruments, now))
        for link in self._links:
            link.down_since = now
            self._start(link.stream.run())
        self._start(self._watch())

    async def stop(self) -> None:
        """Close everything and wait until it is closed."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _market_streams(self, name: str) -> list[str]:
        streams = [f"{name}@aggTrade", f"{name}@markPrice@1s"]
        return [*streams, f"{name}@kline_{self._spec.interval}"] if self._spec.interval else streams

    def _public_streams(self, name: str) -> list[str]:
        streams = [f"{name}@bookTicker"] if self._spec.has_quotes else []
        return [*streams, f"{name}@depth@100ms"] if self._spec.has_depth else streams

    def _link(self, path: str, names: tuple[str, ...], streams_of: Callable[[str], list[str]]) -> _Link:
        streams = "/".join(percent_encoded(s, safe="@_") for name in names for s in streams_of(name.lower()))
        address = f"{self._spec.stream_url}/{path}/stream?streams={streams}"

        async def url() -> str:
            return address

        def on_state(state: StreamState, reason: str) -> None:
            self._on_link_state(link, state, reason)

        stream = Stream(url, _unused, on_state, self._spec.stream, self._spec.seed, on_frames=self.ready.on_frames)
        link = _Link(path, names, stream, None)
        return link

    def _on_link_state(self, link: _Link, state: StreamState, reason: str) -> None:
        if state is StreamState.LIVE and link.path == "public":
            self.ready.void_books(link.instruments)
        self._on_state(link.path, state, reason)

    async def _watch(self) -> None:
        """Renew the connection of an instrument that fell silent; end the feed where nothing helps."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(self._spec.stale_after_s, self._spec.longest_break_s) / 8)
            self.ready.digest()  # a reader that is busy elsewhere is no silence of the venue
            for link in self._links:
                self._judge_break(link, loop.time())
                if link.path == "market" and link.down_since is None:
                    self._judge_silence(link, loop.time())

    def _judge_break(self, link: _Link, now: float) -> None:
        """A server that lets us in and drops us again is no connection: only messages count."""
        if not (link.stream.is_live and link.stream.messages):
            link.down_since = now if link.down_since is None else link.down_since
            if now - link.down_since >= self._spec.longest_break_s:
                raise NetworkError(
                    f"nothing from {self._spec.stream_url}/{link.path} for {now - link.down_since:.0f} s",
                    cure="check the network and the venue's status",
                )
        elif link.down_since is not None:
            link.down_since = None
            self.ready.marked_at.update(dict.fromkeys(link.instruments, now))

    def _judge_silence(self, link: _Link, now: float) -> None:
        patience_s = self._spec.stale_after_s
        for name in link.instruments:
            silence_s = now - self.ready.marked_at[name]
            if silence_s >= 2 * patience_s:
                raise NetworkError(
                    f"{name}: no mark price for {silence_s:.0f} s on an open connection",
                    cure="ask the venue whether the instrument is traded",
                )
            if silence_s >= patience_s and now - link.renewed_at >= patience_s:
                link.renewed_at = now
                link.stream.renew(f"{name} fell silent")

    def _start(self, work: Coroutine[Any, Any, None] | Awaitable[None]) -> None:
        """Run a task whose failure ends the feed."""
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.ready.fail(error)


def _unused(frame: bytes) -> None:
    """Frames come in batches here."""


def _shards(names: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    return [names[start : start + size] for start in range(0, len(names), size)]
