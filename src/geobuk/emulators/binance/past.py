"""A made-up past for a market that has just begun: candles and funding that lead up to its first price.

The price at any moment is a sum of noises of many periods, so every interval sees the same path; from a seed, always
the same. It is not data: it lets clients that ask for history at their start go on.
"""

from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from geobuk.emulators.binance.candles import HOUR_MS, INTERVALS, MINUTE_MS, Candle, closes_at, opens_at

FIRST_MS = 1_569_398_400_000
"""When the venue's first perpetual was listed; before that there is nothing."""
KEPT = 1500
_OCTAVES = 21
_MINUTE_VOLATILITY = 0.0005
_MINUTE_WORTH = 2_000_000.0
_Floats = NDArray[np.float64]
_KINDS = {"last": 0.0, "mark": 0.0, "index": 0.00012}


@dataclass(frozen=True, slots=True)
class PastSpec:
    """What a past leads up to. ``price`` is the first of the market, ``start_ms`` the minute in which it began."""

    instrument: str
    price: Decimal
    start_ms: int
    tick: Decimal
    quantity_decimals: int
    seed: int = 0


class Past:
    """Candles before ``start_ms``, newest last; the last one may be the beginning of a candle that goes on."""

    def __init__(self, spec: PastSpec) -> None:
        self._spec = spec
        self.start_ms = spec.start_ms // MINUTE_MS * MINUTE_MS
        self._salt = np.uint64(crc32(spec.instrument.encode()) * 2_654_435_761 + spec.seed * 40_503)
        self._kept: dict[tuple[str, str], list[Candle]] = {}
        self._base = 0.0
        self._base = float(self._log_price(np.array([self.start_ms], np.int64))[0])

    def newest(self, kind: str, interval: str) -> list[Candle]:
        """The last ones, as many as a request may ask for."""
        key = (kind, interval)
        if key not in self._kept:
            opening = self.start_ms - 1
            first = opens_at(opening, interval)
            span = (INTERVALS[interval] or 30 * 24 * HOUR_MS) * KEPT
            first = max(opens_at(first - span, interval), opens_at(FIRST_MS, interval))
            self._kept[key] = self.between(kind, interval, first, self.start_ms)[-KEPT:]
        return self._kept[key]

    def between(self, kind: str, interval: str, from_ms: int, to_ms: int) -> list[Candle]:
        """The candles that open from ``from_ms`` on and before ``to_ms``, at most as many as a request may ask for."""
        opens: list[int] = []
        at = opens_at(max(from_ms, FIRST_MS), interval)
        while at < min(to_ms, self.start_ms) and len(opens) <= KEPT + 1:
            if at >= from_ms:
                opens.append(at)
            at = closes_at(at, interval) + 1
        if not opens:
            return []
        end = min(closes_at(opens[-1], interval) + 1, self.start_ms)
        return self._candles(kind, interval, opens, end)

    def price_at(self, at_ms: int) -> Decimal:
        """The price at a moment before the start."""
        price = float(self._spec.price) * float(np.exp(self._log_price(np.array([at_ms], np.int64))[0]))
        return self._price(price)

    def rate_at(self, at_ms: int) -> Decimal:
        """The funding rate that was paid at a moment, a fraction."""
        wave = float(self._noise(np.array([at_ms // HOUR_MS], np.int64), 5)[0])
        return Decimal(round((0.0001 + 0.00012 * wave) * 1e8)) / 10**8

    def _candles(self, kind: str, interval: str, opens: list[int], end_ms: int) -> list[Candle]:
        length = INTERVALS[interval]
        grid = MINUTE_MS if 0 < length <= HOUR_MS else HOUR_MS
        edges = np.append(np.arange(opens[0], end_ms, grid, dtype=np.int64), end_ms)
        prices = self._prices(kind, edges)
        spread = _MINUTE_VOLATILITY * np.sqrt(grid / MINUTE_MS) * 0.5
        cells = edges[:-1] // MINUTE_MS
        left, right = prices[:-1], prices[1:]
        scale = np.abs(prices).max() * spread if kind == "premium" else spread * np.maximum(left, right)
        high = np.maximum(left, right) + scale * self._uniform(cells, 101)
        low = np.minimum(left, right) - scale * self._uniform(cells, 102)
        starts = np.searchsorted(edges[:-1], np.array(opens, np.int64))
        highs, lows = np.maximum.reduceat(high, starts), np.minimum.reduceat(low, starts)
        minutes = np.add.reduceat((edges[1:] - edges[:-1]) / MINUTE_MS, starts)
        activity = np.add.reduceat((0.4 + 1.2 * self._uniform(cells, 103)), starts) * (grid / MINUTE_MS)
        ends = [*starts[1:], len(left)]
        rows: list[Candle] = []
        for number, open_ms in enumerate(opens):
            ohlc = (left[starts[number]], highs[number], lows[number], right[ends[number] - 1])
            close_ms = closes_at(open_ms, interval)
            rows.append(self._candle(kind, (open_ms, close_ms), ohlc, float(activity[number]), int(minutes[number])))
        return rows

    def _candle(
        self, kind: str, times: tuple[int, int], ohlc: tuple[float, ...], activity: float, minutes: int
    ) -> Candle:
        if kind != "last":
            digits = 8
            o, h, lo, c = (Decimal(round(value * 10**digits)) / 10**digits for value in ohlc)
            return Candle(*times, o, h, lo, c, count=max(1, minutes) * 60)
        o, h, lo, c = (self._price(value) for value in ohlc)
        unit = 10**self._spec.quantity_decimals
        volume = Decimal(round(_MINUTE_WORTH * activity / float(ohlc[0]) * unit)) / unit
        share = Decimal(round(30 + 40 * float(self._uniform(np.array([times[0] // MINUTE_MS]), 104)[0]))) / 100
        quote = volume * (o + c) / 2
        count = max(1, round(300 * activity))
        taken = (volume * share).quantize(Decimal(1) / unit)
        return Candle(*times, o, h, lo, c, volume, quote, count, taken, quote * share)

    def _price(self, value: float) -> Decimal:
        tick = self._spec.tick
        return tick * max(1, round(float(value) / float(tick)))

    def _prices(self, kind: str, at_ms: NDArray[np.int64]) -> _Floats:
        if kind == "premium":
            return np.asarray(0.0003 * self._noise(at_ms // HOUR_MS, 3), dtype=np.float64)
        prices = float(self._spec.price) * np.exp(self._log_price(at_ms)) * (1.0 + _KINDS[kind])
        return np.asarray(prices, dtype=np.float64)

    def _log_price(self, at_ms: NDArray[np.int64]) -> _Floats:
        minutes = at_ms // MINUTE_MS
        total = np.zeros(len(minutes), np.float64)
        for octave in range(_OCTAVES):
            total += _MINUTE_VOLATILITY * 2.0 ** (octave / 2) * self._noise(minutes, octave)
        return np.asarray(total - self._base, dtype=np.float64)

    def _noise(self, numbers: NDArray[np.int64], octave: int) -> _Floats:
        """Between -1 and 1, straight lines between random knots 2**octave apart."""
        knots = numbers >> octave
        part = (numbers - (knots << octave)) / float(1 << octave)
        first, count = int(knots[0]), int(knots[-1] - knots[0]) + 2
        if count < 2 * len(knots):  # numbers rise: knots are shared by neighbours
            values = self._uniform(np.arange(first, first + count, dtype=np.int64), octave)
            left, right = values[knots - first], values[knots - first + 1]
        else:
            left, right = self._uniform(knots, octave), self._uniform(knots + 1, octave)
        return np.asarray(2.0 * (left + (right - left) * part) - 1.0, dtype=np.float64)

    def _uniform(self, numbers: NDArray[np.int64], stream: int) -> _Floats:
        """Splitmix64 of number, stream and salt, as a float in [0, 1)."""
        with np.errstate(over="ignore"):
            state = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + self._salt
            state += np.uint64((stream + 1) * 0xBF58476D1CE4E5B9 % 2**64)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
        return np.asarray((state >> np.uint64(11)).astype(np.float64) / 2.0**53, dtype=np.float64)
