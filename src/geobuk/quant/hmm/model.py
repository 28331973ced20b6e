"""A hidden Markov model with Gaussian emissions: its parameters, checked, and what follows from them alone.

Knows no data: :mod:`~geobuk.quant.hmm.filter` follows a series with it, :mod:`~geobuk.quant.hmm.fit` finds one.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray, IntArray

_ROW_SUM = 1e-9
_SYMMETRY = 1e-8


class FilterArrays(NamedTuple):
    """What the compiled filter reads, worked out once per model.

    Attributes
    ----------
    startprob : (K,). transmat : (K, K). means : (K, D).
    whitening : (K, D, D) inverse of the lower Cholesky factor of each covariance.
    log_scales : (K,) log of each density at its mean, -(D ln 2 pi + ln det) / 2.
    """

    startprob: FloatArray
    transmat: FloatArray
    means: FloatArray
    whitening: FloatArray
    log_scales: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class GaussianHMM:
    """K states with Gaussian emissions in D dimensions. Arrays are copied.

    Attributes
    ----------
    startprob : (K,) probability of each state at the first observation.
    transmat : (K, K), row i: probabilities of the next state after state i.
    means : (K, D), in the units of the observations.
    covariances : (K, D, D), symmetric and positive definite; a diagonal one is a full one with zeros.

    Raises
    ------
    ValueError : shapes that don't fit, values that aren't finite, probabilities below 0 or rows that don't sum to 1
        (1e-9), a covariance that isn't symmetric and positive definite.

    Source: Rabiner 1989, A tutorial on hidden Markov models.
    """

    startprob: FloatArray
    transmat: FloatArray
    means: FloatArray
    covariances: FloatArray

    def __post_init__(self) -> None:
        for name in ("startprob", "transmat", "means", "covariances"):
            array = np.array(getattr(self, name), dtype=np.float64, order="C")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds a value that is not finite: every parameter must be a number")
            object.__setattr__(self, name, array)
        require_chain(self.startprob, self.transmat)
        states = len(self.startprob)
        if self.means.ndim != 2 or len(self.means) != states or self.means.shape[1] == 0:
            raise ValueError(f"means has shape {self.means.shape}: give ({states}, D), a row for each state")
        width = self.means.shape[1]
        if self.covariances.shape != (states, width, width):
            raise ValueError(f"covariances has shape {self.covariances.shape}, not {(states, width, width)}")
        for state in range(states):
            _require_positive_definite(self.covariances[state], state)

    @classmethod
    def diagonal(
        cls, startprob: npt.ArrayLike, transmat: npt.ArrayLike, means: npt.ArrayLike, sds: npt.ArrayLike
    ) -> Self:
        """A model whose columns are independent within a state; ``means`` and ``sds`` are (K, D), or (K,) for D = 1."""
        centre = np.asarray(means, dtype=np.float64)
        spread = np.asarray(sds, dtype=np.float64)
        if centre.ndim == 1:
            centre, spread = centre[:, None], spread.reshape(-1, 1)
        if spread.shape != centre.shape:
            raise ValueError(f"sds has shape {spread.shape}, means {centre.shape}: they must be equal")
        covariances = (spread**2)[:, :, None] * np.eye(centre.shape[1])
        return cls(np.asarray(startprob, dtype=np.float64), np.asarray(transmat, dtype=np.float64), centre, covariances)

    @property
    def states(self) -> int:
        """K."""
        return len(self.startprob)

    @property
    def sds(self) -> FloatArray:
        """(K, D) standard deviation of each column in each state."""
        return np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))

    @property
    def ergodic(self) -> FloatArray:
        """(K,) share of time spent in each state in the long run; see :func:`ergodic`."""
        return ergodic(self.transmat)

    @property
    def expected_durations(self) -> FloatArray:
        """(K,) mean number of bars that a visit to each state lasts; infinite where the state is never left."""
        return expected_durations(self.transmat)

    @property
    def arrays(self) -> FilterArrays:
        """What the compiled filter reads. Worked out at each call: take it once, outside the loop."""
        width = self.means.shape[1]
        factors = np.linalg.cholesky(self.covariances)
        whitening = np.ascontiguousarray(np.linalg.solve(factors, np.broadcast_to(np.eye(width), factors.shape)))
        log_roots = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        log_scales = -0.5 * width * math.log(2.0 * math.pi) - log_roots
        return FilterArrays(self.startprob, self.transmat, self.means, whitening, log_scales)

    def reordered(self, order: npt.ArrayLike) -> "GaussianHMM":
        """The same model with state ``order[i]`` in place i: every parameter is permuted alike."""
        at: IntArray = np.asarray(order, dtype=np.int64)
        if at.shape != (self.states,) or not np.array_equal(np.sort(at), np.arange(self.states)):
            raise ValueError(f"order {at.tolist()} is not an arrangement of the states 0 to {self.states - 1}")
        return GaussianHMM(self.startprob[at], self.transmat[np.ix_(at, at)], self.means[at], self.covariances[at])


def predicted(probabilities: npt.ArrayLike, transmat: npt.ArrayLike) -> FloatArray:
    """State probabilities one bar ahead, p A; ``probabilities`` is (K,) or (T, K) filtered ones.

    >>> predicted([1.0, 0.0], [[0.9, 0.1], [0.2, 0.8]]).tolist()
    [0.9, 0.1]
    """
    ahead: FloatArray = np.asarray(probabilities, dtype=np.float64) @ np.asarray(transmat, dtype=np.float64)
    return ahead


def ergodic(transmat: npt.ArrayLike) -> FloatArray:
    """(K,) stationary distribution: the p with p A = p and sum 1. Source: Hamilton 1994.

    Raises
    ------
    ValueError : rows that don't sum to 1; a chain with two sets of states that are never left, where it depends on
        the start.
    """
    matrix = np.asarray(transmat, dtype=np.float64)
    require_chain(np.full(len(matrix), 1.0 / len(matrix)), matrix)
    balance = np.vstack((matrix.T - np.eye(len(matrix)), np.ones(len(matrix))))
    if np.linalg.matrix_rank(balance) < len(matrix):
        raise ValueError(
            "transmat has more than one set of states that are never left: the long run depends on the start"
        )
    share = np.linalg.lstsq(balance, np.append(np.zeros(len(matrix)), 1.0), rcond=None)[0]
    clipped = np.clip(share, 0.0, 1.0)
    return clipped / clipped.sum()


def expected_durations(transmat: npt.ArrayLike) -> FloatArray:
    """(K,) mean bars of a visit to each state, 1 / (1 - p_ii); infinite for a state that is never left."""
    leave = 1.0 - np.diagonal(np.asarray(transmat, dtype=np.float64))
    return np.divide(1.0, leave, out=np.full(len(leave), np.inf), where=leave > 0.0)


def require_chain(startprob: FloatArray, transmat: FloatArray) -> None:
    """Raise ValueError unless these are a start and a transition matrix of probabilities, summing to 1 within 1e-9."""
    if startprob.ndim != 1 or startprob.size == 0:
        raise ValueError(f"startprob has shape {startprob.shape}: give one probability for each state")
    if transmat.shape != (len(startprob), len(startprob)):
        raise ValueError(f"transmat has shape {transmat.shape}: {len(startprob)} states need as many rows and columns")
    for name, rows in (("startprob", startprob[None, :]), ("transmat", transmat)):
        if not (np.isfinite(rows).all() and rows.min() >= 0.0):
            raise ValueError(f"{name} holds a value that is no probability: all must be numbers of at least 0")
        off = np.abs(rows.sum(axis=1) - 1.0)
        if off.max() > _ROW_SUM:
            worst = int(off.argmax())
            raise ValueError(f"{name} row {worst} sums to {rows[worst].sum():.12g}, not to 1: divide it by its sum")


def _require_positive_definite(covariance: FloatArray, state: int) -> None:
    if np.abs(covariance - covariance.T).max() > _SYMMETRY * np.abs(covariance).max():
        raise ValueError(f"the covariance of state {state} is not symmetric: average it with its transpose")
    smallest = float(np.linalg.eigvalsh(covariance)[0])
    if smallest <= 1e-14 * float(np.trace(covariance)):
        raise ValueError(
            f"the covariance of state {state} has eigenvalue {smallest:.3g}: "
            "it must be positive definite, raise its floor"
        )
