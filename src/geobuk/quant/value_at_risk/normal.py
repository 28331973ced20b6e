"""Tail risk of a normal distribution: the yardstick of the others, too low wherever tails are fat."""

import math

import numpy as np
import numpy.typing as npt

from geobuk.quant.returns import deviation, finite
from geobuk.quant.tails import require_confidence
from geobuk.quant.value_at_risk.tail_risk import TailRisk


def normal_risk(mean: float, sd: float, confidence: float, *, periods: int = 1) -> TailRisk:
    """VaR = -mean + z sd, ES = -mean + sd phi(z) / (1 - confidence); over h independent periods mean h and sd sqrt(h).

    ``mean`` and ``sd`` are per period, fractions or money. Raises ValueError where one isn't finite, the sd is
    negative, the confidence is not between 0 and 1 or ``periods`` is below 1. Source: McNeil, Frey & Embrechts 2015.

    >>> round(normal_risk(0.001, 0.02, 0.99).var, 10)
    0.0455269575
    """
    require_confidence(confidence)
    require_spread(mean, sd)
    if periods < 1:
        raise ValueError(f"periods {periods} is below 1: give the number of periods to hold")
    z, es = normal_quantiles(confidence)
    mean, sd = mean * periods, sd * math.sqrt(periods)
    return TailRisk(-mean + z * sd, -mean + es * sd, confidence, "normal")


def normal_risk_of(returns: npt.ArrayLike, confidence: float, *, periods: int = 1) -> TailRisk:
    """:func:`normal_risk` at the mean and standard deviation (n - 1) of the returns (T,), T at least 2."""
    values = finite(returns, "returns")
    require_pair(len(values))
    return normal_risk(float(np.mean(values)), deviation(values), confidence, periods=periods)


def normal_quantiles(confidence: float) -> tuple[float, float]:
    """z and phi(z) / (1 - confidence): VaR and ES of a standard normal loss."""
    from scipy.special import ndtri

    z = float(ndtri(confidence))
    return z, math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / (1.0 - confidence)


def require_spread(mean: float, sd: float) -> None:
    """Raise ValueError unless both are finite and the sd is at least 0."""
    if not (math.isfinite(mean) and math.isfinite(sd) and sd >= 0.0):
        raise ValueError(f"mean {mean} and sd {sd}: both must be finite, sd at least 0")


def require_pair(count: int) -> None:
    """Raise ValueError below 2 observations."""
    if count < 2:
        raise ValueError("1 return has no dispersion: give at least 2")
