"""One Ornstein-Uhlenbeck process from one series: speed, half-life, level, volatility, and how much to believe it.

The rolling fit over panels that strategies use is in ``features``; this one looks at a whole sample at once.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import number, positive
from geobuk.quant.returns import finite

_FLAT = 1e-12
_NAN = math.nan


@dataclass(frozen=True, slots=True)
class MeanReversion:
    """Least squares of x' = a + b x and the process dx = kappa (level - x) dt + sigma dW that it is a sample of.

    Attributes
    ----------
    slope, slope_corrected : b, and b + (1 + 3 b) / n without most of its downward bias.
    kappa : speed per unit of time, -ln b / dt.
    half_life, half_life_corrected : ln 2 / kappa, units of time; infinite where b >= 1, NaN where b <= 0.
    half_life_linear : ln 2 / (1 - b), the usual approximation, which is longer.
    level : a / (1 - b). sigma : per square root of a unit of time.
    evidence : Dickey-Fuller t = (b - 1) / se(b); the more negative, the less like a random walk.
    flags : ``too_short`` (under 4 values), ``flat``, ``not_reverting`` (b >= 1), ``alternating`` (b <= 0),
        ``not_reverting_corrected`` (only the corrected b is at least 1), ``no_noise`` (evidence is NaN).
    """

    slope: float
    slope_corrected: float
    kappa: float
    half_life: float
    half_life_corrected: float
    half_life_linear: float
    level: float
    sigma: float
    evidence: float
    flags: tuple[str, ...] = ()


def half_life(slope: float, interval: float = 1.0) -> float:
    """ln 2 / kappa = -dt ln 2 / ln b; infinite for b >= 1, NaN for b <= 0.

    >>> round(half_life(0.9), 6)
    6.578813
    """
    dt = positive(interval, "interval")
    if number(slope, "slope") >= 1.0:
        return math.inf
    return -dt * math.log(2.0) / math.log(slope) if slope > 0.0 else _NAN


def half_life_linear(slope: float, interval: float = 1.0) -> float:
    """-dt ln 2 / (b - 1); infinite for b >= 1, NaN for b <= 0.

    >>> round(half_life_linear(0.9), 6)
    6.931472
    """
    dt = positive(interval, "interval")
    if number(slope, "slope") >= 1.0:
        return math.inf
    return dt * math.log(2.0) / (1.0 - slope) if slope > 0.0 else _NAN


def mean_reversion(values: npt.ArrayLike, interval: float = 1.0) -> MeanReversion:
    """Fit the process to (n + 1,) values, oldest first, ``interval`` units of time apart.

    Raises
    ------
    ValueError : empty or not finite, interval not above 0.

    Notes
    -----
    Exact discretisation: b = exp(-kappa dt), residual variance sigma^2 (1 - b^2) / (2 kappa), with s^2 = SSR / (n - 2)
    for it (Uhlenbeck & Ornstein 1930). Bias: Kendall 1954. A half-life alone is no evidence: least squares finds one in
    a random walk too.
    """
    sample, dt = finite(values, "values"), positive(interval, "interval")
    if len(sample) < 4:
        return _undefined("too_short")
    if float(np.ptp(sample[:-1])) <= _FLAT * max(1.0, float(np.abs(sample).max())):
        return _undefined("flat")
    level_0, slope, residual, error = _autoregression(sample)
    corrected = slope + (1.0 + 3.0 * slope) / (len(sample) - 1)
    flags = tuple(_flags(slope, corrected, error))
    is_reverting = 0.0 < slope < 1.0
    kappa = -math.log(slope) / dt if is_reverting else _NAN
    return MeanReversion(
        slope=slope,
        slope_corrected=corrected,
        kappa=kappa,
        half_life=half_life(slope, dt),
        half_life_corrected=half_life(corrected, dt),
        half_life_linear=half_life_linear(slope, dt),
        level=level_0 if is_reverting else _NAN,
        sigma=math.sqrt(residual * 2.0 * kappa / (1.0 - slope * slope)) if is_reverting else _NAN,
        evidence=(slope - 1.0) / error if error > 0.0 else _NAN,
        flags=flags,
    )


def _autoregression(sample: FloatArray) -> tuple[float, float, float, float]:
    """Level, slope, residual variance and standard error of the slope; residuals at rounding level count as none."""
    origin = float(sample.mean())
    before, after = sample[:-1] - origin, sample[1:] - origin
    x, y = float(before.mean()), float(after.mean())
    square = float(np.sum((before - x) ** 2))
    slope = float((before - x) @ (after - y)) / square
    left = after - y - slope * (before - x)
    residual = float(left @ left) / (len(before) - 2)
    if residual <= _FLAT**2 * max(float(np.mean(sample**2)), 1e-300):
        residual = 0.0
    level = origin + (y - slope * x) / (1.0 - slope) if slope != 1.0 else _NAN
    return level, slope, residual, math.sqrt(residual / square)


def _flags(slope: float, corrected: float, error: float) -> list[str]:
    found = (
        ("not_reverting", slope >= 1.0),
        ("alternating", slope <= 0.0),
        ("not_reverting_corrected", slope < 1.0 <= corrected),
        ("no_noise", error == 0.0),
    )
    return [name for name, holds in found if holds]


def _undefined(reason: str) -> MeanReversion:
    return MeanReversion(_NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, (reason,))
