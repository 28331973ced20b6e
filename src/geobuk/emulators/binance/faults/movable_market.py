"""A market whose prices can be moved by hand: everything that follows happens that much higher or lower."""

from decimal import Decimal

import numpy as np

from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.market import Market

_PRICED = (Happening.LEVEL, Happening.TRADE, Happening.MARK, Happening.INDEX)


class MovableMarket:
    """Another market, moved. Instruments that were not moved are untouched."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._offsets: dict[str, int] = {}
        self._decimals = {rules.name: rules.price_decimals for rules in market.rules}

    @property
    def rules(self) -> tuple[MarketRules, ...]:
        return self._market.rules

    @property
    def start_ns(self) -> int:
        return self._market.start_ns

    @property
    def end_ns(self) -> int | None:
        return self._market.end_ns

    def until(self, at_ns: int) -> list[tuple[str, MarketArray]]:
        """See :class:`Market`."""
        return [(name, self._moved(name, rows)) for name, rows in self._market.until(at_ns)]

    def move(self, instrument: str, by: Decimal) -> None:
        """Add to all prices from now on, in the quote currency; whole ticks keep the book on its grid."""
        self._offsets[instrument] = self._offsets.get(instrument, 0) + int(by * 10 ** self._decimals[instrument])

    def _moved(self, name: str, rows: MarketArray) -> MarketArray:
        offset = self._offsets.get(name, 0)
        if offset == 0:
            return rows
        moved = rows.copy()
        moved["price"][np.isin(rows["kind"], _PRICED)] += offset
        np.maximum(moved["price"], 1, out=moved["price"], where=np.isin(rows["kind"], _PRICED))
        return moved
