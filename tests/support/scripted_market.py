"""A market that does what a test says: rows for engines, emulators and the paper venue, written in plain prices."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from geobuk.domain.order import Side
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.market_rules import MarketRules


class ScriptedMarket:
    """Rows that were scripted, handed out once their time has come."""

    def __init__(self, rules: Sequence[MarketRules], start_ns: int) -> None:
        self.rules = tuple(rules)
        self.start_ns = start_ns
        self.end_ns: int | None = None
        self._waiting: list[tuple[int, str, MarketArray]] = []
        self._ids = {rule.name: 1000 for rule in rules}

    def until(self, at_ns: int) -> list[tuple[str, MarketArray]]:
        """What happened up to a moment and was not handed out before."""
        due = [entry for entry in self._waiting if entry[0] <= at_ns]
        self._waiting = [entry for entry in self._waiting if entry[0] > at_ns]
        return [(name, rows) for _, name, rows in due]

    def quote(
        self, name: str, at_ns: int, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]], mark: str = ""
    ) -> None:
        """The whole book anew, best first; with the mark (and index) if given."""
        rows: list[tuple[int, int, int, int, int, int]] = [(at_ns, 0, 0, 0, Happening.CLEAR, 0)]
        for side, levels in ((1, bids), (-1, asks)):
            rows += [
                (at_ns, self._price(name, p), self._quantity(name, q), 0, Happening.LEVEL, side) for p, q in levels
            ]
        if mark:
            rows += self._marks(name, at_ns, mark)
        self._add(name, rows)

    def mark(self, name: str, at_ns: int, price: str) -> None:
        """The mark and the index are now this price."""
        self._add(name, self._marks(name, at_ns, price))

    def rate(self, name: str, at_ns: int, rate: str) -> None:
        """The funding rate to come, a fraction."""
        self._add(name, [(at_ns, int(Decimal(rate) * 10**8), 0, 0, Happening.RATE, 0)])

    def trade(self, name: str, at_ns: int, price: str, quantity: str, aggressor: Side) -> None:
        """A print; the aggressor took."""
        self._ids[name] += 1
        row = (at_ns, self._price(name, price), self._quantity(name, quantity), self._ids[name])
        self._add(name, [(*row, Happening.TRADE, int(aggressor))])

    def _marks(self, name: str, at_ns: int, price: str) -> list[tuple[int, int, int, int, int, int]]:
        whole = self._price(name, price)
        return [(at_ns, whole, 0, 0, kind, 0) for kind in (Happening.INDEX, Happening.MARK)]

    def _add(self, name: str, rows: list[tuple[int, int, int, int, int, int]]) -> None:
        self._waiting.append((rows[0][0], name, np.array(rows, dtype=MARKET_EVENT)))

    def _price(self, name: str, price: str) -> int:
        return int(Decimal(price) * 10 ** self._rule(name).price_decimals)

    def _quantity(self, name: str, quantity: str) -> int:
        return int(Decimal(quantity) * 10 ** self._rule(name).quantity_decimals)

    def _rule(self, name: str) -> MarketRules:
        return next(rule for rule in self.rules if rule.name == name)
