"""The queue of one level: entries in time order. Others' quantity stands in chunks ahead of and behind own orders."""

from enum import IntEnum
from typing import Any

from geobuk.matching.book.layout import (
    FILL_WORDS,
    FILLED,
    FREE,
    FREE_ENTRY,
    NONE,
    OTHERS,
    QUEUE_MODEL,
    Words,
    fills_start,
)
from geobuk.ops.compiled import inlined, kernel, step


class QueueModel(IntEnum):
    """Which of others' orders go when a level shrinks without a trade: nobody tells, so it is assumed.

    CANCELS_BEHIND: those behind us first (own orders advance as late as can be). PROPORTIONAL: every chunk by its share
    of others' quantity, rounded so that less goes ahead of us. CANCELS_AHEAD: those ahead of us first.
    """

    CANCELS_BEHIND = 0
    PROPORTIONAL = 1
    CANCELS_AHEAD = 2


_BEHIND = int(QueueModel.CANCELS_BEHIND)
_PROPORTIONAL = int(QueueModel.PROPORTIONAL)


@kernel
def place_entry(memory: Words, levels: Any, entries: Any, level: int, previous: int, quantity: int, owner: int) -> int:
    """A new entry behind ``previous``, or at the head where that is NONE; the level's sums grow with it."""
    slot = memory[FREE_ENTRY]
    one, at = entries[slot], levels[level]
    memory[FREE_ENTRY] = one.following
    one.quantity, one.owner, one.level, one.previous = quantity, owner, level, previous
    if previous == NONE:
        one.following, at.head = at.head, slot
    else:
        one.following = entries[previous].following
        entries[previous].following = slot
    if one.following == NONE:
        at.tail = slot
    else:
        entries[one.following].previous = slot
    at.quantity += quantity
    if owner == OTHERS:
        at.others += quantity
    return slot


@step
def unlink(memory: Words, levels: Any, entries: Any, slot: int) -> None:
    """Take an entry out of its queue; the level's sums are the caller's."""
    one = entries[slot]
    at = levels[one.level]
    if one.previous == NONE:
        at.head = one.following
    else:
        entries[one.previous].following = one.following
    if one.following == NONE:
        at.tail = one.previous
    else:
        entries[one.following].previous = one.previous
    one.owner, one.following = FREE, memory[FREE_ENTRY]
    memory[FREE_ENTRY] = slot


@kernel
def drop(memory: Words, levels: Any, entries: Any, slot: int, quantity: int) -> int:
    """Take ``quantity`` off an entry; returns the entry behind it. Two chunks that met become one."""
    one = entries[slot]
    at = levels[one.level]
    one.quantity -= quantity
    at.quantity -= quantity
    following = one.following
    if one.owner == OTHERS:
        at.others -= quantity
    if one.quantity == 0:
        ahead = one.previous
        unlink(memory, levels, entries, slot)
        if NONE not in (ahead, following) and entries[ahead].owner == OTHERS == entries[following].owner:
            entries[ahead].quantity += entries[following].quantity
            merged, following = following, entries[following].following
            unlink(memory, levels, entries, merged)
    return following


@kernel
def fill(memory: Words, levels: Any, entries: Any, slot: int, quantity: int, trade_id: int) -> int:
    """Fill a maker and note it; returns the entry behind it. ``quantity`` 0 notes an order that is removed whole."""
    one = entries[slot]
    at = fills_start(memory) + FILL_WORDS * memory[FILLED]
    memory[FILLED] += 1
    memory[at] = NONE if one.owner == OTHERS else slot
    memory[at + 1], memory[at + 2], memory[at + 3] = one.owner, levels[one.level].price, quantity
    memory[at + 4], memory[at + 5] = one.quantity - quantity, trade_id
    return drop(memory, levels, entries, slot, one.quantity if quantity == 0 else quantity)


@inlined
def grow(memory: Words, levels: Any, entries: Any, level: int, quantity: int) -> None:
    """Others add: at the end of the queue; ahead of everyone where a CLEAR made their place unknown."""
    at = levels[level]
    beside = at.head if at.is_cleared else at.tail
    if beside != NONE and entries[beside].owner == OTHERS:
        entries[beside].quantity += quantity
        at.quantity += quantity
        at.others += quantity
    else:
        place_entry(memory, levels, entries, level, NONE if at.is_cleared else beside, quantity, OTHERS)


@inlined
def shrink(memory: Words, levels: Any, entries: Any, level: int, quantity: int) -> None:
    """Others cancel ``quantity``, at most what they have: from the chunks that the queue model names."""
    model = memory[QUEUE_MODEL]
    total = levels[level].others
    slot = levels[level].tail if model == _BEHIND else levels[level].head
    while quantity > 0:
        one = entries[slot]
        beside = one.previous if model == _BEHIND else one.following
        if one.owner == OTHERS:
            share = min(one.quantity, quantity)
            if model == _PROPORTIONAL:
                total -= one.quantity
                # What the chunks behind can't give has to come from here: nothing is lost to rounding.
                share = min(share, max(int(one.quantity * (quantity / (total + one.quantity))), quantity - total))
            quantity -= share
            drop(memory, levels, entries, slot, share)
        slot = beside
