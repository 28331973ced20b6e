"""How far the venue's clock is from ours, measured by round trips; the quickest of them are believed.

Source: D. L. Mills, "Internet time synchronization: the Network Time Protocol" (1991): the sample of least delay has
the least error, which is at most half its round trip.
"""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One round trip. ``offset_ms`` = the venue's time − ours."""

    offset_ms: float
    round_trip_ms: float


class ClockOffset:
    """The venue's time from ours. Pure: samples are given to it."""

    def __init__(self, keep: int = 32, alarm_ms: int = 500) -> None:
        self._samples: deque[Sample] = deque(maxlen=keep)
        self._alarm_ms = alarm_ms
        self._first_ms: float | None = None
        self.offset_ms = 0.0
        self.error_ms = float("inf")

    def add(self, sent_ns: int, server_ms: int, received_ns: int) -> None:
        """Take a round trip: our times before and after, and what the venue said its time was."""
        round_trip_ms = (received_ns - sent_ns) / 1e6
        if round_trip_ms < 0:
            return  # our own clock was set back in between
        self._samples.append(Sample(server_ms - (sent_ns + received_ns) / 2e6, round_trip_ms))
        best = min(self._samples, key=lambda sample: sample.round_trip_ms)
        self.offset_ms, self.error_ms = best.offset_ms, best.round_trip_ms / 2
        if self._first_ms is None:
            self._first_ms = self.offset_ms

    def forget(self) -> None:
        """Distrust all samples: a clock has been set."""
        self._samples.clear()

    @property
    def is_known(self) -> bool:
        return bool(self._samples)

    def alarm(self) -> str:
        """Why the clocks deserve a look, or nothing."""
        if abs(self.offset_ms) > self._alarm_ms:
            return f"the machine's clock is {-self.offset_ms:.0f} ms off the venue's (alarm at {self._alarm_ms} ms)"
        if self._first_ms is not None and abs(self.offset_ms - self._first_ms) > self._alarm_ms:
            return f"the clocks drifted apart by {self.offset_ms - self._first_ms:.0f} ms since the start"
        return ""

    def venue_ms(self, now_ns: int) -> int:
        """The venue's time, in milliseconds, at our time."""
        return int(now_ns / 1e6 + self.offset_ms)
