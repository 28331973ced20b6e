"""How funding stamps are spaced, and which of them fall due inside a bar. It knows no files."""

import numpy as np

from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import FloatArray, IntArray

REGULAR_SHARE = 0.1
_DIVISORS = (1, 2, 3, 4, 6, 8, 12, 24)


def usual_hours(stamps: IntArray) -> int:
    """The largest spacing that divides a day and that at least a tenth of the stamps keep; 0 if there is none.

    Instruments change from 8 to 4 or 1 hours and back; the widest regular spacing marks the stamps that were due under
    either. ``stamps`` are rounded to the minute and sorted.
    """
    if len(stamps) < 2:
        return 0
    hours, odd = np.divmod(np.diff(stamps), NS_PER_HOUR)
    hours = hours[(odd == 0) & np.isin(hours, _DIVISORS)]
    if len(hours) == 0:
        return 0
    counts = np.bincount(hours)
    often = min(max(2.0, REGULAR_SHARE * len(hours)), counts.max())
    return int(np.flatnonzero(counts >= often)[-1])


def due_inside(at_ns: IntArray, interval_ns: int, hours: int) -> IntArray:
    """(T,) number of stamps due strictly inside each bar: the multiples of ``hours`` since midnight UTC."""
    if hours == 0:
        return np.zeros(len(at_ns), dtype=np.int64)
    every = hours * NS_PER_HOUR
    inside: IntArray = (at_ns + interval_ns - 1) // every - at_ns // every
    return inside


def settle_inside(total: FloatArray, known: IntArray, due: IntArray) -> FloatArray:
    """The summed rate where every due stamp is known, else NaN: a missing rate never counts as zero.

    All arguments have one shape; ``known`` counts the known stamps, ``due`` the due ones. NaN where there is none.
    """
    return np.where((known > 0) & (known >= due), total, np.nan)
