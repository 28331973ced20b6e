"""Keeps requests to one host within its limits: a bucket of weight that refills, corrected by what the host says.

It knows no HTTP: whoever sends tells it what was spent and how long the host wants peace.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Now = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


def loop_time() -> float:
    """Seconds of the running loop: for waiting only, it is no time of day."""
    return asyncio.get_running_loop().time()


@dataclass(frozen=True, slots=True)
class Allowance:
    """``weight`` units in ``seconds``; ``share`` of it is ours, so that other programs of the same address live."""

    weight: float
    seconds: float = 60.0
    share: float = 0.5

    @property
    def ours(self) -> float:
        """What we may spend in one window."""
        return max(1.0, self.weight * self.share)

    @property
    def per_second(self) -> float:
        """How fast it comes back."""
        return self.ours / self.seconds


class Pacer:
    """A token bucket; ``allowance`` None lets everything pass, except while the host wants peace."""

    def __init__(self, allowance: Allowance | None, *, now: Now = loop_time, sleep: Sleep = asyncio.sleep) -> None:
        self._allowance = allowance
        self._now, self._sleep = now, sleep
        self._left = allowance.ours if allowance else 0.0
        self._filled_at: float | None = None
        self._quiet_until = 0.0
        self._turn = asyncio.Lock()

    async def take(self, weight: float = 1.0) -> None:
        """Wait until ``weight`` may be spent, in the order of asking; what exceeds the bucket is owed."""
        async with self._turn:
            while (wait := self._wait(weight)) > 0:
                await self._sleep(wait)
            self._left -= weight

    def rest(self, seconds: float) -> None:
        """Nobody sends for so long: the host asked for it."""
        self._quiet_until = max(self._quiet_until, self._now() + seconds)

    def spent_in_window(self, used: float) -> None:
        """The host's own count of the running window; it may only make us slower."""
        if self._allowance is not None:
            self._refill()
            self._left = min(self._left, self._allowance.ours - used)

    def allow(self, allowance: Allowance) -> None:
        """The host named its limit."""
        if self._allowance is not None:
            self._left += min(0.0, allowance.ours - self._allowance.ours)
            self._allowance = allowance

    def _wait(self, weight: float) -> float:
        quiet = self._quiet_until - self._now()
        if quiet > 0 or self._allowance is None:
            return quiet
        self._refill()
        missing = min(weight, self._allowance.ours) - self._left
        return missing / self._allowance.per_second if missing > 1e-9 else 0.0

    def _refill(self) -> None:
        assert self._allowance is not None
        now = self._now()
        elapsed = 0.0 if self._filled_at is None else now - self._filled_at
        self._left = min(self._allowance.ours, self._left + elapsed * self._allowance.per_second)
        self._filled_at = now
