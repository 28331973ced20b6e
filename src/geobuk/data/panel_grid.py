"""The instants at which a panel has rows: every interval, or those at which a venue with sessions is open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from geobuk.data.layout import SeriesKey
from geobuk.data.manifest import Manifest
from geobuk.data.panel_query import PanelQuery, no_bars
from geobuk.data.sessions import session_grid, sessions_of
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import BoolArray, IntArray


@dataclass(frozen=True)
class Grid:
    """``size`` instants from ``start_ns`` in steps of ``step_ns``, or those of ``listed``.

    ``listed`` is (size,) int64, ascending; None where nothing is left out, so that a long history needs no memory.
    """

    start_ns: int
    step_ns: int
    size: int
    listed: IntArray | None = None

    def at(self, first: int, stop: int) -> IntArray:
        """(stop - first,) the instants of some rows."""
        if self.listed is not None:
            return self.listed[first:stop]
        return self.start_ns + self.step_ns * np.arange(first, stop, dtype=np.int64)

    def row_from(self, at_ns: int) -> int:
        """The first row that is not before a moment, 0 to ``size``."""
        if self.listed is not None:
            return int(np.searchsorted(self.listed, at_ns))
        return min(max(-((self.start_ns - at_ns) // self.step_ns), 0), self.size)

    def rows_of(self, at_ns: IntArray) -> IntArray:
        """The rows of those times that are instants of the grid, in their order; the others are left out."""
        if self.listed is not None:
            rows = np.searchsorted(self.listed, at_ns)
            inside = rows < self.size
            inside[inside] = self.listed[rows[inside]] == at_ns[inside]
        else:
            rows, off = np.divmod(at_ns - self.start_ns, self.step_ns)
            inside = (off == 0) & (rows >= 0) & (rows < self.size)
        found: IntArray = rows[inside]
        return found

    def cut(self, first: int, stop: int) -> Self:
        """Rows ``first`` to ``stop - 1``."""
        listed = None if self.listed is None else self.listed[first:stop]
        start = self.start_ns + first * self.step_ns if listed is None else int(listed[0])
        return replace(self, start_ns=start, size=stop - first, listed=listed)


def grid_of(bars: Sequence[Manifest], query: PanelQuery) -> Grid:
    """Instants from the first to the last row stored of any series, inside the range asked for.

    Raises
    ------
    DataError
        There is none, or the venue's table of sessions does not reach so far.
    """
    step, phase = bars[0].key.interval_ns, bars[0].phase_ns
    first = min(m.first_at_ns for m in bars)
    last = max(m.last_at_ns for m in bars)
    first = first if query.from_ns is None else max(first, query.from_ns)
    last = last if query.to_ns is None else min(last, query.to_ns - 1)
    start = -((phase - first) // step) * step + phase
    if last < first:
        raise no_bars(bars, query)
    sessions = sessions_of(query.venue)
    if sessions is None:
        grid = Grid(start, step, (last - start) // step + 1)
    else:
        listed = session_grid(query.venue, step, first, last, phase_ns=phase if step >= NS_PER_DAY else None)
        if any(m.has_closing_prints for m in bars):
            days = sessions.sessions_between(sessions.local_day(first), sessions.local_day(last))
            closes = sessions.close_ns[sessions.row_of(days)]
            listed = np.union1d(listed, closes[(closes >= first) & (closes <= last)])
        grid = Grid(int(listed[0]) if len(listed) else 0, step, len(listed), listed)
    if grid.size <= 0:
        raise no_bars(bars, query)
    return grid


def at_closes(at_ns: IntArray, key: SeriesKey) -> BoolArray:
    """Whether each bar opens at the very close of a session: the print of the closing auction."""
    sessions = sessions_of(key.venue)
    if sessions is None or not 0 < key.interval_ns < NS_PER_DAY or len(at_ns) == 0:
        return np.zeros(len(at_ns), dtype=np.bool_)
    days = (at_ns + sessions.utc_offset_ns) // NS_PER_DAY
    found = np.zeros(len(at_ns), dtype=np.bool_)
    known = np.flatnonzero(sessions.covers(days))
    rows = sessions.row_of(days[known])
    found[known] = (rows >= 0) & (sessions.close_ns[rows] == at_ns[known])
    return found
