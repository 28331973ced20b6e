"""Where each instrument stands among the others at the same bar."""

import numpy as np

from geobuk.panel import FloatArray


def centred_ranks(values: FloatArray, least: int) -> FloatArray:
    """Ranks across the instruments of each row, spread evenly over -1 (lowest) to 1 (highest).

    (T, N) in and out. Equal values share their mean rank, so each row sums to 0; unknown values stay NaN, and a row
    with fewer than ``least`` known values is NaN throughout.

    >>> centred_ranks(np.array([[3.0, 1.0, np.nan, 2.0]]), least=2)
    array([[ 1., -1., nan,  0.]])
    """
    below = np.zeros(values.shape)
    for other in range(values.shape[1]):
        rival = values[:, other : other + 1]
        below += np.sign(values - rival, where=~np.isnan(rival) & ~np.isnan(values), out=np.zeros(values.shape))
    known = ~np.isnan(values)
    count = known.sum(axis=1, keepdims=True)
    ranks = below / np.maximum(count - 1, 1)
    return np.where(known & (count >= max(least, 2)), ranks, np.nan)
