"""Bid-ask spreads guessed from bars: two published estimators. They know prices only."""

from typing import NamedTuple

import numpy as np

from geobuk.panel import FloatArray

_K = 3.0 - 2.0 * np.sqrt(2.0)
_LEAST_PAIRS = 10
_ERRORS = 2.0


class SpreadEstimate(NamedTuple):
    """(N,) ``spread`` as a fraction of the price, and ``low``: two standard errors less. NaN with too few bars."""

    spread: FloatArray
    low: FloatArray


def corwin_schultz(high: FloatArray, low: FloatArray, close: FloatArray, *, zero_negatives: bool) -> SpreadEstimate:
    """The high-low estimator: the range of two bars holds twice the variance of one, but the spread only once.

    Parameters
    ----------
    high, low, close : (T, N) prices of successive bars; a NaN leaves out the pairs it belongs to.
    zero_negatives : set negative estimates of single pairs to zero before averaging, else average them as they are
        and set a negative average to zero.

    Notes
    -----
    beta = ln(H1/L1)^2 + ln(H2/L2)^2, gamma = ln(max(H1,H2)/min(L1,L2))^2,
    alpha = (sqrt(2 beta) - sqrt(beta)) / (3 - 2 sqrt 2) - sqrt(gamma / (3 - 2 sqrt 2)), S = 2 (e^alpha - 1) /
    (1 + e^alpha). A bar that opens beyond the close before it is shifted back by the gap.

    Source: Corwin and Schultz 2012, A simple way to estimate bid-ask spreads from daily high and low prices, Journal
    of Finance 67(2), 719-760.
    """
    gap = np.maximum(close[:-1] - high[1:], 0.0) - np.maximum(low[1:] - close[:-1], 0.0)
    top, bottom = np.log(high[:-1]), np.log(low[:-1])
    later_top, later_bottom = np.log(high[1:] + gap), np.log(low[1:] + gap)
    beta = (top - bottom) ** 2 + (later_top - later_bottom) ** 2
    gamma = (np.maximum(top, later_top) - np.minimum(bottom, later_bottom)) ** 2
    alpha = (np.sqrt(2.0 * beta) - np.sqrt(beta)) / _K - np.sqrt(gamma / _K)
    pairs = 2.0 * (np.exp(alpha) - 1.0) / (1.0 + np.exp(alpha))
    mean, error = _mean_and_error(np.maximum(pairs, 0.0) if zero_negatives else pairs)
    return SpreadEstimate(np.maximum(mean, 0.0), np.maximum(mean - _ERRORS * error, 0.0))


def abdi_ranaldo(high: FloatArray, low: FloatArray, close: FloatArray, *, zero_negatives: bool) -> SpreadEstimate:
    """The close-high-low estimator: closes lie at bid or ask, middles of the range between them.

    Parameters as for :func:`corwin_schultz`. ``zero_negatives`` True is the authors' two-day, False their monthly
    correction.

    Notes
    -----
    With c the log close and m the middle of log high and log low: S^2 = mean of 4 (c1 - m1) (c1 - m2).

    Source: Abdi and Ranaldo 2017, A simple estimation of bid-ask spreads from daily close, high, and low prices,
    Review of Financial Studies 30(12), 4437-4480.
    """
    c, middle = np.log(close), (np.log(high) + np.log(low)) / 2.0
    squares = 4.0 * (c[:-1] - middle[:-1]) * (c[:-1] - middle[1:])
    if zero_negatives:
        mean, error = _mean_and_error(np.sqrt(np.maximum(squares, 0.0)))
        return SpreadEstimate(mean, np.maximum(mean - _ERRORS * error, 0.0))
    mean, error = _mean_and_error(squares)
    return SpreadEstimate(np.sqrt(np.maximum(mean, 0.0)), np.sqrt(np.maximum(mean - _ERRORS * error, 0.0)))


def _mean_and_error(pairs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean over rows and its standard error (N,), NaN where fewer than ten pairs are known."""
    known = np.isfinite(pairs)
    count = known.sum(axis=0).astype(np.float64)
    count[count < _LEAST_PAIRS] = np.nan
    mean = np.where(known, pairs, 0.0).sum(axis=0) / count
    square = np.where(known, (pairs - mean) ** 2, 0.0).sum(axis=0)
    return mean, np.sqrt(square / (count - 1.0) / count)
