"""What happens where two sides meet: a taker walks the book, a print eats a queue, a quote crosses what rests."""

from typing import Any

from geobuk.matching.book.ladder import find, level_at, open_level, settle
from geobuk.matching.book.layout import (
    CAPACITY,
    DEPTH,
    EXPIRED,
    FILLED,
    IS_STOPPED,
    LAST,
    NONE,
    OTHERS,
    Words,
    ladder_start,
    row_of,
)
from geobuk.matching.book.queues import drop, fill, grow, shrink
from geobuk.ops.compiled import inlined, step

EXPIRE_TAKER, EXPIRE_MAKER, EXPIRE_BOTH = 1, 2, 3


@step
def best_level(memory: Words, row: int, limit: int) -> int:
    """The best level of a side if its key is not below ``limit``, else NONE."""
    depth = memory[DEPTH + row]
    start = ladder_start(memory, row)
    if depth == 0 or memory[start + depth - 1] < limit:
        return NONE
    return memory[start + memory[CAPACITY] + depth - 1]


@inlined
def set_others(memory: Words, levels: Any, entries: Any, side: int, price: int, quantity: int) -> None:
    """Others' quantity at a price is now ``quantity``, less what own orders on the other side take of it."""
    if quantity > 0:
        quantity = _cross(memory, levels, entries, side, price, quantity)
    place = find(memory, row_of(side), side * price)
    level = level_at(memory, row_of(side), place, side * price)
    if level == NONE:
        if quantity == 0:
            return
        level = open_level(memory, levels, side, price, place)
    change = quantity - levels[level].others
    if change > 0:
        grow(memory, levels, entries, level, change)
    elif change < 0:
        shrink(memory, levels, entries, level, -change)
    levels[level].is_cleared = 0
    if change != 0:
        settle(memory, levels, level)


@inlined
def _cross(memory: Words, levels: Any, entries: Any, side: int, price: int, quantity: int) -> int:
    """Make way for a quote: own orders it crosses are filled from it, others' there are stale; returns what is left."""
    row, limit = row_of(-side), -side * price
    start = ladder_start(memory, row)
    place = memory[DEPTH + row] - 1
    while place >= 0 and memory[start + place] >= limit:
        level = memory[start + memory[CAPACITY] + place]
        before = levels[level].quantity
        slot = levels[level].head
        while slot != NONE:
            if entries[slot].owner == OTHERS:
                slot = drop(memory, levels, entries, slot, entries[slot].quantity)
            elif quantity > 0:
                taken = min(quantity, entries[slot].quantity)
                quantity -= taken
                slot = fill(memory, levels, entries, slot, taken, 0)
            else:
                slot = entries[slot].following
        if levels[level].quantity != before:
            settle(memory, levels, level)
        place -= 1
    return quantity


@inlined
def print_trade(memory: Words, levels: Any, entries: Any, side: int, price: int, quantity: int, trade_id: int) -> None:
    """A print by an aggressor of ``side``: own orders at better prices first, then the queue at its price.

    Others' quantity at better prices stays until a LEVEL row says that it is gone: rows of books and of trades come by
    two ways, and a quantity there may be younger than the print.
    """
    row, limit = row_of(-side), -side * price
    start = ladder_start(memory, row)
    place = memory[DEPTH + row] - 1
    while quantity > 0 and place >= 0 and memory[start + place] >= limit:
        level = memory[start + memory[CAPACITY] + place]
        is_at_price = memory[start + place] == limit
        place -= 1
        before = levels[level].quantity
        if not is_at_price and before == levels[level].others:
            continue
        slot = levels[level].head
        while slot != NONE and quantity > 0:
            taken = min(quantity, entries[slot].quantity)
            if entries[slot].owner != OTHERS:
                quantity -= taken
                slot = fill(memory, levels, entries, slot, taken, trade_id)
            elif is_at_price:
                quantity -= taken
                slot = drop(memory, levels, entries, slot, taken)
            else:
                slot = entries[slot].following
        if levels[level].quantity != before:
            settle(memory, levels, level)


@inlined
def take_best(
    memory: Words, levels: Any, entries: Any, side: int, limit: int, quantity: int, owner: int, prevention: int
) -> int:
    """A taker walks the other side down to key ``limit``; returns what is left of it. Fills are noted."""
    memory[FILLED] = memory[EXPIRED] = memory[IS_STOPPED] = 0
    level = best_level(memory, row_of(-side), limit)
    while quantity > 0 and level != NONE and not memory[IS_STOPPED]:
        before, slot = levels[level].quantity, levels[level].head
        while quantity > 0 and slot != NONE:
            if prevention and owner != OTHERS and entries[slot].owner == owner:
                memory[IS_STOPPED] = prevention != EXPIRE_MAKER
                if prevention != EXPIRE_TAKER:
                    memory[EXPIRED] += 1
                    slot = fill(memory, levels, entries, slot, 0, 0)
                if memory[IS_STOPPED]:
                    break
            else:
                taken = min(quantity, entries[slot].quantity)
                quantity -= taken
                memory[LAST] = levels[level].price
                slot = fill(memory, levels, entries, slot, taken, 0)
        if levels[level].quantity != before:
            settle(memory, levels, level)
        level = best_level(memory, row_of(-side), limit)
    return quantity
