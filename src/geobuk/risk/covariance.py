"""Covariance of returns between decisions as running state, and the variance of an account that holds such weights.

Only the lower triangle is kept. Loops run along rows, so that they compile to vector instructions.
"""

from math import isnan

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray, Record, RecordArray


@kernel
def update_covariance(book: RecordArray, rules: Record, covariance: FloatArray, work: FloatArray) -> None:
    """Take the instruments' last returns into their covariance (N, N), about a mean of zero.

    An instrument without a return keeps its row. A pair's mean is plain until it has seen 1 / alpha returns of the
    younger one, so that a late arrival is not thought to be calm. ``work`` (2, N) at least.
    """
    change, weight = work[0], work[1]
    for i in range(book.shape[0]):
        state = book[i]
        is_known = not isnan(state.change) and state.observed > 0
        change[i] = state.change if is_known else 0.0
        weight[i] = max(rules.alpha_volatility, 1.0 / state.observed) if is_known else 0.0
    for i in range(book.shape[0]):
        mine, own = weight[i], change[i]
        if mine > 0.0:
            row = covariance[i]
            for j in range(i + 1):
                learning = max(mine, weight[j]) if weight[j] > 0.0 else 0.0
                row[j] += learning * (own * change[j] - row[j])


@step
def variance_of(weights: FloatArray, covariance: FloatArray, work: FloatArray) -> float:
    """w' C w for weights (N,) and the lower triangle of a covariance (N, N); ``work`` (N,) is written over."""
    count = weights.shape[0]
    for j in range(count):
        work[j] = 0.0
    for i in range(count):
        weight = weights[i]
        if weight != 0.0:
            row = covariance[i]
            for j in range(i):
                work[j] += row[j] * weight
    total = 0.0
    for j in range(count):
        total += weights[j] * (2.0 * work[j] + covariance[j, j] * weights[j])
    return total
