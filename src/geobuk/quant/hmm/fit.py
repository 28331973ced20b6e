"""Finding a Gaussian HMM: several seeded starts, states ordered by what they mean, weak fits refused with a reason.

Runs offline; the model it finds is followed by :mod:`~geobuk.quant.hmm.filter`.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.hmm.model import GaussianHMM

_OBSERVATIONS_PER_PARAMETER = 10


@dataclass(frozen=True, slots=True)
class HMMSpec:
    """What to fit and when to refuse it.

    Attributes
    ----------
    columns : names of the D observed columns. order_by : the one whose standard deviation orders the states.
    starts : random starts; the best log-likelihood among acceptable ones wins. seed : of all of them.
    tolerance : EM has converged where the log-likelihood rises by less in one iteration.
    sd_floor : least standard deviation in a state, as a share of the column's own over the whole sample.
    min_occupancy : least share of time in a state.
    """

    states: int = 2
    columns: tuple[str, ...] = ("return",)
    order_by: str = "return"
    covariance: Literal["diag", "full"] = "diag"
    starts: int = 6
    seed: int = 0
    iterations: int = 500
    tolerance: float = 1e-3
    sd_floor: float = 0.02
    min_occupancy: float = 0.02

    def __post_init__(self) -> None:
        if self.order_by not in self.columns:
            raise ValueError(f"order_by {self.order_by!r} is not one of the columns {self.columns}")
        if self.states < 2 or self.starts < 1 or self.iterations < 2:
            raise ValueError("states must be at least 2, starts at least 1, iterations at least 2")
        if not (0.0 < self.sd_floor < 1.0 and 0.0 <= self.min_occupancy < 1.0 / self.states and self.tolerance > 0.0):
            raise ValueError("sd_floor must lie in (0, 1), min_occupancy in [0, 1 / states), tolerance above 0")

    @property
    def parameters(self) -> int:
        """Free parameters of the model."""
        width = len(self.columns)
        spreads = width if self.covariance == "diag" else width * (width + 1) // 2
        return self.states - 1 + self.states * (self.states - 1) + self.states * (width + spreads)


@dataclass(frozen=True, eq=False, slots=True)
class FittedHMM:
    """A fit, or the reasons why there is none.

    Attributes
    ----------
    model : states ordered by standard deviation of ``order_by``, ascending (0 is calm); None where it was refused.
    loglik : log-likelihood of the sample; NaN where nothing was fitted. observations : T.
    occupancy : (K,) share of time in each state, smoothed over the sample; empty where nothing was fitted.
    flags : ``too_few_observations``, ``no_convergence``, ``rare_state``, ``sd_at_floor``, ``failed``.
    """

    model: GaussianHMM | None
    loglik: float
    occupancy: FloatArray
    observations: int
    parameters: int
    flags: tuple[str, ...] = ()

    @property
    def bic(self) -> float:
        """Bayesian information criterion, lower is better; to compare numbers of states on one sample."""
        return float(self.parameters * np.log(self.observations) - 2.0 * self.loglik)


@dataclass(frozen=True, eq=False, slots=True)
class _Attempt:
    model: GaussianHMM | None
    loglik: float
    occupancy: FloatArray
    flags: tuple[str, ...]


def fit_hmm(observations: npt.ArrayLike, spec: HMMSpec) -> FittedHMM:
    """Maximum likelihood by EM (hmmlearn) on standardised columns, from ``spec.starts`` seeded starts.

    Parameters
    ----------
    observations : (T, D) in the order of ``spec.columns``, or (T,) where D = 1; oldest first. The whole sample is used:
        filter only what comes after it, or say that the figures are in-sample.

    Raises
    ------
    ValueError : wrong shape, a value that isn't finite, a column without variance.

    Source: Baum, Petrie, Soules & Weiss 1970; Rabiner 1989.
    """
    rows = _rows(observations, len(spec.columns))
    if len(rows) < _OBSERVATIONS_PER_PARAMETER * spec.parameters:
        return FittedHMM(None, np.nan, np.empty(0), len(rows), spec.parameters, ("too_few_observations",))
    centre, scale = rows.mean(axis=0), rows.std(axis=0, ddof=1)
    if (scale <= 1e-12 * np.maximum(1.0, np.abs(centre))).any():
        raise ValueError(f"column {spec.columns[int(scale.argmin())]!r} has no variance: leave it out")
    standard = (rows - centre) / scale
    with _silence():
        attempts = [_attempt(standard, spec, seed) for seed in np.random.SeedSequence(spec.seed).spawn(spec.starts)]
    best = max(attempts, key=lambda one: (not one.flags, one.loglik if np.isfinite(one.loglik) else -np.inf))
    loglik = best.loglik - len(rows) * float(np.log(scale).sum())
    if best.flags or best.model is None:
        return FittedHMM(None, loglik, best.occupancy, len(rows), spec.parameters, best.flags)
    spread = np.outer(scale, scale)
    model = GaussianHMM(
        best.model.startprob, best.model.transmat, centre + scale * best.model.means, spread * best.model.covariances
    )
    order = np.argsort(model.sds[:, spec.columns.index(spec.order_by)], kind="stable")
    return FittedHMM(model.reordered(order), loglik, best.occupancy[order], len(rows), spec.parameters)


def match_states(model: GaussianHMM, previous: GaussianHMM) -> GaussianHMM:
    """The model with its states in the places of the previous fit's nearest ones, for rolling refits.

    Nearest by the sum over columns of ((mean - previous mean) / previous sd)^2 + ln(sd / previous sd)^2, over all
    one to one assignments. Raises ValueError where the numbers of states or columns differ.
    """
    if model.means.shape != previous.means.shape:
        raise ValueError(f"means of shape {model.means.shape} can't be matched to {previous.means.shape}")
    from scipy.optimize import linear_sum_assignment

    shift = (model.means[None, :, :] - previous.means[:, None, :]) / previous.sds[:, None, :]
    ratio = np.log(model.sds[None, :, :] / previous.sds[:, None, :])
    order = linear_sum_assignment((shift**2 + ratio**2).sum(axis=2))[1]
    return model.reordered(order)


def _attempt(rows: FloatArray, spec: HMMSpec, seed: np.random.SeedSequence) -> _Attempt:
    from hmmlearn.hmm import GaussianHMM as Search

    search: Any = Search(
        n_components=spec.states,
        covariance_type=spec.covariance,
        n_iter=spec.iterations,
        tol=spec.tolerance,
        covars_prior=spec.sd_floor**2,  # hmmlearn's own prior of 0.01 is no small part of a variance of 1
        min_covar=spec.sd_floor**2,
        init_params="",
    )
    _start(search, rows, spec, np.random.default_rng(seed))
    try:
        search.fit(rows)
        loglik = float(search.score(rows))
        occupancy = search.predict_proba(rows).mean(axis=0)
        model = GaussianHMM(search.startprob_, _renormalised(search.transmat_), search.means_, search.covars_)
    except (ValueError, np.linalg.LinAlgError):
        return _Attempt(None, np.nan, np.empty(0), ("failed",))
    history = list(search.monitor_.history)
    flags = []
    if len(history) < 2 or not abs(history[-1] - history[-2]) < spec.tolerance:
        flags.append("no_convergence")
    if occupancy.min() < spec.min_occupancy:
        flags.append("rare_state")
    if model.sds.min() <= spec.sd_floor:
        flags.append("sd_at_floor")
    return _Attempt(model, loglik, occupancy, tuple(flags))


def _start(search: Any, rows: FloatArray, spec: HMMSpec, rng: np.random.Generator) -> None:
    """Put the search at a random start: states from slices of smoothed activity, blurred, and a sticky chain."""
    states = spec.states
    span = int(rng.integers(1, 40))
    activity = np.convolve(np.linalg.norm(rows, axis=1), np.ones(span) / span, mode="same")
    cuts = np.sort(rng.uniform(0.1, 0.95, states - 1)) if rng.random() < 0.5 else np.arange(1, states) / states
    label = np.searchsorted(np.quantile(activity, cuts), activity)
    means, variances = np.empty((states, rows.shape[1])), np.empty((states, rows.shape[1]))
    for state in range(states):
        part = rows[label == state] if np.count_nonzero(label == state) > 2 else rows
        means[state] = part.mean(axis=0) + 0.3 * rng.standard_normal(rows.shape[1])
        variances[state] = np.maximum(part.var(axis=0) * rng.uniform(0.7, 1.5), 0.01)
    stay = rng.uniform(0.7, 0.98)
    search.startprob_ = np.full(states, 1.0 / states)
    search.transmat_ = np.full((states, states), (1.0 - stay) / (states - 1)) + np.eye(states) * (
        stay - (1.0 - stay) / (states - 1)
    )
    search.means_ = means
    search.covars_ = variances if spec.covariance == "diag" else variances[:, :, None] * np.eye(rows.shape[1])


def _renormalised(transmat: FloatArray) -> FloatArray:
    return transmat / transmat.sum(axis=1, keepdims=True)


def _rows(observations: npt.ArrayLike, width: int) -> FloatArray:
    rows = np.asarray(observations, dtype=np.float64)
    if rows.ndim == 1 and width == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or len(rows) == 0 or rows.shape[1] != width:
        raise ValueError(f"observations has shape {rows.shape}: give (T, {width}), a column for each name in the spec")
    if not np.isfinite(rows).all():
        bad = int((~np.isfinite(rows)).any(axis=1).argmax())
        raise ValueError(f"observations row {bad} holds a value that is not finite: fill it or leave the row out")
    return rows


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the search's own remarks to itself: what matters comes back as flags."""
    remarks = logging.getLogger("hmmlearn")
    level = remarks.level
    remarks.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        remarks.setLevel(level)
