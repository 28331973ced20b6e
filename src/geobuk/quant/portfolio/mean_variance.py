"""Weights that trade expected return against variance within limits. They follow errors of the expectation closely."""

import math

import numpy.typing as npt

from geobuk.quant.portfolio.allocation import Allocation, allocation
from geobuk.quant.portfolio.covariance import require_variances, valid_covariance
from geobuk.quant.portfolio.quadratic import WeightLimits, solved_weights
from geobuk.quant.returns import finite


def mean_variance(
    covariance: npt.ArrayLike, expected: npt.ArrayLike, risk_aversion: float = 1.0, limits: WeightLimits | None = None
) -> Allocation:
    """Maximise mu'w - a w'Sigma w / 2 - cost sum |w - previous| subject to sum 1 and the limits (long only if None).

    Parameters
    ----------
    covariance : (N, N). expected : (N,) excess returns of the same period, shrunk by the caller.
    risk_aversion : a > 0; 1 is the growth-optimal (Kelly) choice.

    Raises
    ------
    ValueError : no covariance, an asset without variance, expected returns of another length or not finite, a that is
        not positive, limits that no weights meet.

    **Source**: Markowitz 1952, Portfolio selection.
    """
    matrix = valid_covariance(covariance)
    require_variances(matrix)
    means = finite(expected, "expected")
    if len(means) != len(matrix):
        raise ValueError(f"expected has {len(means)} returns for {len(matrix)} assets: use one order")
    if not 0.0 < risk_aversion < math.inf:
        raise ValueError(
            f"risk_aversion {risk_aversion} is not a positive number: write 1 for full Kelly, more for less"
        )
    weights = solved_weights(matrix * risk_aversion, means, limits or WeightLimits())
    return allocation(weights, matrix, "mean_variance")
