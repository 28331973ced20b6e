"""A fit on what was seen so far: states with a meaning, a volatility model, and why either was refused."""

from dataclasses import dataclass

import numpy as np

from geobuk.domain.regime import Regime
from geobuk.panel import FloatArray, IntArray
from geobuk.quant.hmm import GaussianHMM, HMMSpec, fit_hmm, match_states
from geobuk.quant.volatility import Ewma, FittedVolatility, VolatilitySpec, fit_volatility
from geobuk.regime.cells import RETURN, SMOOTHED, Cells, recent
from geobuk.regime.follow import follow_states
from geobuk.regime.spec import RegimeSpec

_WILD = 1.5
"""A state so many times as volatile as the middle one, and the most volatile of all, is BEAR at any loss."""


@dataclass(frozen=True, eq=False, slots=True)
class Refit:
    """One fit that was tried.

    Attributes
    ----------
    at_ns : close of the bar at which it was tried; everything in it was known by then.
    observations : intervals with a figure in the window.
    flags : why the states were refused (as in :class:`geobuk.quant.hmm.FittedHMM`, or ``still``), and
        ``volatility_…`` where the volatility model is a fallback. loglik : NaN where nothing was fitted.
    model : states in force from here on, a refused fit's included: the one before it; None while there is none.
    labels : (K,) the Regime that each state means; empty while there are none.
    volatility : name of the volatility model in force, ``none`` while there is none.
    """

    at_ns: int
    observations: int
    flags: tuple[str, ...]
    loglik: float
    model: GaussianHMM | None
    labels: IntArray
    volatility: str

    @property
    def means(self) -> FloatArray:
        """(K, 2) mean return per interval and mean log range of each state."""
        return np.empty((0, 2)) if self.model is None else self.model.means

    @property
    def sds(self) -> FloatArray:
        """(K, 2) their standard deviations."""
        return np.empty((0, 2)) if self.model is None else self.model.sds


def refit(cells: Cells, spec: RegimeSpec, at_ns: int, before: Refit | None) -> Refit:
    """Fit on the window that lies in ``cells``, put what was found there, and tell."""
    rows = recent(cells)
    known = rows[np.isfinite(rows).all(axis=1)]
    clock = cells.clock
    clock["tried_at"] = clock["closed"]
    flags, loglik, model = _states(cells, spec, known, before.model if before else None)
    labels = cells.labels.copy() if model is not None else np.empty(0, dtype=np.int64)
    volatility, doubts = _volatility(cells, spec, known[:, RETURN])
    if volatility is None and before is not None:
        volatility = before.volatility
    return Refit(at_ns, len(known), (*flags, *doubts), loglik, model, labels, volatility or "none")


def labels_of(model: GaussianHMM, clear_mean: float) -> IntArray:
    """(K,) what each state means, by the mean of its returns in their own standard deviations (column 0).

    BULL from ``clear_mean`` on, BEAR down from its negative; BEAR too where the mean is negative and the state is by
    far the most volatile; else SIDEWAYS.
    """
    means, sds = model.means[:, 0], model.sds[:, 0]
    ratio = means / sds
    is_wild = (sds == sds.max()) & (sds >= _WILD * np.median(sds))
    labels = np.full(model.states, int(Regime.SIDEWAYS), dtype=np.int64)
    labels[ratio >= clear_mean] = int(Regime.BULL)
    labels[(ratio <= -clear_mean) | (is_wild & (means < 0.0))] = int(Regime.BEAR)
    return labels


def _states(
    cells: Cells, spec: RegimeSpec, known: FloatArray, before: GaussianHMM | None
) -> tuple[tuple[str, ...], float, GaussianHMM | None]:
    """Flags, log-likelihood and the states in force; new ones are followed up to the newest interval."""
    wanted = HMMSpec(
        states=spec.states, columns=("return", "log_range"), starts=spec.starts, seed=spec.seed, iterations=200
    )
    try:
        found = fit_hmm(known[:, SMOOTHED:], wanted)
    except ValueError:  # a column without variance
        return ("still",), np.nan, before
    if found.model is None:
        return found.flags, found.loglik, before
    model = found.model if before is None else match_states(found.model, before)
    for mine, new in zip(cells.model, model.arrays, strict=True):
        mine[:] = new
    cells.labels[:] = labels_of(model, spec.clear_mean)
    cells.prior[:] = model.startprob
    follow_states(cells.prior, cells.posterior, recent(cells)[:, SMOOTHED:], cells.model)
    cells.clock["has_states"], cells.clock["are_states_fresh"] = True, True
    return found.flags, found.loglik, model


def _volatility(cells: Cells, spec: RegimeSpec, returns: FloatArray) -> tuple[str | None, tuple[str, ...]]:
    """Name and doubts of the volatility model; None where nothing can be fitted."""
    try:
        found = fit_volatility(returns, VolatilitySpec(spec.volatility_model))
    except ValueError:
        return None, ("volatility_still",)
    clock = cells.clock
    for name, value in _recursion(found).items():
        clock[name] = value
    clock["variance"] = found.next_variance
    clock["usual"] = np.sqrt(np.median(found.variances))
    clock["has_volatility"], clock["is_volatility_fresh"] = True, True
    return found.method, tuple(f"volatility_{flag}" for flag in found.flags)


def _recursion(found: FittedVolatility) -> dict[str, float]:
    """The model as h' = omega + (alpha + gamma 1[e < 0]) e^2 + beta h; an exponential average is one without omega."""
    model = found.params
    if isinstance(model, Ewma):
        return {"omega": 0.0, "alpha": 1.0 - model.decay, "gamma": 0.0, "beta": model.decay, "mu": 0.0}
    return {name: getattr(model, name) for name in ("omega", "alpha", "gamma", "beta", "mu")}
