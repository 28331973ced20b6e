"""Stream names as the venue spells them, and which path delivers which."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Route(StrEnum):
    """The first part of a stream's path. UNROUTED is the old ``/ws`` and ``/stream``: public data only."""

    PUBLIC = "public"
    MARKET = "market"
    PRIVATE = "private"
    UNROUTED = ""

    def delivers(self, kind: "Kind") -> bool:
        """Whether a stream of that kind is heard here; elsewhere it is accepted and stays silent."""
        if self is Route.MARKET:
            return kind in _MARKET
        return self is not Route.PRIVATE and kind in _PUBLIC


class Kind(StrEnum):
    """What a stream tells."""

    AGG_TRADE = "aggTrade"
    TRADE = "trade"
    MARK_PRICE = "markPrice"
    KLINE = "kline"
    CONTINUOUS_KLINE = "continuousKline"
    MINI_TICKER = "miniTicker"
    TICKER = "ticker"
    BOOK_TICKER = "bookTicker"
    DEPTH = "depth"
    TOP = "top"
    FORCE_ORDER = "forceOrder"
    CONTRACT_INFO = "contractInfo"


_PUBLIC = frozenset({Kind.BOOK_TICKER, Kind.DEPTH, Kind.TOP, Kind.TRADE})
_MARKET = frozenset(Kind) - {Kind.BOOK_TICKER, Kind.DEPTH, Kind.TOP}

INTERVALS = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1_800,
    "1h": 3_600,
    "2h": 7_200,
    "4h": 14_400,
    "6h": 21_600,
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
    "3d": 259_200,
    "1w": 604_800,
    "1M": 2_592_000,
}
"""Kline intervals in seconds; a month is taken as 30 days only to order them."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a stream name means. ``instrument`` is empty for all; ``parameter`` is a kline's interval or a book's depth.

    ``period_ms`` is how often it is told; 0 means at once. Names that mean the same share one topic.
    """

    kind: Kind
    instrument: str = ""
    parameter: str = ""
    period_ms: int = 0


_SPEEDS = {"": 250, "100ms": 100, "250ms": 250, "500ms": 500}
_ALL = {
    "!bookTicker": Topic(Kind.BOOK_TICKER, period_ms=5_000),
    "!miniTicker@arr": Topic(Kind.MINI_TICKER, period_ms=1_000),
    "!ticker@arr": Topic(Kind.TICKER, period_ms=1_000),
    "!markPrice@arr": Topic(Kind.MARK_PRICE, period_ms=3_000),
    "!markPrice@arr@1s": Topic(Kind.MARK_PRICE, period_ms=1_000),
    "!forceOrder@arr": Topic(Kind.FORCE_ORDER, period_ms=1_000),
    "!contractInfo": Topic(Kind.CONTRACT_INFO),
}
_PLAIN = {
    "aggTrade": (Kind.AGG_TRADE, 100),
    "trade": (Kind.TRADE, 0),
    "markPrice": (Kind.MARK_PRICE, 3_000),
    "markPrice@3s": (Kind.MARK_PRICE, 3_000),
    "markPrice@1s": (Kind.MARK_PRICE, 1_000),
    "miniTicker": (Kind.MINI_TICKER, 2_000),
    "ticker": (Kind.TICKER, 2_000),
    "bookTicker": (Kind.BOOK_TICKER, 0),
    "forceOrder": (Kind.FORCE_ORDER, 1_000),
}
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(100ms|250ms|500ms))?")
_CONTINUOUS = re.compile(r"(?P<pair>[^@]+)_perpetual@continuousKline_(?P<interval>\w+)")


def topic_of(name: str) -> Topic | None:
    """What a stream name means; None where it means nothing (the venue accepts it and stays silent)."""
    if name in _ALL:
        return _ALL[name]
    continuous = _CONTINUOUS.fullmatch(name)
    if continuous is not None:
        interval = continuous["interval"]
        known = interval in INTERVALS
        return Topic(Kind.CONTINUOUS_KLINE, continuous["pair"].upper(), interval, 250) if known else None
    instrument, at, rest = name.partition("@")
    if not at or not instrument or instrument != instrument.lower():
        return None
    return _of_instrument(instrument.upper(), rest)


def _of_instrument(instrument: str, rest: str) -> Topic | None:
    if rest in _PLAIN:
        kind, period = _PLAIN[rest]
        return Topic(kind, instrument, period_ms=period)
    depth = _DEPTH.fullmatch(rest)
    if depth is not None:
        kind = Kind.TOP if depth[1] else Kind.DEPTH
        return Topic(kind, instrument, depth[1] or "", _SPEEDS[depth[2] or ""])
    if rest == "rpiDepth@500ms":  # no retail price improvement orders here: it is the book itself
        return Topic(Kind.DEPTH, instrument, "rpi", 500)
    interval = rest.removeprefix("kline_")
    if rest.startswith("kline_") and interval in INTERVALS:
        return Topic(Kind.KLINE, instrument, interval, 250)
    return None
