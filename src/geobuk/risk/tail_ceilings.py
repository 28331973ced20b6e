"""From limits on losses to limits on the account's standard deviation, by the tail of a normal or a Student t.

A Student t is scaled to the standard deviation it stands for: scale = sd * sqrt((degrees - 2) / degrees).
"""

from functools import cache
from math import inf, sqrt

LEAST_DEGREES = 2.1
"""Up to 2 degrees of freedom a Student t has no variance: so many are taken then."""


@cache
def sigma_for_var(limit: float, confidence: float, degrees: float) -> float:
    """Largest standard deviation whose value at risk is ``limit``; infinite when the limit is 0 (off).

    ``degrees`` of freedom of the tail, 0 for a normal one; up to 2 a Student t has no variance, and 2.1 is taken.
    """
    return limit / var_multiple(confidence, degrees) if limit > 0.0 else inf


@cache
def sigma_for_cvar(limit: float, confidence: float, degrees: float) -> float:
    """Largest standard deviation whose expected shortfall is ``limit``; infinite when the limit is 0 (off)."""
    return limit / cvar_multiple(confidence, degrees) if limit > 0.0 else inf


@cache
def var_multiple(confidence: float, degrees: float) -> float:
    """Value at risk of a mean-zero distribution in standard deviations.

    >>> round(var_multiple(0.99, 0.0), 6), round(var_multiple(0.99, 5.0), 6)
    (2.326348, 2.606464)
    """
    from scipy.special import ndtri, stdtrit

    if degrees <= 0.0:
        return float(ndtri(confidence))
    degrees = max(degrees, LEAST_DEGREES)
    return float(stdtrit(degrees, confidence)) * sqrt((degrees - 2.0) / degrees)


@cache
def cvar_multiple(confidence: float, degrees: float) -> float:
    """Expected shortfall of a mean-zero distribution in standard deviations.

    Source: McNeil, Frey & Embrechts 2005, Quantitative Risk Management, examples 2.14 and 2.15.

    >>> round(cvar_multiple(0.99, 0.0), 6), round(cvar_multiple(0.99, 5.0), 6)
    (2.665214, 3.448837)
    """
    from math import exp, lgamma, pi

    from scipy.special import ndtri, stdtrit

    tail = 1.0 - confidence
    if degrees <= 0.0:
        quantile = float(ndtri(confidence))
        return exp(-0.5 * quantile * quantile) / sqrt(2.0 * pi) / tail
    degrees = max(degrees, LEAST_DEGREES)
    quantile = float(stdtrit(degrees, confidence))
    log_norm = lgamma(0.5 * (degrees + 1.0)) - lgamma(0.5 * degrees)
    density = exp(log_norm) / sqrt(degrees * pi) * (1.0 + quantile * quantile / degrees) ** (-0.5 * (degrees + 1.0))
    shortfall = density / tail * (degrees + quantile * quantile) / (degrees - 1.0)
    return shortfall * sqrt((degrees - 2.0) / degrees)


@cache
def liquidation_quantile(probability: float, degrees: float) -> float:
    """Daily standard deviations that the way to liquidation must measure, so that it is reached within a day with at
    most ``probability``; 0 when that is 0 (off).

    Without drift a barrier is touched twice as often as it is passed at the end (reflection principle); the larger of
    the normal and the Student t answer counts. Source: Karatzas & Shreve 1991, section 2.6.
    """
    if probability <= 0.0:
        return 0.0
    return max(var_multiple(1.0 - 0.5 * probability, 0.0), var_multiple(1.0 - 0.5 * probability, degrees))
