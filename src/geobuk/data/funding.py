"""How funding stamps are spaced, which of them are due, and what a bar settles. It knows no files."""

from dataclasses import dataclass
from itertools import pairwise
from math import gcd

import numpy as np

from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import BoolArray, FloatArray, IntArray

REGIME = 6
"""Equal gaps in a row that make a spacing of its own; fewer are taken for lost stamps."""

_DIVISORS = (1, 2, 3, 4, 6, 8, 12, 24)
_WIDEST = 8
"""Hours between stamps at most, unless nothing finer is ever seen or the rules say more."""


@dataclass(frozen=True)
class Schedule:
    """When a series of stamps was due.

    Attributes
    ----------
    hours : divides every gap at which stamps were due and every stamp's hour of the day; 0 where nothing is known
    spacing : (S - 1,) int64, hours between stamps in force in the gap after each stamp
    missing : (S - 1,) int64, due stamps that are lost in that gap
    """

    hours: int
    spacing: IntArray
    missing: IntArray

    @property
    def is_hole(self) -> BoolArray:
        """(S - 1,) whether stamps are lost in the gap."""
        holes: BoolArray = self.missing > 0
        return holes


def schedule_of(stamps: IntArray, rules_hours: int = 0) -> Schedule:
    """Tell lost stamps from stretches of another spacing.

    Instruments change from 8 to 4 or 1 hours and back. A spacing that divides a day, is no wider than the rules say
    (than 8 hours, where they are silent and finer ones are seen) and keeps for 6 gaps in a row is one of its own;
    any other gap is a hole if it is wider than the finer of its neighbours. Where nothing keeps so long, the commonest
    spacing counts, the finer of two. Every other stamp lost for days looks like a wider spacing: only rules can tell.

    Parameters
    ----------
    stamps : (S,) int64, UTC nanoseconds, rounded to the minute, sorted
    rules_hours : hours between stamps by the instrument's rules; 0 where they are not known
    """
    gaps = np.diff(stamps)
    hours, is_usual = _usual_hours(gaps, rules_hours)
    base = int(np.bincount(hours[is_usual]).argmax()) if is_usual.any() else rules_hours
    if base == 0:
        return Schedule(0, np.zeros_like(gaps), np.zeros_like(gaps))
    spacing = _in_force(hours, is_usual, base)
    missing = np.maximum(0, (gaps - 1) // (spacing * NS_PER_HOUR))
    whole = stamps[stamps % NS_PER_HOUR == 0] // NS_PER_HOUR % 24
    finest = gcd(base, *(int(h) for h in np.unique(spacing)), *(int(h) for h in np.unique(whole)))
    return Schedule(finest, spacing, missing)


def regimes_of(stamps: IntArray, rules_hours: int = 0) -> list[tuple[int, int]]:
    """(row of its first stamp, hours) of each stretch of at least six equal gaps. Arguments as in schedule_of."""
    hours, is_usual = _usual_hours(np.diff(stamps), rules_hours)
    starts, stops = _equal_gaps(hours)
    is_regime = (stops - starts >= REGIME) & is_usual[starts]
    return [(int(row), int(hours[row])) for row in starts[is_regime]]


def _usual_hours(gaps: IntArray, rules_hours: int) -> tuple[IntArray, BoolArray]:
    """(S - 1,) hours of each gap, 0 where it is no whole number of them, and whether stamps may be so far apart."""
    hours, odd = np.divmod(gaps, NS_PER_HOUR)
    hours[odd != 0] = 0
    is_usual = np.isin(hours, _DIVISORS)
    limit = rules_hours or (_WIDEST if (is_usual & (hours <= _WIDEST)).any() else _DIVISORS[-1])
    return hours, is_usual & (hours <= limit)


def _equal_gaps(hours: IntArray) -> tuple[IntArray, IntArray]:
    """First gap of each run of equal ones, and the gap after its last."""
    edges = np.flatnonzero(np.diff(hours, prepend=-1, append=-1))
    return edges[:-1], edges[1:]


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


def fill_rates(
    at_ns: IntArray, step_ns: int, stamps: IntArray, rates: FloatArray, schedule: Schedule
) -> tuple[FloatArray, FloatArray]:
    """(T,) the rate at each bar's opening instant, and (T,) the sum of those settled strictly inside it.

    A multiple of ``schedule.hours`` at which nothing was due, because the spacing was wider then, has rate zero.
    Everything in a hole, before the first stamp and after the last is not known: NaN. NaN where nothing is due.

    Parameters
    ----------
    at_ns : (T,) int64, without holes
    stamps, rates : (S,) all that are known; they may lie outside the bars
    """
    rows, start = len(at_ns), int(at_ns[0])
    zeros, unknown = _between(at_ns, step_ns, stamps, schedule)
    moments = np.concatenate((stamps, zeros))
    values = np.concatenate((rates, np.zeros(len(zeros))))
    place, off = np.divmod(moments - start, step_ns)
    fits = (place >= 0) & (place < rows)
    opening = np.full(rows, np.nan)
    at_open = fits & (off == 0)
    opening[place[at_open]] = values[at_open]
    within = fits & (off != 0)
    if not within.any():
        return opening, np.full(rows, np.nan)
    total = np.bincount(place[within], weights=values[within], minlength=rows)
    known = np.bincount(place[within], minlength=rows)
    lost_at, lost_off = np.divmod(unknown - start, step_ns)
    lost = np.bincount(lost_at[lost_off != 0], minlength=rows)
    return opening, np.where((known > 0) & (lost == 0), total, np.nan)


def _between(at_ns: IntArray, step_ns: int, stamps: IntArray, schedule: Schedule) -> tuple[IntArray, IntArray]:
    """Multiples of the schedule's hours in the bars at which no rate is known: those not due, and those lost."""
    nothing = np.empty(0, dtype=np.int64)
    if schedule.hours == 0:
        return nothing, nothing
    every = schedule.hours * NS_PER_HOUR
    start, end = int(at_ns[0]), int(at_ns[-1]) + step_ns
    moments = np.arange(-(-start // every) * every, end, every, dtype=np.int64)
    moments = moments[~np.isin(moments, stamps)]
    after = np.searchsorted(stamps, moments)
    is_bridged = (after > 0) & (after < len(stamps))
    is_bridged[is_bridged] = ~schedule.is_hole[after[is_bridged] - 1]
    return moments[is_bridged], moments[~is_bridged]


def _in_force(hours: IntArray, is_usual: BoolArray, base: int) -> IntArray:
    """Hours between due stamps in each gap: its own in a regime, else the finer of the regimes on either side."""
    starts, stops = _equal_gaps(hours)
    is_regime = (stops - starts >= REGIME) & is_usual[starts]
    if not is_regime.any():
        return np.full(len(hours), base, dtype=np.int64)
    spacing = np.zeros(len(hours), dtype=np.int64)
    left = 0
    regimes = list(zip(starts[is_regime].tolist(), stops[is_regime].tolist(), strict=True))
    ends = [(0, 0), *regimes, (len(hours), len(hours))]
    for (_, a), (b, stop) in pairwise(ends):
        right = int(hours[b]) if b < len(hours) else 0
        beside = [h for h in (left, right) if h]
        # one gap between two regimes that is narrower than the wider of them is the step from one to the other
        is_step = b - a == 1 and len(beside) == 2 and left != right and 0 < hours[a] <= max(beside)
        spacing[a:b] = max(beside) if is_step else min(beside)
        spacing[b:stop] = right
        left = right
    return spacing
