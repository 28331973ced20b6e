"""Tail risk of a Student t distribution: fat tails alike on both sides."""

import math

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.returns import deviation, finite
from geobuk.quant.tails import require_confidence
from geobuk.quant.value_at_risk.normal import require_pair, require_spread
from geobuk.quant.value_at_risk.tail_risk import TailRisk

_NORMAL_DOF = 1e6
"""From here on a t is a normal to the printed digits."""


def student_t_risk(mean: float, sd: float, degrees: float, confidence: float) -> TailRisk:
    """A t with this mean, this **standard deviation** (its scale is sd sqrt((nu - 2) / nu)) and nu ``degrees``.

    Raises ValueError where degrees are not above 2 (no standard deviation exists), mean or sd not finite, the
    confidence not between 0 and 1. Source: McNeil, Frey & Embrechts 2015.

    >>> round(student_t_risk(0.0, 0.02, 5.0, 0.99).es, 10)
    0.0689767352
    """
    require_confidence(confidence)
    require_spread(mean, sd)
    if not degrees > 2.0:
        raise ValueError(f"degrees {degrees} is not above 2: such a t has no standard deviation")
    var, es = scaled_t_tail(np.array([degrees]), confidence)
    return TailRisk(-mean + sd * float(var[0]), -mean + sd * float(es[0]), confidence, "student_t")


def student_t_risk_of(returns: npt.ArrayLike, confidence: float) -> TailRisk:
    """A t fitted by maximum likelihood to the returns (T,): location, scale and degrees of freedom.

    Flagged ``infinite_variance`` at 2 degrees of freedom or fewer, and ``infinite_es`` (ES infinite) at 1 or fewer.
    Raises ValueError where returns are empty, not finite, a single one or without variance.
    """
    require_confidence(confidence)
    values = finite(returns, "returns")
    require_pair(len(values))
    spread, centre = deviation(values), float(np.mean(values))
    if spread == 0.0:
        raise ValueError("returns have no variance: there is no distribution to fit")
    from scipy.special import stdtrit
    from scipy.stats import t as student

    degrees, location, scale = student.fit((values - centre) / spread, 8.0, loc=0.0, scale=0.8)
    degrees = min(float(degrees), _NORMAL_DOF)
    q = float(stdtrit(degrees, confidence))
    var = -(centre + spread * location) + spread * scale * q
    if degrees <= 1.0:
        return TailRisk(var, math.inf, confidence, "student_t", ("infinite_variance", "infinite_es"))
    beyond = float(_mean_beyond(np.array([degrees]), np.array([q]), confidence)[0])
    flags = ("infinite_variance",) if degrees <= 2.0 else ()
    return TailRisk(var, -(centre + spread * location) + spread * scale * beyond, confidence, "student_t", flags)


def degrees_from_kurtosis(excess: npt.ArrayLike) -> FloatArray:
    """Degrees of freedom of the t with this excess kurtosis, 4 + 6 / K; a million (a normal) where K is not above 0.

    The method of moments never goes below 4: it is the cheap estimate for rolling windows, not a fit.
    """
    values = np.asarray(excess, dtype=np.float64)
    degrees = np.divide(6.0, values, out=np.full(values.shape, _NORMAL_DOF), where=values > 0.0) + 4.0
    return np.minimum(degrees, _NORMAL_DOF)


def scaled_t_tail(degrees: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """VaR and ES of t losses with mean 0 and standard deviation 1, for each of the ``degrees`` (all above 2)."""
    from scipy.special import stdtrit

    degrees = np.minimum(degrees, _NORMAL_DOF)
    scale = np.sqrt((degrees - 2.0) / degrees)
    q = np.asarray(stdtrit(degrees, confidence), dtype=np.float64)
    return scale * q, scale * _mean_beyond(degrees, q, confidence)


def _mean_beyond(degrees: FloatArray, q: FloatArray, confidence: float) -> FloatArray:
    """Mean of a standard t beyond its quantile q: f(q) (nu + q^2) / ((nu - 1) (1 - confidence))."""
    from scipy.special import gammaln

    log_density = gammaln((degrees + 1.0) / 2.0) - gammaln(degrees / 2.0) - 0.5 * np.log(degrees * math.pi)
    density = np.exp(log_density - 0.5 * (degrees + 1.0) * np.log1p(q * q / degrees))
    mean: FloatArray = density * (degrees + q * q) / ((degrees - 1.0) * (1.0 - confidence))
    return mean
