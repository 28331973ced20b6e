"""The sessions of one venue as arrays, and questions to them. It knows no files and no venue's rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY, NS_PER_MINUTE
from geobuk.panel import BoolArray, IntArray

EPOCH = date(1970, 1, 1)


class Phase(IntEnum):
    """What a moment of the day is to a venue with auctions."""

    CLOSED = 0
    OPENING_AUCTION = 1
    CONTINUOUS = 2
    CLOSING_AUCTION = 3


class Auctions(NamedTuple):
    """From ``first_day`` on: minutes of the auction before the open, and of the one before the close."""

    first_day: int
    opening_minutes: int
    closing_minutes: int


def day_of(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_of(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The inverse of :func:`day_of`."""
    return EPOCH + timedelta(days=int(day))


@dataclass(frozen=True, eq=False)
class Sessions:
    """Every session of a venue from ``first_day`` to ``last_day``; outside nothing is known.

    Days are counted from 1970-01-01 in the venue's local time.

    Attributes
    ----------
    first_day, last_day : the first and last day about which the table speaks, sessions or not
    preliminary_from : from this day on holidays may still be added
    days : (S,) int64, ascending
    open_ns, close_ns : (S,) int64, UTC: the regular session, its closing auction included
    auctions : in force from their first days on, ascending
    """

    venue: str
    first_day: int
    last_day: int
    preliminary_from: int
    utc_offset_ns: int
    days: IntArray
    open_ns: IntArray
    close_ns: IntArray
    auctions: Sequence[Auctions] = ()
    source: str = ""
    cure: str = ""

    def local_day(self, at_ns: int) -> int:
        """Local day of an instant."""
        return (int(at_ns) + self.utc_offset_ns) // NS_PER_DAY

    def midnight_ns(self, days: IntArray) -> IntArray:
        """(D,) UTC instant at which each local day begins."""
        starts: IntArray = np.asarray(days, dtype=np.int64) * NS_PER_DAY - self.utc_offset_ns
        return starts

    def covers(self, days: IntArray) -> BoolArray:
        """(D,) whether the table speaks about each local day."""
        known: BoolArray = (days >= self.first_day) & (days <= self.last_day)
        return known

    def is_session(self, at_ns: int) -> bool:
        """Whether the local day of an instant is a session, whatever the hour. Raises DataError outside the table."""
        return bool(self.session_of(np.array([at_ns], dtype=np.int64))[0] >= 0)

    def is_open(self, at_ns: IntArray) -> BoolArray:
        """(T,) whether each instant lies in [open, close) of a session. Raises DataError outside the table."""
        place = self.session_of(at_ns)
        is_open: BoolArray = (place >= 0) & (at_ns >= self.open_ns[place]) & (at_ns < self.close_ns[place])
        return is_open

    def session_of(self, at_ns: IntArray) -> IntArray:
        """(T,) row of the session on each instant's local day, -1 where there is none.

        Raises
        ------
        DataError
            An instant lies outside the table.
        """
        days = (np.asarray(at_ns, dtype=np.int64) + self.utc_offset_ns) // NS_PER_DAY
        return self.row_of(days)

    def row_of(self, days: IntArray) -> IntArray:
        """(D,) row of each local day, -1 where it is no session. Raises DataError outside the table."""
        if len(days):
            self._require(int(np.min(days)), int(np.max(days)))
        row = np.searchsorted(self.days, days)
        row[row == len(self.days)] = 0
        result: IntArray = np.where(self.days[row] == days, row, -1)
        return result

    def next_session(self, day: int) -> int:
        """The first session day after a day. Raises DataError where the table does not reach so far."""
        self._require(day, day)
        return self._day_at(int(np.searchsorted(self.days, day, side="right")), day)

    def sessions_between(self, from_day: int, to_day: int) -> IntArray:
        """Session days from ``from_day`` to ``to_day``, both included. Raises DataError outside the table."""
        self._require(from_day, to_day)
        first, last = np.searchsorted(self.days, [from_day, to_day + 1])
        return self.days[first:last]

    def settlement_day(self, day: int, n: int = 2) -> int:
        """The ``n``-th session after the trade day ``day``; a day off counts as the session before it.

        Raises
        ------
        DataError
            The table does not reach so far.
        """
        self._require(day, day)
        return self._day_at(int(np.searchsorted(self.days, day, side="right")) - 1 + n, day)

    def settlement_days(self, days: IntArray, n: int = 2) -> IntArray:
        """(D,) as :meth:`settlement_day`; -1 where the table does not reach so far."""
        row = np.searchsorted(self.days, days, side="right") - 1 + n
        reached = (row < len(self.days)) & self.covers(days)
        result: IntArray = np.where(reached, self.days[np.minimum(row, len(self.days) - 1)], -1)
        return result

    def phases(self, at_ns: IntArray) -> IntArray:
        """(T,) the :class:`Phase` of each instant. Raises DataError outside the table."""
        place = self.session_of(at_ns)
        opened, closed = self.open_ns[place], self.close_ns[place]
        rule = np.searchsorted([a.first_day for a in self.auctions], self.days[place], side="right") - 1
        minutes = np.array([[a.opening_minutes, a.closing_minutes] for a in self.auctions] or [[0, 0]], dtype=np.int64)
        before, at_end = (minutes[np.maximum(rule, 0)] * NS_PER_MINUTE).T
        phase = np.full(len(at_ns), Phase.CLOSED, dtype=np.int64)
        phase[(at_ns >= opened - before) & (at_ns < opened)] = Phase.OPENING_AUCTION
        phase[(at_ns >= opened) & (at_ns < closed - at_end)] = Phase.CONTINUOUS
        phase[(at_ns >= closed - at_end) & (at_ns < closed)] = Phase.CLOSING_AUCTION
        phase[place < 0] = Phase.CLOSED
        return phase

    def _day_at(self, row: int, asked: int) -> int:
        if row < 0 or row >= len(self.days):
            raise self._unknown(asked)
        return int(self.days[row])

    def _require(self, from_day: int, to_day: int) -> None:
        if from_day < self.first_day:
            raise self._unknown(from_day)
        if to_day > self.last_day:
            raise self._unknown(to_day)

    def _unknown(self, day: int) -> DataError:
        return DataError(
            f"the sessions of {self.venue} around {date_of(day)} are not known: "
            f"the table runs from {date_of(self.first_day)} to {date_of(self.last_day)}",
            cure=self.cure or "ask for days inside it",
        )
