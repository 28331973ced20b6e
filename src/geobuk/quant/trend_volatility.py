"""The ex-ante volatility and the position of time-series momentum, for any number of periods in a year."""

import math

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray
from geobuk.quant.inputs import number, positive
from geobuk.quant.returns import finite


def trend_volatility(returns: npt.ArrayLike, periods_per_year: float, centre_of_mass: float = 60.0) -> FloatArray:
    """(n,) annual volatility about an exponentially weighted mean; row t uses returns up to t and acts from t + 1.

    sigma_t^2 = P sum_i (1 - d) d^i (r_{t-i} - mean_t)^2, d = com / (com + 1), weights renormalised to 1 over the rows
    seen, the mean with the same weights. NaN in the first row. ``periods_per_year`` is 365 where the
    venue never closes.

    Raises
    ------
    ValueError : empty or not finite returns, periods or centre of mass not above 0.

    Notes
    -----
    Source: Moskowitz, Ooi & Pedersen 2012, Time Series Momentum. It has 261 days in a year.
    """
    values = finite(returns, "returns")
    decay = positive(centre_of_mass, "centre_of_mass") / (centre_of_mass + 1.0)
    out = np.empty(len(values))
    _deviations(values, decay, out)
    return np.asarray(out * math.sqrt(positive(periods_per_year, "periods_per_year")))


@kernel
def _deviations(values: FloatArray, decay: float, out: FloatArray) -> None:
    weight, mean, square = 0.0, 0.0, 0.0
    for t in range(values.shape[0]):
        weight = decay * weight + 1.0
        apart = values[t] - mean
        mean += apart / weight
        square = decay * square + apart * (values[t] - mean)
        out[t] = math.sqrt(square / weight) if t > 0 else np.nan


def trend_position(past_return: float, volatility: float, target: float = 0.4) -> float:
    """sign(excess return over the look-back) x target / volatility known before; 0 without a sign or a volatility.

    ``volatility`` and ``target`` are annual. NaN or 0 volatility gives 0, not a large position.

    >>> trend_position(-0.1, 0.8)
    -0.5
    """
    side = number(past_return, "past_return")
    if side == 0.0 or not (math.isfinite(volatility) and volatility > 0.0):
        return 0.0
    return math.copysign(positive(target, "target") / volatility, side)
