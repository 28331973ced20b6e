"""Weights by one over volatility: equal risk where all correlations are equal."""

import numpy as np
import numpy.typing as npt

from geobuk.quant.portfolio.allocation import Allocation, allocation
from geobuk.quant.portfolio.covariance import require_variances, valid_covariance


def inverse_volatility(covariance: npt.ArrayLike) -> Allocation:
    """w_i proportional to 1 / sigma_i, long only.

    Raises
    ------
    ValueError : no covariance (N, N), or an asset without variance.

    >>> inverse_volatility([[0.04, 0.0], [0.0, 0.16]]).weights.round(6).tolist()
    [0.666667, 0.333333]
    """
    matrix = valid_covariance(covariance)
    inverse = 1.0 / np.sqrt(require_variances(matrix))
    return allocation(inverse / inverse.sum(), matrix, "inverse_volatility")
