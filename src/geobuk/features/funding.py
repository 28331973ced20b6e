"""What holding a perpetual has been costing: funding that is already settled."""

import math

import numpy as np

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import BoolArray, FloatArray, Panel

COVERAGE = 0.75
"""Share of the stamps of a window whose rates must be known."""

_NEVER = -(1 << 60)


def mean_funding_per_day(panel: Panel, days: float) -> FloatArray:
    """Mean funding paid by a long per day over the last ``days`` days, as a fraction of the notional.

    Returns
    -------
    (T, N) float64
        Row t uses the stamps at the opening of bar t and inside it, and those before; the stamp at its closing instant
        belongs to bar t + 1. NaN where the instrument pays no funding, where there is no bar, where rates for less than
        three quarters of the window are known, and where the newest known stamp is overdue by more than one.

    Notes
    -----
    A known stamp covers ``panel.funding_hours``. If an instrument's stamps have been closer together than
    that, the sum is spread over the window and stays right; if they have been farther apart, coverage falls short and
    the answer is NaN.
    """
    window = max(1, math.ceil(days * NS_PER_DAY / panel.interval_ns))
    hours = np.where(panel.funding_hours > 0, panel.funding_hours, np.nan).astype(np.float64)
    bar_hours = panel.interval_ns / NS_PER_HOUR
    at_open, inside = ~np.isnan(panel.funding), ~np.isnan(panel.funding_inside)
    rates = np.where(at_open, panel.funding, 0.0) + np.where(inside, panel.funding_inside, 0.0)
    stamps = at_open + inside * np.maximum(1.0, np.ceil(bar_hours / hours) - 1.0)
    window_hours = window * bar_hours
    covered = np.minimum(window_hours, _trailing_sum(stamps, window) * hours)
    is_known = (covered >= COVERAGE * window_hours) & _is_fresh(at_open | inside, hours / bar_hours)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_day: FloatArray = _trailing_sum(rates, window) / covered * 24.0
    per_day[~(is_known & panel.tradable)] = np.nan
    return per_day


def _trailing_sum(values: FloatArray, window: int) -> FloatArray:
    """Sum of the last ``window`` rows, fewer at the start; sums run forward: later rows can't touch earlier ones."""
    total = np.cumsum(values, axis=0)
    out = total.copy()
    out[window:] -= total[: max(0, len(total) - window)]
    return out


def _is_fresh(has_stamp: BoolArray, bars_between: FloatArray) -> BoolArray:
    """Whether the newest known stamp is less than two intervals old, (T, N)."""
    rows = np.arange(len(has_stamp))[:, None]
    newest = np.maximum.accumulate(np.where(has_stamp, rows, _NEVER), axis=0)
    return np.asarray(rows - newest < np.maximum(2.0 * bars_between, 1.0))
