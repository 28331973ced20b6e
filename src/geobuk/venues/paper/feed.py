"""The paper venue's market as a feed: prints as they happen, quote and mark after each step of time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from geobuk.domain.bar import MarketEvent, MarkPrice, Quote, Trade
from geobuk.domain.errors import UnknownNameError
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.reports import TradeReport
from geobuk.venues.paper.stream import Stream


@dataclass
class _Reader:
    stream: Stream[MarketEvent]
    instruments: frozenset[str]
    quotes: dict[str, tuple[object, ...]] = field(default_factory=dict)
    marks: dict[str, tuple[object, ...]] = field(default_factory=dict)
    waiting: list[MarketEvent] = field(default_factory=list)


class PaperFeed:
    """Any number of readers, each with its instruments; events of one step of time come in the order of their time."""

    def __init__(self, venue: str, engine: MatchingEngine) -> None:
        self._venue = venue
        self._engine = engine
        self._readers: list[_Reader] = []
        self._is_closed = False

    @property
    def is_read(self) -> bool:
        """Whether anybody listens."""
        return bool(self._readers)

    async def events(self, instruments: Sequence[str]) -> AsyncIterator[MarketEvent]:
        """See :class:`~geobuk.ports.Feed`; UnknownNameError for an instrument that the venue does not list."""
        for name in instruments:
            if name not in self._engine.instruments:
                raise UnknownNameError("instrument", name, self._engine.instruments)
        reader = _Reader(Stream(f"the feed of {self._venue}"), frozenset(instruments))
        self._readers.append(reader)
        self._engine.reports_trades = True
        if self._is_closed:
            reader.stream.close()
        try:
            async for event in reader.stream.read():
                yield event
        finally:
            self._readers.remove(reader)
            self._engine.reports_trades = bool(self._readers)

    def print_(self, report: TradeReport) -> None:
        """A print happened; it is told with the step that it happened in."""
        trade = Trade(
            venue=self._venue,
            instrument=report.instrument,
            at_ns=report.at_ns,
            price=report.price,
            quantity=report.quantity,
            aggressor=report.aggressor,
            trade_id=report.trade_id,
        )
        for reader in self._readers:
            if report.instrument in reader.instruments:
                reader.waiting.append(trade)

    def step(self, at_ns: int) -> None:
        """A step of time is over: tell its prints, then what quote and mark it ended with, if they changed."""
        for reader in self._readers:
            reader.waiting.sort(key=lambda event: event.at_ns)
            for name in sorted(reader.instruments):
                self._look(reader, name, at_ns)
            for event in reader.waiting:
                reader.stream.put(event)
            reader.waiting.clear()

    def close(self, failure: BaseException | None = None) -> None:
        """The market is over: every reader ends after what it has not read yet."""
        self._is_closed = True
        for reader in self._readers:
            reader.stream.close(failure)

    def _look(self, reader: _Reader, name: str, at_ns: int) -> None:
        best = self._engine.quote(name)
        if best is not None:
            shown = (best.bid, best.bid_quantity, best.ask, best.ask_quantity)
            if reader.quotes.get(name) != shown:
                reader.quotes[name] = shown
                reader.waiting.append(Quote(self._venue, name, at_ns, *shown))
        mark = self._engine.mark_price(name)
        if mark is not None:
            told = (
                mark,
                self._engine.index_price(name),
                self._engine.funding_rate(name),
                self._engine.next_funding_ns(name),
            )
            if reader.marks.get(name) != told:
                reader.marks[name] = told
                reader.waiting.append(MarkPrice(self._venue, name, at_ns, *told))
