"""Which levels changed since somebody last asked. Bounded: a log that nobody reads turns into a list of prices."""

import numpy as np
from numpy.typing import NDArray

from geobuk.matching.book.layout import CHANGE_WORDS, DEPTH, IS_LOGGING, LOGGED, NONE, UPDATE_ID, Parts, Words

Rows = NDArray[np.int64]

LONGEST_LOG = 65_536


def drain(memory: Words, prices: Rows | None) -> Rows:
    """(K, 4) side, price, quantity now, update id of each level that changed, in the order of those; the log is empty.

    ``prices`` is what :func:`stop_log` left: then every one of those levels is told, and every level there is now.
    """
    if prices is None:
        rows = newest(logged_rows(memory))[0]
    else:
        now = ladder_rows(memory)
        gone = prices.copy()
        gone[:, 2], gone[:, 3] = 0, memory[UPDATE_ID]
        rows = newest(np.concatenate([gone, now]))[0]
    Parts(memory).levels["logged"] = NONE
    memory[LOGGED], memory[IS_LOGGING] = 0, 1
    return rows[np.argsort(rows[:, 3], kind="stable")]


def compact(memory: Words) -> None:
    """Keep the newest row of each level: a level that went and came again has more."""
    rows = logged_rows(memory)
    kept, index = newest(rows)
    parts = Parts(memory)
    parts.log[: len(kept)] = kept
    memory[LOGGED] = len(kept)
    moved = np.full(len(rows) + 1, NONE)
    moved[index] = np.arange(len(kept))
    parts.levels["logged"] = moved[parts.levels["logged"]]  # NONE reads the last, which is NONE


def stop_log(memory: Words) -> Rows:
    """Log no more until it is drained; returns every price that a reader may know of."""
    rows = newest(np.concatenate([logged_rows(memory), ladder_rows(memory)]))[0]
    memory[LOGGED] = memory[IS_LOGGING] = 0
    return rows


def logged_rows(memory: Words) -> Rows:
    """A copy of the log."""
    return Parts(memory).log[: int(memory[LOGGED])].copy()


def ladder_rows(memory: Words) -> Rows:
    """All levels there are, as rows of changes of now."""
    found, parts = [], Parts(memory)
    for row, side in enumerate((1, -1)):
        start, depth = parts.ladder_starts[row], int(memory[DEPTH + row])
        numbers = memory[start + parts.capacity :][:depth]
        one = np.empty((depth, CHANGE_WORDS), np.int64)
        one[:, 0], one[:, 1] = side, memory[start : start + depth] * side
        one[:, 2], one[:, 3] = parts.levels["quantity"][numbers], memory[UPDATE_ID]
        found.append(one)
    return np.concatenate(found)


def newest(rows: Rows) -> tuple[Rows, Rows]:
    """The last row of each side and price, in the order of the rows, and their indices."""
    order = np.lexsort((rows[:, 1], rows[:, 0]))  # stable
    keys = rows[order, :2]
    is_last = np.ones(len(rows), np.bool_)
    is_last[:-1] = (keys[1:] != keys[:-1]).any(axis=1)
    index = np.sort(order[is_last])
    return rows[index], index
