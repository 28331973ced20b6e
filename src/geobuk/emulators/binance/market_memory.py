"""What the venue remembers of one instrument: prints, aggregates, candles, the day's figures, funding, liquidations."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.candles import DAY_MS, HOUR_MS, INTERVALS, Candle, CandleSeries
from geobuk.emulators.binance.past import Past
from geobuk.matching.engine.orders import Order
from geobuk.matching.engine.reports import TradeReport

KEPT_TRADES = 20_000
KEPT_LIQUIDATIONS = 1_000
KEPT_FUNDING = 1_000
QUARTER_MS = 900_000
MOST_CANDLES = 1_500


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
    """Everything public about one instrument's past. ``make_past`` makes up what was before its first price."""

    instrument: str
    funding_hours: int = 8
    make_past: Callable[[Decimal], Past] | None = None
    past: Past | None = None
    trades: deque[Print] = field(default_factory=lambda: deque(maxlen=KEPT_TRADES))
    aggregates: deque[Aggregate] = field(default_factory=lambda: deque(maxlen=KEPT_TRADES))
    last: CandleSeries = field(default_factory=CandleSeries)
    mark: CandleSeries = field(default_factory=CandleSeries)
    index: CandleSeries = field(default_factory=CandleSeries)
    premium: CandleSeries = field(default_factory=CandleSeries)
    funding: deque[FundingPayment] = field(default_factory=lambda: deque(maxlen=KEPT_FUNDING))
    past_funding: list[FundingPayment] = field(default_factory=list)
    past_day: list[Candle] = field(default_factory=list)
    liquidations: deque[Order] = field(default_factory=lambda: deque(maxlen=KEPT_LIQUIDATIONS))
    next_aggregate_id: int = 1

    @property
    def has_begun(self) -> bool:
        """Whether there is a past, if there is to be one."""
        return self.past is not None or self.make_past is None

    def begin(self, price: Decimal) -> None:
        """The first price there is: what was before leads up to it."""
        if not self.has_begun and self.make_past is not None:
            self.past = self.make_past(price)

    def record_trade(self, report: TradeReport) -> None:
        at_ms = report.at_ns // NS_PER_MS
        is_buyer_maker = report.aggressor is Side.SELL
        price, quantity = report.price, report.quantity
        self.begin(price)
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
        rows = self._with_past(kind, interval, start_ms, end_ms)
        if end_ms is not None:
            rows = [row for row in rows if row.open_ms <= end_ms]
        if start_ms is not None:
            return [row for row in rows if row.open_ms >= start_ms][:limit]
        return rows[-limit:]

    def payments(self) -> list[FundingPayment]:
        """Every funding event, oldest first, the made-up ones before the market began among them."""
        if self.past is not None and not self.past_funding:
            step = self.funding_hours * HOUR_MS
            last = (self.past.start_ms - 1) // step * step
            times = [last - number * step for number in range(KEPT_FUNDING)]
            past = self.past
            self.past_funding = [FundingPayment(at, past.rate_at(at), past.price_at(at)) for at in reversed(times)]
        return [*self.past_funding, *self.funding]

    def _day_before(self) -> list[Candle]:
        """Quarter hours of the day before the market began."""
        if self.past is not None and not self.past_day:
            start = self.past.start_ms
            self.past_day = self.past.between("last", "15m", start - DAY_MS, start)
        return self.past_day

    def _with_past(self, kind: str, interval: str, start_ms: int | None, end_ms: int | None) -> list[Candle]:
        seen = self.candles(kind, interval)
        if self.past is None:
            return seen
        before = self.past.newest(kind, interval)
        asked = start_ms if start_ms is not None else end_ms
        if before and asked is not None and asked < before[0].open_ms:
            if start_ms is not None:
                return self.past.between(kind, interval, start_ms, (end_ms or self.past.start_ms) + 1)
            length = INTERVALS[interval] or 31 * DAY_MS
            return self.past.between(kind, interval, asked - length * MOST_CANDLES, asked + 1)
        if before and seen and before[-1].open_ms == seen[0].open_ms:
            return [*before[:-1], before[-1].then(seen[0]), *seen[1:]]
        return [*before, *seen]

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
        """Figures of the last 24 hours by quarter hours; None before anything traded."""
        start = now_ms - DAY_MS
        quarters = [candle for candle in self._day_before() if candle.open_ms > start]
        quarters += [candle for candle in self.last.candles("15m")[-97:] if candle.open_ms > start - QUARTER_MS]
        if not quarters:
            return None
        figures = quarters[0]
        for candle in quarters[1:]:
            figures = figures.then(candle)
        newest = self.trades[-1] if self.trades else None
        quantity = newest.quantity if newest else Decimal(0)
        close = newest.price if newest else figures.close
        return DayFigures(start, now_ms, figures, close, quantity, max(0, figures.first_id), max(0, figures.last_id))

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
