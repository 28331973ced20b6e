"""Two series on one grid: bars folded into the coarser of two intervals, and which buckets they share. No judgement."""

from dataclasses import dataclass

import numpy as np

from geobuk.data.calendars import Hours
from geobuk.data.rows import Rows
from geobuk.data.sessions import Sessions
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Folded:
    """Rows in buckets: ``bucket`` ascends; rows ``first[k]`` to ``last[k]`` make the k-th.

    ``is_whole`` says whether the bucket holds every bar that it should.
    """

    bucket: IntArray
    first: IntArray
    last: IntArray
    values: dict[str, FloatArray]
    is_whole: BoolArray

    def at(self, index: IntArray) -> "Folded":
        """Some of the buckets."""
        values = {name: column[index] for name, column in self.values.items()}
        return Folded(self.bucket[index], self.first[index], self.last[index], values, self.is_whole[index])


def fold(rows: Rows, interval_ns: int, coarse_ns: int, hours: Hours) -> Folded:
    """Open the first, high and low the extremes, close the last, volume the sum of each bucket of ``coarse_ns``.

    Buckets of a day and more begin at local midnight. Rows are ordered by time.
    """
    local = rows.at_ns + (hours.utc_offset_ns if coarse_ns >= NS_PER_DAY else 0)
    bucket = local // coarse_ns
    first = np.flatnonzero(np.diff(bucket, prepend=bucket[:1] - 1))
    last = np.append(first[1:], len(rows)) - 1
    if interval_ns == coarse_ns:
        values, whole = dict(rows.values), np.ones(len(first), dtype=np.bool_)
        if len(first) < len(rows):
            values = {name: column[first] for name, column in values.items()}
        return Folded(bucket[first], first, last, values, whole)
    values = {
        "open": rows.values["open"][first],
        "high": np.maximum.reduceat(rows.values["high"], first),
        "low": np.minimum.reduceat(rows.values["low"], first),
        "close": rows.values["close"][last],
    }
    if "volume" in rows.values:
        values["volume"] = np.add.reduceat(rows.values["volume"], first)
    if coarse_ns >= NS_PER_DAY and hours.sessions is not None:
        whole = _covers_session(rows.at_ns, first, last, interval_ns, hours.sessions)
    else:
        whole = last - first + 1 == coarse_ns // interval_ns
    return Folded(bucket[first], first, last, values, whole)


def _covers_session(
    at_ns: IntArray, first: IntArray, last: IntArray, interval_ns: int, sessions: Sessions
) -> BoolArray:
    """Whether the bars of a day reach from the session's open to its close."""
    days = (at_ns[first] + sessions.utc_offset_ns) // NS_PER_DAY
    row = np.full(len(first), -1, dtype=np.int64)
    known = sessions.covers(days)
    row[known] = sessions.row_of(days[known])
    reaches = (at_ns[first] <= sessions.open_ns[row]) & (at_ns[last] + interval_ns >= sessions.close_ns[row])
    whole: BoolArray = (row >= 0) & reaches
    return whole


def shared(one: Folded, other: Folded) -> tuple[Folded, Folded]:
    """The buckets that both have."""
    _, left, right = np.intersect1d(one.bucket, other.bucket, assume_unique=True, return_indices=True)
    return one.at(left), other.at(right)
