"""The venue's time: it starts where it is told, runs as fast as it is told, and never goes back."""

from geobuk.domain.times import NS_PER_MS
from geobuk.ports import Clock

LEASHED_ABOVE = 10.0


class SpeedClock:
    """Emulated time: start + (base - base at the start) * speed, in nanoseconds UTC.

    Above ten times the base's speed it runs at most ``leash_ns`` ahead of the market, so that a market that can't
    follow is late and not lost. ``skew_ns`` moves only what the venue says the time is (GET time, the timestamp
    check), never the market.
    """

    def __init__(
        self, base: Clock, start_ns: int | None = None, speed: float = 1.0, leash_ns: int | None = None
    ) -> None:
        self._base = base
        self._base_ns = base.now_ns()
        self._start_ns = self._base_ns if start_ns is None else start_ns
        self._speed = speed
        self._latest_ns = self._reached_ns = self._start_ns
        self._leash_ns = leash_ns
        self.skew_ns = 0

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Go on from the present moment at another speed; 0 stops the market."""
        if speed < 0:
            raise ValueError(f"speed {speed} is below zero: time does not run backwards")
        self._start_ns, self._base_ns = self.now_ns(), self._base.now_ns()
        self._speed = speed

    def reach(self, at_ns: int) -> None:
        """The market has come that far."""
        self._reached_ns = max(self._reached_ns, at_ns)

    def now_ns(self) -> int:
        """The market's time; it never falls."""
        base_ns = self._base.now_ns()
        now = self._start_ns + int((base_ns - self._base_ns) * self._speed)
        if self._leash_ns is not None and self._speed > LEASHED_ABOVE and now > self._reached_ns + self._leash_ns:
            now = self._reached_ns + self._leash_ns
            self._start_ns, self._base_ns = now, base_ns
        self._latest_ns = max(self._latest_ns, now)
        return self._latest_ns

    def now_ms(self) -> int:
        return self.now_ns() // NS_PER_MS

    def server_ms(self) -> int:
        """What the venue says the time is, in milliseconds."""
        return (self.now_ns() + self.skew_ns) // NS_PER_MS
