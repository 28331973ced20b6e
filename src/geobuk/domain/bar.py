"""Market events as values: bars, quotes, the market's prints, marks and funding."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

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


class Trade(NamedTuple):
    """A print of the market, not ours. ``aggressor`` is the side that took.

    A tuple, as :class:`Quote` is: both come by the hundred thousand a second, and a tuple is made in a fifth of the
    time.
    """

    venue: str
    instrument: str
    at_ns: int
    price: Decimal
    quantity: Decimal
    aggressor: Side
    trade_id: int = 0
    """The venue's number, 0 where it gives none; consecutive within an instrument."""


class Quote(NamedTuple):
    """Best bid and ask. Zero quantity: that side is empty."""

    venue: str
    instrument: str
    at_ns: int
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The venue's mark price, with the index and the funding rate to come where it tells them."""

    venue: str
    instrument: str
    at_ns: int
    price: Decimal
    index: Decimal | None = None
    funding_rate: Decimal | None = None
    next_funding_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """A settled funding rate: a long pays ``rate`` * notional at mark when it is positive."""

    venue: str
    instrument: str
    at_ns: int
    rate: Decimal


MarketEvent = Bar | Trade | Quote | MarkPrice | Funding
