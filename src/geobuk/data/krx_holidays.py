"""Compares a list of holidays that somebody else keeps with the table of sessions. It changes neither."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from geobuk.data.krx_calendar import is_weekday
from geobuk.data.session_table import Sessions, date_of, day_of
from geobuk.domain.errors import DataError


@dataclass(frozen=True)
class HolidayCheck:
    """Weekdays that only one of the two takes for closed, in the years of the list."""

    only_in_list: tuple[date, ...]
    only_in_table: tuple[date, ...]

    @property
    def agrees(self) -> bool:
        """Whether there are none."""
        return not self.only_in_list and not self.only_in_table


def compare_holidays(path: Path, sessions: Sessions) -> HolidayCheck:
    """Compare a JSON object of years, each with its list of closed days, as far as the table reaches.

    Raises
    ------
    DataError
        The file is something else.
    """
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=dict[int, list[date]])
    except (msgspec.DecodeError, OSError) as error:
        raise DataError(
            f"{path} is no list of holidays ({error})", cure='write {"2026": ["2026-01-01", "2026-02-16"]}'
        ) from None
    theirs = {day_of(day) for days in listed.values() for day in days}
    ours: set[int] = set()
    for year in listed:
        first = max(day_of(date(year, 1, 1)), sessions.first_day)
        last = min(day_of(date(year, 12, 31)), sessions.last_day)
        if first <= last:
            ours |= set(range(first, last + 1)) - set(sessions.sessions_between(first, last).tolist())
    theirs = {day for day in theirs if sessions.first_day <= day <= sessions.last_day}
    return HolidayCheck(_weekdays(theirs - ours), _weekdays(ours - theirs))


def _weekdays(days: set[int]) -> tuple[date, ...]:
    return tuple(date_of(day) for day in sorted(days) if is_weekday(day))
