"""The quality gate: looks at one series and says, row by row, what must not trade, and whether the series may be used.

Nothing is repaired here: values stay as they came, marks are added. Reading and storing are not its business.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from geobuk.data.arrange import moment_of
from geobuk.data.calendars import Hours, hours_of, local_days, on_closed_day
from geobuk.data.findings import BAD_BITS, FINDINGS, finding
from geobuk.data.funding import schedule_of
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, interval_text
from geobuk.panel import BoolArray, Finding, FloatArray, IntArray

ZERO_VOLUME_RUN = 3
FLAT_RUN = 10
MAX_BAD_SHARE = 0.05
MAX_MISSING_SHARE = 0.20
MAX_ZERO_VOLUME_SHARE = 0.50
MAX_MEDIAN_RATE = 0.003
MAX_ABSURD_RATE = 0.02


@dataclass(frozen=True)
class Series:
    """What the gate must know of a series besides its rows; ``interval_ns`` is 0 for funding.

    ``rules_hours`` are the hours between funding stamps by the instrument's rules, 0 where they are not known.
    """

    venue: str
    instrument: str
    kind: str
    interval_ns: int
    rules_hours: int = 0

    @property
    def hours(self) -> Hours:
        """Opening hours of the venue."""
        return hours_of(self.venue)


@dataclass(frozen=True)
class Verdict:
    """Rows with fresh marks, what was found, and why the series is quarantined (empty where it is not)."""

    rows: Rows
    findings: tuple[Finding, ...]
    quarantine_reason: str
    phase_ns: int

    @property
    def masked(self) -> int:
        """Number of marked rows."""
        return int(np.count_nonzero(self.rows.mask))


@dataclass(frozen=True)
class _Look:
    """One check's view: the rows, the series, and the phase of its time grid."""

    rows: Rows
    series: Series
    phase_ns: int

    def found(self, code: str, count: int, span: tuple[int, int], detail: str = "") -> Finding:
        return finding(code, self.series.instrument, count, span, detail=detail, series=self.series.kind)


def gate(rows: Rows, series: Series) -> Verdict:
    """Examine sorted rows, one for each moment.

    Marks are computed afresh, except DUPLICATE_CONFLICT, which only the importer can see. Thresholds: more than 5 % bad
    rows, 20 % missing bars or 50 % bars in runs without volume quarantine the series; so do funding
    rates that look like percent.
    """
    phase = phase_of(rows.at_ns, series.interval_ns)
    look = _Look(rows, series, phase)
    mask = rows.mask & np.uint32(FINDINGS["DUPLICATE_CONFLICT"].bit)
    findings: list[Finding] = []
    marks = {"DUPLICATE_CONFLICT": mask != 0} | {code: check(look) for code, check in ROW_CHECKS[series.kind].items()}
    for code, bad in marks.items():
        if bad.any():
            mask[bad] |= FINDINGS[code].bit
            times = rows.at_ns[bad]
            findings.append(look.found(code, len(times), (int(times[0]), int(times[-1]))))
    for check in SERIES_CHECKS[series.kind]:
        findings.extend(check(look))
    marked = rows.with_mask(mask)
    reasons = list(_reasons(_Look(marked, series, phase)))
    findings.extend(reasons)
    return Verdict(marked, tuple(findings), "; ".join(reason.text for reason in reasons), phase)


def phase_of(at_ns: IntArray, interval_ns: int) -> int:
    """Where most bars sit in their interval: ``at_ns % interval_ns``; 0 for a grid aligned to the epoch."""
    if interval_ns == 0 or len(at_ns) == 0:
        return 0
    phases = at_ns % interval_ns
    if np.all(phases == phases[0]):
        return int(phases[0])
    values, counts = np.unique(phases, return_counts=True)
    return int(values[np.argmax(counts)])


def _prices(look: _Look) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return [look.rows.values[name] for name in ("open", "high", "low", "close")]


def _not_a_number(look: _Look) -> BoolArray:
    bad: BoolArray = ~np.logical_and.reduce([np.isfinite(column) for column in look.rows.values.values()])
    return bad


def _non_positive(look: _Look) -> BoolArray:
    bad: BoolArray = np.logical_or.reduce([price <= 0 for price in _prices(look)])
    return bad


def _contradicting(look: _Look) -> BoolArray:
    opened, high, low, close = _prices(look)
    top = np.maximum(np.maximum(opened, close), low)
    bottom = np.minimum(np.minimum(opened, close), high)
    return (high < top) | (low > bottom)


def _negative_volume(look: _Look) -> BoolArray:
    return look.rows.values["volume"] < 0


def _without_volume(look: _Look) -> BoolArray:
    return in_runs(look.rows.values["volume"] == 0, ZERO_VOLUME_RUN)


def _misaligned(look: _Look) -> BoolArray:
    off: BoolArray = look.rows.at_ns % look.series.interval_ns != look.phase_ns
    return off


def _closed_day(look: _Look) -> BoolArray:
    return on_closed_day(look.rows.at_ns, look.series.hours)


def in_runs(flags: BoolArray, length: int) -> BoolArray:
    """True where a flag belongs to a run of at least ``length``.

    >>> in_runs(np.array([True, True, False, True]), 2).tolist()
    [True, True, False, False]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    result = np.zeros(len(flags), dtype=np.bool_)
    for start, stop in zip(starts, stops, strict=True):
        if stop - start >= length:
            result[start:stop] = True
    return result


def _missing_bars(look: _Look) -> Iterator[Finding]:
    hours, step = look.series.hours, look.series.interval_ns
    times = look.rows.at_ns[~_misaligned(look)]
    if hours.is_always_open and len(times) > 1:
        spacing = np.diff(times)
        holes = spacing > step
        if holes.any():
            missing = int(np.sum((spacing[holes] - 1) // step))
            where = (int(times[:-1][holes][0]) + step, int(times[1:][holes][-1]) - step)
            gaps = int(holes.sum())
            detail = f"bar of {interval_text(step)} missing, in {gaps} gap{'s' if gaps > 1 else ''}"
            yield look.found("GAP", missing, (where[0], max(where)), detail)


def _missing_days(look: _Look) -> Iterator[Finding]:
    hours = look.series.hours
    if hours.is_always_open or len(look.rows) == 0:
        return
    seen = np.unique(local_days(look.rows.at_ns, hours))
    every = np.arange(seen[0], seen[-1] + 1)
    absent = every[~np.isin(every, seen) & ((every + 3) % 7 < 5)]
    if len(absent):
        span = (int(absent[0]) * NS_PER_DAY - hours.utc_offset_ns, int(absent[-1]) * NS_PER_DAY - hours.utc_offset_ns)
        yield look.found("SESSIONS", len(absent), span)


def _missing_stamps(look: _Look) -> Iterator[Finding]:
    stamps = moment_of(look.rows.at_ns, "funding")
    schedule = schedule_of(stamps, look.series.rules_hours)
    holes = schedule.is_hole
    if not holes.any():
        return
    hours = schedule.spacing[holes]
    first = int(stamps[:-1][holes][0]) + int(hours[0]) * NS_PER_HOUR
    last = int(stamps[1:][holes][-1]) - int(hours[-1]) * NS_PER_HOUR
    each = " or ".join(str(h) for h in np.unique(hours))
    detail = f"funding stamp missing (one each {each} h)"
    yield look.found("GAP", int(schedule.missing.sum()), (first, max(first, last)), detail)


def _standing_still(look: _Look) -> Iterator[Finding]:
    opened, high, low, close = _prices(look)
    still = (high == low) & (opened == close) & (look.rows.values["volume"] > 0)
    still[1:] &= close[1:] == close[:-1]
    runs = in_runs(still, FLAT_RUN)
    if runs.any():
        times = look.rows.at_ns[runs]
        yield look.found("FLAT", len(times), (int(times[0]), int(times[-1])))


def _reasons(look: _Look) -> Iterator[Finding]:
    """Why the series can't be used at all."""
    rows, series = look.rows, look.series
    if len(rows) == 0:
        return
    span = (int(rows.at_ns[0]), int(rows.at_ns[-1]))
    on_open_days = rows.mask[rows.mask & FINDINGS["CALENDAR"].bit == 0]
    bad = float(np.count_nonzero(on_open_days & BAD_BITS)) / max(1, len(on_open_days))
    if bad > MAX_BAD_SHARE:
        detail = f"{bad:.1%} of the rows are bad, more than {MAX_BAD_SHARE:.0%}"
        yield look.found("BAD_SHARE", 1, span, detail)
    if series.kind == "funding":
        if look_like_percent(rows.values["rate"]):
            yield look.found("RATE_UNIT", 1, span)
        return
    if series.hours.is_always_open:
        missing = missing_share(rows.at_ns, series.interval_ns)
        if missing > MAX_MISSING_SHARE:
            detail = f"{missing:.1%} of the bars are missing, more than {MAX_MISSING_SHARE:.0%}"
            yield look.found("SPARSE", 1, span, detail)
    quiet = float(np.count_nonzero(rows.mask & FINDINGS["ZERO_VOLUME"].bit)) / len(rows)
    if quiet > MAX_ZERO_VOLUME_SHARE:
        detail = f"{quiet:.1%} of the bars have no volume, more than {MAX_ZERO_VOLUME_SHARE:.0%}"
        yield look.found("BAD_SHARE", 1, span, detail)


def look_like_percent(rates: FloatArray) -> bool:
    """Whether funding rates are written in percent.

    Venues settle again and again at their interest rate of 0.01 % in 8 hours or its half for 4 hours. Large rates among
    which those numbers appear as percent are percent; so are rates whose median is beyond 2 %.
    """
    known = np.abs(rates[np.isfinite(rates)])
    if len(known) == 0:
        return False
    median = float(np.median(known))
    at_interest = np.isclose(known, 0.01, rtol=1e-6) | np.isclose(known, 0.005, rtol=1e-6)
    return median > MAX_ABSURD_RATE or (median > MAX_MEDIAN_RATE and float(at_interest.mean()) >= 0.02)


def missing_share(at_ns: IntArray, interval_ns: int) -> float:
    """Share of bars missing inside the stretches that the series covers.

    A hole of more than a week and ten bars divides two stretches (two imports of different years, say) and does not
    count; it is reported as a gap all the same.
    """
    spacing = np.diff(at_ns)
    is_inside = spacing <= max(7 * NS_PER_DAY, 10 * interval_ns)
    expected = int(np.sum(spacing[is_inside] // interval_ns)) + 1 + int(np.sum(~is_inside))
    return max(0.0, 1 - len(at_ns) / expected)


def _funding_misaligned(look: _Look) -> BoolArray:
    """Further than a second from a whole minute: not a settlement's stamp."""
    off = (look.rows.at_ns + NS_PER_MINUTE // 2) % NS_PER_MINUTE - NS_PER_MINUTE // 2
    return np.abs(off) > 1_000_000_000


_PRICE_CHECKS: dict[str, Callable[[_Look], BoolArray]] = {
    "NOT_A_NUMBER": _not_a_number,
    "NON_POSITIVE": _non_positive,
    "OHLC": _contradicting,
    "MISALIGNED": _misaligned,
    "CALENDAR": _closed_day,
}
ROW_CHECKS: dict[str, dict[str, Callable[[_Look], BoolArray]]] = {
    "bars": _PRICE_CHECKS | {"NEGATIVE_VOLUME": _negative_volume, "ZERO_VOLUME": _without_volume},
    "mark": _PRICE_CHECKS,
    "funding": {"NOT_A_NUMBER": _not_a_number, "MISALIGNED": _funding_misaligned},
}
"""Checks that mark single rows, by kind of series."""

SERIES_CHECKS: dict[str, tuple[Callable[[_Look], Iterator[Finding]], ...]] = {
    "bars": (_missing_bars, _missing_days, _standing_still),
    "mark": (_missing_bars,),
    "funding": (_missing_stamps,),
}
"""Checks that look at the series as a whole."""
