"""Order in time: rows off the grid, missing bars, outages."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.checks.look import Look, Noticed
from geobuk.data.checks.scan import breaks_of
from geobuk.domain.times import NS_PER_DAY, NS_PER_MINUTE, interval_text
from geobuk.panel import FloatArray, IntArray

_FINE_NS = 5 * NS_PER_MINUTE


def phase_of(at_ns: IntArray, interval_ns: int, breaks: IntArray | None = None) -> int:
    """Where most bars sit in their interval: ``at_ns % interval_ns``; 0 for a grid aligned to the epoch."""
    if interval_ns == 0 or len(at_ns) == 0:
        return 0
    first, lengths = _segments(at_ns, breaks if breaks is not None else breaks_of(at_ns, interval_ns))
    phases, where = np.unique(at_ns[first] % interval_ns, return_inverse=True)
    return int(phases[np.argmax(np.bincount(where, weights=lengths))])


def _segments(at_ns: IntArray, breaks: IntArray) -> tuple[IntArray, IntArray]:
    """First row and length of each stretch of rows that are one interval apart."""
    first = np.concatenate((np.zeros(1, dtype=np.int64), breaks + 1))
    return first, np.diff(np.append(first, len(at_ns)))


def misaligned(look: Look) -> Iterator[Noticed]:
    """Rows whose time is not on the grid on which most are."""
    first, lengths = _segments(look.at_ns, look.breaks)
    off = look.at_ns[first] % look.series.interval_ns != look.phase_ns
    if off.any():
        yield Noticed(np.flatnonzero(np.repeat(off, lengths)))


def missing_bars(look: Look) -> Iterator[Noticed]:
    """Bars missing between others, of a venue that is always open."""
    if not look.series.hours.is_always_open or len(look.breaks) == 0:
        return
    before, after = _holes(look)
    if len(before):
        step = look.series.interval_ns
        missing = int(np.sum((after - before - 1) // step))
        span = (int(before[0]) + step, int(after[-1]) - step)
        gaps, name = len(before), interval_text(step)
        detail = (
            f"bar of {name} missing, in {gaps:,} gap{'s' if gaps > 1 else ''}",
            f"빠진 {name} 봉(공백 {gaps:,}곳)",
        )
        yield Noticed(detail=detail, count=missing, span=(span[0], max(span)), places=before + step)


def outages(look: Look) -> Iterator[Noticed]:
    """Long stretches without any bar, among bars of a few minutes."""
    step = look.series.interval_ns
    if step > _FINE_NS or not look.series.hours.is_always_open or len(look.breaks) == 0:
        return
    before, after = _holes(look)
    minutes = (after - before - step) / NS_PER_MINUTE
    is_long = (minutes >= look.spec.outage_minutes) & (minutes < look.spec.stretch_days * 24 * 60)
    if is_long.any():
        lost, count = minutes[is_long], int(is_long.sum())
        detail = (
            f"outage of {_range(lost)} minutes without a bar",
            f"{_range(lost)}분 동안 봉이 없는 구간",
        )
        starts = before[is_long] + step
        yield Noticed(detail=detail, count=count, span=(int(starts[0]), int(after[is_long][-1]) - step), places=starts)


def _range(values: FloatArray) -> str:
    low, high = f"{values.min():.0f}", f"{values.max():.0f}"
    return low if low == high else f"{low} to {high}"


def _holes(look: Look) -> tuple[IntArray, IntArray]:
    """Times of the aligned bars on both sides of each hole."""
    if look.marked("MISALIGNED").size:
        times = look.at_ns[(look.at_ns - look.phase_ns) % look.series.interval_ns == 0]
        holes = np.flatnonzero(np.diff(times) > look.series.interval_ns)
        return times[holes], times[holes + 1]
    before, after = look.at_ns[look.breaks], look.at_ns[look.breaks + 1]
    is_hole = after - before > look.series.interval_ns
    return before[is_hole], after[is_hole]


def too_sparse(look: Look) -> Iterator[Noticed]:
    """More bars missing than a series may lack."""
    if not look.series.hours.is_always_open or len(look.breaks) == 0:
        return
    missing = missing_share(look.at_ns, look.series.interval_ns, look.spec.stretch_days, look.breaks)
    limit = look.spec.max_missing_share
    if missing > limit:
        detail = (
            f"{missing:.1%} of the bars are missing, more than {limit:.0%}",
            f"봉의 {missing:.1%}가 빠져 있습니다(한도 {limit:.0%})",
        )
        yield Noticed(detail=detail, count=1, span=(int(look.at_ns[0]), int(look.at_ns[-1])))


def missing_share(
    at_ns: IntArray, interval_ns: int, stretch_days: float = 7.0, breaks: IntArray | None = None
) -> float:
    """Share of bars missing inside the stretches that the series covers.

    A hole of more than a week and ten bars divides two stretches (two imports of different years, say) and does not
    count; it is reported as a gap all the same. ``breaks`` are the rows before each irregular step, where known.
    """
    breaks = breaks_of(at_ns, interval_ns) if breaks is None else breaks
    spacing = at_ns[breaks + 1] - at_ns[breaks]
    is_inside = spacing <= max(int(stretch_days * NS_PER_DAY), 10 * interval_ns)
    regular = len(at_ns) - len(breaks)
    expected = int(np.sum(spacing[is_inside] // interval_ns)) + regular + int(np.sum(~is_inside))
    return max(0.0, 1 - len(at_ns) / expected)
