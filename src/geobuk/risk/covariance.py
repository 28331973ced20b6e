"""Covariance of returns between decisions as running state, and the variance of an account that holds such weights.

The matrix is kept whole, in rows that may be longer than the instruments are many: filled up to a whole number of
vector registers, every loop over them compiles to plain vector instructions.
"""

from math import isnan, sqrt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray, Record, RecordArray

_LANES = 16


def row_length(instruments: int) -> int:
    """Length of a row of a covariance for so many instruments.

    >>> row_length(1), row_length(16), row_length(25)
    (16, 16, 32)
    """
    return -(-instruments // _LANES) * _LANES


@kernel
def update_covariance(book: RecordArray, rules: Record, covariance: FloatArray, work: FloatArray) -> None:
    """Take the instruments' last returns into their covariance (N, P), about a mean of zero; columns from N on stay 0.

    A pair's mean is plain until it has seen 1 / alpha returns of the younger one, so that a late arrival is not thought
    to be calm. The variance of an instrument without a return stays as it is, and so do its correlations: its
    covariances follow the other's deviation. ``work`` (3, P) at least is working space.
    """
    change, weight = work[0], work[1]
    alpha, root = rules.alpha_volatility, sqrt(rules.alpha_volatility)
    count, is_partial, is_young = book.shape[0], False, False
    for j in range(count, covariance.shape[1]):
        change[j] = weight[j] = 0.0
    for i in range(count):
        state = book[i]
        is_known = not isnan(state.change) and state.observed > 0
        change[i] = state.change if is_known else 0.0
        weight[i] = max(alpha, 1.0 / state.observed) if is_known else 0.0
        is_partial |= not is_known
        is_young |= weight[i] > alpha
    if is_partial or is_young:
        learn_pair_by_pair(covariance, work)
    else:
        for j in range(count):
            change[j] *= root
        for i in range(count):
            row, own = covariance[i], change[i]
            for j in range(covariance.shape[1]):
                row[j] = (1.0 - alpha) * row[j] + own * change[j]
    if is_partial:
        keep_correlations(covariance, work)


@kernel
def learn_pair_by_pair(covariance: FloatArray, work: FloatArray) -> None:
    """One step of every pair of which both are known, by the weight of the younger one."""
    change, weight, calmed = work[0], work[1], work[2]
    for i in range(covariance.shape[0]):
        mine, own = weight[i], change[i]
        if mine > 0.0:
            row, before = covariance[i], covariance[i, i]
            for j in range(covariance.shape[1]):
                learning = max(mine, weight[j]) if weight[j] > 0.0 else 0.0
                row[j] += learning * (own * change[j] - row[j])
            calmed[i] = sqrt(row[i] / before) if before > 0.0 else 1.0


@kernel
def keep_correlations(covariance: FloatArray, work: FloatArray) -> None:
    """Let the covariances of instruments that have just learned with those that have not follow their deviations."""
    weight, calmed = work[1], work[2]
    for i in range(covariance.shape[0]):
        if weight[i] > 0.0:
            for j in range(covariance.shape[0]):
                if weight[j] == 0.0:
                    covariance[i, j] *= calmed[i]
                    covariance[j, i] = covariance[i, j]


@step
def variance_of(weights: FloatArray, covariance: FloatArray, work: FloatArray) -> float:
    """w' C w for weights (N,) and a covariance (N, P); ``work`` (P,) is written over."""
    for j in range(covariance.shape[1]):
        work[j] = 0.0
    for i in range(covariance.shape[0]):
        weight = weights[i]
        if weight != 0.0:
            row = covariance[i]
            for j in range(covariance.shape[1]):
                work[j] += row[j] * weight
    total = 0.0
    for i in range(covariance.shape[0]):
        total += weights[i] * work[i]
    return total
