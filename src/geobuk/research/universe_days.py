"""Bars gathered into days of 24 hours that end at a moment: turnover, last close. It knows no limits."""

from dataclasses import dataclass

import numpy as np

from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel

MIN_DAYS = 20
"""Days with a return below which volatility, correlation and illiquidity say nothing."""


@dataclass(frozen=True)
class Days:
    """D days with bars of some instrument, oldest first; days on which the venue was closed are left out.

    Attributes
    ----------
    age : (D,) int64
        Whole days between the day's end and the moment: 0 for the last one.
    turnover : (D, N) float64
        Sum of volume times the middle of high, low and close, in quote currency; 0 without a bar.
    close : (D, N) float64
        Last close that could be traded; NaN where there was none.
    span : int
        Days from the first one to the moment, closed ones included.
    """

    age: IntArray
    turnover: FloatArray
    close: FloatArray
    span: int

    @property
    def returns(self) -> FloatArray:
        """(D - 1, N) log returns from day to day; NaN next to a day without a close."""
        return np.diff(np.log(self.close), axis=0)

    @property
    def per_year(self) -> float:
        """Open days a year."""
        return 365.0 * len(self.age) / self.span


def days_of(panel: Panel, at_ns: int, is_open: BoolArray) -> Days:
    """Gather the rows of a panel, all of which closed by ``at_ns``; ``is_open`` (T,) marks rows of open hours."""
    ended = panel.at_ns + panel.interval_ns
    day = (at_ns - ended) // NS_PER_DAY
    starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]])
    opened = np.logical_or.reduceat(is_open, starts)
    typical = (panel.high + panel.low + panel.close) / 3.0
    turnover = np.add.reduceat(np.nan_to_num(typical * panel.volume), starts, axis=0)
    pairs = zip(np.split(panel.close, starts[1:]), np.split(panel.tradable, starts[1:]), strict=True)
    close = np.vstack([last_known(prices, tradable) for prices, tradable in pairs])
    return Days(age=day[starts][opened], turnover=turnover[opened], close=close[opened], span=int(day[0]) + 1)


def last_known(values: FloatArray, known: BoolArray) -> FloatArray:
    """The last value of each column (N,) that is known, NaN where there is none."""
    last = len(values) - 1 - known[::-1].argmax(axis=0)
    found: FloatArray = np.where(known.any(axis=0), values[last, np.arange(values.shape[1])], np.nan)
    return found


def correlations(returns: FloatArray) -> FloatArray:
    """(N, N) correlations over the days that both instruments have; NaN with fewer than MIN_DAYS of them."""
    known = np.isfinite(returns)
    filled, mask = np.where(known, returns, 0.0), known.astype(np.float64)
    count = mask.T @ mask
    count[count < MIN_DAYS] = np.nan
    sums = filled.T @ mask  # [i, j]: sum of i over the days that j has too
    means = sums / count
    squares = (filled**2).T @ mask / count - means**2
    cross = filled.T @ filled / count - means * means.T
    scale = np.sqrt(np.maximum(squares * squares.T, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = np.where(scale > 1e-18, np.clip(cross / scale, -1.0, 1.0), np.nan)
    return found
