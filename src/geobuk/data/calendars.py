"""When a venue trades: always, or in sessions. Days are the venue's own, not UTC's."""

from dataclasses import dataclass

import numpy as np

from geobuk.data.session_table import Sessions
from geobuk.data.sessions import sessions_of
from geobuk.domain.times import NS_PER_DAY, NS_PER_MINUTE, NS_PER_YEAR
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import BoolArray, IntArray

_SESSION_MINUTES = 390
_AVERAGED_YEARS = 10


@dataclass(frozen=True)
class Hours:
    """Opening hours, and the usual time between funding stamps (0 where none is paid).

    ``utc_offset_ns`` is local time minus UTC; ``sessions`` is None for a venue that is always open.
    """

    is_always_open: bool = True
    utc_offset_ns: int = 0
    funding_hours: int = 8
    sessions: Sessions | None = None


_ALWAYS = Hours()


def hours_of(venue: str) -> Hours:
    """Opening hours of a venue; one that is not known is taken to be always open and to pay funding every 8 hours.

    Raises
    ------
    DataError
        The person's own corrections of its sessions can't be used.
    """
    sessions = sessions_of(venue)
    if sessions is None:
        return _ALWAYS
    return Hours(False, sessions.utc_offset_ns, 0, sessions)


def local_days(at_ns: IntArray, hours: Hours) -> IntArray:
    """Days since 1970-01-01 in the venue's local time."""
    days: IntArray = (at_ns + hours.utc_offset_ns) // NS_PER_DAY
    return days


def on_closed_day(at_ns: IntArray, hours: Hours) -> BoolArray:
    """Whether each time falls on a day without a session; outside the table of sessions only weekends are known."""
    if hours.sessions is None:
        return np.zeros(len(at_ns), dtype=np.bool_)
    days = local_days(at_ns, hours)
    known = hours.sessions.covers(days)
    closed: BoolArray = (days + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    closed[known] = hours.sessions.row_of(days[known]) < 0
    return closed


def expected_sessions(first_day: int, last_day: int, hours: Hours) -> IntArray:
    """Local days from ``first_day`` to ``last_day``, both included, on which the venue trades.

    Every day where it is always open. Days outside the table of sessions are left out: nothing can be missing there.
    """
    if hours.sessions is None:
        return np.arange(first_day, last_day + 1, dtype=np.int64)
    first, last = max(first_day, hours.sessions.first_day), min(last_day, hours.sessions.last_day)
    if last < first:
        return np.empty(0, dtype=np.int64)
    return hours.sessions.sessions_between(first, last)


def sessions_between(at_ns: IntArray, hours: Hours) -> IntArray:
    """(T - 1,) sessions from each of (T,) ascending times to the next, whose own day counts and the earlier one not.

    Every day is one where the venue is always open. Outside the table of sessions every weekday is one.
    """
    days = local_days(at_ns, hours)
    if hours.sessions is None:
        return np.diff(days)
    dates = days.astype("datetime64[D]")
    found: IntArray = np.busday_count(dates[:-1], dates[1:]).astype(np.int64)
    known = hours.sessions.covers(days)
    both = known[:-1] & known[1:]
    found[both] = np.diff(np.searchsorted(hours.sessions.days, days, side="right"))[both]
    return found


def trading_year_of(venue: str) -> TradingYear:
    """Sessions a year and their usual length, by which figures per bar become figures per year."""
    if sessions_of(venue) is None:
        return ALWAYS_OPEN
    return TradingYear(sessions_per_year(venue), _SESSION_MINUTES * NS_PER_MINUTE)


def sessions_per_year(venue: str) -> float:
    """Sessions a year, averaged over the ten years before holidays are preliminary; 365 where it is always open."""
    sessions = sessions_of(venue)
    if sessions is None:
        return NS_PER_YEAR / NS_PER_DAY
    last = sessions.preliminary_from - 1
    whole = sessions.sessions_between(last - round(_AVERAGED_YEARS * 365.2425) + 1, last)
    return len(whole) / _AVERAGED_YEARS
