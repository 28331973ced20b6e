"""Tail risk one period ahead at every row of a long series, each row from its own window of the past."""

import math

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.returns import finite
from geobuk.quant.tails import require_confidence
from geobuk.quant.value_at_risk.cornish_fisher import bent_tail
from geobuk.quant.value_at_risk.normal import normal_quantiles
from geobuk.quant.value_at_risk.student_t import degrees_from_kurtosis, scaled_t_tail
from geobuk.quant.value_at_risk.tail_risk import RollingTailRisk
from geobuk.quant.volatility.ewma import Ewma, ewma_variances


def rolling_historical(returns: npt.ArrayLike, window: int, confidence: float) -> RollingTailRisk:
    """The sample's quantile (type 7) and exact expected shortfall of the last ``window`` returns, at each row.

    ``returns`` (T,), oldest first; row t uses rows t - window + 1 to t and forecasts t + 1. Raises ValueError where
    returns are empty or not finite, the window is below 4 or longer than the series, the confidence not between 0 and
    1.
    """
    values = windowed(returns, window, confidence)
    var, es = _follow_sample(values, window, 1.0 - confidence)
    return RollingTailRisk(var, es, confidence, "historical", np.zeros(len(values), dtype=np.bool_))


def rolling_normal(returns: npt.ArrayLike, window: int, confidence: float) -> RollingTailRisk:
    """A normal at the mean and deviation of each window; arguments and errors as in :func:`rolling_historical`."""
    values = windowed(returns, window, confidence)
    mean, sd, _, _ = rolling_moments(values, window).T
    z, beyond = normal_quantiles(confidence)
    return RollingTailRisk(
        -mean + z * sd, -mean + beyond * sd, confidence, "normal", np.zeros(len(values), dtype=np.bool_)
    )


def rolling_student_t(returns: npt.ArrayLike, window: int, confidence: float) -> RollingTailRisk:
    """A Student t at the moments of each window, degrees of freedom 4 + 6 / excess kurtosis.

    A window whose kurtosis is not above the normal's takes the normal. Arguments and errors as in
    :func:`rolling_historical`.
    """
    values = windowed(returns, window, confidence)
    mean, sd, _, excess = rolling_moments(values, window).T
    var, es = scaled_t_tail(degrees_from_kurtosis(excess), confidence)
    return RollingTailRisk(
        -mean + sd * var, -mean + sd * es, confidence, "student_t", ~(excess > 0.0) & ~np.isnan(mean)
    )


def rolling_cornish_fisher(returns: npt.ArrayLike, window: int, confidence: float) -> RollingTailRisk:
    """Cornish-Fisher at the moments of each window, the normal where its quantiles are out of order (``is_fallback``).

    Arguments and errors as in :func:`rolling_historical`.
    """
    values = windowed(returns, window, confidence)
    mean, sd, skew, excess = rolling_moments(values, window).T
    var, es, is_ordered = bent_tail(skew, excess, confidence)
    z, beyond = normal_quantiles(confidence)
    return RollingTailRisk(
        -mean + sd * np.where(is_ordered, var, z),
        -mean + sd * np.where(is_ordered, es, beyond),
        confidence,
        "cornish_fisher",
        ~is_ordered & ~np.isnan(mean),
    )


def rolling_ewma(returns: npt.ArrayLike, window: int, confidence: float, model: Ewma | None = None) -> RollingTailRisk:
    """A normal at a mean of zero and the exponentially weighted variance; ``window`` rows are a warm-up.

    Arguments and errors as in :func:`rolling_historical`; the default decay is 0.94 a row, whatever its length.
    """
    values = windowed(returns, window, confidence)
    sd = np.sqrt(ewma_variances(values, model or Ewma())[1:])
    sd[: window - 1] = np.nan
    z, beyond = normal_quantiles(confidence)
    return RollingTailRisk(z * sd, beyond * sd, confidence, "ewma", np.zeros(len(values), dtype=np.bool_))


def windowed(returns: npt.ArrayLike, window: int, confidence: float) -> FloatArray:
    """The returns (T,), checked to be long enough.

    Raises
    ------
    ValueError : empty or not finite returns, a window below 4 or beyond T, a confidence not between 0 and 1.
    """
    require_confidence(confidence)
    values = finite(returns, "returns")
    if not 4 <= window <= len(values):
        raise ValueError(f"window {window} is not between 4 and the {len(values)} returns given")
    return np.ascontiguousarray(values)


@kernel
def rolling_moments(returns: FloatArray, window: int) -> FloatArray:
    """(T, 4) mean, sd (n - 1), skewness, excess kurtosis (both biased) of each window of (T,) returns.

    NaN before the first is full. Each window is summed anew: running sums of fourth powers lose their digits
    after an outlier.
    """
    out = np.full((len(returns), 4), np.nan)
    for t in range(window - 1, len(returns)):
        mean = 0.0
        for i in range(t - window + 1, t + 1):
            mean += returns[i] / window
        second, third, fourth = 0.0, 0.0, 0.0
        for i in range(t - window + 1, t + 1):
            gap = returns[i] - mean
            square = gap * gap
            second += square
            third += square * gap
            fourth += square * square
        variance = second / window
        out[t, 0] = mean
        out[t, 1] = math.sqrt(second / (window - 1))
        is_flat = variance <= 1e-24 * max(1.0, mean * mean)
        out[t, 2] = 0.0 if is_flat else third / window / variance**1.5
        out[t, 3] = 0.0 if is_flat else fourth / window / variance**2 - 3.0
    return out


@kernel
def _follow_sample(returns: FloatArray, window: int, share: float) -> tuple[FloatArray, FloatArray]:
    """(T,) quantiles and (T,) shortfalls of returns (T,), losses positive; NaN before the first window is full."""
    bars = len(returns)
    var, es = np.full(bars, np.nan), np.full(bars, np.nan)
    ordered = np.sort(returns[:window])
    for t in range(window - 1, bars):
        if t >= window:
            replace_step(ordered, returns[t - window], returns[t])
        var[t] = -quantile_step(ordered, share)
        es[t] = shortfall_step(ordered, share)
    return var, es


@step
def replace_step(ordered: FloatArray, old: float, new: float) -> None:
    """Put ``new`` in the place of one ``old`` in an ascending row (window,) and keep it ascending."""
    at = np.searchsorted(ordered, old)
    while at + 1 < len(ordered) and ordered[at + 1] < new:
        ordered[at] = ordered[at + 1]
        at += 1
    while at > 0 and ordered[at - 1] > new:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = new


@step
def quantile_step(ordered: FloatArray, share: float) -> float:
    """Type 7 quantile (linear) of an ascending row (window,)."""
    place = share * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 1)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


@step
def shortfall_step(ordered: FloatArray, share: float) -> float:
    """Exact expected shortfall of an ascending row (window,), as :func:`geobuk.quant.tails.expected_shortfall`."""
    size = share * len(ordered)
    whole = int(size + 1e-9)
    if whole == 0:
        return -ordered[0]
    total = 0.0
    for i in range(whole):
        total -= ordered[i]
    if whole < len(ordered) and size - whole > 1e-9:
        total -= (size - whole) * ordered[whole]
    return total / max(size, float(whole))
