"""Chains whose emissions are symbols, and the most probable path of states.

The path sees the whole series: never for live use.
"""

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray
from geobuk.quant.hmm.filter import log_likelihoods


def symbol_likelihoods(symbols: npt.ArrayLike, emissions: npt.ArrayLike) -> FloatArray:
    """(T, K) probability of each observed symbol in each state, for the filter and for :func:`viterbi`.

    Parameters
    ----------
    symbols : (T,) integers from 0 to M - 1.
    emissions : (K, M), row k: probabilities of the symbols in state k, summing to 1 (1e-9).

    Raises
    ------
    ValueError : a symbol outside 0 to M - 1, rows that are no probabilities.
    """
    table = np.asarray(emissions, dtype=np.float64)
    if table.ndim != 2 or not (np.isfinite(table).all() and table.min() >= 0.0):
        raise ValueError(f"emissions has shape {table.shape} or a value below 0: give (states, symbols) probabilities")
    if np.abs(table.sum(axis=1) - 1.0).max() > 1e-9:
        raise ValueError("a row of emissions does not sum to 1: divide it by its sum")
    seen = np.asarray(symbols)
    if seen.ndim != 1 or seen.size == 0 or not np.issubdtype(seen.dtype, np.integer):
        raise ValueError(f"symbols has shape {seen.shape} and type {seen.dtype}: give a row of whole numbers")
    if seen.min() < 0 or seen.max() >= table.shape[1]:
        raise ValueError(f"symbols run from {seen.min()} to {seen.max()}: emissions know 0 to {table.shape[1] - 1}")
    return np.ascontiguousarray(table[:, seen].T)


def viterbi(likelihoods: npt.ArrayLike, transmat: npt.ArrayLike, startprob: npt.ArrayLike) -> tuple[IntArray, float]:
    """The single most probable path of states (T,) and its log probability, with the observations.

    Uses the whole series for every row: for study and for drawing, never for a decision. Ties go to the lower state.
    Arguments as in :func:`~geobuk.quant.hmm.filter.filtered_from_likelihoods`; raises ValueError as it does.

    Source: Viterbi 1967; Rabiner 1989.
    """
    path, logp = _best_path(*log_likelihoods(likelihoods, transmat, startprob))
    if logp == -np.inf:
        raise ValueError("no path of states can produce these observations: check the emissions and transmat")
    return path, float(logp)


@kernel
def _best_path(logs: FloatArray, transmat: FloatArray, startprob: FloatArray) -> tuple[IntArray, float]:
    bars, states = logs.shape
    moves = np.log(transmat)
    best = np.log(startprob) + logs[0]
    ahead = np.empty(states)
    came_from = np.zeros((bars, states), dtype=np.int64)
    for t in range(1, bars):
        for k in range(states):
            ahead[k] = -np.inf
            for i in range(states):
                if best[i] + moves[i, k] > ahead[k]:
                    ahead[k] = best[i] + moves[i, k]
                    came_from[t, k] = i
        for k in range(states):
            best[k] = ahead[k] + logs[t, k]
    path = np.empty(bars, dtype=np.int64)
    path[-1] = np.argmax(best)
    for t in range(bars - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path, best[path[-1]]
