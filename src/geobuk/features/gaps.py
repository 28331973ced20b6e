"""The one policy for bars that are not there.

A missing or masked bar is NaN on the way in and NaN on the way out; in between the last known value stands in for it,
so that a hole never poisons the rows after it. Before an instrument's first bar everything is NaN.
"""

import math

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, Panel


def observed(panel: Panel, field: str) -> FloatArray:
    """A panel's array with NaN wherever the bar may not be trusted: (T, N) float64, a fresh array.

    Masked bars count as missing, so that a price which the quality gate refused never reaches a forecast.
    """
    values: FloatArray = getattr(panel, field)
    return np.where(panel.tradable, values, np.nan)


def log_price(panel: Panel) -> FloatArray:
    """Natural logarithm of the observed close, (T, N); NaN without a trusted bar or a positive price."""
    close = observed(panel, "close")
    close[~(close > 0.0)] = np.nan
    return np.log(close)


def forward_fill(values: FloatArray) -> FloatArray:
    """A copy of a (T, N) array with each NaN replaced by the last known value above it; leading NaN stay.

    >>> forward_fill(np.array([[np.nan], [1.0], [np.nan]])).T
    array([[nan,  1.,  1.]])
    """
    out = np.array(values, dtype=np.float64, order="C")
    _fill(out)
    return out


@kernel
def _fill(values: FloatArray) -> None:
    for t in range(1, values.shape[0]):
        for n in range(values.shape[1]):
            if math.isnan(values[t, n]):
                values[t, n] = values[t - 1, n]


def lagged(values: FloatArray, rows: int = 1) -> FloatArray:
    """The (T, N) array as it stood ``rows`` bars ago; the first rows are NaN. ``rows`` must be at least 1.

    >>> lagged(np.array([[1.0], [2.0]])).T
    array([[nan,  1.]])
    """
    if rows < 1:
        raise ValueError(f"lag {rows} would show the future: use 1 or more")
    out = np.full_like(values, np.nan)
    out[rows:] = values[: max(0, len(values) - rows)]
    return out
