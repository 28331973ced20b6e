"""What each strategy would have earned, day by day: the past that weights are estimated from."""

from dataclasses import dataclass

import numpy as np

from geobuk.domain.regime import Regime
from geobuk.domain.times import NS_PER_DAY
from geobuk.features.gaps import forward_fill, log_price
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel


@dataclass(frozen=True, eq=False, slots=True)
class Streams:
    """Hypothetical daily profits of S strategies in C classes over D days of the venue's local time.

    Attributes
    ----------
    days : (D,) day numbers, rising. starts : (D,) first row of each day.
    earned : (D, C, S) sum over the day of mean over instruments of forecast times next return, less costs of turnover.
    has_spoken : (D, S) whether a strategy had a belief about any instrument up to that day.
    regimes : (D,) direction at the close of the last bar before the day.
    """

    days: IntArray
    starts: IntArray
    earned: FloatArray
    has_spoken: BoolArray
    regimes: IntArray


def day_numbers(panel: Panel) -> IntArray:
    """(T,) day on which each bar opens, in the venue's local time."""
    return (panel.at_ns + panel.utc_offset_ns) // NS_PER_DAY


def streams_of(
    panel: Panel, beliefs: list[FloatArray], kinds: tuple[IntArray, int], directions: IntArray, cost_bps: float
) -> Streams:
    """Streams of strategies' beliefs (T, N), NaN where there is none.

    ``kinds`` : (N,) class of each instrument, and how many classes there are. A day's figures use its bars and earlier
    ones only. Row t earns belief[t - 1] * r[t] - cost * |belief[t - 1] - belief[t - 2]|.
    """
    number = day_numbers(panel)
    starts = np.append(0, np.flatnonzero(np.diff(number)) + 1)
    moved = np.full(panel.shape, np.nan)
    moved[1:] = np.expm1(np.diff(forward_fill(log_price(panel)), axis=0))
    kind_of, count = kinds
    earned = np.empty((len(starts), count, len(beliefs)))
    has_spoken = np.empty((len(starts), len(beliefs)), dtype=np.bool_)
    for s, belief in enumerate(beliefs):
        held = np.zeros(panel.shape)
        held[1:] = np.nan_to_num(belief[:-1])
        turned = np.zeros(panel.shape)
        turned[1:] = np.abs(np.diff(held, axis=0))
        profit = held * moved - 1e-4 * cost_bps * turned
        for k in range(count):
            earned[:, k, s] = np.add.reduceat(_mean_known(profit[:, kind_of == k]), starts)
        spoken = np.add.reduceat((~np.isnan(belief)).any(axis=1).astype(np.int64), starts)
        has_spoken[:, s] = np.cumsum(spoken) > 0
    regimes = np.where(starts > 0, directions[np.maximum(starts - 1, 0)], int(Regime.UNKNOWN))
    return Streams(number[starts], starts, earned, has_spoken, regimes)


def _mean_known(values: FloatArray) -> FloatArray:
    """(T,) mean of each row without its NaN; 0 where there is nothing."""
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
