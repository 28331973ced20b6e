"""A market as an engine sees it: rules, a first moment, and rows as time goes on."""

from typing import Protocol

from geobuk.matching.book.market_event import MarketArray
from geobuk.matching.market_rules import MarketRules


class Market(Protocol):
    """What happens beside our own orders. Nothing in it answers to us: it is the same whoever trades in it."""

    @property
    def rules(self) -> tuple[MarketRules, ...]:
        """The instruments and their rules."""
        ...

    @property
    def start_ns(self) -> int:
        """Before this moment nothing happens; the books are first told at it."""
        ...

    @property
    def end_ns(self) -> int | None:
        """The moment of the last row; None where it never ends."""
        ...

    def until(self, at_ns: int) -> list[tuple[str, MarketArray]]:
        """The rows that were not handed out yet, up to and with ``at_ns``: one array an instrument, none if empty.

        Each array is in order of time; arrays of one call overlap in time, so ask in steps as long as the smallest
        delay between instruments that matters. The steps do not change the rows.
        """
        ...
