"""TA-Lib over panels: each indicator column by column over (T, N), with the gap policy of :mod:`geobuk.features.gaps`.

Every function takes and returns (T, N) float64. Row t uses rows up to t. The output is NaN before an instrument has
enough bars and wherever an input bar is missing; a missing bar counts as a repeat of the last one. Lengths are in bars.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import talib

from geobuk.domain.errors import StrategyError
from geobuk.features.gaps import forward_fill
from geobuk.panel import FloatArray

LONGEST = 100_000
"""TA-Lib takes no longer period."""


def across(function: Callable[..., Any], *inputs: FloatArray, **options: float) -> FloatArray:
    """Run a TA-Lib function that has one output over each column of its (T, N) inputs.

    Raises
    ------
    StrategyError
        When the inputs differ in shape, or ``timeperiod`` is not between 1 and 100,000.

    Examples
    --------
    >>> across(talib.MOM, np.array([[1.0], [2.0], [4.0]]), timeperiod=1).T
    array([[nan,  1.,  2.]])
    """
    shape = inputs[0].shape
    if len(shape) != 2 or any(values.shape != shape for values in inputs):
        raise StrategyError(
            f"indicator inputs have the shapes {[values.shape for values in inputs]}",
            cure="give arrays of one (bars, instruments) shape",
        )
    _require_period(options.get("timeperiod", 2))
    filled = [np.ascontiguousarray(forward_fill(values).T, dtype=np.float64) for values in inputs]
    out = np.full(shape[::-1], np.nan)
    for column in range(shape[1]):
        known = np.logical_and.reduce([~np.isnan(values[column]) for values in filled])
        if known.any():
            start = int(known.argmax())
            out[column, start:] = function(*(values[column, start:] for values in filled), **options)
    result = np.ascontiguousarray(out.T)
    for values in inputs:
        result[np.isnan(values)] = np.nan
    return result


def _require_period(length: float) -> None:
    if not 1 <= length <= LONGEST:
        raise StrategyError(
            f"an indicator over {length:,} bars is not possible",
            cure=f"use 1 to {LONGEST:,} bars: shorten the horizon or take coarser bars",
        )


def sma(values: FloatArray, length: int) -> FloatArray:
    """Simple moving average."""
    return across(talib.SMA, values, timeperiod=length)


def ema(values: FloatArray, length: int) -> FloatArray:
    """Exponential moving average of span ``length`` (weight 2 / (length + 1)), begun at the first simple average."""
    return across(talib.EMA, values, timeperiod=length)


def rsi(values: FloatArray, length: int) -> FloatArray:
    """Relative strength index, 0 to 100 (Wilder 1978)."""
    return across(talib.RSI, values, timeperiod=length)


def rate_of_change(values: FloatArray, length: int) -> FloatArray:
    """Change over ``length`` bars as a fraction: x[t] / x[t - length] - 1."""
    return across(talib.ROCP, values, timeperiod=length)


def highest(values: FloatArray, length: int) -> FloatArray:
    """Largest value of the last ``length`` bars, this one included."""
    return across(talib.MAX, values, timeperiod=length)


def lowest(values: FloatArray, length: int) -> FloatArray:
    """Smallest value of the last ``length`` bars, this one included."""
    return across(talib.MIN, values, timeperiod=length)


def atr(high: FloatArray, low: FloatArray, close: FloatArray, length: int) -> FloatArray:
    """Average true range in price units (Wilder 1978)."""
    return across(talib.ATR, high, low, close, timeperiod=length)


def adx(high: FloatArray, low: FloatArray, close: FloatArray, length: int) -> FloatArray:
    """Average directional index, 0 to 100 (Wilder 1978)."""
    return across(talib.ADX, high, low, close, timeperiod=length)


def rolling_std(values: FloatArray, length: int) -> FloatArray:
    """Population standard deviation of the last ``length`` bars.

    TA-Lib takes a variance below 1e-14 for zero, which would silence coins that cost 0.00001; so each column is
    measured from its own first value and in units of it.
    """
    first = forward_fill(values[::-1])[-1] if len(values) else np.zeros(values.shape[1])
    size = np.abs(first)
    unit = np.where(size > 1e-12, size, 1.0)
    return across(talib.STDDEV, (values - first) / unit, timeperiod=length) * unit
