"""Sessions of a venue: bars on closed days, sessions without bars or cut short, bars outside them, shifted clocks."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.calendars import expected_sessions, local_days, on_closed_day
from geobuk.data.checks.look import Look, Noticed, at_rows
from geobuk.data.sessions import Sessions
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE
from geobuk.panel import BoolArray, IntArray


def closed_day(look: Look) -> Iterator[Noticed]:
    """Rows on days without a session."""
    if look.series.hours.is_always_open:
        return
    yield from at_rows(np.flatnonzero(on_closed_day(look.at_ns, look.series.hours)))


def missing_days(look: Look) -> Iterator[Noticed]:
    """Sessions between the first and the last row that have no row at all."""
    hours = look.series.hours
    if hours.is_always_open or look.series.interval_ns > NS_PER_DAY:
        return
    seen = np.unique(local_days(look.at_ns, hours))
    expected = expected_sessions(int(seen[0]), int(seen[-1]), hours)
    absent = expected[~np.isin(expected, seen)]
    if len(absent):
        times = absent * NS_PER_DAY - hours.utc_offset_ns
        yield Noticed(count=len(absent), span=(int(times[0]), int(times[-1])), places=times)


def _sessions(look: Look) -> Sessions | None:
    """The sessions, where single bars can lie outside them."""
    return look.series.hours.sessions if look.series.interval_ns < NS_PER_DAY else None


def _inside(sessions: Sessions, at_ns: IntArray) -> tuple[BoolArray, BoolArray]:
    """Whether each time is from a session's open to its close (the closing price's stamp), and whether that is known.

    Not known: days outside the table, and days without a session.
    """
    days = (at_ns + sessions.utc_offset_ns) // NS_PER_DAY
    known = sessions.covers(days)
    row = np.full(len(at_ns), -1, dtype=np.int64)
    row[known] = sessions.row_of(days[known])
    known &= row >= 0
    inside = known & (at_ns >= sessions.open_ns[row]) & (at_ns <= sessions.close_ns[row])
    return inside, known


def _off_share(look: Look, sessions: Sessions, shift_ns: int = 0) -> float:
    inside, known = _inside(sessions, look.at_ns + shift_ns)
    return 1.0 - float(inside[known].mean()) if known.any() else 0.0


def outside_session(look: Look) -> Iterator[Noticed]:
    """Bars before the open or after the close, unless most are: then it is the clock."""
    sessions = _sessions(look)
    if sessions is not None and _off_share(look, sessions) < look.spec.off_hours_share:
        inside, known = _inside(sessions, look.at_ns)
        yield from at_rows(np.flatnonzero(known & ~inside))


def shifted_clock(look: Look) -> Iterator[Noticed]:
    """Most bars outside the session."""
    sessions = _sessions(look)
    if sessions is None:
        return
    share = _off_share(look, sessions)
    if share < look.spec.off_hours_share:
        return
    clock = (look.at_ns + sessions.utc_offset_ns) % NS_PER_DAY // NS_PER_MINUTE
    shown = _from_to(np.unique(clock))
    offset = sessions.utc_offset_ns
    shifts = {offset: _off_share(look, sessions, offset), -offset: _off_share(look, sessions, -offset)}
    best = min(shifts, key=lambda shift: shifts[shift])
    cause = _cause(best, offset) if shifts[best] < look.spec.off_hours_share else ("", "")
    detail = (
        f"{share:.0%} of the bars lie outside the session, whose clock shows {shown}{cause[0]}",
        f"봉의 {share:.0%}가 거래 시간 밖({shown.replace(' to ', '~')}){cause[1]}",
    )
    yield Noticed(detail=detail, count=1, span=(int(look.at_ns[0]), int(look.at_ns[-1])))


def _cause(shift: int, offset: int) -> tuple[str, str]:
    hours = abs(offset) // NS_PER_HOUR
    if shift == offset:
        return (
            f": {hours} h later they lie inside, so the file's times are UTC; import it without --time-zone",
            f": {hours}시간 늦추면 맞으므로 파일의 시각은 UTC입니다. --time-zone 없이 가져오십시오",
        )
    return (
        f": {hours} h earlier they lie inside, so the file's times are local; import it with --time-zone Asia/Seoul",
        f": {hours}시간 당기면 맞으므로 파일의 시각은 현지 시각입니다. --time-zone Asia/Seoul로 가져오십시오",
    )


def _from_to(minutes: IntArray) -> str:
    """First and last minute of the day, where the longest pause (it may span midnight) lies between last and first."""
    pauses = np.diff(minutes, append=minutes[0] + 24 * 60)
    last = int(np.argmax(pauses))
    return f"{_clock(int(minutes[(last + 1) % len(minutes)]))} to {_clock(int(minutes[last]))}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def partial(look: Look) -> Iterator[Noticed]:
    """Sessions whose first bars come late or whose last bars are missing."""
    sessions = _sessions(look)
    if sessions is None or _off_share(look, sessions) >= look.spec.off_hours_share:
        return
    inside, _ = _inside(sessions, look.at_ns)
    at_ns = look.at_ns[inside]
    if len(at_ns) == 0:
        return
    days, first = np.unique(local_days(at_ns, look.series.hours), return_index=True)
    last = np.append(first[1:], len(at_ns)) - 1
    row = sessions.row_of(days)
    late = (at_ns[first] - sessions.open_ns[row]) / NS_PER_MINUTE
    early = (sessions.close_ns[row] - at_ns[last] - look.series.interval_ns) / NS_PER_MINUTE
    limit = look.spec.partial_minutes
    cut = (late >= limit) | (early >= limit)
    if cut.any():
        parts = [
            (name, minutes[minutes >= limit])
            for name, minutes in (("first", late), ("last", early))
            if (minutes >= limit).any()
        ]
        english = " and ".join(f"{_minutes(lost)} of the {name} minutes ({len(lost)} times)" for name, lost in parts)
        korean = ", ".join(
            f"{'처음' if name == 'first' else '마지막'} {_minutes(lost)}분({len(lost)}번)" for name, lost in parts
        )
        times = at_ns[first[cut]]
        yield Noticed(
            detail=(f"session of {len(days)} that lacks {english}", f"거래일 {len(days)}일 중 {korean}이 없는 날"),
            count=int(cut.sum()),
            span=(int(times[0]), int(times[-1])),
            places=times,
        )


def _minutes(lost: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> str:
    low, high = f"{lost.min():.0f}", f"{lost.max():.0f}"
    return low if low == high else f"{low}-{high}"
