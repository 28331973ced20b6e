"""Where each instrument stands among the others at the same bar."""

import math

import numpy as np

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray


def centred_ranks(values: FloatArray, least: int) -> FloatArray:
    """Ranks across the instruments of each row, spread evenly over -1 (lowest) to 1 (highest).

    (T, N) in and out. Equal values share their mean rank, so each row sums to 0; unknown values stay NaN, and a row
    with fewer than ``least`` known values is NaN throughout.

    >>> centred_ranks(np.array([[3.0, 1.0, np.nan, 2.0]]), least=2)
    array([[ 1., -1., nan,  0.]])
    """
    return _centred(values, max(least, 2))


@kernel
def _centred(values: FloatArray, least: int) -> FloatArray:
    bars, instruments = values.shape
    out = np.full((bars, instruments), np.nan)
    for t in range(bars):
        count = instruments - np.isnan(values[t]).sum()
        if count < least:
            continue
        for n in range(instruments):
            if not math.isnan(values[t, n]):
                out[t, n] = _lead(values[t], n) / (count - 1)
    return out


@step
def _lead(row: FloatArray, n: int) -> float:
    """How many others are smaller, less how many are larger; unknown ones are neither."""
    lead = 0.0
    for other in row:
        if other < row[n]:
            lead += 1.0
        elif other > row[n]:
            lead -= 1.0
    return lead
