"""Barrier touches by simulated paths: geometric Brownian motion, and GARCH paths driven by resampled residuals.

Between two steps the Brownian bridge says how likely the barrier was touched, so the estimate is of a barrier that is
watched all the time. Each path contributes its probability, not a 0 or 1, which lowers the error.
"""

import math
from dataclasses import dataclass

import numpy as np

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.liquidation.barrier import Barrier
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class Simulation:
    """How many paths of how many steps, from which seed.

    Raises
    ------
    ValueError : fewer than 2 paths, fewer than 1 step, a negative seed.
    """

    paths: int = 20_000
    steps: int = 24
    seed: int = 1

    def __post_init__(self) -> None:
        if self.paths < 2 or self.steps < 1 or self.seed < 0:
            raise ValueError(f"{self}: give 2 paths or more, 1 step or more and a seed >= 0")


@dataclass(frozen=True, slots=True)
class Simulated:
    """An estimated probability with its Monte Carlo standard error.

    ``flags``: ``touched`` where the barrier was behind from the start, ``rare`` where fewer than ten paths' worth of
    touches were seen, so that even the standard error is weak.
    """

    probability: float
    standard_error: float
    paths: int
    steps: int
    seed: int
    flags: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class FilteredReturns:
    """A GARCH(1,1) of simple returns: h' = omega + alpha e^2 + beta h, e = z sqrt(h).

    Attributes
    ----------
    residuals : (n,) standardised residuals z of the fit, the pool that paths draw from with replacement.
    next_variance : variance of the first step to come, known now.

    Raises
    ------
    ValueError : an empty or non-finite pool, negative parameters, ``next_variance`` that is negative or not finite.
    """

    residuals: FloatArray
    omega: float
    alpha: float
    beta: float
    next_variance: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "residuals", finite(self.residuals, "residuals"))
        for name in ("omega", "alpha", "beta", "next_variance"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ValueError(f"{name} {value} is not a finite number >= 0: fit the model again")


def simulated_hit(
    barrier: Barrier, volatility: float, years: float, simulation: Simulation, *, drift: float = 0.0
) -> Simulated:
    """Touch probability of a geometric Brownian motion by simulation; a check of the closed form.

    Raises
    ------
    ValueError : negative or non-finite volatility or years, a drift that is not finite.
    """
    for name, value in (("volatility", volatility), ("years", years)):
        if not 0.0 <= value < math.inf:
            raise ValueError(f"{name} {value} is not a finite number >= 0: check what it was computed from")
    if not math.isfinite(drift):
        raise ValueError(f"drift {drift} is not finite: give the drift of dS/S per year")
    if barrier.is_touched:
        return touched(simulation)
    variance = volatility * volatility * years / simulation.steps
    if variance == 0.0 or barrier.level <= 0.0:
        return estimated(np.zeros(simulation.paths), simulation)
    log_drift = drift * years / simulation.steps - 0.5 * variance
    away = log_drift if barrier.is_below else -log_drift
    hits = np.empty(simulation.paths)
    _brownian_hits(
        np.random.default_rng(simulation.seed), -barrier.log_distance, away, variance, simulation.steps, hits
    )
    return estimated(hits, simulation)


def filtered_hit(barrier: Barrier, model: FilteredReturns, simulation: Simulation) -> Simulated:
    """Touch probability when variance follows the GARCH recursion and shocks are drawn from the fit's own residuals.

    One step is one period of the fit; there is no drift beyond the mean of the residuals. A drawn return of -1 or worse
    ends the price at 0. Source: Barone-Adesi, Giannopoulos & Vosper 1999, VaR without correlations for portfolios of
    derivative securities (filtered historical simulation).
    """
    if barrier.is_touched:
        return touched(simulation)
    hits = np.empty(simulation.paths)
    side = 1.0 if barrier.is_below else -1.0
    recursion = (float(model.omega), float(model.alpha), float(model.beta), float(model.next_variance))
    generator = np.random.default_rng(simulation.seed)
    distance = -barrier.log_distance
    _filtered_hits(generator, (distance, side), model.residuals, recursion, simulation.steps, hits)
    return estimated(hits, simulation)


def touched(simulation: Simulation) -> Simulated:
    """The result for a barrier that is already behind."""
    return Simulated(1.0, 0.0, simulation.paths, simulation.steps, simulation.seed, ("touched",))


def estimated(hits: FloatArray, simulation: Simulation) -> Simulated:
    """Mean and standard error of (paths,) touch probabilities."""
    error = float(hits.std(ddof=1)) / math.sqrt(len(hits))
    flags = ("rare",) if 0.0 < hits.sum() < 10.0 else ()
    return Simulated(float(hits.mean()), error, simulation.paths, simulation.steps, simulation.seed, flags)


@step
def bridge_survival(before: float, after: float, variance: float) -> float:
    """Probability that a Brownian path between two distances from a barrier (positive = ahead) did not touch it."""
    if before <= 0.0 or after <= 0.0:
        return 0.0
    if variance <= 0.0:
        return 1.0
    return -np.expm1(-2.0 * before * after / variance)


@kernel
def _brownian_hits(
    generator: np.random.Generator, distance: float, away: float, variance: float, steps: int, hits: FloatArray
) -> None:
    deviation = np.sqrt(variance)
    for path in range(hits.shape[0]):
        ahead, survival = distance, 1.0
        for _ in range(steps):
            after = ahead + away + deviation * generator.standard_normal()
            survival *= bridge_survival(ahead, after, variance)
            ahead = after
            if survival == 0.0:
                break
        hits[path] = 1.0 - survival


@kernel
def _filtered_hits(
    generator: np.random.Generator,
    barrier: tuple[float, float],
    residuals: FloatArray,
    recursion: tuple[float, float, float, float],
    steps: int,
    hits: FloatArray,
) -> None:
    distance, side = barrier
    omega, alpha, beta, first = recursion
    for path in range(hits.shape[0]):
        ahead, survival, variance = distance, 1.0, first
        for _ in range(steps):
            drawn = residuals[generator.integers(0, residuals.shape[0])] * np.sqrt(variance)
            if drawn <= -1.0:
                survival = 0.0 if side > 0.0 and distance < np.inf else survival
                break
            after = ahead + side * np.log1p(drawn)
            survival *= bridge_survival(ahead, after, variance)
            ahead = after
            variance = omega + alpha * drawn * drawn + beta * variance
            if survival == 0.0:
                break
        hits[path] = 1.0 - survival
