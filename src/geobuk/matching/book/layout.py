"""Where a book keeps what: one block of int64 words, so that a call from Python hands over a single array.

header | ladder: per side keys, then levels | levels | entries | fills of the last call | log of changed levels

A ladder is sorted by key = side * price, so that the best price of either side stands at its end, where most changes
are. It holds numbers of levels; a level holds a doubly linked queue of entries. Unused levels and entries form free
lists (through ``head`` and ``following``). This module knows places only, no rule of matching.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geobuk.ops.compiled import kernel, step

Words = NDArray[np.int64]

CAPACITY, LOG_CAPACITY = 0, 1
DEPTH = 2  # and 3: levels of the bids, of the asks
FREE_ENTRY, FREE_LEVEL = 4, 5
UPDATE_ID, LOGGED, IS_LOGGING = 6, 7, 8
FILLED, EXPIRED, IS_STOPPED, NEEDS_ROOM = 9, 10, 11, 12
QUEUE_MODEL = 13
LAST, MARK, INDEX, RATE, AT_NS = 14, 15, 16, 17, 18
LAST_BELOW, LAST_ABOVE, MARK_BELOW, MARK_ABOVE = 19, 20, 21, 22
HEADER = 24

NONE = -1
OTHERS, FREE = 0, -1
"""Owners that are no account: the market beside us, and nobody (the entry is unused)."""

LEVEL = np.dtype(
    [
        ("side", "i8"),
        ("price", "i8"),
        ("quantity", "i8"),  # of all owners
        ("others", "i8"),  # of others alone
        ("head", "i8"),
        ("tail", "i8"),
        ("logged", "i8"),  # its row in the log, NONE when unchanged since the log was drained
        ("is_cleared", "i8"),  # others' place in the queue is unknown since a CLEAR
    ]
)
ENTRY = np.dtype([("quantity", "i8"), ("owner", "i8"), ("level", "i8"), ("previous", "i8"), ("following", "i8")])
FILL_WORDS, CHANGE_WORDS = 6, 4
"""A fill: slot, owner, price, quantity, left, id. A change: side, price, quantity, update id."""

_LEVELS_AT = 4
_ENTRIES_AT = _LEVELS_AT + LEVEL.itemsize // 8
_FILLS_AT = _ENTRIES_AT + ENTRY.itemsize // 8
_LOG_AT = _FILLS_AT + FILL_WORDS


class Parts:
    """Views of a block's parts for Python; kernels make their own with the steps below."""

    def __init__(self, memory: Words) -> None:
        capacity = int(memory[CAPACITY])
        at = [HEADER + words * capacity for words in (0, 2, _LEVELS_AT, _ENTRIES_AT, _FILLS_AT, _LOG_AT)]
        self.capacity = capacity
        self.ladder_starts = at[0], at[1]
        self.levels_start, self.entries_start, self.fills_start = at[2:5]
        self.levels = memory[at[2] : at[3]].view(LEVEL)
        self.entries = memory[at[3] : at[4]].view(ENTRY)
        self.log = memory[at[5] :].reshape(-1, CHANGE_WORDS)


def words_needed(capacity: int, log_capacity: int) -> int:
    """Length of the block."""
    return HEADER + _LOG_AT * capacity + CHANGE_WORDS * log_capacity


@step
def row_of(side: int) -> int:
    """Bids 0, asks 1."""
    return (1 - side) // 2


@step
def ladder_start(memory: Words, row: int) -> int:
    """Place of a side's keys; its levels follow ``capacity`` words later."""
    return HEADER + 2 * row * memory[CAPACITY]


@kernel
def levels_of(memory: Words) -> Any:
    """(capacity,) records of LEVEL."""
    start, end = HEADER + _LEVELS_AT * memory[CAPACITY], HEADER + _ENTRIES_AT * memory[CAPACITY]
    return memory[start:end].view(LEVEL)


@kernel
def entries_of(memory: Words) -> Any:
    """(capacity,) records of ENTRY."""
    start, end = HEADER + _ENTRIES_AT * memory[CAPACITY], HEADER + _FILLS_AT * memory[CAPACITY]
    return memory[start:end].view(ENTRY)


@step
def fills_start(memory: Words) -> int:
    """Place of the fills: rows of slot, owner, price, quantity, left, id."""
    return HEADER + _FILLS_AT * memory[CAPACITY]


@step
def log_start(memory: Words) -> int:
    """Place of the log: rows of side, price, quantity, update id."""
    return HEADER + _LOG_AT * memory[CAPACITY]
