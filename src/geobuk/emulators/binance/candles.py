"""Candles from prints and samples: minutes first, every longer interval folded from its minutes."""

import calendar
import time
from dataclasses import dataclass, replace
from decimal import Decimal

MINUTE_MS = 60_000
KEPT_CANDLES = 20_000
"""Of each interval at least; two weeks of minutes."""
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
INTERVALS: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": 7 * DAY_MS,
    "1M": 0,
}
"""Lengths in milliseconds; a month has none."""
_WEEK_OFFSET_MS = 4 * DAY_MS  # the epoch was a Thursday, weeks open on Mondays


@dataclass(frozen=True, slots=True)
class Candle:
    """One interval. ``count`` is trades, or samples of a mark or index price."""

    open_ms: int
    close_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)
    quote_volume: Decimal = Decimal(0)
    count: int = 0
    taker_volume: Decimal = Decimal(0)
    taker_quote_volume: Decimal = Decimal(0)
    first_id: int = -1
    last_id: int = -1

    def then(self, later: "Candle") -> "Candle":
        """This candle and what came after it within the same interval, as one; minutes without trades count nothing."""
        if later.count == 0:
            return self
        if self.count == 0:
            return replace(later, open_ms=self.open_ms, close_ms=self.close_ms)
        return replace(
            self,
            high=max(self.high, later.high),
            low=min(self.low, later.low),
            close=later.close,
            volume=self.volume + later.volume,
            quote_volume=self.quote_volume + later.quote_volume,
            count=self.count + later.count,
            taker_volume=self.taker_volume + later.taker_volume,
            taker_quote_volume=self.taker_quote_volume + later.taker_quote_volume,
            first_id=later.first_id if self.first_id < 0 else self.first_id,
            last_id=self.last_id if later.last_id < 0 else later.last_id,
        )


def opens_at(at_ms: int, interval: str) -> int:
    """When the candle around a moment opened."""
    if interval == "1M":
        date = time.gmtime(at_ms // 1000)
        return calendar.timegm((date.tm_year, date.tm_mon, 1, 0, 0, 0)) * 1000
    length = INTERVALS[interval]
    offset = _WEEK_OFFSET_MS if interval == "1w" else 0
    return (at_ms - offset) // length * length + offset


def closes_at(open_ms: int, interval: str) -> int:
    """The last millisecond of the candle that opened then."""
    if interval == "1M":
        return opens_at(open_ms + 32 * DAY_MS, interval) - 1
    return open_ms + INTERVALS[interval] - 1


class CandleSeries:
    """One price's candles of every interval. Minutes in which nothing happened repeat the last close."""

    def __init__(self) -> None:
        self._minute: Candle | None = None
        self._folded: dict[str, list[Candle]] = {interval: [] for interval in INTERVALS}

    @property
    def is_empty(self) -> bool:
        return self._minute is None

    @property
    def first_ms(self) -> int | None:
        """When the first minute opened, None before."""
        minutes = self._folded["1m"]
        first = minutes[0] if minutes else self._minute
        return None if first is None else first.open_ms

    def add(self, at_ms: int, piece: Candle) -> None:
        """Count a print or sample, a candle of its own whose times do not matter."""
        self.roll(at_ms)
        if self._minute is None:
            start = opens_at(at_ms, "1m")
            self._minute = replace(piece, open_ms=start, close_ms=closes_at(start, "1m"))
        else:
            self._minute = self._minute.then(piece)

    def roll(self, now_ms: int) -> None:
        """Close the minutes that are over."""
        while self._minute is not None and now_ms > self._minute.close_ms:
            closed = self._minute
            self._fold(closed)
            start = closed.close_ms + 1
            price = closed.close
            self._minute = Candle(start, closes_at(start, "1m"), price, price, price, price)

    def candles(self, interval: str) -> list[Candle]:
        """All candles, oldest first; the last one is still open."""
        closed = self._folded[interval]
        if self._minute is None:
            return list(closed)
        current = self._current(interval)
        return [*closed[: -1 if self._continues(interval) else None], current]

    def current(self, interval: str) -> Candle | None:
        """The open candle, None before the first print."""
        return None if self._minute is None else self._current(interval)

    def last_closed(self, interval: str) -> Candle | None:
        """The newest candle that is over."""
        closed = self._folded[interval]
        index = -2 if self._continues(interval) else -1
        return closed[index] if len(closed) >= -index else None

    def _continues(self, interval: str) -> bool:
        closed = self._folded[interval]
        return bool(closed) and self._minute is not None and closed[-1].close_ms >= self._minute.close_ms

    def _current(self, interval: str) -> Candle:
        assert self._minute is not None, "callers looked"
        if self._continues(interval):
            return self._folded[interval][-1].then(self._minute)
        start = opens_at(self._minute.open_ms, interval)
        return replace(self._minute, open_ms=start, close_ms=closes_at(start, interval))

    def _fold(self, minute: Candle) -> None:
        for interval, folded in self._folded.items():
            start = opens_at(minute.open_ms, interval)
            if folded and folded[-1].open_ms == start:
                folded[-1] = folded[-1].then(minute)
            else:
                folded.append(replace(minute, open_ms=start, close_ms=closes_at(start, interval)))
                if len(folded) > 2 * KEPT_CANDLES:
                    del folded[:-KEPT_CANDLES]
