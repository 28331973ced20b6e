"""Exponentially weighted variance about a mean of zero: one parameter, always there, the fallback of the others."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class Ewma:
    """h' = decay h + (1 - decay) r^2. Source: RiskMetrics Technical Document 1996, section 5.2 (0.94 for days)."""

    decay: float = 0.94

    def __post_init__(self) -> None:
        if not 0.0 < self.decay < 1.0:
            raise ValueError(f"decay {self.decay} is not between 0 and 1: write 0.94 for daily returns")

    def forecast(self, next_variance: float, periods: int) -> FloatArray:
        """(periods,) variances from the next period on: all alike, for there is no mean to return to."""
        return np.full(periods, next_variance)


def ewma_variances(returns: npt.ArrayLike, model: Ewma, first_variance: float | None = None) -> FloatArray:
    """(T + 1,) variance of each period as it was known before it; the last is the forecast of the next period.

    ``first_variance`` is the first of them; the squared first return unless told (only that row looks at its own
    period). Raises ValueError where returns are empty or not finite, or the first variance is negative.

    >>> (ewma_variances([0.02], Ewma(0.9), first_variance=0.01**2)[-1] ** 0.5).round(6).item()
    0.011402
    """
    values = finite(returns, "returns")
    first = float(values[0] ** 2) if first_variance is None else first_variance
    if not (math.isfinite(first) and first >= 0.0):
        raise ValueError(f"first_variance {first} is not a number of at least 0")
    return _follow(values, model.decay, first)


@step
def ewma_step(variance: float, value: float, decay: float) -> float:
    """The next variance after a return; a return that isn't finite leaves it as it is."""
    squared = value * value
    return decay * variance + (1.0 - decay) * squared if math.isfinite(squared) else variance


@kernel
def _follow(returns: FloatArray, decay: float, first: float) -> FloatArray:
    out = np.empty(len(returns) + 1)
    out[0] = first
    for t in range(len(returns)):
        out[t + 1] = ewma_step(out[t], returns[t], decay)
    return out
