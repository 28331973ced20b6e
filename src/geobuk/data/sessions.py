"""Which venues have sessions, and the instants at which their bars open. It knows no bars' contents."""

import numpy as np

from geobuk.data.krx_calendar import krx_sessions
from geobuk.data.session_table import Phase, Sessions
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY, interval_text
from geobuk.panel import IntArray

__all__ = [
    "KOREAN_VENUES",
    "Phase",
    "Sessions",
    "open_instants",
    "require_session_interval",
    "session_grid",
    "sessions_of",
    "weeks_of",
]

KOREAN_VENUES = ("krx", "kiwoom")
"""Venues that are the Korean market, by whose sessions they trade."""

_WEEK_NS = 7 * NS_PER_DAY


def sessions_of(venue: str) -> Sessions | None:
    """Sessions of a venue; None for one that never closes (or is not known).

    Raises
    ------
    DataError
        The person's own corrections can't be used.
    """
    return krx_sessions() if venue in KOREAN_VENUES else None


def session_grid(venue: str, interval_ns: int, first_ns: int, last_ns: int, *, phase_ns: int | None = None) -> IntArray:
    """(T,) opening instants of all bars in [first_ns, last_ns] at which the venue is open, ascending.

    A venue without sessions has one in every interval, counted from ``first_ns``. With sessions: bars shorter than a
    day open at the session's open and every interval after it, before its close; a bar of one day opens when the
    session's local day begins (00:00 in Seoul, 15:00 UTC of the day before); a bar of one week when its Monday does.

    Parameters
    ----------
    phase_ns : ``at_ns % interval_ns`` of daily or weekly bars that are stamped otherwise, such as 0 for Korean days
        read as UTC; None for the rule above. Shorter bars have none.

    Raises
    ------
    DataError
        The interval is longer than a day and no week, or the table of sessions does not reach so far.
    """
    sessions = sessions_of(venue)
    if sessions is None:
        return np.arange(first_ns, last_ns + 1, interval_ns, dtype=np.int64)
    require_session_interval(venue, interval_ns)
    first, last = sessions.local_day(first_ns), sessions.local_day(last_ns)
    if interval_ns < NS_PER_DAY:
        at_ns = open_instants(sessions, sessions.row_of(sessions.sessions_between(first, last)), interval_ns)
    else:
        shift = 0 if phase_ns is None else (phase_ns + sessions.utc_offset_ns) % NS_PER_DAY
        if interval_ns == NS_PER_DAY:
            days = sessions.sessions_between(first, last)
        else:
            days = np.unique(weeks_of(sessions.sessions_between(first - first_weekday(first), last)))
        at_ns = sessions.midnight_ns(days) + shift
    return at_ns[(at_ns >= first_ns) & (at_ns <= last_ns)]


def open_instants(sessions: Sessions, rows: IntArray, interval_ns: int) -> IntArray:
    """(T,) opening instants of bars shorter than a day in the sessions at ``rows``, which ascend."""
    opened, closed = sessions.open_ns[rows], sessions.close_ns[rows]
    counts = -((opened - closed) // interval_ns)
    if len(counts) == 0:
        return np.empty(0, dtype=np.int64)
    number = np.arange(int(counts.max()), dtype=np.int64)
    every = opened[:, None] + number * interval_ns
    at_ns: IntArray = every[number < counts[:, None]]
    return at_ns


def weeks_of(days: IntArray) -> IntArray:
    """(D,) the Monday of each day's week."""
    mondays: IntArray = days - (days + 3) % 7
    return mondays


def first_weekday(day: int) -> int:
    """Days since the Monday of a day's week."""
    return (day + 3) % 7


def require_session_interval(venue: str, interval_ns: int) -> None:
    """Raises DataError for bars of several days: sessions make bars of up to a day, and weeks."""
    if interval_ns > NS_PER_DAY and interval_ns != _WEEK_NS:
        raise DataError(
            f"{venue} has sessions, so its bars can't be {interval_text(interval_ns)} long",
            cure="choose up to 1d, or 7d for weeks",
        )
