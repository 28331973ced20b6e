"""Funding: stamps that are missing, late or off, changes of the interval, rates in the wrong unit or extreme."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.arrange import moment_of
from geobuk.data.checks.look import Look, Noticed, at_rows
from geobuk.data.funding import Schedule, regimes_of, schedule_of
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE, NS_PER_SECOND
from geobuk.panel import FloatArray, IntArray


def _stamps(look: Look) -> IntArray:
    return moment_of(look.at_ns, "funding")


def _schedule(look: Look) -> Schedule:
    return schedule_of(_stamps(look), look.series.rules_hours)


def _off_minute(look: Look) -> IntArray:
    return np.abs((look.at_ns + NS_PER_MINUTE // 2) % NS_PER_MINUTE - NS_PER_MINUTE // 2)


def off_minute(look: Look) -> Iterator[Noticed]:
    """Stamps further from a whole minute than a settlement's are."""
    yield from at_rows(np.flatnonzero(_off_minute(look) > look.spec.late_stamp_seconds * NS_PER_SECOND))


def late_stamps(look: Look) -> Iterator[Noticed]:
    """Stamps some milliseconds off their minute."""
    off = _off_minute(look)
    late = np.flatnonzero((off > 0) & (off <= look.spec.late_stamp_seconds * NS_PER_SECOND))
    if len(late):
        most = off[late].max() / 1e6
        yield Noticed(
            late,
            (
                f"funding stamp off its minute, by {most:.0f} ms at most",
                f"정각에서 벗어난 펀딩 시각(최대 {most:.0f}밀리초)",
            ),
        )


def missing_stamps(look: Look) -> Iterator[Noticed]:
    """Stamps that were due and are not there."""
    stamps, schedule = _stamps(look), _schedule(look)
    holes = schedule.is_hole
    if not holes.any():
        return
    hours = schedule.spacing[holes]
    begins = stamps[:-1][holes] + hours * NS_PER_HOUR
    last = int(stamps[1:][holes][-1]) - int(hours[-1]) * NS_PER_HOUR
    each = " or ".join(str(h) for h in np.unique(hours))
    detail = (
        f"funding stamp missing (one each {each} h)",
        f"빠진 펀딩 시각({each.replace(' or ', '/')}시간 간격)",
    )
    first = int(begins[0])
    yield Noticed(detail=detail, count=int(schedule.missing.sum()), span=(first, max(first, last)), places=begins)


def changes_of_interval(look: Look) -> Iterator[Noticed]:
    """Moments from which on stamps are spaced otherwise."""
    stamps = _stamps(look)
    regimes = regimes_of(stamps, look.series.rules_hours)
    changed = [n for n in range(1, len(regimes)) if regimes[n][1] != regimes[n - 1][1]]
    if changed:
        steps = ", ".join(f"{regimes[n - 1][1]} → {regimes[n][1]} h" for n in changed[:5])
        more = " ..." if len(changed) > 5 else ""
        times = stamps[[regimes[n][0] for n in changed]]
        detail = (f"change of the funding interval: {steps}{more}", f"펀딩 간격 변경: {steps}{more}")
        yield Noticed(detail=detail, count=len(changed), span=(int(times[0]), int(times[-1])), places=times)


def extreme_rates(look: Look) -> Iterator[Noticed]:
    """Rates of one stamp that are as large as those of a bad month."""
    rates = look.column("rate")
    with np.errstate(invalid="ignore"):
        far = np.flatnonzero(np.abs(rates) >= look.spec.extreme_rate)
    if len(far):
        low, high = float(rates[far].min()), float(rates[far].max())
        reach = f"{low:+.2%}" if low == high else f"{low:+.2%} to {high:+.2%}"
        yield Noticed(far, (f"funding rate of {reach}", f"펀딩비 {reach.replace(' to ', ' ~ ')}"))


def wrong_unit(look: Look) -> Iterator[Noticed]:
    """A series of rates in percent."""
    rates = look.column("rate")
    if look_like_percent(rates, look.spec.max_median_rate, look.spec.max_absurd_rate):
        yield Noticed(count=1, span=(int(look.at_ns[0]), int(look.at_ns[-1])))


def look_like_percent(rates: FloatArray, usual: float = 0.003, absurd: float = 0.02) -> bool:
    """Whether funding rates are written in percent.

    Venues settle again and again at their interest rate of 0.01 % in 8 hours or its half for 4 hours. Large rates among
    which those numbers appear as percent are percent; so are rates whose median is beyond ``absurd``.
    """
    known = np.abs(rates[np.isfinite(rates)])
    if len(known) == 0:
        return False
    median = float(np.median(known))
    at_interest = np.isclose(known, 0.01, rtol=1e-6) | np.isclose(known, 0.005, rtol=1e-6)
    return median > absurd or (median > usual and float(at_interest.mean()) >= 0.02)
