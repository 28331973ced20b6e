"""Between frames and whoever reads events: decodes in batches, keeps order and completeness, lets quotes give way.

A gap in the numbers of trades or in the times of bars holds that instrument's events back until REST has filled it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from geobuk.domain.bar import MarketEvent, Trade
from geobuk.domain.errors import NetworkError
from geobuk.domain.times import NS_PER_MS, interval_ns
from geobuk.venues.binance.local_book import BookOutcome, LocalBook
from geobuk.venues.binance.market_events import EventMaker
from geobuk.venues.binance.market_history import MarketHistory
from geobuk.venues.binance.market_messages import BookTicker, FeedMessage, Kline, MarkPriceUpdate, TradePrint
from geobuk.venues.binance.market_reader import MarketReader

_DIGEST_AT = 4096
_DEPTH_MARK = b"@depth"
_FUNDING_TRIES = 20
_MOST_REPEATED = 1_000_000
"""So many trades may come again after a change of connection."""


@dataclass(slots=True)
class _Prints:
    """One instrument's trades: the last number told, and what waits for a gap to be filled."""

    last: int = -1
    held: list[Trade] | None = None


@dataclass(slots=True)
class _Bars:
    """One instrument's bars: when the next one opens (0: not known yet), and what waits."""

    next_ms: int = 0
    held: list[Kline] | None = None


class FeedEvents:
    """Takes frames, gives events. ``start`` runs a coroutine whose failure comes back through :meth:`fail`."""

    def __init__(
        self,
        venue: str,
        history: MarketHistory,
        start: Callable[[Coroutine[Any, Any, None]], None],
        quote_backlog: int,
        most_waiting: int,
    ) -> None:
        self._history = history
        self._start = start
        self._quote_backlog = quote_backlog
        self._most_waiting = most_waiting
        self._make = EventMaker(venue)
        self.trade, self.quote = self._make.trade, self._make.quote
        self._frames: list[bytes] = []
        self._events: list[MarketEvent | TradePrint | BookTicker | None] = []
        self._waiter: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        self._prints: dict[str, _Prints] = {}
        self._bars: dict[str, _Bars] = {}
        self._next_funding: dict[str, int] = {}
        self._quotes_at: dict[str, int] = {}
        self._asking: set[str] = set()
        self.books: dict[str, LocalBook] = {}
        self.marked_at: dict[str, float] = {}
        self.reader = MarketReader()
        self.conflated = 0
        """Quotes that gave way to a newer one of their instrument."""

    def on_frames(self, frames: list[bytes]) -> None:
        """Take combined frames."""
        self._frames += frames
        if self._waiter is not None:
            self._wake()
        elif len(self._frames) >= _DIGEST_AT:
            self.digest()

    async def batch(self) -> list[MarketEvent | TradePrint | BookTicker | None]:
        """What has come since, at least one; raises what :meth:`fail` was told, after what came before it.

        Of prints and quotes ``trade`` and ``quote`` make the events, when they are read and not before: a backlog of
        tuples would keep the garbage collector busy. None stands for a quote that gave way.
        """
        while True:
            self.digest()
            if self._events:
                ready, self._events = self._events, []
                self._quotes_at.clear()
                return ready
            if self._failure is not None:
                raise self._failure
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def fail(self, error: BaseException) -> None:
        """End the feed with an error."""
        self._failure = self._failure or error
        self._wake()

    def void_books(self, instruments: Iterable[str]) -> None:
        """A connection began anew: books must begin with a fresh snapshot."""
        for name in instruments:
            if (book := self.books.get(name)) is not None:
                if book.is_synced:
                    book.drop()
                self._ask_depth(name)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def digest(self) -> None:
        """Decode what has come, all at once: a batch costs less than one by one."""
        if not self._frames:
            return
        frames, self._frames = self._frames, []
        if self.books:
            frames = [frame for frame in frames if not self._took_depth(frame)]
            if not frames:
                return
        prints, append = self._prints, self._events.append
        for combined in self.reader.read_lines(frames):
            told = combined.data
            if type(told) is not TradePrint:
                self._on_message(told)
                continue
            line = prints.get(told.symbol)
            number = told.number
            if line is not None and number == line.last + 1 and line.held is None:
                line.last = number
                append(told)
            else:
                self._on_irregular(told, line)
        if len(self._events) > self._most_waiting:
            raise NetworkError(
                f"{len(self._events):,} market events wait to be read: the reader is too slow",
                cure="subscribe to less, or do less for each event",
            )

    def _on_message(self, told: FeedMessage) -> None:
        if type(told) is BookTicker:
            self._on_quote(told)
        elif type(told) is MarkPriceUpdate:
            self._on_mark(told)
        elif type(told) is Kline:
            self._on_kline(told)

    def _on_irregular(self, told: TradePrint, line: _Prints | None) -> None:
        """The first trade of an instrument, one that came twice, or one after a gap."""
        if line is None:
            line = self._prints[told.symbol] = _Prints(told.number - 1)
        if told.number < line.last - _MOST_REPEATED:
            raise NetworkError(
                f"{told.symbol}: trade {told.number} follows trade {line.last}: the venue counts anew",
                cure="start the feed again",
            )
        if told.number <= line.last:
            return
        trade = self._make.trade(told)
        if line.held is not None:
            line.held.append(trade)
        elif told.number == line.last + 1:
            line.last = told.number
            self._events.append(trade)
        else:
            line.held = [trade]
            self._start(self._fill_trades(told.symbol, line))

    async def _fill_trades(self, name: str, line: _Prints) -> None:
        """Fetch the missing numbers, then tell what was held; what came twice meanwhile is told once."""
        while line.held:
            upto = line.held[0].trade_id
            self._tell(line, await self._history.trades(name, line.last + 1, upto))
            line.last = max(line.last, upto - 1)
            while line.held and line.held[0].trade_id <= line.last + 1:
                self._tell(line, [line.held.pop(0)])
        line.held = None
        self._wake()

    def _tell(self, line: _Prints, trades: list[Trade]) -> None:
        for trade in trades:
            if trade.trade_id > line.last:
                line.last = trade.trade_id
                self._events.append(trade)

    def _on_quote(self, told: BookTicker) -> None:
        events = self._events
        if len(events) >= self._quote_backlog:
            older = self._quotes_at.get(told.symbol)
            if older is not None:
                events[older] = None
                self.conflated += 1
        self._quotes_at[told.symbol] = len(events)
        events.append(told)

    def _on_mark(self, told: MarkPriceUpdate) -> None:
        self.marked_at[told.symbol] = asyncio.get_running_loop().time()
        self._events.append(self._make.mark(told))
        due = self._next_funding.get(told.symbol, 0)
        self._next_funding[told.symbol] = told.next_funding_ms
        if due and told.next_funding_ms > due:
            self._start(self._tell_funding(told.symbol, due))

    async def _tell_funding(self, name: str, due_ms: int) -> None:
        for attempt in range(_FUNDING_TRIES):
            funding = await self._history.funding(name, due_ms)
            if funding is not None:
                self._events.append(funding)
                self._wake()
                return
            await asyncio.sleep(min(0.5 * 2**attempt, 30.0))
        raise NetworkError(
            f"{name}: the venue does not tell the funding settled at {due_ms}", cure="start the feed again"
        )

    def _on_kline(self, told: Kline) -> None:
        bars = self._bars.get(told.symbol)
        if bars is None:
            bars = self._bars[told.symbol] = _Bars(told.candle.open_ms)
        if bars.held is not None:
            if told.candle.is_closed:
                bars.held.append(told)
        elif told.candle.open_ms > bars.next_ms:
            bars.held = [told]
            self._start(self._fill_bars(told.symbol, bars))
        elif told.candle.is_closed and told.candle.open_ms == bars.next_ms:
            self._tell_bar(told, bars)

    async def _fill_bars(self, name: str, bars: _Bars) -> None:
        while bars.held:
            upto = bars.held[0].candle
            if upto.open_ms > bars.next_ms:
                self._events += await self._history.bars(name, upto.interval, bars.next_ms, upto.open_ms)
                bars.next_ms = upto.open_ms
            told = bars.held.pop(0)
            if told.candle.is_closed and told.candle.open_ms == bars.next_ms:
                self._tell_bar(told, bars)
        bars.held = None
        self._wake()

    def _tell_bar(self, told: Kline, bars: _Bars) -> None:
        bars.next_ms = told.candle.open_ms + interval_ns(told.candle.interval) // NS_PER_MS
        self._events.append(self._make.bar(told.symbol, told.candle))

    def _took_depth(self, frame: bytes) -> bool:
        """Give a depth frame to its book; the stream's name stands at the frame's start."""
        end = frame.find(_DEPTH_MARK, 0, 64)
        if end < 0:
            return False
        name = frame[frame.rfind(b'"', 0, end) + 1 : end].decode().upper()
        book = self.books.get(name)
        if book is not None and book.on_update(frame) not in {BookOutcome.APPLIED, BookOutcome.OLD}:
            self._ask_depth(name)
        return book is not None

    def _ask_depth(self, name: str) -> None:
        if name not in self._asking:
            self._asking.add(name)
            self._start(self._snapshot(name))

    async def _snapshot(self, name: str) -> None:
        """Ask for a snapshot until it joins the changes that wait."""
        try:
            pause_s = 0.25
            while not self.books[name].on_snapshot(await self._history.depth(name)):
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, 10.0)
        finally:
            self._asking.discard(name)
