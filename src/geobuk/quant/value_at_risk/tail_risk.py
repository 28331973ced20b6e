"""What every estimate of tail risk comes back as."""

from dataclasses import dataclass

import numpy as np

from geobuk.panel import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class TailRisk:
    """Value at risk and expected shortfall of the next period; losses are positive.

    Attributes
    ----------
    var : loss exceeded with probability 1 - confidence; below 0 where even that is a gain. es : mean loss beyond it.
    method : how it was found; the fallback's name where there was one.
    flags : why the value is weak or a fallback; empty where it is neither.
    """

    var: float
    es: float
    confidence: float
    method: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class RollingTailRisk:
    """Tail risk one period ahead at every row of a series: row t forecasts t + 1 from rows up to t.

    Attributes
    ----------
    var, es : (T,), losses positive; NaN before the first full window.
    is_fallback : (T,) whether the row was found by a simpler method than the one named.
    """

    var: FloatArray
    es: FloatArray
    confidence: float
    method: str
    is_fallback: BoolArray

    @property
    def fallback_share(self) -> float:
        """Share of the forecasts that a simpler method made; NaN where there is no forecast."""
        known = np.isfinite(self.var)
        return float(self.is_fallback[known].mean()) if known.any() else float("nan")
