"""Clocks that only a test moves."""

START_NS = 1_790_000_000_000_000_000


class HandClock:
    """Time that stands until it is moved."""

    def __init__(self, at_ns: int = START_NS) -> None:
        self.at_ns = at_ns

    def now_ns(self) -> int:
        return self.at_ns

    def move(self, seconds: float) -> int:
        self.at_ns += round(seconds * 1e9)
        return self.at_ns
