"""Numbers as people read them: signs, thousands, per cent; a dash for what is not defined."""

import math
from collections.abc import Callable

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, at_text
from geobuk.reports.rows import Kind

DASH = "–"
MINUS = "−"


def number(value: float, digits: int = 2, *, sign: bool = False) -> str:
    """Thousands grouped, a real minus sign, a dash for NaN.

    >>> number(1234.5), number(-0.001), number(2.5, 1, sign=True), number(float("nan"))
    ('1,234.50', '0.00', '+2.5', '–')
    """
    if math.isnan(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):,.{digits}f}"
    is_zero = not text.strip("0.,")
    mark = "" if is_zero else MINUS if value < 0 else "+" if sign else ""
    return mark + text


def percent(value: float, digits: int = 2, *, sign: bool = False) -> str:
    """A fraction in per cent, with a narrow space before the sign.

    >>> percent(0.1234).split(), percent(-0.5, 1, sign=True).split()
    (['12.34', '%'], ['−50.0', '%'])
    """
    text = number(value * 100.0, digits, sign=sign)
    return text if text == DASH else f"{text}\N{NARROW NO-BREAK SPACE}%"


def money(value: float, *, sign: bool = False) -> str:
    """Two digits up to a million, none above."""
    return number(value, 2 if abs(value) < 1e6 else 0, sign=sign)


def duration(ns: int) -> str:
    """Days from two days on, hours below.

    >>> duration(90 * 3_600 * 10**9), duration(5 * 3_600 * 10**9)
    ('3.8 d', '5.0 h')
    """
    return f"{ns / NS_PER_DAY:,.1f} d" if ns >= 2 * NS_PER_DAY else f"{ns / NS_PER_HOUR:,.1f} h"


def day(at_ns: int | None) -> str:
    """The UTC date, or a dash."""
    return DASH if at_ns is None else at_text(at_ns)[:10]


_WRITERS: dict[str, Callable[[float], str]] = {
    "percent": percent,
    "signed_percent": lambda value: percent(value, sign=True),
    "ratio": number,
    "money": money,
    "signed_money": lambda value: money(value, sign=True),
    "count": lambda value: number(value, 0),
    "days": lambda value: f"{number(value, 1)} d",
    "hours": lambda value: DASH if math.isnan(value) else duration(int(value * NS_PER_HOUR)),
    "bps": lambda value: f"{number(value)} bps",
    "day": lambda value: day(int(value)),
}


def written(value: float | None, kind: Kind) -> str:
    """A statistic's number as its kind of unit asks for."""
    return DASH if value is None else _WRITERS[kind](value)
