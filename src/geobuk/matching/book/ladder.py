"""Levels of a side in the order of their prices, and the log of those that changed."""

from typing import Any

from geobuk.matching.book.layout import (
    CAPACITY,
    CHANGE_WORDS,
    DEPTH,
    FREE_LEVEL,
    IS_LOGGING,
    LOGGED,
    NONE,
    UPDATE_ID,
    Words,
    ladder_start,
    log_start,
    row_of,
)
from geobuk.ops.compiled import kernel, step, unsigned


@kernel
def find(memory: Words, row: int, key: int) -> int:
    """The first place whose key is not below ``key``; looks from the best price in steps that double."""
    start = ladder_start(memory, row)
    low, high, width = 0, memory[DEPTH + row], 1
    while high - width >= low:
        if memory[start + high - width] < key:
            low = high - width + 1
            break
        high -= width
        width *= 2
    while low < high:
        middle = (low + high) // 2
        if memory[start + middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@step
def level_at(memory: Words, row: int, place: int, key: int) -> int:
    """The level with exactly this key, if it stands at ``place``; else NONE."""
    start = ladder_start(memory, row)
    if place < memory[DEPTH + row] and memory[start + place] == key:
        return memory[start + memory[CAPACITY] + place]
    return NONE


@step
def shift_up(memory: Words, first: int, end: int) -> None:
    """Move words one place away from ``first``, into ``end``."""
    for back in range(end - first):
        memory[unsigned(end - back)] = memory[unsigned(end - back - 1)]


@step
def shift_down(memory: Words, first: int, end: int) -> None:
    """Move words one place onto ``first``, from ``end``."""
    for at in range(first, end):
        memory[unsigned(at)] = memory[unsigned(at + 1)]


@kernel
def open_level(memory: Words, levels: Any, side: int, price: int, place: int) -> int:
    """Put a new, empty level at a place of the ladder."""
    level = memory[FREE_LEVEL]
    one = levels[level]
    memory[FREE_LEVEL] = one.head
    row = row_of(side)
    for start in (ladder_start(memory, row), ladder_start(memory, row) + memory[CAPACITY]):
        shift_up(memory, start + place, start + memory[DEPTH + row])
    memory[ladder_start(memory, row) + place] = side * price
    memory[ladder_start(memory, row) + memory[CAPACITY] + place] = level
    memory[DEPTH + row] += 1
    one.side, one.price = side, price
    one.quantity = one.others = one.is_cleared = 0
    one.head = one.tail = one.logged = NONE
    return level


@kernel
def settle(memory: Words, levels: Any, level: int) -> None:
    """Log a level that changed, and take it off the ladder when nothing is left."""
    one = levels[level]
    memory[UPDATE_ID] += 1
    if memory[IS_LOGGING]:
        if one.logged == NONE:
            one.logged = memory[LOGGED]
            memory[LOGGED] += 1
        at = log_start(memory) + CHANGE_WORDS * one.logged
        memory[at], memory[at + 1] = one.side, one.price
        memory[at + 2], memory[at + 3] = one.quantity, memory[UPDATE_ID]
    if one.quantity == 0:
        row = row_of(one.side)
        place = find(memory, row, one.side * one.price)
        memory[DEPTH + row] -= 1
        for start in (ladder_start(memory, row), ladder_start(memory, row) + memory[CAPACITY]):
            shift_down(memory, start + place, start + memory[DEPTH + row])
        one.head = memory[FREE_LEVEL]
        memory[FREE_LEVEL] = level
