"""What an engine shows of an instrument's book, in Decimal."""

from dataclasses import dataclass
from decimal import Decimal

Level = tuple[Decimal, Decimal]
"""Price and quantity, all owners together."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The best levels of both sides, best first; ``update_id`` rises with every change of the book."""

    update_id: int
    bids: list[Level]
    asks: list[Level]


@dataclass(frozen=True, slots=True)
class Changes:
    """Levels that changed since the last look, with their newest quantity (0: gone). ``first_id`` to ``last_id`` are
    the book's update ids that these changes cover; both are the present one where nothing changed.
    """

    first_id: int
    last_id: int
    bids: list[Level]
    asks: list[Level]


@dataclass(frozen=True, slots=True)
class BestQuote:
    """The best level of each side; quantity 0 at price 0 where a side is empty."""

    at_ns: int
    update_id: int
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
