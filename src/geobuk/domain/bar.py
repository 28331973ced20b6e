"""Market events as values: bars, quotes, the market's prints, marks and funding."""

from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.order import Side


@dataclass(frozen=True, slots=True)
class Bar:
    """Prices from ``at_ns`` (open time) for ``interval_ns``; ``volume`` in base units."""

    venue: str
    instrument: str
    at_ns: int
    interval_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """A print of the market, not ours. ``aggressor`` is the side that took."""

    venue: str
    instrument: str
    at_ns: int
    price: Decimal
    quantity: Decimal
    aggressor: Side


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask."""

    venue: str
    instrument: str
    at_ns: int
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The venue's mark price."""

    venue: str
    instrument: str
    at_ns: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Funding:
    """A settled funding rate: a long pays ``rate`` * notional at mark when it is positive."""

    venue: str
    instrument: str
    at_ns: int
    rate: Decimal


MarketEvent = Bar | Trade | Quote | MarkPrice | Funding
