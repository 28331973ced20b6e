"""Groups of instruments that move together: linked pair by pair where correlation reaches a threshold."""

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray
from geobuk.quant.portfolio.covariance import require_variances, valid_covariance

_SLACK = 1e-12


def correlation_buckets(covariance: npt.ArrayLike, threshold: float) -> IntArray:
    """(N,) bucket of each asset, numbered from 0 in the order of their first members.

    Two assets share a bucket where a chain of pairs with correlation >= ``threshold`` joins them (single linkage), so
    the partition does not depend on the order of the assets.

    Raises
    ------
    ValueError : no covariance, an asset without variance, a threshold outside [-1, 1].

    >>> correlation_buckets([[1.0, 0.9, 0.1], [0.9, 1.0, 0.0], [0.1, 0.0, 1.0]], 0.7).tolist()
    [0, 0, 1]
    """
    if not -1.0 <= threshold <= 1.0:
        raise ValueError(f"threshold {threshold} is not a correlation: give a number between -1 and 1")
    matrix = valid_covariance(covariance)
    require_variances(matrix)
    labels = np.empty(len(matrix), dtype=np.int64)
    bucket_labels(matrix, threshold, labels)
    return labels


@kernel
def bucket_labels(covariance: FloatArray, threshold: float, labels: IntArray) -> int:
    """Fill ``labels`` (N,) with buckets of a covariance (N, N), allocate nothing; returns how many there are.

    An asset whose variance is 0 or NaN is linked with none, and so is a pair whose covariance is NaN: a caller that
    must be careful treats such an asset as one of every bucket. Only the upper triangle is read.
    """
    count = labels.shape[0]
    for i in range(count):
        labels[i] = i
    for i in range(count):
        for j in range(i + 1, count):
            if _is_linked(covariance, i, j, threshold):
                first, second = _root(labels, i), _root(labels, j)
                labels[max(first, second)] = min(first, second)
    # A root is the smallest member, so one pass upward meets each root before its members.
    buckets = 0
    for i in range(count):
        if labels[i] == i:
            labels[i] = buckets
            buckets += 1
        else:
            labels[i] = labels[labels[i]]
    return buckets


@kernel
def _is_linked(covariance: FloatArray, i: int, j: int, threshold: float) -> bool:
    variance, other = covariance[i, i], covariance[j, j]
    if not (variance > 0.0 and other > 0.0):
        return False
    return covariance[i, j] / (np.sqrt(variance) * np.sqrt(other)) >= threshold - _SLACK


@kernel
def _root(labels: IntArray, member: int) -> int:
    while labels[member] != member:
        labels[member] = labels[labels[member]]
        member = labels[member]
    return member
