"""The forward filter: state probabilities from the past and the present only, one bar at a time or a whole series.

What live code runs. It knows no smoothing: probabilities that see later observations are look-ahead.
"""

import math

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.hmm.model import FilterArrays, GaussianHMM, require_chain


def filtered(
    observations: npt.ArrayLike, model: GaussianHMM, *, skip_missing: bool = False
) -> tuple[FloatArray, float]:
    """Filtered probabilities P(state_t | x_1 .. x_t) and the log-likelihood.

    Parameters
    ----------
    observations : (T, D), or (T,) where D = 1; oldest first.
    skip_missing : a row that holds a NaN is skipped (its probabilities are the predicted ones) instead of refused.

    Returns
    -------
    (T, K) probabilities, each row summing to 1, and the sum of log normalisers. Row t uses rows up to t. A
    row that no state can produce in floating point leaves the prediction as it is and the likelihood at -inf.

    Raises
    ------
    ValueError : wrong shape, an infinite value, a NaN unless ``skip_missing``.

    Source: Hamilton 1989; Rabiner 1989 (scaled forward pass).
    """
    rows = _observed(observations, model.means.shape[1], skip_missing)
    return filter_rows(rows, model.arrays)


def filtered_from_likelihoods(
    likelihoods: npt.ArrayLike, transmat: npt.ArrayLike, startprob: npt.ArrayLike
) -> tuple[FloatArray, float]:
    """The same for emissions of any kind: ``likelihoods[t, k]`` is the density or probability of x_t in state k.

    Raises ValueError where a likelihood is negative, NaN or infinite, and where no reachable state can produce a row.

    >>> umbrella = [[0.9, 0.2], [0.9, 0.2]]
    >>> rain, _ = filtered_from_likelihoods(umbrella, [[0.7, 0.3], [0.3, 0.7]], [0.5, 0.5])
    >>> rain[:, 0].round(4).tolist()
    [0.8182, 0.8834]
    """
    logs, matrix, start = log_likelihoods(likelihoods, transmat, startprob)
    probabilities, loglik = _filter_logs(logs, matrix, start)
    if loglik == -math.inf:
        raise ValueError("an observation has likelihood 0 in every state that can be reached: check the emissions")
    return probabilities, float(loglik)


def log_likelihoods(
    likelihoods: npt.ArrayLike, transmat: npt.ArrayLike, startprob: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The logs of (T, K) likelihoods with their chain, all checked; raises ValueError."""
    values = np.asarray(likelihoods, dtype=np.float64)
    matrix = np.ascontiguousarray(transmat, dtype=np.float64)
    start = np.ascontiguousarray(startprob, dtype=np.float64)
    require_chain(start, matrix)
    if values.ndim != 2 or len(values) == 0 or values.shape[1] != len(start):
        raise ValueError(f"likelihoods has shape {values.shape}: give (T, {len(start)}), a column for each state")
    if not (np.isfinite(values).all() and values.min() >= 0.0):
        raise ValueError("likelihoods holds a negative value, a NaN or an infinity: give densities or probabilities")
    with np.errstate(divide="ignore"):
        return np.log(values), matrix, start


@kernel
def filter_rows(observations: FloatArray, model: FilterArrays) -> tuple[FloatArray, float]:
    """Follow (T, D) rows from the start of the model: (T, K) filtered probabilities and the log-likelihood."""
    bars, states = observations.shape[0], model.means.shape[0]
    out = np.empty((bars, states))
    prior = model.startprob.copy()
    loglik = 0.0
    for t in range(bars):
        loglik += filter_step(prior, observations[t], model, out[t])
    return out, loglik


@step
def filter_step(prior: FloatArray, observation: FloatArray, model: FilterArrays, probabilities: FloatArray) -> float:
    """One bar, in place: writes the filtered probabilities, moves the prior on, returns the log normaliser.

    ``prior`` (K,) holds P(state | all earlier bars): a copy of ``startprob`` before the first bar, afterwards what
    the last call left in it. ``probabilities`` (K,) is overwritten. An observation (D,) that holds a value that isn't
    finite is skipped: the probabilities are the prior and the normaliser is 0. Allocates nothing; never writes a NaN.
    """
    states, width = model.means.shape
    for d in range(width):
        if not math.isfinite(observation[d]):
            for k in range(states):
                probabilities[k] = prior[k]
            predict_step(probabilities, model.transmat, prior)
            return 0.0
    for k in range(states):
        square = 0.0
        for d in range(width):
            z = 0.0
            for j in range(d + 1):
                z += model.whitening[k, d, j] * (observation[j] - model.means[k, j])
            square += z * z
        probabilities[k] = model.log_scales[k] - 0.5 * square
    return absorb_step(prior, model.transmat, probabilities)


@step
def absorb_step(prior: FloatArray, transmat: FloatArray, probabilities: FloatArray) -> float:
    """Bayes' rule and one transition: ``probabilities`` (K,) enters as log-likelihoods and leaves as the posterior.

    ``prior`` moves on to the next bar. Where every likelihood underflows even in logs, the posterior is the prior and
    the result is -inf.
    """
    states = len(prior)
    highest = -math.inf
    for k in range(states):
        weight = probabilities[k] + math.log(prior[k]) if prior[k] > 0.0 else -math.inf
        probabilities[k] = weight
        highest = max(highest, weight)
    total = 0.0
    if highest > -math.inf:
        for k in range(states):
            probabilities[k] = math.exp(probabilities[k] - highest)
            total += probabilities[k]
    for k in range(states):
        probabilities[k] = probabilities[k] / total if total > 0.0 else prior[k]
    predict_step(probabilities, transmat, prior)
    return highest + math.log(total) if total > 0.0 else -math.inf


@step
def predict_step(probabilities: FloatArray, transmat: FloatArray, ahead: FloatArray) -> None:
    """Write p A into ``ahead`` (K,), with sum 1 whatever the rounding of A."""
    states = len(ahead)
    total = 0.0
    for k in range(states):
        ahead[k] = 0.0
        for i in range(states):
            ahead[k] += probabilities[i] * transmat[i, k]
        total += ahead[k]
    for k in range(states):
        ahead[k] /= total


@kernel
def _filter_logs(logs: FloatArray, transmat: FloatArray, startprob: FloatArray) -> tuple[FloatArray, float]:
    out = logs.copy()
    prior = startprob.copy()
    loglik = 0.0
    for t in range(out.shape[0]):
        loglik += absorb_step(prior, transmat, out[t])
    return out, loglik


def _observed(observations: npt.ArrayLike, width: int, skip_missing: bool) -> FloatArray:
    rows = np.asarray(observations, dtype=np.float64)
    if rows.ndim == 1 and width == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or len(rows) == 0 or rows.shape[1] != width:
        raise ValueError(f"observations has shape {rows.shape}: give (T, {width}), at least one row")
    if np.isinf(rows).any():
        raise ValueError(f"observations row {int(np.isinf(rows).any(axis=1).argmax())} is infinite: mend the series")
    if not skip_missing and np.isnan(rows).any():
        bad = int(np.isnan(rows).any(axis=1).argmax())
        raise ValueError(f"observations row {bad} holds a NaN: fill it, or say skip_missing=True to predict over it")
    return np.ascontiguousarray(rows)
