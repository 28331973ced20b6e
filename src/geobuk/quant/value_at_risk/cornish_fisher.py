"""Tail risk of a normal bent by skewness and kurtosis; only where the bend keeps quantiles in order."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import BoolArray, FloatArray
from geobuk.quant.returns import deviation, finite
from geobuk.quant.tails import require_confidence
from geobuk.quant.value_at_risk.normal import normal_quantiles, normal_risk, require_spread
from geobuk.quant.value_at_risk.tail_risk import TailRisk


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean, standard deviation (n - 1), skewness and **excess** kurtosis (normal = 0), both of the biased kind."""

    mean: float
    sd: float
    skew: float
    excess: float


def cornish_fisher_risk(moments: Moments, confidence: float) -> TailRisk:
    """VaR = -(mean + z_cf sd), with ES the mean of the same expansion beyond its quantile.

    Falls back to the normal, flagged ``not_monotone``, where z_cf does not rise with z between the two tails: there it
    is no quantile. Skewness and kurtosis enter as parameters; the resulting distribution's own differ (Maillard 2012).
    Raises ValueError where a moment isn't finite, the sd negative, the confidence not between 0 and 1.

    Source: Zangari 1996; Favre & Galeano 2002; Maillard 2012.

    >>> round(cornish_fisher_risk(Moments(0.001, 0.02, -0.5, 1.0), 0.95).var, 10)
    0.0342421164
    """
    require_confidence(confidence)
    require_spread(moments.mean, moments.sd)
    if not (math.isfinite(moments.skew) and math.isfinite(moments.excess)):
        raise ValueError(f"skew {moments.skew} or excess kurtosis {moments.excess} is not finite")
    skew, excess = np.array([moments.skew]), np.array([moments.excess])
    var, es, is_ordered = bent_tail(skew, excess, confidence)
    if not is_ordered[0]:
        plain = normal_risk(moments.mean, moments.sd, confidence)
        return TailRisk(plain.var, plain.es, confidence, "normal", ("not_monotone",))
    var0, es0 = float(var[0]), float(es[0])
    return TailRisk(-moments.mean + moments.sd * var0, -moments.mean + moments.sd * es0, confidence, "cornish_fisher")


def cornish_fisher_risk_of(returns: npt.ArrayLike, confidence: float) -> TailRisk:
    """:func:`cornish_fisher_risk` at the moments of the returns (T,).

    Raises ValueError below 4 returns or where they have no variance.
    """
    return cornish_fisher_risk(moments_of(returns), confidence)


def moments_of(returns: npt.ArrayLike) -> Moments:
    """The four moments of (T,) returns; raises ValueError below 4 of them or where they have no variance."""
    values = finite(returns, "returns")
    spread = deviation(values)
    if len(values) < 4 or not spread > 0.0:
        raise ValueError(f"{len(values)} returns with deviation {spread}: kurtosis needs at least 4 that differ")
    centred = values - values.mean()
    variance = float(np.mean(centred**2))
    skew = float(np.mean(centred**3)) / variance**1.5
    return Moments(float(values.mean()), spread, skew, float(np.mean(centred**4)) / variance**2 - 3.0)


def cornish_fisher_quantile(z: npt.ArrayLike, skew: npt.ArrayLike, excess: npt.ArrayLike) -> FloatArray:
    """The quantile z of a standard normal, bent; a lower tail has negative z.

    z + (z^2 - 1) S / 6 + (z^3 - 3 z) K / 24 - (2 z^3 - 5 z) S^2 / 36.
    """
    at, s, k = (np.asarray(value, dtype=np.float64) for value in (z, skew, excess))
    bent: FloatArray = at + (at**2 - 1) * s / 6 + (at**3 - 3 * at) * k / 24 - (2 * at**3 - 5 * at) * s**2 / 36
    return bent


def is_monotone(z: float, skew: npt.ArrayLike, excess: npt.ArrayLike) -> BoolArray:
    """Whether the bent quantile rises everywhere in [-|z|, |z|], for each pair of skewness and excess kurtosis."""
    s, k = np.asarray(skew, dtype=np.float64), np.asarray(excess, dtype=np.float64)
    square, slope, level = k / 8 - s**2 / 6, s / 3, 1 - k / 8 + 5 * s**2 / 36
    edge = abs(z)
    least = np.minimum(square * edge**2 + slope * edge, square * edge**2 - slope * edge) + level
    bottom = np.divide(-slope, 2 * square, out=np.full(np.shape(square), np.inf), where=square > 0.0)
    inside = np.abs(bottom) < edge
    at = np.where(inside, bottom, 0.0)
    lowest: BoolArray = np.where(inside, np.minimum(least, square * at**2 + slope * at + level), least) > 0.0
    return lowest


def bent_tail(skew: FloatArray, excess: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray, BoolArray]:
    """VaR and ES of bent standard losses, and whether each is valid; for arrays of skewness and excess kurtosis.

    ES = phi(z) / (1 - c) [1 + z S / 6 + (z^2 - 1) K / 24 - (2 z^2 - 1) S^2 / 36], the mean of z_cf below z; never put
    below the VaR.
    """
    up, density = normal_quantiles(confidence)
    z = -up
    var = -cornish_fisher_quantile(z, skew, excess)
    es = density * (1 + z * skew / 6 + (z**2 - 1) * excess / 24 - (2 * z**2 - 1) * skew**2 / 36)
    return var, np.maximum(es, var), is_monotone(z, skew, excess)
