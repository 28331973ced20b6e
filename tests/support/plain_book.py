"""The order book as one would write it down first: dicts and lists, slow and plain, a judge of the compiled one."""

from dataclasses import dataclass, field

BEHIND, PROPORTIONAL, AHEAD = 0, 1, 2


@dataclass(eq=False)
class PlainEntry:
    """One order, or a chunk of others' quantity (owner 0)."""

    owner: int
    quantity: int


@dataclass
class PlainBook:
    """``sides[side][price]`` is a queue, the first in time first. Orders are named by the entry itself."""

    queue_model: int = PROPORTIONAL
    sides: dict[int, dict[int, list[PlainEntry]]] = field(default_factory=lambda: {1: {}, -1: {}})
    unknown_places: set[tuple[int, int]] = field(default_factory=set)
    last: int = 0

    def prices(self, side: int) -> list[int]:
        """Best first."""
        return sorted(self.sides[side], reverse=side > 0)

    def quantity_at(self, side: int, price: int) -> int:
        return sum(entry.quantity for entry in self.sides[side].get(price, []))

    def levels(self, side: int) -> list[list[int]]:
        return [[price, self.quantity_at(side, price)] for price in self.prices(side)]

    def would_cross(self, side: int, price: int) -> bool:
        return any(_reaches(side, price, other) for other in self.sides[-side])

    def add(self, side: int, price: int, quantity: int, owner: int) -> PlainEntry:
        entry = PlainEntry(owner, quantity)
        self.sides[side].setdefault(price, []).append(entry)
        return entry

    def remove(self, entry: PlainEntry) -> int:
        left, entry.quantity = entry.quantity, 0
        self._tidy()
        return left

    def ahead(self, entry: PlainEntry) -> int:
        queue = next(q for side in self.sides.values() for q in side.values() if any(one is entry for one in q))
        before = queue[: next(k for k, one in enumerate(queue) if one is entry)]
        return sum(one.quantity for one in before)

    def available(self, side: int, limit: int | None, owner: int) -> int:
        return sum(
            entry.quantity
            for price, queue in self.sides[-side].items()
            if limit is None or _reaches(side, limit, price)
            for entry in queue
            if owner == 0 or entry.owner != owner
        )

    def take(self, side: int, limit: int | None, quantity: int, owner: int, stp: int) -> tuple:
        """Fills (entry or None, owner, price, quantity, left), left, expired entries, whether it was stopped."""
        fills, expired, stopped = [], [], False
        for price in self.prices(-side):
            if limit is not None and not _reaches(side, limit, price):
                break
            for entry in list(self.sides[-side][price]):
                if not quantity or stopped:
                    break
                if stp and owner and entry.owner == owner:
                    stopped = stp != 2
                    if stp != 1:
                        expired.append(entry)
                        entry.quantity = 0
                    continue
                taken = min(quantity, entry.quantity)
                quantity -= taken
                entry.quantity -= taken
                self.last = price
                fills.append((entry if entry.owner else None, entry.owner, price, taken, entry.quantity))
        self._tidy()
        return fills, quantity, expired, stopped

    def set_level(self, side: int, price: int, quantity: int) -> list:
        """Fills of own orders: (entry, owner, price, quantity, left, 0)."""
        fills: list = []
        if quantity:
            for other in self.prices(-side):
                if not _reaches(side, price, other):
                    break
                for entry in self.sides[-side][other]:
                    taken = min(quantity, entry.quantity) if entry.owner else 0
                    quantity -= taken
                    entry.quantity = entry.quantity - taken if entry.owner else 0
                    if taken:
                        fills.append((entry, entry.owner, other, taken, entry.quantity, 0))
        queue = self.sides[side].setdefault(price, [])
        change = quantity - sum(entry.quantity for entry in queue if not entry.owner)
        if change > 0 and (side, price) in self.unknown_places:
            queue.insert(0, PlainEntry(0, change))
        elif change > 0:
            queue.append(PlainEntry(0, change))
        else:
            self._cancel(queue, -change)
        self.unknown_places.discard((side, price))
        self._tidy()
        return fills

    def trade(self, side: int, price: int, quantity: int, number: int) -> list:
        """Fills of own orders by a print: (entry, owner, price, quantity, left, number)."""
        fills = []
        self.last = price
        for other in self.prices(-side):
            if not _reaches(side, price, other):
                break
            for entry in self.sides[-side][other]:
                taken = min(quantity, entry.quantity) if entry.owner or other == price else 0
                quantity -= taken
                entry.quantity -= taken
                if entry.owner and taken:
                    fills.append((entry, entry.owner, other, taken, entry.quantity, number))
        self._tidy()
        return fills

    def clear(self) -> None:
        """Others are gone."""
        for side, prices in self.sides.items():
            for price, queue in prices.items():
                self.unknown_places.add((side, price))
                for entry in queue:
                    entry.quantity = entry.quantity if entry.owner else 0
        self._tidy()

    def _cancel(self, queue: list[PlainEntry], quantity: int) -> None:
        chunks = [entry for entry in queue if not entry.owner]
        if self.queue_model == BEHIND:
            chunks.reverse()
        total = sum(chunk.quantity for chunk in chunks)
        for chunk in chunks:
            rest = total - chunk.quantity
            share = min(chunk.quantity, quantity)
            if self.queue_model == PROPORTIONAL:
                share = min(share, max(int(chunk.quantity * (quantity / total)), quantity - rest))
            chunk.quantity -= share
            quantity -= share
            total = rest

    def _tidy(self) -> None:
        """Drop what is empty; chunks that met become one."""
        for side, prices in self.sides.items():
            for price, queue in list(prices.items()):
                kept: list[PlainEntry] = []
                for entry in queue:
                    if entry.quantity and kept and not entry.owner and not kept[-1].owner:
                        kept[-1].quantity += entry.quantity
                    elif entry.quantity:
                        kept.append(entry)
                prices[price] = kept
                if not kept:
                    del prices[price]
                    self.unknown_places.discard((side, price))


def _reaches(side: int, price: int, other: int) -> bool:
    """Whether somebody of ``side`` at ``price`` meets the other side's price."""
    return other <= price if side > 0 else other >= price
