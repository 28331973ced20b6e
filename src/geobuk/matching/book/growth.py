"""New blocks: the first of a book, and a larger one with the same content when one is full."""

import numpy as np

from geobuk.matching.book import layout
from geobuk.matching.book.layout import CAPACITY, FREE_ENTRY, FREE_LEVEL, HEADER, LOG_CAPACITY, NONE, Parts, Words

_LEAST_LOG = 1024


def new_block(capacity: int, queue_model: int) -> Words:
    """An empty book with room for ``capacity`` entries, as many levels and at least as many changes."""
    memory = np.zeros(layout.words_needed(0, 0), np.int64)
    memory[FREE_ENTRY] = memory[FREE_LEVEL] = NONE
    memory[layout.IS_LOGGING] = 1
    memory[layout.QUEUE_MODEL] = queue_model
    return grown(memory, capacity, max(capacity, _LEAST_LOG))


def grown(old: Words, capacity: int, log_capacity: int) -> Words:
    """A copy with more room; every slot and level keeps its number."""
    had = int(old[CAPACITY])
    memory = np.zeros(layout.words_needed(capacity, log_capacity), np.int64)
    memory[:HEADER] = old[:HEADER]
    memory[CAPACITY], memory[LOG_CAPACITY] = capacity, log_capacity
    for row in range(4):  # keys and levels of the bids, then of the asks
        memory[HEADER + row * capacity :][:had] = old[HEADER + row * had :][:had]
    before, parts = Parts(old), Parts(memory)
    levels, entries = parts.levels, parts.entries
    levels[:had], entries[:had] = before.levels, before.entries
    logged = int(old[layout.LOGGED])
    parts.log[:logged] = before.log[:logged]
    if capacity > had:
        levels["head"][had:] = np.append(np.arange(had + 1, capacity), old[FREE_LEVEL])
        entries["following"][had:] = np.append(np.arange(had + 1, capacity), old[FREE_ENTRY])
        entries["owner"][had:] = layout.FREE
        memory[FREE_LEVEL] = memory[FREE_ENTRY] = had
    return memory
