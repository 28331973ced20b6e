"""What the venue remembers of one instrument: prints, aggregates, candles, the day's figures, funding, liquidations."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from geobuk.domain.order import Side
from geobuk.emulators.binance.candles import DAY_MS, MINUTE_MS, Candle, CandleSeries
from geobuk.emulators.binance.clock import NS_PER_MS
from geobuk.matching.engine.orders import Order
from geobuk.matching.engine.reports import TradeReport

KEPT_TRADES = 20_000
KEPT_LIQUIDATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Print:
    """One trade of the market."""

    id: int
    price: Decimal
    quantity: Decimal
    at_ms: int
    is_buyer_maker: bool


@dataclass(slots=True)
class Aggregate:
    """Prints of one taker order at one price within one millisecond."""

    id: int
    price: Decimal
    quantity: Decimal
    first_id: int
    last_id: int
    at_ms: int
    is_buyer_maker: bool


@dataclass(frozen=True, slots=True)
class FundingPayment:
    """A funding event: the rate that was paid, and the mark price it was paid on."""

    at_ms: int
    rate: Decimal
    mark_price: Decimal


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The last 24 hours."""

    open_ms: int
    close_ms: int
    candle: Candle
    last_price: Decimal
    last_quantity: Decimal
    first_id: int
    last_id: int


@dataclass(slots=True)
class MarketMemory:
    """Everything public about one instrument's past. ``history`` gives candles from before the market began."""

    instrument: str
    history: Callable[[str, str, int, int], list[Candle]] | None = None
    trades: deque[Print] = field(default_factory=lambda: deque(maxlen=KEPT_TRADES))
    aggregates: deque[Aggregate] = field(default_factory=lambda: deque(maxlen=KEPT_TRADES))
    last: CandleSeries = field(default_factory=CandleSeries)
    mark: CandleSeries = field(default_factory=CandleSeries)
    index: CandleSeries = field(default_factory=CandleSeries)
    premium: CandleSeries = field(default_factory=CandleSeries)
    funding: list[FundingPayment] = field(default_factory=list)
    liquidations: deque[Order] = field(default_factory=lambda: deque(maxlen=KEPT_LIQUIDATIONS))
    next_aggregate_id: int = 1

    def record_trade(self, report: TradeReport) -> None:
        at_ms = report.at_ns // NS_PER_MS
        is_buyer_maker = report.aggressor is Side.SELL
        price, quantity = report.price, report.quantity
        self.trades.append(Print(report.trade_id, price, quantity, at_ms, is_buyer_maker))
        self._aggregate(self.trades[-1])
        quote = price * quantity
        taker = (Decimal(0), Decimal(0)) if is_buyer_maker else (quantity, quote)
        piece = Candle(0, 0, price, price, price, price, quantity, quote, 1, *taker, report.trade_id, report.trade_id)
        self.last.add(at_ms, piece)

    def sample(self, at_ms: int, mark: Decimal | None, index: Decimal | None) -> None:
        """Take the mark and index price into their candles; at most once a second of the venue's time."""
        self.last.roll(at_ms)
        prices = ((self.mark, mark), (self.index, index))
        for series, price in prices:
            if price:
                series.add(at_ms, Candle(0, 0, price, price, price, price, count=1))
        if mark and index:
            premium = ((mark - index) / index).quantize(Decimal("1e-8"))
            self.premium.add(at_ms, Candle(0, 0, premium, premium, premium, premium, count=1))

    def candles(self, kind: str, interval: str) -> list[Candle]:
        """What was seen, oldest first, the open candle last. ``kind``: last, mark, index or premium."""
        series: CandleSeries = getattr(self, kind)
        return series.candles(interval)

    def window(self, kind: str, interval: str, limit: int, start_ms: int | None, end_ms: int | None) -> list[Candle]:
        """The first candles that open at or after ``start_ms``, or the last ones that open until ``end_ms``."""
        rows = self.candles(kind, interval)
        if end_ms is not None:
            rows = [row for row in rows if row.open_ms <= end_ms]
        if start_ms is not None:
            return [row for row in rows if row.open_ms >= start_ms][:limit]
        return rows[-limit:]

    def payments(self) -> list[FundingPayment]:
        """Every funding event, oldest first."""
        return self.funding

    def trades_from(self, first_id: int, limit: int) -> list[Print]:
        rows = list(self.trades)
        start = bisect_left(rows, first_id, key=lambda row: row.id)
        return rows[start : start + limit]

    def aggregates_since(self, after_id: int) -> list[Aggregate]:
        """Aggregates with greater ids, oldest first; the last may still grow within its millisecond."""
        newest = self.aggregates[-1].id if self.aggregates else 0
        count = min(newest - after_id, len(self.aggregates))
        return [self.aggregates[index] for index in range(len(self.aggregates) - count, len(self.aggregates))]

    def day(self, now_ms: int) -> DayFigures | None:
        """Figures of the last 24 hours by whole minutes; None before anything traded."""
        minutes = self.last.candles("1m")
        if not minutes:
            return None
        start = now_ms - DAY_MS
        first = bisect_left(minutes, start // MINUTE_MS * MINUTE_MS, key=lambda candle: candle.open_ms)
        figures = minutes[first]
        for candle in minutes[first + 1 :]:
            figures = figures.then(candle)
        newest = self.trades[-1] if self.trades else None
        quantity = newest.quantity if newest else Decimal(0)
        close = newest.price if newest else figures.close
        return DayFigures(start, now_ms, figures, close, quantity, figures.first_id, figures.last_id)

    def _aggregate(self, row: Print) -> None:
        held = self.aggregates[-1] if self.aggregates else None
        same = held is not None and (held.at_ms, held.price, held.is_buyer_maker) == (
            row.at_ms,
            row.price,
            row.is_buyer_maker,
        )
        if held is not None and same:
            held.quantity += row.quantity
            held.last_id = row.id
            return
        self.aggregates.append(
            Aggregate(self.next_aggregate_id, row.price, row.quantity, row.id, row.id, row.at_ms, row.is_buyer_maker)
        )
        self.next_aggregate_id += 1
