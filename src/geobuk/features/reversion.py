"""How far a price has strayed from its mean, and how fast it has been coming back.

Windows move in O(1) a bar: sums are updated, and taken afresh every window about a new origin, so that rounding can't
pile up. Both depend on earlier rows only.
"""

import math
from dataclasses import dataclass

import numpy as np

from geobuk.features.gaps import forward_fill
from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray


@dataclass(frozen=True, slots=True)
class Reversion:
    """A rolling AR(1) fit x' = a + b x over panels, all (T, N).

    ``half_life`` in bars: ln 2 / -ln b; inf where b >= 1 (no return to the mean), NaN where b <= 0 (no such process).
    ``evidence`` is the Dickey-Fuller t = (b - 1) / se(b): the more negative, the less like a random walk.
    """

    slope: FloatArray
    half_life: FloatArray
    evidence: FloatArray


def rolling_zscore(values: FloatArray, length: int) -> FloatArray:
    """(x - mean) / standard deviation over the last ``length`` bars, this one included; population deviation.

    (T, N) in and out; row t uses rows up to t. NaN at missing bars, before ``length`` bars, and where nothing moved.
    Missing bars count as repeats of the last one.
    """
    out = _zscore(forward_fill(values), length)
    out[np.isnan(values)] = np.nan
    return out


def rolling_reversion(values: FloatArray, length: int) -> Reversion:
    """Least squares of each value on the one before, over the last ``length`` values (``length`` - 1 pairs).

    (T, N) in; row t uses rows up to t. NaN at missing bars, before ``length`` bars, and where nothing moved.
    ``length`` must be at least 4.

    Notes
    -----
    Discretely seen Ornstein-Uhlenbeck: b = exp(-kappa dt), half-life ln 2 / kappa. Least squares finds b
    too low by about (1 + 3b) / n, so half-lives come out short: ask for ``evidence`` too (Dickey & Fuller 1979).
    """
    slope, evidence = _autoregression(forward_fill(values), length)
    missing = np.isnan(values)
    slope[missing], evidence[missing] = np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        half_life = np.where(slope >= 1.0, np.inf, -math.log(2.0) / np.log(slope))
    half_life[np.isnan(slope) | (slope <= 0.0)] = np.nan
    return Reversion(slope, half_life, evidence)


@kernel
def _zscore(values: FloatArray, length: int) -> FloatArray:
    bars, instruments = values.shape
    out = np.full((bars, instruments), np.nan)
    for n in range(instruments):
        origin, total, square, seen = 0.0, 0.0, 0.0, 0
        for t in range(bars):
            value = values[t, n]
            if math.isnan(value):
                continue
            if seen % length == 0:
                origin, total, square = value, 0.0, 0.0
                for i in range(t - min(seen, length - 1), t):
                    total += values[i, n] - origin
                    square += (values[i, n] - origin) ** 2
            else:
                total += value - origin
                square += (value - origin) ** 2
                if seen >= length:
                    total -= values[t - length, n] - origin
                    square -= (values[t - length, n] - origin) ** 2
            seen += 1
            if seen >= length:
                mean = total / length
                variance = square / length - mean * mean
                if variance > _floor(square / length):
                    out[t, n] = (value - origin - mean) / math.sqrt(variance)
    return out


@step
def _floor(mean_square: float) -> float:
    """Variance below this is rounding: nothing moved."""
    return 1e-12 * mean_square + 1e-30


@step
def _pair(before: float, after: float) -> tuple[float, float, float, float, float]:
    return before, after, before * before, after * after, before * after


@kernel
def _autoregression(values: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    bars, instruments = values.shape
    slope = np.full((bars, instruments), np.nan)
    evidence = np.full((bars, instruments), np.nan)
    pairs = length - 1
    for n in range(instruments):
        origin, seen = 0.0, 0
        x, y, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0
        for t in range(bars):
            if math.isnan(values[t, n]):
                continue
            seen += 1
            if seen < length:
                continue
            if (seen - length) % length == 0:
                origin = values[t, n]
                x, y, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0
                first = t - pairs + 1
            else:
                first = t
                a, b, aa, bb, ab = _pair(values[t - length, n] - origin, values[t - length + 1, n] - origin)
                x, y, xx, yy, xy = x - a, y - b, xx - aa, yy - bb, xy - ab
            for i in range(first, t + 1):
                a, b, aa, bb, ab = _pair(values[i - 1, n] - origin, values[i, n] - origin)
                x, y, xx, yy, xy = x + a, y + b, xx + aa, yy + bb, xy + ab
            slope[t, n], evidence[t, n] = _fit(x / pairs, y / pairs, xx / pairs, yy / pairs, xy / pairs, pairs)
    return slope, evidence


@step
def _fit(x: float, y: float, xx: float, yy: float, xy: float, pairs: int) -> tuple[float, float]:
    """Slope and Dickey-Fuller t from the means of x, y, x^2, y^2 and xy."""
    variance = xx - x * x
    if not variance > _floor(xx):
        return np.nan, np.nan
    covariance = xy - x * y
    slope = covariance / variance
    residual = max(0.0, yy - y * y - slope * covariance) * pairs / (pairs - 2)
    if not residual > _floor(yy):
        return slope, np.nan
    return slope, (slope - 1.0) / math.sqrt(residual / (variance * pairs))
