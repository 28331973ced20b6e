"""Time as the house keeps it: integer nanoseconds, UTC. This module reads no clock."""

import re
from datetime import UTC, datetime, timedelta

from geobuk.domain.errors import UserError

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000 * NS_PER_MS
NS_PER_MINUTE = 60 * NS_PER_SECOND
NS_PER_HOUR = 60 * NS_PER_MINUTE
NS_PER_DAY = 24 * NS_PER_HOUR
NS_PER_YEAR = 365 * NS_PER_DAY
"""A crypto year: 365 days of 24 hours."""

INTERVAL_PATTERN = r"[1-9]\d{0,3}[smhdw]"
"""What an interval looks like as a text, as a regular expression without anchors."""

_UNIT_NS = {"s": NS_PER_SECOND, "m": NS_PER_MINUTE, "h": NS_PER_HOUR, "d": NS_PER_DAY, "w": 7 * NS_PER_DAY}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def interval_ns(text: str) -> int:
    """Length of an interval such as ``1m``, ``15m``, ``1h``, ``4h``, ``1d`` in nanoseconds.

    >>> interval_ns("15m") == 15 * NS_PER_MINUTE
    True
    """
    if re.fullmatch(INTERVAL_PATTERN, text) is None:
        raise UserError(
            f"{text!r} is not an interval", cure="write a number and one of s, m, h, d, w, such as 1m, 1h or 1d"
        )
    return int(text[:-1]) * _UNIT_NS[text[-1]]


def interval_text(ns: int) -> str:
    """The shortest name of an interval; the inverse of :func:`interval_ns`.

    >>> interval_text(3600 * NS_PER_SECOND)
    '1h'
    """
    for unit in ("d", "h", "m", "s"):
        if ns % _UNIT_NS[unit] == 0:
            return f"{ns // _UNIT_NS[unit]}{unit}"
    return f"{ns}ns"


_FIRST_YEAR, _LAST_YEAR = 1678, 2261
"""Whole years whose nanoseconds fit into 64 bits."""


def parse_at(text: str) -> int:
    """Nanoseconds since the epoch of an ISO 8601 date or date-time; without an offset it is UTC.

    Raises
    ------
    UserError : it can't be read, or its year is none that nanoseconds can count.

    >>> parse_at("1970-01-02")
    86400000000000
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is not a date", cure="write it as 2024-01-31 or 2024-01-31T09:00+09:00") from None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise UserError(
            f"{text!r} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}", cure="choose a date between them"
        )
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def at_text(at_ns: int, *, seconds: bool = False) -> str:
    """``2024-01-31 09:00`` in UTC, or with seconds.

    >>> at_text(86_400_000_000_000)
    '1970-01-02 00:00'
    """
    at = _EPOCH + timedelta(microseconds=at_ns // 1000)
    return at.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def iso_text(at_ns: int) -> str:
    """ISO 8601 in UTC to the second, as JSON carries it; :func:`parse_at` reads it back.

    >>> iso_text(86_400_000_000_000)
    '1970-01-02T00:00:00Z'
    """
    return at_text(at_ns, seconds=True).replace(" ", "T") + "Z"


def zone_of(utc_offset_ns: int) -> str:
    """What times with that offset are called.

    >>> zone_of(0), zone_of(9 * 3_600 * 10**9)
    ('UTC', 'KST')
    """
    hours = utc_offset_ns / NS_PER_HOUR
    return {0.0: "UTC", 9.0: "KST"}.get(hours, f"UTC{hours:+g}")
