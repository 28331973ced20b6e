"""How much prices move: volatility per bar, known at each bar's close."""

import math

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray


def ewma_volatility(price: FloatArray, span: float, *, least: int = 0) -> FloatArray:
    """Exponentially weighted volatility of log returns, per bar, about a mean of zero.

    Parameters
    ----------
    price : (T, N)
        Prices; NaN where a bar is missing. The move across a hole counts as one return.
    span : float
        In bars; the newest return weighs 2 / (span + 1). Weights are normalised from the first return on.
    least : int
        Returns needed before the first value; 0 means half the span, at least 2.

    Returns
    -------
    (T, N) float64
        Row t uses prices up to t; NaN at missing bars and before ``least`` returns.

    Notes
    -----
    sigma_t^2 = sum_i d^i r_{t-i}^2 / sum_i d^i with d = 1 - 2 / (span + 1) (RiskMetrics 1996, section
    5.2, finite sample).
    """
    needed = least or max(2, math.ceil(span / 2))
    return _ewma_deviation(np.ascontiguousarray(price), 1.0 - 2.0 / (span + 1.0), needed)


@kernel
def _ewma_deviation(price: FloatArray, decay: float, least: int) -> FloatArray:
    bars, instruments = price.shape
    out = np.full((bars, instruments), np.nan)
    for n in range(instruments):
        last, square, weight, count = np.nan, 0.0, 0.0, 0
        for t in range(bars):
            if not price[t, n] > 0.0:
                continue
            if last > 0.0:
                change = math.log(price[t, n] / last)
                square = decay * square + change * change
                weight = decay * weight + 1.0
                count += 1
            last = price[t, n]
            if count >= least:
                out[t, n] = math.sqrt(square / weight)
    return out
