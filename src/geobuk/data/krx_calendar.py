"""Builds the sessions of the Korea Exchange: the shipped table, our dated corrections, the person's own.

The table is written by ``scripts/krx_sessions``. Nothing here knows bars.
"""

import os
from collections.abc import Sequence
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path

import msgspec
import numpy as np

from geobuk.data.session_table import Auctions, Sessions, date_of, day_of
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE

SEOUL_OFFSET_NS = 9 * NS_PER_HOUR
"""Korean time minus UTC. Summer time of 1987 and 1988 lies before the table."""

OVERRIDES = "krx_overrides.toml"
PRELIMINARY_FROM = date(2027, 1, 1)
_AUCTIONS = (Auctions(0, 40, 10), Auctions(day_of(date(2025, 3, 4)), 30, 10))
"""Source: KRX trading hours; orders for the opening auction from 08:30, from 08:20 before 2025-03-04."""

_YEARS_FIRST_OPEN = time(10, 0)
_HERE = Path(__file__).resolve().parent


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    first: date
    last: date
    usual: list[tuple[date, str, str]]
    special: list[tuple[date, str, str]]
    closed: dict[str, list[str]]


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    """A day without a session."""

    day: date
    reason: str = ""
    source: str = ""


class Session(msgspec.Struct, forbid_unknown_fields=True):
    """A day with a session; without hours the usual ones."""

    day: date
    open: time | None = None
    close: time | None = None
    reason: str = ""
    source: str = ""


class Saturdays(msgspec.Struct, forbid_unknown_fields=True):
    """Saturdays that were sessions, but for the closed ones."""

    first: date
    last: date
    open: time
    close: time
    closed: list[date] = []


class Overrides(msgspec.Struct, forbid_unknown_fields=True):
    """Dated corrections. ``through`` makes the table longer: every weekday after its end is a session unless closed."""

    through: date | None = None
    closed: list[Closed] = []
    session: list[Session] = []
    saturdays: list[Saturdays] = []

    @property
    def days(self) -> list[date]:
        """Every single day that is named."""
        return [*(entry.day for entry in self.closed), *(entry.day for entry in self.session)]


def krx_sessions() -> Sessions:
    """Sessions of the Korea Exchange, corrected by the person's file where there is one.

    Raises
    ------
    DataError
        The person's file can't be used.
    """
    path = user_overrides()
    try:
        stamp = path.stat()
    except OSError:
        return built_in_sessions()
    return _with_file(path, stamp.st_mtime_ns, stamp.st_size)


def user_overrides() -> Path:
    """The person's own corrections: ``krx_overrides.toml`` in GEOBUK_HOME; it need not exist."""
    named = os.environ.get("GEOBUK_HOME", "")
    return (Path(named).expanduser() if named else Path.home() / ".geobuk") / OVERRIDES


@cache
def built_in_sessions() -> Sessions:
    """The sessions as the package knows them."""
    return _build((load_overrides(_HERE / OVERRIDES),))


@lru_cache(maxsize=4)
def _with_file(path: Path, _mtime_ns: int, _size: int) -> Sessions:
    return _build((load_overrides(_HERE / OVERRIDES), load_overrides(path)))


def load_overrides(path: Path) -> Overrides:
    """Read a file of corrections.

    Raises
    ------
    DataError
        It is no TOML, has an unknown key or a value of the wrong type, or contradicts itself.
    """
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=Overrides)
    except (msgspec.DecodeError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} can't be read ({error})",
            cure="write [[closed]] with day = 2026-05-04, or [[session]] with day, open = 10:00:00, close = 16:30:00",
        ) from None
    days = found.days
    twice = next((day for day in days if days.count(day) > 1), None)
    if twice is not None:
        raise DataError(f"{path} names {twice} more than once", cure="keep one entry for each day")
    for entry in found.session:
        if (entry.open is None) != (entry.close is None):
            raise DataError(f"{path}: {entry.day} has one of open and close", cure="give both, or neither")
        _require_order(path, entry.open, entry.close)
    for stretch in found.saturdays:
        _require_order(path, stretch.open, stretch.close)
    return found


def _require_order(path: Path, opened: time | None, closed: time | None) -> None:
    if opened is not None and closed is not None and opened >= closed:
        raise DataError(f"{path}: {opened} to {closed} is no session", cure="open before the close")


@cache
def _table() -> _Table:
    return msgspec.json.decode((_HERE / "krx_sessions.json").read_bytes(), type=_Table)


class _Draft:
    """Hours of each session day while corrections are applied."""

    def __init__(self) -> None:
        table = _table()
        self.first, self.last = day_of(table.first), day_of(table.last)
        self.usual = [(day_of(day), (_clock(a), _clock(b))) for day, a, b in table.usual]
        closed = {day_of(date.fromisoformat(f"{year}-{day}")) for year, days in table.closed.items() for day in days}
        self.hours = {
            d: self.usual_on(d) for d in range(self.first, self.last + 1) if is_weekday(d) and d not in closed
        }
        self.hours |= {day_of(day): (_clock(a), _clock(b)) for day, a, b in table.special}

    def usual_on(self, day: int) -> tuple[int, int]:
        return next(hours for start, hours in reversed(self.usual) if start <= day)

    def apply(self, found: Overrides) -> None:
        if found.through is not None:
            self._lengthen(day_of(found.through), {day_of(entry.day) for entry in found.closed})
        for stretch in found.saturdays:
            off = {day_of(day) for day in stretch.closed}
            saturdays = range(day_of(stretch.first), day_of(stretch.last) + 1, 7)
            self.hours |= {d: (_minutes(stretch.open), _minutes(stretch.close)) for d in saturdays if d not in off}
        for named in found.days:
            if not self.first <= day_of(named) <= self.last:
                raise DataError(
                    f"{OVERRIDES} names {named}, but the table runs from {date_of(self.first)} to {date_of(self.last)}",
                    cure="make it longer with a line such as through = 2028-12-31 before the first [[...]]",
                )
        for off_day in found.closed:
            self.hours.pop(day_of(off_day.day), None)
        for entry in found.session:
            day = day_of(entry.day)
            given = None if entry.open is None or entry.close is None else (_minutes(entry.open), _minutes(entry.close))
            self.hours[day] = given or self.usual_on(day)

    def _lengthen(self, last: int, closed: set[int]) -> None:
        """Weekdays are sessions, and each year's first one opens late."""
        for day in range(self.last + 1, last + 1):
            if not is_weekday(day) or day in closed:
                continue
            opened, shut = self.usual_on(day)
            begins_year = date_of(day).year != date_of(max(self.hours)).year
            self.hours[day] = (_minutes(_YEARS_FIRST_OPEN) if begins_year else opened, shut)
        self.last = max(self.last, last)


def _build(corrections: Sequence[Overrides]) -> Sessions:
    draft = _Draft()
    for found in corrections:
        draft.apply(found)
    days = np.array(sorted(draft.hours), dtype=np.int64)
    hours = np.array([draft.hours[int(day)] for day in days], dtype=np.int64)
    midnight = days * (24 * NS_PER_HOUR) - SEOUL_OFFSET_NS
    opened, closed = (midnight + hours[:, column] * NS_PER_MINUTE for column in (0, 1))
    for shared in (days, opened, closed):
        shared.flags.writeable = False
    return Sessions(
        venue="krx",
        first_day=draft.first,
        last_day=draft.last,
        preliminary_from=day_of(PRELIMINARY_FROM),
        utc_offset_ns=SEOUL_OFFSET_NS,
        days=days,
        open_ns=opened,
        close_ns=closed,
        auctions=_AUCTIONS,
        source=_table().source,
        cure=f"later days can be added with `through` and [[closed]] in {user_overrides()}",
    )


def is_weekday(day: int) -> bool:
    """Monday to Friday; 1970-01-01 was a Thursday."""
    return (day + 3) % 7 < 5


def _clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
