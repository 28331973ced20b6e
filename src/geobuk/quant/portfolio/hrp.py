"""Hierarchical risk parity: a tree of correlations, split from the top, each half weighted by the other's variance."""

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.portfolio.allocation import Allocation, allocation
from geobuk.quant.portfolio.covariance import correlation, require_variances, valid_covariance

DISTANCES = ("condensed", "distance_of_distances")


def hierarchical_risk_parity(covariance: npt.ArrayLike, *, distances: str = "condensed") -> Allocation:
    """Long-only weights that need no inverse, so that a singular covariance (N, N) serves as well.

    Single linkage of d = sqrt((1 - rho) / 2), leaves in the order of scipy's ``leaves_list``, the list halved (first
    half n // 2), each half weighted by one minus its share of the variances of inverse-variance clusters.

    Parameters
    ----------
    distances : ``condensed`` links d itself; ``distance_of_distances`` the Euclidean distances between the rows of d,
        as the listing of the paper does. The method's name says which. Equal distances are linked in scipy's order.

    Raises
    ------
    ValueError : no covariance, an asset without variance, another name of distances.

    **Source**: Lopez de Prado 2016, Building diversified portfolios that outperform out of sample.
    """
    if distances not in DISTANCES:
        raise ValueError(f"distances {distances!r} are not known: write one of {', '.join(DISTANCES)}")
    matrix = valid_covariance(covariance)
    variances = require_variances(matrix)
    weights = np.ones(len(matrix))
    clusters = [_leaf_order(matrix, distances)] if len(matrix) > 1 else []
    while clusters:
        cluster = clusters.pop()
        first, second = cluster[: len(cluster) // 2], cluster[len(cluster) // 2 :]
        risk, other = _cluster_variance(matrix, variances, first), _cluster_variance(matrix, variances, second)
        share = 1.0 - risk / (risk + other) if risk + other > 0.0 else 0.5
        weights[first] *= share
        weights[second] *= 1.0 - share
        clusters.extend(half for half in (first, second) if len(half) > 1)
    return allocation(weights, matrix, f"hrp_{distances}")


def _leaf_order(matrix: FloatArray, distances: str) -> npt.NDArray[np.int64]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist, squareform

    apart = np.sqrt((1.0 - correlation(matrix)) / 2.0)
    condensed = squareform(apart, checks=False) if distances == "condensed" else pdist(apart)
    return np.asarray(leaves_list(linkage(condensed, "single")), dtype=np.int64)


def _cluster_variance(matrix: FloatArray, variances: FloatArray, members: npt.NDArray[np.int64]) -> float:
    weights = 1.0 / variances[members]
    weights /= weights.sum()
    return max(0.0, float(weights @ matrix[np.ix_(members, members)] @ weights))
