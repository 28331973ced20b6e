"""The order book of one instrument as Python sees it: a thin hand on the compiled operations; it makes their room."""

from bisect import bisect_left
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geobuk.matching.book import changes, operations
from geobuk.matching.book.growth import grown, new_block
from geobuk.matching.book.layout import (
    AT_NS,
    DEPTH,
    ENTRY,
    EXPIRED,
    FILL_WORDS,
    FILLED,
    FREE_ENTRY,
    FREE_LEVEL,
    INDEX,
    IS_LOGGING,
    IS_STOPPED,
    LAST,
    LAST_ABOVE,
    LAST_BELOW,
    LEVEL,
    LOG_CAPACITY,
    LOGGED,
    MARK,
    MARK_ABOVE,
    MARK_BELOW,
    NEEDS_ROOM,
    NONE,
    OTHERS,
    RATE,
    UPDATE_ID,
    Parts,
)
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.book.queues import QueueModel

__all__ = ["Book", "Prevention", "QueueModel", "Taken", "Touched"]

_FURTHEST = 2**62
_ENTRY_WORDS = ENTRY.itemsize // 8
_LEVEL_WORDS, _QUANTITY_WORD = LEVEL.itemsize // 8, 2


class Prevention(IntEnum):
    """What happens when a taker meets an order of its own account."""

    NONE = 0
    EXPIRE_TAKER = 1
    EXPIRE_MAKER = 2
    EXPIRE_BOTH = 3


class Taken(NamedTuple):
    """What a taker got. ``fills`` in order: slot (-1: others), owner, price, quantity, left of the maker.

    ``expired``: slots of makers that self-trade prevention removed. ``stopped``: it ended the taker.
    """

    fills: list[tuple[int, int, int, int, int]]
    left: int
    expired: list[int]
    stopped: bool


class Touched(NamedTuple):
    """A fill of an own order by the market. ``left`` 0: the slot is free again. ``id``: of the print, else 0."""

    slot: int
    owner: int
    price: int
    quantity: int
    left: int
    id: int


class Book:
    """Price-time priority in whole numbers (int64). Side +1 is bids, -1 asks; owner 0 is others, above it accounts.

    A slot names a resting order until it is filled or removed; then it may be used again. ``touched`` holds the fills
    of own orders by the last :meth:`run` or :meth:`set_level`. Prices and quantities stay below 2**62 in size.
    ``capacity`` is the first one, the book grows by itself; ``longest_log`` bounds the changes that nobody drains.
    """

    def __init__(
        self,
        queue_model: QueueModel = QueueModel.PROPORTIONAL,
        capacity: int = 1024,
        longest_log: int = changes.LONGEST_LOG,
    ) -> None:
        self._longest_log = longest_log
        self.touched: list[Touched] = []
        self._unlogged: NDArray[np.int64] | None = None
        self._one_row = np.zeros(1, MARKET_EVENT)
        self._use(new_block(max(capacity, 2), queue_model))
        self.watch(None, None, None, None)

    def add(self, side: int, price: int, quantity: int, owner: int) -> int:
        """Rest an order at the end of its price's queue; returns its slot.

        Raises ValueError where it would cross the other side: take first.
        """
        if quantity <= 0 or owner <= 0:
            raise ValueError(f"quantity {quantity} of owner {owner}: an order has more than 0 of both")
        slot = operations.add(self._memory, side, price, quantity, owner)
        while slot == operations.NO_ROOM:
            self._make_room()
            slot = operations.add(self._memory, side, price, quantity, owner)
        if slot < 0:
            raise ValueError(f"price {price} crosses {self.best(-side)[0]} on the other side: take that first")
        return slot

    def remove(self, slot: int) -> int:
        """Take an order out; returns what was left of it. Raises ValueError when no order has the slot."""
        return self._lower(slot, 0)

    def reduce(self, slot: int, to_quantity: int) -> int:
        """Lower an order's quantity, its place kept; returns what it had. Raises ValueError when it is no lowering."""
        if to_quantity <= 0:
            raise ValueError(f"an order can't be reduced to {to_quantity}: remove it")
        return self._lower(slot, to_quantity)

    def remaining(self, slot: int) -> int:
        """What is left of an order. Raises ValueError when no order has the slot."""
        if not 0 <= slot < self._capacity or self._words[self._entries_start + _ENTRY_WORDS * slot + 1] <= OTHERS:
            raise ValueError(f"slot {slot} holds no order: it was filled or removed")
        return self._words[self._entries_start + _ENTRY_WORDS * slot]

    def quantity_ahead(self, slot: int) -> int:
        """What stands before an order in its queue. Raises ValueError when no order has the slot."""
        found: int = operations.ahead(self._memory, slot)
        if found < 0:
            raise ValueError(f"slot {slot} holds no order: it was filled or removed")
        return found

    def take(self, side: int, limit_price: int | None, quantity: int, owner: int, stp: int = 0) -> Taken:
        """Walk the other side down to a price (None: any). ``stp`` is a :class:`Prevention`."""
        limit = -_FURTHEST if limit_price is None else -side * limit_price
        side, prevention = int(side), int(stp)  # kernels would compile again for an enumeration
        left = operations.take(self._memory, side, limit, quantity, owner, prevention)
        while left < 0:
            self._make_room()
            left = operations.take(self._memory, side, limit, quantity, owner, prevention)
        words = self._words
        if not (count := words[FILLED]):
            return Taken([], left, [], bool(words[IS_STOPPED]))
        noted = self._noted(count)
        expired = [one[0] for one in noted if not one[3]] if words[EXPIRED] else []
        return Taken([one[:5] for one in noted if one[3]], left, expired, bool(words[IS_STOPPED]))

    def available(self, side: int, limit_price: int | None, owner: int) -> int:
        """What a taker of ``side`` could get down to a price, its owner's own orders excluded."""
        limit = -_FURTHEST if limit_price is None else -side * limit_price
        found: int = operations.available(self._memory, side, limit, owner)
        return found

    def best(self, side: int) -> tuple[int, int]:
        """Best price and the quantity there; (0, 0) on an empty side."""
        words, row = self._words, side < 0
        depth = words[DEPTH + row]
        if not depth:
            return 0, 0
        place = self._ladders[row] + depth - 1
        return side * words[place], self._quantity(words[place + self._capacity])

    def levels(self, side: int, n: int) -> NDArray[np.int64]:
        """(K, 2) prices and quantities of all owners, the best first, at most ``n``."""
        row = int(side < 0)
        start, depth = self._ladders[row], self._words[DEPTH + row]
        low, high = start + max(depth - n, 0), start + depth
        found = np.empty((high - low, 2), np.int64)
        found[:, 0] = self._memory[low:high][::-1] * side
        found[:, 1] = self._levels["quantity"][self._memory[low + self._capacity : high + self._capacity][::-1]]
        return found

    def quantity_at(self, side: int, price: int) -> int:
        """Quantity of all owners at a price."""
        words, row = self._words, side < 0
        start = self._ladders[row]
        end = start + words[DEPTH + row]
        place = bisect_left(words, side * price, start, end)
        if place == end or words[place] != side * price:
            return 0
        return self._quantity(words[place + self._capacity])

    def set_level(self, side: int, price: int, quantity: int) -> None:
        """Others' quantity at a price is now this.

        Own orders that the price crosses are filled from it, at their prices; others' levels that it crosses are stale
        and go.
        """
        self._one_row[0] = (self.at_ns, price, quantity, 0, Happening.LEVEL, side)
        self.run(self._one_row)

    def run(self, events: MarketArray, start: int = 0) -> int:
        """Apply rows until one has filled an own order or has passed a watch line; returns the index of the next row.

        Others' quantity that a CLEAR removed counts as ahead of own orders when it comes back.
        """
        rows = np.ascontiguousarray(events).view()
        rows.flags.writeable = False  # a tape's rows are: one kind of array, one compiled loop
        next_row = operations.run(self._memory, rows, start)
        while self._words[NEEDS_ROOM]:
            self._make_room()
            next_row = operations.run(self._memory, rows, next_row)
        self._note_touched(self._words[FILLED])
        return next_row

    def watch(
        self, last_below: int | None, last_above: int | None, mark_below: int | None, mark_above: int | None
    ) -> None:
        """Lines at which :meth:`run` stops: last or mark price at or past them. None watches nothing."""
        words = self._words
        words[LAST_BELOW] = -_FURTHEST if last_below is None else last_below
        words[LAST_ABOVE] = _FURTHEST if last_above is None else last_above
        words[MARK_BELOW] = -_FURTHEST if mark_below is None else mark_below
        words[MARK_ABOVE] = _FURTHEST if mark_above is None else mark_above

    def drain_changes(self) -> NDArray[np.int64]:
        """(K, 4) side, price, quantity now, update id of the levels changed since the last drain, each once.

        Rows stand in the order of their update ids; a level that is gone has quantity 0. Where very many changes
        were never drained, every level that could have changed is told.
        """
        rows = changes.drain(self._memory, self._unlogged)
        self._unlogged = None
        return rows

    @property
    def update_id(self) -> int:
        """Number of changes of levels so far."""
        return self._words[UPDATE_ID]

    @property
    def last(self) -> int:
        """Price of the last trade, ours included; 0 before one is known."""
        return self._words[LAST]

    @property
    def mark(self) -> int:
        """Mark price; 0 before one is known."""
        return self._words[MARK]

    @property
    def index(self) -> int:
        """Index price; 0 before one is known."""
        return self._words[INDEX]

    @property
    def rate(self) -> int:
        """The funding rate to come, in 1e-8."""
        return self._words[RATE]

    @property
    def at_ns(self) -> int:
        """Time of the last row."""
        return self._words[AT_NS]

    def _lower(self, slot: int, to_quantity: int) -> int:
        had = operations.lower(self._memory, slot, to_quantity)
        while had == operations.NO_ROOM:
            self._make_room()
            had = operations.lower(self._memory, slot, to_quantity)
        if had < 0:
            raise ValueError(f"slot {slot} holds no order of {to_quantity} or more: it was filled, reduced or removed")
        return had

    def _note_touched(self, count: int) -> None:
        self.touched = [Touched(*one) for one in self._noted(count)] if count else []

    def _noted(self, count: int) -> list[tuple[int, int, int, int, int, int]]:
        end = self._fills_start + FILL_WORDS * count
        words = iter(self._words[self._fills_start : end].tolist())
        return list(zip(words, words, words, words, words, words, strict=True))

    def _quantity(self, level: int) -> int:
        return self._words[self._quantities_start + _LEVEL_WORDS * level]

    def _use(self, memory: NDArray[np.int64]) -> None:
        self._memory = memory
        self._words = memoryview(memory.data)  # hands out plain ints, faster than the array
        parts = Parts(memory)
        self._capacity, self._ladders = parts.capacity, parts.ladder_starts
        self._levels = parts.levels
        self._fills_start = parts.fills_start
        self._entries_start = parts.entries_start
        self._quantities_start = parts.levels_start + _QUANTITY_WORD

    def _make_room(self) -> None:
        """Double what is full, after the log has been made as short as it can be."""
        memory, words = self._memory, self._words
        capacity, log_capacity = self._capacity, words[LOG_CAPACITY]
        if NONE in {words[FREE_ENTRY], words[FREE_LEVEL]}:
            capacity *= 2
        if words[IS_LOGGING]:
            changes.compact(memory)
            needed = 2 * (words[LOGGED] + words[DEPTH] + words[DEPTH + 1] + 2)
            if words[LOGGED] > self._longest_log:
                self._unlogged = changes.stop_log(memory)
            elif needed > log_capacity:
                log_capacity = 2 * needed
        if (capacity, log_capacity) != (self._capacity, words[LOG_CAPACITY]):
            self._use(grown(memory, capacity, log_capacity))
