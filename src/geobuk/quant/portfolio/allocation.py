"""An allocation as one frozen value: weights, how they were found, what share of the risk each carries."""

from dataclasses import dataclass

import numpy as np

from geobuk.panel import FloatArray

_CLIP = 1e-8


@dataclass(frozen=True, eq=False, slots=True)
class Allocation:
    """Weights of N assets.

    Attributes
    ----------
    weights : (N,) fractions that sum to 1.
    method : name of the rule, with its variant.
    contributions : (N,) each asset's share of the portfolio's variance; they sum to 1, NaN without risk.
    volatility : of the portfolio, in the covariance's period.
    flags : ``single`` for one asset, ``riskless`` where the portfolio has no variance, and what the method adds.
    """

    weights: FloatArray
    method: str
    contributions: FloatArray
    volatility: float
    flags: tuple[str, ...] = ()


def allocation(weights: FloatArray, covariance: FloatArray, method: str, flags: tuple[str, ...] = ()) -> Allocation:
    """The frozen result of weights (N,) at a covariance (N, N); they are put back on sum 1.

    Raises
    ------
    ValueError : the weights do not sum to 1 within 1e-8.
    """
    total = float(weights.sum())
    if not abs(total - 1.0) <= _CLIP:
        raise ValueError(f"weights sum to {total}, not to 1: the method {method} failed, use another one")
    weights = weights / total
    marginal = covariance @ weights
    variance = max(0.0, float(weights @ marginal))
    if len(weights) == 1:
        flags = (*flags, "single")
    if variance == 0.0:
        contributions, flags = np.full(len(weights), np.nan), (*flags, "riskless")
    else:
        contributions = weights * marginal / variance
    return Allocation(weights, method, contributions, float(np.sqrt(variance)), flags)


def clipped(weights: FloatArray, lower: FloatArray) -> FloatArray:
    """(N,) weights with rounding below their lower bounds (N,) taken off (up to 1e-8), back on sum 1.

    Raises
    ------
    ValueError : a weight is further below its bound than that.
    """
    beyond = float((lower - weights).max())
    if beyond > _CLIP:
        raise ValueError(f"a weight is {beyond:.3g} below its bound: the solution is not one, loosen the limits")
    weights = np.maximum(weights, lower)
    return np.asarray(weights / weights.sum())
