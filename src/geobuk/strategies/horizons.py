"""Horizons are said in days and counted in bars, so that one parameter serves every bar length."""

from geobuk.domain.times import NS_PER_DAY


def bars_in(days: float, interval_ns: int, *, least: int = 2) -> int:
    """Bars of ``interval_ns`` in so many days, rounded; never fewer than ``least``.

    >>> bars_in(2.0, 3_600_000_000_000)
    48
    >>> bars_in(2.0, 86_400_000_000_000, least=20)
    20
    """
    return max(least, round(days * NS_PER_DAY / interval_ns))
