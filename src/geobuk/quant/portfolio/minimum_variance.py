"""The weights of the least variance, without limits in closed form or within limits by a quadratic programme."""

import numpy as np
import numpy.typing as npt

from geobuk.quant.portfolio.allocation import Allocation, allocation
from geobuk.quant.portfolio.covariance import require_variances, valid_covariance
from geobuk.quant.portfolio.quadratic import WeightLimits, solved_weights


def minimum_variance(covariance: npt.ArrayLike, limits: WeightLimits | None = None) -> Allocation:
    """(N,) weights of the least w'Sigma w at a covariance (N, N), subject to sum 1 and the limits (long only if None).

    A turnover cost of the limits is in units of w'Sigma w / 2.

    Raises
    ------
    ValueError : no covariance (N, N), an asset without variance, limits that no weights meet.

    >>> minimum_variance([[0.04, 0.006], [0.006, 0.09]]).weights.round(7).tolist()
    [0.7118644, 0.2881356]
    """
    matrix = valid_covariance(covariance)
    require_variances(matrix)
    weights = solved_weights(matrix, np.zeros(len(matrix)), limits or WeightLimits())
    return allocation(weights, matrix, "minimum_variance")


def unlimited_minimum_variance(covariance: npt.ArrayLike) -> Allocation:
    """Sigma^-1 1 / (1'Sigma^-1 1) of a covariance (N, N), short positions and any leverage allowed.

    Source: Markowitz 1952; Merton 1972.

    Raises
    ------
    ValueError : no covariance, an asset without variance, or one that is singular (shrink it first).
    """
    matrix = valid_covariance(covariance)
    require_variances(matrix)
    if np.linalg.cond(matrix) > 1e12:
        raise ValueError("the covariance is singular: shrink it (ledoit_wolf) before it is inverted")
    raw = np.linalg.solve(matrix, np.ones(len(matrix)))
    return allocation(raw / raw.sum(), matrix, "minimum_variance_unlimited")
