"""Probability of backtest overfitting by combinatorially symmetric cross-validation.

Asks how often the best of many configurations in one half of the history is below the median in the other half.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray, IntArray
from geobuk.quant.inputs import table

_MOST_BLOCKS = 24
"""C(24, 12) is 2.7 million splits."""

_CHUNK = 1024
_FLAT = 1e-12


@dataclass(frozen=True, eq=False, slots=True)
class Overfitting:
    """What choosing the best configuration in sample was worth out of sample, over all C splits.

    Attributes
    ----------
    pbo : share of the splits in which the chosen one ranks at or below the median out of sample.
    logits : (C,) ln(omega / (1 - omega)), omega = rank / (K + 1), rank 1 = worst.
    chosen : (C,) column of the best in sample. inside, outside : (C,) its Sharpe ratio per period in and out of sample.
    probability_of_loss : share of the splits with a negative ratio out of sample.
    degradation_slope, degradation_intercept : least squares of ``outside`` on ``inside``; NaN where ``inside`` never
        differs.
    flags : ``dropped_oldest`` (rows that fill no block), ``flat`` (a column never moves in some half; its ratio is 0),
        ``same_inside`` (no slope).
    """

    pbo: float
    logits: FloatArray
    chosen: IntArray
    inside: FloatArray
    outside: FloatArray
    probability_of_loss: float
    degradation_slope: float
    degradation_intercept: float
    flags: tuple[str, ...]


def backtest_overfitting(returns: npt.ArrayLike, blocks: int = 16) -> Overfitting:
    """All splits of the history into two halves of ``blocks`` / 2 blocks, judged by the Sharpe ratio.

    Parameters
    ----------
    returns : (T, K) per period, one column for each configuration that was tried, K at least 2.
    blocks : S, even; the T mod S oldest rows are dropped. Ties out of sample share their average rank; among equals in
        sample the first column is chosen.

    Raises
    ------
    ValueError : S odd, below 2 or above 24, T below 2 S, one column, values not finite.

    Notes
    -----
    Source: Bailey, Borwein, Lopez de Prado & Zhu 2017, The Probability of Backtest Overfitting.
    """
    values = table(returns, "returns")
    periods, configurations = values.shape
    if blocks % 2 or not 2 <= blocks <= _MOST_BLOCKS:
        raise ValueError(f"{blocks} blocks can't be halved: give an even number from 2 to {_MOST_BLOCKS}")
    if periods < 2 * blocks or configurations < 2:
        raise ValueError(f"returns have shape {values.shape}: give {2 * blocks} rows or more, 2 columns or more")
    dropped = periods % blocks
    members = _halves(blocks)
    chosen, inside, outside, logits, is_flat = _judge(values[dropped:], members, blocks)
    slope, intercept = _line(inside, outside)
    found = (("dropped_oldest", dropped > 0), ("flat", is_flat), ("same_inside", bool(np.isnan(slope))))
    return Overfitting(
        pbo=float(np.mean(logits <= 1e-12)),
        logits=logits,
        chosen=chosen,
        inside=inside,
        outside=outside,
        probability_of_loss=float(np.mean(outside < -1e-12)),
        degradation_slope=slope,
        degradation_intercept=intercept,
        flags=tuple(name for name, holds in found if holds),
    )


def _halves(blocks: int) -> FloatArray:
    """(C, S) 1 where a block is in sample, in lexicographic order."""
    picks = np.array(list(combinations(range(blocks), blocks // 2)))
    members = np.zeros((len(picks), blocks))
    members[np.arange(len(picks))[:, None], picks] = 1.0
    return members


def _judge(
    values: FloatArray, members: FloatArray, blocks: int
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, bool]:
    """Chosen column, its ratio inside and outside, and the logit of its rank, for each split."""
    origin = values.mean(axis=0)
    parts = (values - origin).reshape(blocks, -1, values.shape[1])
    sums, squares = parts.sum(axis=1), (parts**2).sum(axis=1)
    rows = len(values) // 2
    floor = _FLAT * np.maximum(1.0, np.abs(origin))
    splits = len(members)
    chosen, is_flat = np.empty(splits, dtype=np.int64), False
    inside, outside, logits = np.empty(splits), np.empty(splits), np.empty(splits)
    for first in range(0, splits, _CHUNK):
        part = slice(first, first + _CHUNK)
        here, flat_here = _sharpes(members[part] @ sums, members[part] @ squares, rows, origin, floor)
        there, flat_there = _sharpes((1.0 - members[part]) @ sums, (1.0 - members[part]) @ squares, rows, origin, floor)
        best = np.argmax(here, axis=1)
        each = np.arange(len(best))
        mine = there[each, best]
        close = np.abs(there - mine[:, None]) <= 1e-12 * np.maximum(1.0, np.abs(mine[:, None]))
        below = ((there < mine[:, None]) & ~close).sum(axis=1)
        omega = (below + (close.sum(axis=1) + 1.0) / 2.0) / (values.shape[1] + 1.0)
        chosen[part], inside[part], outside[part] = best, here[each, best], mine
        logits[part] = np.log(omega / (1.0 - omega))
        is_flat = is_flat or flat_here or flat_there
    return chosen, inside, outside, logits, is_flat


def _sharpes(
    sums: FloatArray, squares: FloatArray, rows: int, origin: FloatArray, floor: FloatArray
) -> tuple[FloatArray, bool]:
    """Mean over deviation (n - 1) from the sums about ``origin``; 0 where nothing moves, and whether that occurred."""
    mean = sums / rows
    spread = np.sqrt(np.maximum(0.0, squares - rows * mean**2) / (rows - 1))
    is_flat = spread <= floor
    ratio = np.divide(mean + origin, spread, out=np.zeros_like(mean), where=~is_flat)
    return ratio, bool(is_flat.any())


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    apart = x - x.mean()
    square = float(apart @ apart)
    if square <= _FLAT * len(x) * max(1.0, float(np.mean(x)) ** 2) * _FLAT:
        return float("nan"), float("nan")
    slope = float(apart @ y) / square
    return slope, float(y.mean() - slope * x.mean())
