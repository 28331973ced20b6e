"""Exponentially weighted mean, variance and covariance: what a Kelly fraction is computed from.

Weights fall by (1 - alpha) a period, alpha = 2 / (span + 1), and sum to 1 over the sample.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import number, table
from geobuk.quant.returns import finite

_ONE_WEIGHT = 1e-12


@dataclass(frozen=True, slots=True)
class EmaMoments:
    """Mean and variance per period. ``variance`` is unbiased (NaN, flag ``too_short``, for one value).

    ``effective_periods`` is 1 / sum w^2: the number of equal weights that would average as much away.
    """

    mean: float
    variance: float
    variance_biased: float
    effective_periods: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class EmaCovariance:
    """Means (N,) and covariances (N, N) per period; fields as in :class:`EmaMoments`."""

    mean: FloatArray
    covariance: FloatArray
    covariance_biased: FloatArray
    effective_periods: float
    flags: tuple[str, ...] = ()


def ema_weights(periods: int, span: float) -> FloatArray:
    """(n,) weights, oldest first, sum 1. ``span`` is at least 1 period; at 1 only the newest counts.

    >>> ema_weights(3, 3).round(4).tolist()
    [0.1429, 0.2857, 0.5714]
    """
    if periods < 1:
        raise ValueError(f"{periods} periods have no weights: give at least one")
    if number(span, "span") < 1.0:
        raise ValueError(f"span {span} is below 1 period: give 1 or more")
    weights = (1.0 - 2.0 / (span + 1.0)) ** np.arange(periods - 1, -1, -1, dtype=np.float64)
    return np.asarray(weights / weights.sum())


def ema_moments(returns: npt.ArrayLike, span: float) -> EmaMoments:
    """Moments of (n,) returns; the unbiased variance is the biased one over 1 - sum w^2.

    The same as pandas' ``ewm(span, adjust=True)`` in its last row. Raises ValueError as :func:`ema_covariance` does.
    """
    found = ema_covariance(finite(returns, "returns")[:, None], span)
    return EmaMoments(
        float(found.mean[0]),
        float(found.covariance[0, 0]),
        float(found.covariance_biased[0, 0]),
        found.effective_periods,
        found.flags,
    )


def ema_covariance(returns: npt.ArrayLike, span: float) -> EmaCovariance:
    """Means and covariances of (T, N) returns, the newest row weighing most.

    Raises
    ------
    ValueError : not finite, empty, not two-dimensional, span below 1.
    """
    values = table(returns, "returns")
    weights = ema_weights(len(values), span)
    mean = weights @ values
    centred = (values - mean) * np.sqrt(weights)[:, None]
    biased = centred.T @ centred
    squares = float(weights @ weights)
    spare = 1.0 - squares
    if spare <= _ONE_WEIGHT:
        return EmaCovariance(mean, np.full_like(biased, np.nan), biased, 1.0 / squares, ("too_short",))
    return EmaCovariance(mean, biased / spare, biased, 1.0 / squares)
