"""How much of a year a venue trades: what turns figures per bar into figures per year. It knows no calendar dates."""

from dataclasses import dataclass

from geobuk.domain.times import NS_PER_DAY, NS_PER_YEAR


@dataclass(frozen=True, slots=True)
class TradingYear:
    """``sessions`` a year on average, each ``session_ns`` long.

    >>> round(TradingYear(246.0, 23_400_000_000_000).per_year(60_000_000_000))
    95940
    """

    sessions: float = 365.0
    session_ns: int = NS_PER_DAY

    def per_day(self, interval_ns: int) -> float:
        """Intervals that a session holds or begins; below 1 for intervals longer than a day."""
        if interval_ns > NS_PER_DAY:
            return NS_PER_DAY / interval_ns
        return float(-(-self.session_ns // interval_ns))

    def per_year(self, interval_ns: int) -> float:
        """Intervals in a year; those longer than a day are counted by the calendar."""
        if interval_ns > NS_PER_DAY:
            return NS_PER_YEAR / interval_ns
        return self.sessions * self.per_day(interval_ns)


ALWAYS_OPEN = TradingYear()
"""365 days of 24 hours."""
