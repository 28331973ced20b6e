"""What Python calls: each kernel takes the block of a book, and refuses with a code below 0 instead of raising."""

from typing import Any

from geobuk.matching.book.crossing import best_level, print_trade, set_others, take_best
from geobuk.matching.book.ladder import find, level_at, open_level, settle
from geobuk.matching.book.layout import (
    AT_NS,
    CAPACITY,
    DEPTH,
    FILLED,
    FREE_ENTRY,
    FREE_LEVEL,
    INDEX,
    IS_LOGGING,
    LAST,
    LAST_ABOVE,
    LAST_BELOW,
    LOG_CAPACITY,
    LOGGED,
    MARK,
    MARK_ABOVE,
    MARK_BELOW,
    NEEDS_ROOM,
    NONE,
    OTHERS,
    RATE,
    Words,
    entries_of,
    ladder_start,
    levels_of,
    row_of,
)
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.book.queues import drop, place_entry
from geobuk.ops.compiled import borrowed, inlined, kernel, step

NO_ROOM, CROSSES, UNKNOWN = -1, -2, -3

_LEVEL, _TRADE, _MARK = int(Happening.LEVEL), int(Happening.TRADE), int(Happening.MARK)
_INDEX, _RATE, _CLEAR = int(Happening.INDEX), int(Happening.RATE), int(Happening.CLEAR)


@step
def has_room(memory: Words) -> bool:
    """Whether any one operation fits: an entry, a level, and every level changed at once."""
    changes = memory[LOGGED] + memory[DEPTH] + memory[DEPTH + 1] + 2
    fits = memory[IS_LOGGING] == 0 or changes <= memory[LOG_CAPACITY]
    return fits and memory[FREE_ENTRY] != NONE and memory[FREE_LEVEL] != NONE


@kernel
def add(words: Words, side: int, price: int, quantity: int, owner: int) -> int:
    """Rest at the end of the queue; the slot, NO_ROOM or CROSSES."""
    memory = borrowed(words)
    if not has_room(memory):
        return NO_ROOM
    if best_level(memory, row_of(-side), -side * price) != NONE:
        return CROSSES
    levels = levels_of(memory)
    place = find(memory, row_of(side), side * price)
    level = level_at(memory, row_of(side), place, side * price)
    if level == NONE:
        level = open_level(memory, levels, side, price, place)
    slot = place_entry(memory, levels, entries_of(memory), level, levels[level].tail, quantity, owner)
    settle(memory, levels, level)
    return slot


@kernel
def lower(words: Words, slot: int, to_quantity: int) -> int:
    """Lower an own order, its place kept, or remove it (0); what it had, NO_ROOM or UNKNOWN."""
    memory = borrowed(words)
    if not has_room(memory):
        return NO_ROOM
    levels, entries = levels_of(memory), entries_of(memory)
    if slot < 0 or slot >= len(entries) or entries[slot].owner <= OTHERS or entries[slot].quantity < to_quantity:
        return UNKNOWN
    had, level = entries[slot].quantity, entries[slot].level
    if had > to_quantity:
        drop(memory, levels, entries, slot, had - to_quantity)
        settle(memory, levels, level)
    return had


@kernel
def take(words: Words, side: int, limit: int, quantity: int, owner: int, prevention: int) -> int:
    """See :func:`take_best`; what is left, or NO_ROOM."""
    memory = borrowed(words)
    if not has_room(memory):
        return NO_ROOM
    return take_best(memory, levels_of(memory), entries_of(memory), side, limit, quantity, owner, prevention)


@kernel
def run(words: Words, events: MarketArray, start: int) -> int:
    """Apply rows until an own order is filled, a watch line is passed, or room is needed; the next row."""
    memory = borrowed(words)
    levels, entries = levels_of(memory), entries_of(memory)
    memory[FILLED] = memory[NEEDS_ROOM] = 0
    for at in range(start, len(events)):
        if not has_room(memory):
            memory[NEEDS_ROOM] = 1
            return at
        event = events[at]
        side = event.side + 0  # widened to int64, as every other caller has it
        memory[AT_NS] = event.at_ns
        if event.kind == _LEVEL:
            set_others(memory, levels, entries, side, event.price, event.quantity)
        elif event.kind == _TRADE:
            memory[LAST] = event.price
            print_trade(memory, levels, entries, side, event.price, event.quantity, event.id)
            if event.price <= memory[LAST_BELOW] or event.price >= memory[LAST_ABOVE]:
                return at + 1
        elif event.kind == _MARK:
            memory[MARK] = event.price
            if event.price <= memory[MARK_BELOW] or event.price >= memory[MARK_ABOVE]:
                return at + 1
        elif event.kind == _INDEX:
            memory[INDEX] = event.price
        elif event.kind == _RATE:
            memory[RATE] = event.price
        elif event.kind == _CLEAR:
            _clear(memory, levels, entries)
        if memory[FILLED]:
            return at + 1
    return len(events)


@inlined
def _clear(memory: Words, levels: Any, entries: Any) -> None:
    """Others are gone from both sides; who stood ahead of own orders is unknown from now on."""
    for row in range(2):
        for place in range(memory[DEPTH + row] - 1, -1, -1):
            level = memory[ladder_start(memory, row) + memory[CAPACITY] + place]
            before, slot = levels[level].quantity, levels[level].head
            levels[level].is_cleared = 1
            while slot != NONE:
                if entries[slot].owner == OTHERS:
                    slot = drop(memory, levels, entries, slot, entries[slot].quantity)
                else:
                    slot = entries[slot].following
            if levels[level].quantity != before:
                settle(memory, levels, level)


@kernel
def available(words: Words, side: int, limit: int, owner: int) -> int:
    """What a taker of ``side`` could get down to key ``limit``, without its owner's own orders."""
    memory = borrowed(words)
    levels, entries = levels_of(memory), entries_of(memory)
    row, total = row_of(-side), 0
    start = ladder_start(memory, row)
    for place in range(memory[DEPTH + row] - 1, -1, -1):
        if memory[start + place] < limit:
            break
        level = memory[start + memory[CAPACITY] + place]
        total += levels[level].quantity
        if owner != OTHERS and levels[level].quantity != levels[level].others:
            slot = levels[level].head
            while slot != NONE:
                if entries[slot].owner == owner:
                    total -= entries[slot].quantity
                slot = entries[slot].following
    return total


@kernel
def ahead(words: Words, slot: int) -> int:
    """Quantity before an own order in its queue, or UNKNOWN."""
    entries = entries_of(borrowed(words))
    if slot < 0 or slot >= len(entries) or entries[slot].owner <= OTHERS:
        return UNKNOWN
    total = 0
    slot = entries[slot].previous
    while slot != NONE:
        total += entries[slot].quantity
        slot = entries[slot].previous
    return total
