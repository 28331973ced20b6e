"""The wall clock: the one module that reads the time of day."""

import time


class WallClock:
    """The machine's clock, UTC nanoseconds."""

    def now_ns(self) -> int:
        return time.time_ns()
