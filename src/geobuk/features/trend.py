"""How far a price has run, in units of what a driftless random walk would have run."""

import math

import numpy as np

from geobuk.features.indicators import ema
from geobuk.panel import FloatArray


def crossover_score(log_price: FloatArray, volatility: FloatArray, fast: int, slow: int) -> FloatArray:
    """Fast minus slow moving average of the log price, as a z-score under a driftless random walk.

    Parameters
    ----------
    log_price, volatility : (T, N)
        Natural log of the price, and the volatility of its change per bar.
    fast, slow : int
        Spans in bars, fast < slow.

    Returns
    -------
    (T, N) float64
        About standard normal where prices only wander; NaN where an input is NaN or the volatility is 0.

    Notes
    -----
    With weights a = 1 - 2/(fast+1) and b = 1 - 2/(slow+1) the difference of the two averages is
    sum_i (b^(i+1) - a^(i+1)) r_{t-i}, so its variance is sigma^2 times :func:`crossover_variance`. The crossovers are
    those of Baz, Granger, Harvey, Le Roux & Rattray 2015; the exact variance stands in for their two rolling
    normalisations.
    """
    scale = volatility * math.sqrt(crossover_variance(fast, slow))
    with np.errstate(divide="ignore", invalid="ignore"):
        score: FloatArray = (ema(log_price, fast) - ema(log_price, slow)) / scale
    score[~(scale > 0.0)] = np.nan
    return score


def crossover_variance(fast: float, slow: float) -> float:
    """Variance of (fast - slow average) when each bar's change has variance 1.

    b^2/(1-b^2) + a^2/(1-a^2) - 2ab/(1-ab), the sum of the squared weights above.
    """
    a, b = 1.0 - 2.0 / (fast + 1.0), 1.0 - 2.0 / (slow + 1.0)
    return b * b / (1.0 - b * b) + a * a / (1.0 - a * a) - 2.0 * a * b / (1.0 - a * b)
