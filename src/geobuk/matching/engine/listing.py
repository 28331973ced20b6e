"""One instrument of the engine: its rules, its book, the orders that rest there, and its counters."""

from decimal import Decimal
from typing import TYPE_CHECKING

from geobuk.domain.errors import DataError
from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_HOUR
from geobuk.matching.book.book import Book, QueueModel
from geobuk.matching.engine.live_order import NOT_RESTING, LiveOrder
from geobuk.matching.engine.scale import Scale
from geobuk.matching.engine.triggers import TriggerLines
from geobuk.matching.market_rules import MarketRules

if TYPE_CHECKING:
    from geobuk.matching.engine.member import Member


class Listing:
    """``resting`` are our orders by slot of the book, ``lines`` what waits for its prices, ``holders`` who has a
    position in it.
    """

    __slots__ = (
        "book",
        "drained_id",
        "has_market_ids",
        "holders",
        "lines",
        "mark_cache",
        "name",
        "next_funding_ns",
        "next_trade_id",
        "places",
        "resting",
        "rules",
        "scale",
        "watched",
    )

    def __init__(self, rules: MarketRules, queue_model: QueueModel, first_trade_id: int, at_ns: int) -> None:
        self.name = rules.name
        self.rules = rules
        self.scale = Scale(rules)
        self.book = Book(queue_model)
        self.resting: dict[int, LiveOrder] = {}
        self.lines = TriggerLines()
        self.holders: dict[Member, None] = {}
        self.next_trade_id = first_trade_id
        self.has_market_ids = False
        self.places = 0
        self.drained_id = 0
        self.mark_cache: tuple[int, Decimal] | None = None
        self.watched: tuple[int | None, ...] = ()
        self.next_funding_ns = self.funding_after(at_ns)

    def set_rules(self, rules: MarketRules, at_ns: int) -> None:
        """Raises DataError where the decimals differ: the book is counted in them."""
        now = (self.rules.price_decimals, self.rules.quantity_decimals)
        if now != (rules.price_decimals, rules.quantity_decimals):
            raise DataError(f"{self.name}: the book counts in {now} decimals", cure="keep the decimals of the rules")
        hours = self.rules.instrument.funding_interval_hours
        self.rules, self.scale = rules, Scale(rules)
        if rules.instrument.funding_interval_hours != hours:
            self.next_funding_ns = self.funding_after(at_ns)

    def funding_after(self, at_ns: int) -> int | None:
        """The first funding time past a time; None where no funding is paid."""
        hours = self.rules.instrument.funding_interval_hours
        if not hours:
            return None
        interval = hours * NS_PER_HOUR
        return (at_ns // interval + 1) * interval

    # prices

    @property
    def mark_units(self) -> int:
        """The mark; before one is known the last price, else the middle of the book, else 0."""
        book = self.book
        if book.mark or book.last:
            return int(book.mark or book.last)
        bid, ask = book.best(Side.BUY)[0], book.best(Side.SELL)[0]
        return (bid + ask) // 2 if bid and ask else bid or ask

    @property
    def mark(self) -> Decimal:
        """``mark_units`` as a price."""
        units = self.mark_units
        if self.mark_cache is None or self.mark_cache[0] != units:
            self.mark_cache = (units, self.scale.price(units))
        return self.mark_cache[1]

    def crosses(self, side: Side, price: int) -> bool:
        """Whether an order at a price would take."""
        best = self.book.best(-side)[0]
        return bool(best) and (price - best) * side >= 0

    def next_place(self) -> int:
        self.places += 1
        return self.places

    # our orders in the book

    def rest(self, order: LiveOrder, quantity: int) -> None:
        """Queue an order behind all at its price."""
        order.slot = self.book.add(int(order.side), order.price, quantity, order.member.number)
        order.resting = quantity
        order.place = self.next_place()
        self.resting[order.slot] = order

    def lift(self, order: LiveOrder) -> None:
        """Take an order out of the book, if it is there."""
        if order.slot != NOT_RESTING:
            self.book.remove(order.slot)
            self.forget(order)

    def forget(self, order: LiveOrder) -> None:
        """The book has let go of the order already."""
        del self.resting[order.slot]
        order.slot = NOT_RESTING
        order.resting = 0
