"""When a venue trades, as far as it is known: always, or on weekdays. It knows no holidays."""

from dataclasses import dataclass

import numpy as np

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import BoolArray, IntArray


@dataclass(frozen=True)
class Hours:
    """Opening hours, and the usual time between funding stamps (0 where none is paid).

    ``free_weekends_from`` is a day counted from 1970-01-01; ``utc_offset_ns`` is local time minus UTC.
    """

    is_always_open: bool = True
    free_weekends_from: int = 0
    utc_offset_ns: int = 0
    funding_hours: int = 8


_ALWAYS = Hours()
_KOREA = Hours(
    is_always_open=False,
    free_weekends_from=10_566,  # Saturday sessions ended with 1998-12-05
    utc_offset_ns=9 * NS_PER_HOUR,
    funding_hours=0,
)
_KNOWN = {"krx": _KOREA, "kiwoom": _KOREA}


def hours_of(venue: str) -> Hours:
    """Opening hours of a venue; one that is not known is taken to be always open and to pay funding every 8 hours."""
    return _KNOWN.get(venue, _ALWAYS)


def local_days(at_ns: IntArray, hours: Hours) -> IntArray:
    """Days since 1970-01-01 in the venue's local time."""
    days: IntArray = (at_ns + hours.utc_offset_ns) // NS_PER_DAY
    return days


def on_closed_day(at_ns: IntArray, hours: Hours) -> BoolArray:
    """Whether each time falls on a day on which the venue never trades (Saturday, Sunday)."""
    if hours.is_always_open:
        return np.zeros(len(at_ns), dtype=np.bool_)
    days = local_days(at_ns, hours)
    closed: BoolArray = ((days + 3) % 7 >= 5) & (days >= hours.free_weekends_from)  # 1970-01-01 was a Thursday
    return closed
