"""Weights that walk toward their targets, so that a change of mind does not turn the whole portfolio over at once."""

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray


def limited_moves(targets: FloatArray, which: IntArray, most: FloatArray) -> FloatArray:
    """(T, S) weights: row t moves toward ``targets[which[t]]`` by at most ``most[t]`` of one-way turnover.

    Row 0 is its target. A row goes along the straight line, so weights that are never negative and sum to at most 1
    stay so.

    Parameters
    ----------
    targets : (M, S). which : (T,) row of targets at each t. most : (T,) at least 0; half the sum of absolute changes.

    Raises
    ------
    ValueError : lengths that differ, a row of targets that is not there, a target that is not finite, a negative or
        NaN move.

    >>> limited_moves(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1]), np.full(3, 0.25))[:, 1].tolist()
    [0.0, 0.25, 0.5]
    """
    rows = np.ascontiguousarray(targets, dtype=np.float64)
    if len(which) != len(most):
        raise ValueError(f"which has {len(which)} rows, most {len(most)}: give both for each row")
    if not np.isfinite(rows).all():
        raise ValueError("targets hold a value that is not finite: every weight must be a number")
    if len(which) and not (which.min() >= 0 and which.max() < len(rows)):
        raise ValueError(f"which runs from {which.min()} to {which.max()}: there are {len(rows)} rows of targets")
    if not (np.asarray(most) >= 0.0).all():
        raise ValueError("most holds a negative value or NaN: give 0 for no move, infinity for any")
    return _walk(rows, np.asarray(which, dtype=np.int64), np.asarray(most, dtype=np.float64))


@kernel
def _walk(targets: FloatArray, which: IntArray, most: FloatArray) -> FloatArray:
    count = targets.shape[1]
    out = np.empty((len(which), count))
    for t in range(len(which)):
        target = targets[which[t]]
        if t == 0:
            out[t] = target
            continue
        way = 0.0
        for s in range(count):
            way += 0.5 * abs(target[s] - out[t - 1, s])
        if way <= most[t]:
            out[t] = target
        else:
            share = most[t] / way
            for s in range(count):
                out[t, s] = out[t - 1, s] + share * (target[s] - out[t - 1, s])
    return out
