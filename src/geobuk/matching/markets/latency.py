"""How long a message is on its way: fixed, uniform, log-normal, or drawn from what was measured."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from geobuk.domain.errors import SettingsError


class LatencyModel:
    """Draws delays in nanoseconds, never negative; the same seed draws the same ones."""

    def __init__(self, draw: Callable[[np.random.Generator], float], seed: int = 0) -> None:
        self._draw = draw
        self._random = np.random.default_rng(seed)

    def draw(self) -> int:
        """The next delay, ns."""
        return max(0, round(self._draw(self._random)))

    @classmethod
    def fixed(cls, delay_ns: int) -> "LatencyModel":
        """Always the same."""
        _require(delay_ns >= 0, f"delay {delay_ns} ns is negative", "give 0 or more")
        return cls(lambda _: delay_ns)

    @classmethod
    def uniform(cls, low_ns: int, high_ns: int, *, seed: int = 0) -> "LatencyModel":
        """Anything between two delays, evenly."""
        _require(0 <= low_ns <= high_ns, f"delays {low_ns} to {high_ns} ns", "give 0 <= low <= high")
        return cls(lambda random: random.uniform(low_ns, high_ns), seed)

    @classmethod
    def lognormal(cls, median_ns: int, sigma: float, *, seed: int = 0) -> "LatencyModel":
        """Half of the delays below the median, with a long tail; ``sigma`` is the deviation of the logarithm."""
        _require(median_ns > 0, f"median {median_ns} ns is not positive", "give 1 or more")
        _require(0 <= sigma <= 5, f"sigma {sigma} is not in 0 to 5", "0.5 is usual")
        return cls(lambda random: random.lognormal(math.log(median_ns), sigma), seed)

    @classmethod
    def empirical(cls, samples_ns: Sequence[int], *, seed: int = 0) -> "LatencyModel":
        """One of the measured delays, each as likely as another."""
        _require(bool(samples_ns), "no measured delay is given", "give one or more, in nanoseconds")
        _require(min(samples_ns, default=0) >= 0, f"a measured delay of {min(samples_ns, default=0)} ns", "drop it")
        samples = np.asarray(samples_ns, dtype=np.int64)
        return cls(lambda random: float(random.choice(samples)), seed)


def _require(holds: bool, message: str, cure: str) -> None:
    if not holds:
        raise SettingsError(f"latency: {message}", cure=cure)
