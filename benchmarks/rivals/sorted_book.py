"""A price-time order book in plain Python with sortedcontainers: what one would write without compiling.

Same rules as Geobuk's: others' quantity in chunks around own orders, cancels taken off in proportion, prints eat the
queue, quotes fill what they cross. Side +1 is bids; owner 0 is others.
"""

from collections import deque

from sortedcontainers import SortedDict


class Entry:
    """An order, or a chunk of others' quantity."""

    __slots__ = ("level", "owner", "quantity")

    def __init__(self, level: "Level", owner: int, quantity: int) -> None:
        self.level, self.owner, self.quantity = level, owner, quantity


class Level:
    """A queue with its sums. ``entries`` may hold empty ones; they are dropped as they come to its head."""

    __slots__ = ("entries", "key", "others", "quantity", "side")

    def __init__(self, side: int, key: int) -> None:
        self.side, self.key = side, key
        self.entries: deque[Entry] = deque()
        self.quantity = self.others = 0


class SortedBook:
    """``sides[side]`` maps side * price to a level, so that the best is the last."""

    def __init__(self) -> None:
        self.sides = {1: SortedDict(), -1: SortedDict()}

    def best(self, side: int) -> tuple[int, int]:
        ladder = self.sides[side]
        if not ladder:
            return 0, 0
        key, level = ladder.peekitem(-1)
        return key * side, level.quantity

    def add(self, side: int, price: int, quantity: int, owner: int) -> Entry:
        opposite = self.sides[-side]
        if opposite and opposite.peekitem(-1)[0] >= -side * price:
            raise ValueError(price)
        entry = Entry(self._level(side, side * price), owner, quantity)
        entry.level.entries.append(entry)
        entry.level.quantity += quantity
        return entry

    def remove(self, entry: Entry) -> int:
        level, left = entry.level, entry.quantity
        entry.quantity = 0
        level.entries.remove(entry)
        level.quantity -= left
        self._settle(level)
        return left

    def take(self, side: int, limit: int, quantity: int, owner: int) -> tuple[list, int]:
        fills, ladder = [], self.sides[-side]
        while quantity and ladder:
            key, level = ladder.peekitem(-1)
            if key < -side * limit:
                break
            while quantity and level.entries:
                entry = level.entries[0]
                taken = self._reduce(entry, min(quantity, entry.quantity))
                quantity -= taken
                fills.append((entry, entry.owner, -side * key, taken))
                if not entry.quantity:
                    level.entries.popleft()
            self._settle(level)
        return fills, quantity

    def set_level(self, side: int, price: int, quantity: int) -> list:
        fills: list = []
        if quantity:
            quantity = self._cross(side, price, quantity, fills)
        level = self.sides[side].get(side * price)
        if level is None:
            if not quantity:
                return fills
            level = self._level(side, side * price)
        change = quantity - level.others
        if change > 0:
            if level.entries and not level.entries[-1].owner:
                level.entries[-1].quantity += change
            else:
                level.entries.append(Entry(level, 0, change))
            level.quantity += change
            level.others += change
        elif change < 0:
            self._cancel(level, -change)
            self._settle(level)
        return fills

    def trade(self, side: int, price: int, quantity: int) -> list:
        fills, ladder, limit = [], self.sides[-side], -side * price
        for key in ladder.irange(limit, reverse=True):
            if not quantity:
                break
            level = ladder[key]
            if key != limit and level.quantity == level.others:
                continue
            for entry in list(level.entries):
                if entry.owner or key == limit:
                    taken = self._reduce(entry, min(quantity, entry.quantity))
                    quantity -= taken
                    if entry.owner and taken:
                        fills.append((entry, entry.owner, -side * key, taken))
            level.entries = deque(entry for entry in level.entries if entry.quantity)
        for key in list(ladder.irange(limit)):
            self._settle(ladder[key])
        return fills

    def _cross(self, side: int, price: int, quantity: int, fills: list) -> int:
        ladder, limit = self.sides[-side], -side * price
        if not ladder or ladder.peekitem(-1)[0] < limit:
            return quantity
        for key in list(ladder.irange(limit, reverse=True)):
            level = ladder[key]
            for entry in level.entries:
                if entry.owner:
                    taken = self._reduce(entry, min(quantity, entry.quantity))
                    quantity -= taken
                    if taken:
                        fills.append((entry, entry.owner, -side * key, taken))
                else:
                    self._reduce(entry, entry.quantity)
            level.entries = deque(entry for entry in level.entries if entry.quantity)
            self._settle(level)
        return quantity

    def _cancel(self, level: Level, quantity: int) -> None:
        total = level.others
        for entry in level.entries:
            if not entry.owner:
                rest = total - entry.quantity
                share = max(int(entry.quantity * (quantity / total)), quantity - rest)
                quantity -= self._reduce(entry, min(share, entry.quantity, quantity))
                total = rest
                if not quantity:
                    break
        level.entries = deque(entry for entry in level.entries if entry.quantity)

    def _reduce(self, entry: Entry, quantity: int) -> int:
        entry.quantity -= quantity
        entry.level.quantity -= quantity
        if not entry.owner:
            entry.level.others -= quantity
        return quantity

    def _level(self, side: int, key: int) -> Level:
        ladder = self.sides[side]
        level = ladder.get(key)
        if level is None:
            level = ladder[key] = Level(side, key)
        return level

    def _settle(self, level: Level) -> None:
        if not level.quantity:
            del self.sides[level.side][level.key]
