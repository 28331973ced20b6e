"""Market rows from values as a venue tells them: texts and decimals become whole units, a quote becomes two levels."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.market_rules import MarketRules

Row = tuple[int, int, int, int, int, int]
"""at_ns, price, quantity, id, kind, side: the fields of MARKET_EVENT."""

RATE_DECIMALS = 8


def array_of(rows: Iterable[Row]) -> MarketArray:
    """An array of rows, in the order given."""
    return np.array(list(rows), dtype=MARKET_EVENT)


class RowMaker:
    """Makes the rows of one instrument. Prices and quantities must fit its decimals; marks and indices are rounded."""

    def __init__(self, rules: MarketRules) -> None:
        self._name = rules.name
        self._price_unit = Decimal(1).scaleb(rules.price_decimals)
        self._quantity_unit = Decimal(1).scaleb(rules.quantity_decimals)
        self._bid = 0
        self._ask = 0

    def price(self, value: Decimal | str) -> int:
        """In whole units; DataError if it has more decimals than the book counts."""
        return self._whole("price", value, self._price_unit)

    def quantity(self, value: Decimal | str) -> int:
        """In whole units; DataError if it has more decimals than the book counts."""
        return self._whole("quantity", value, self._quantity_unit)

    def level(self, at_ns: int, side: int, price: Decimal | str, quantity: Decimal | str) -> Row:
        return (at_ns, self.price(price), self.quantity(quantity), 0, Happening.LEVEL, side)

    def levels(self, at_ns: int, bids: Iterable[list[str]], asks: Iterable[list[str]]) -> list[Row]:
        """Absolute quantities; those that end come first, so that no new level crosses one that is gone."""
        rows = [self.level(at_ns, 1, *bid[:2]) for bid in bids] + [self.level(at_ns, -1, *ask[:2]) for ask in asks]
        return sorted(rows, key=lambda row: row[2] > 0)

    def clear(self, at_ns: int) -> Row:
        return (at_ns, 0, 0, 0, Happening.CLEAR, 0)

    def trade(self, at_ns: int, price: Decimal | str, quantity: Decimal | str, trade_id: int, aggressor: int) -> Row:
        return (at_ns, self.price(price), self.quantity(quantity), trade_id, Happening.TRADE, aggressor)

    def mark(self, at_ns: int, price: Decimal | str) -> Row:
        return (at_ns, _rounded(price, self._price_unit), 0, 0, Happening.MARK, 0)

    def index(self, at_ns: int, price: Decimal | str) -> Row:
        return (at_ns, _rounded(price, self._price_unit), 0, 0, Happening.INDEX, 0)

    def rate(self, at_ns: int, rate: Decimal | str) -> Row:
        return (at_ns, _rounded(rate, Decimal(10**RATE_DECIMALS)), 0, 0, Happening.RATE, 0)

    def quote(self, at_ns: int, bid: tuple[Decimal | str, ...], ask: tuple[Decimal | str, ...]) -> list[Row]:
        """Best (price, quantity) of each side become its only level; what they replace goes first."""
        best_bid, bid_quantity = self.price(bid[0]), self.quantity(bid[1])
        best_ask, ask_quantity = self.price(ask[0]), self.quantity(ask[1])
        rows: list[Row] = []
        if self._bid and (self._bid != best_bid or not bid_quantity):
            rows.append((at_ns, self._bid, 0, 0, Happening.LEVEL, 1))
        if self._ask and (self._ask != best_ask or not ask_quantity):
            rows.append((at_ns, self._ask, 0, 0, Happening.LEVEL, -1))
        if bid_quantity:
            rows.append((at_ns, best_bid, bid_quantity, 0, Happening.LEVEL, 1))
        if ask_quantity:
            rows.append((at_ns, best_ask, ask_quantity, 0, Happening.LEVEL, -1))
        self._bid, self._ask = best_bid if bid_quantity else 0, best_ask if ask_quantity else 0
        return rows

    def _whole(self, what: str, value: Decimal | str, unit: Decimal) -> int:
        scaled = Decimal(value) * unit
        whole = int(scaled)
        if whole != scaled:
            raise DataError(
                f"{self._name}: {what} {value} has more than {unit.adjusted()} decimals",
                cure="use the rules that were in force when it was recorded",
            )
        return whole


def _rounded(value: Decimal | str, unit: Decimal) -> int:
    return int((Decimal(value) * unit).to_integral_value(ROUND_HALF_EVEN))
