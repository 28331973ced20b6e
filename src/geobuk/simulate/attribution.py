"""Whose profit was it: shares of a blended position by the strategies that asked for its direction."""

from collections.abc import Mapping

import numpy as np

from geobuk.panel import BoolArray, FloatArray


def attribute(pnl: FloatArray, parts: Mapping[str, FloatArray], decides: BoolArray) -> dict[str, FloatArray]:
    """Profit (T,) of each strategy; they sum to ``pnl.sum(axis=1)``.

    Bar t is shared by the blend of the last decision before it: a strategy's share is its part in the blended
    direction, relative to all parts in that direction. Where the blend is zero (an exit is being paid for) the
    shares before hold.

    Parameters
    ----------
    pnl : (T, N)
    parts : strategy -> (T, N), NaN counts as no belief.
    decides : (T,) whether a decision was made at the bar's close.
    """
    names = tuple(parts)
    if len(names) < 2:
        return {name: pnl.sum(axis=1) for name in names}
    blend = np.zeros(pnl.shape)
    for name in names:
        blend += np.nan_to_num(parts[name])
    at = _last_voting_row((blend != 0.0) & decides[:, None])
    columns = np.arange(pnl.shape[1])
    known = at >= 0
    rows = np.maximum(at, 0)
    direction = np.sign(blend[rows, columns])
    agreeing = {n: np.maximum(np.nan_to_num(parts[n])[rows, columns] * direction, 0.0) for n in names}
    total = np.add.reduce(list(agreeing.values()))
    shares = {}
    for name, part in agreeing.items():
        share = np.full(pnl.shape, 1.0 / len(names))
        np.divide(part, total, out=share, where=known & (total > 0.0))
        shares[name] = share
    return {name: np.asarray((share * pnl).sum(axis=1)) for name, share in shares.items()}


def _last_voting_row(votes: BoolArray) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """(T, N) index of the last True row strictly before each row, -1 where there is none."""
    rows = np.where(votes, np.arange(votes.shape[0])[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0)
    return np.vstack([np.full((1, votes.shape[1]), -1), last[:-1]])
