"""Chunks of a history, in whatever sizes they come, as windows of even length over one buffer that is used again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.panel import FLOAT_FIELDS, Panel

_ROWS = ("at_ns", *FLOAT_FIELDS, "tradable")


def windows(chunks: Iterable[Panel], size: int, lead: int) -> Iterator[tuple[Panel, int]]:
    """Panels of up to ``lead`` rows seen before and ``size`` new ones (the last may have fewer), with the number of new
    ones.

    A window's arrays are written over when the next one is asked for.

    Raises
    ------
    DataError
        Chunks of different instruments, or out of order.
    """
    buffer: _Buffer | None = None
    for chunk in chunks:
        if buffer is None:
            buffer = _Buffer(chunk, size, lead)
        buffer.require_successor(chunk)
        taken = 0
        while taken < chunk.shape[0]:
            taken += buffer.fill(chunk, taken)
            if buffer.fresh == size:
                yield buffer.window(), size
    if buffer is not None and 0 < buffer.fresh < size:
        yield buffer.window(), buffer.fresh


class _Buffer:
    """``filled`` rows are in use, the last ``fresh`` of them new. Rows are moved only when room is needed."""

    def __init__(self, like: Panel, size: int, lead: int) -> None:
        self.like, self.size, self.lead = like, size, lead
        self.arrays: dict[str, Any] = {
            name: np.empty((lead + size, *getattr(like, name).shape[1:]), dtype=getattr(like, name).dtype)
            for name in _ROWS
        }
        self.filled = self.fresh = 0
        self.last_at_ns: int | None = None

    def fill(self, chunk: Panel, start: int) -> int:
        """Copy rows from ``start`` on, as many as fit; returns how many."""
        if self.fresh == self.size:
            kept = min(self.lead, self.filled)
            for array in self.arrays.values():
                array[:kept] = array[self.filled - kept : self.filled]
            self.filled, self.fresh = kept, 0
        count = min(self.size - self.fresh, chunk.shape[0] - start)
        for name, array in self.arrays.items():
            array[self.filled : self.filled + count] = getattr(chunk, name)[start : start + count]
        self.filled += count
        self.fresh += count
        self.last_at_ns = int(chunk.at_ns[start + count - 1])
        return count

    def window(self) -> Panel:
        """The rows in use, as views."""
        rows: dict[str, Any] = {name: array[: self.filled] for name, array in self.arrays.items()}
        return replace(self.like, **rows)

    def require_successor(self, chunk: Panel) -> None:
        """Raise DataError unless the chunk goes on where the rows end."""
        if (chunk.instruments, chunk.interval_ns) != (self.like.instruments, self.like.interval_ns):
            raise DataError("the chunks are not of the same instruments and interval", cure="read them with one query")
        if chunk.shape[0] and self.last_at_ns is not None and chunk.at_ns[0] <= self.last_at_ns:
            raise DataError("a chunk begins before the one before it ended", cure="read them in order, without overlap")
