"""Exponential GARCH: the log variance moves, so that no bound on the parameters is needed and signs count.

Knows no fitting: see :mod:`~geobuk.quant.volatility.fit`.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.returns import finite
from geobuk.quant.volatility.garch import gaussian_loglik, require_start

_MEAN_SIZE = math.sqrt(2.0 / math.pi)
_BOUND = 600.0
"""Largest size of a log variance: its exponential is still a finite number, and so is its reciprocal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Egarch:
    """ln h' = omega + alpha (|z| - sqrt(2 / pi)) + gamma z + beta ln h with z = (r - mu) / sqrt(h).

    Raises
    ------
    ValueError : a value that is not finite.

    Source: Nelson 1991, Conditional heteroskedasticity in asset returns.
    """

    omega: float
    alpha: float
    gamma: float = 0.0
    beta: float
    mu: float = 0.0

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.omega, self.alpha, self.gamma, self.beta, self.mu)):
            raise ValueError(f"{self} holds a value that is not finite")

    @property
    def persistence(self) -> float:
        """Share of a shock to the log variance that is left a period later: beta."""
        return self.beta

    @property
    def long_run_variance(self) -> float:
        """Mean variance in the long run, for normal z; NaN unless abs(beta) < 1. Source: Nelson 1991."""
        return math.exp(self._mean_log(math.nan, math.inf)) if abs(self.beta) < 1.0 else math.nan

    @property
    def half_life(self) -> float:
        """Periods until half of a shock to the log variance is gone; infinite at a beta of 1 or more, 0 up to 0."""
        if self.beta >= 1.0:
            return math.inf
        return math.log(0.5) / math.log(self.beta) if self.beta > 0.0 else 0.0

    def first_variance(self, backcast: float) -> float:
        """Variance of the first period where the variance before it is put at ``backcast`` and its z at the mean."""
        require_start(backcast, 1)
        return math.exp(self.omega + self.beta * math.log(backcast))

    def expected_variance(self, next_variance: float, periods: int) -> float:
        """Expected variance of the period that lies ``periods`` ahead (1 is the next), in closed form for normal z."""
        require_start(next_variance, periods)
        return math.exp(self._mean_log(math.log(next_variance), periods - 1))

    def forecast(self, next_variance: float, periods: int, *, paths: int = 20_000, seed: int = 0) -> FloatArray:
        """(periods,) expected variances by simulation with normal z; the first is ``next_variance``.

        Paths come in pairs z, -z. Raises ValueError unless the variance is positive and finite, ``periods`` at least 1
        and ``paths`` at least 2.
        """
        require_start(next_variance, periods)
        if paths < 2:
            raise ValueError(f"paths {paths} is below 2: a mean needs more, such as 20000")
        drawn = np.random.default_rng(seed).standard_normal((paths // 2, periods - 1))
        return _mean_variances(np.vstack((drawn, -drawn)), self.omega, self.alpha, self.gamma, self.beta, next_variance)

    def _mean_log(self, log_variance: float, steps: float) -> float:
        """Log of E[h] after ``steps`` further periods: each adds omega b + ln E exp(b (g(z) - omega)), b = beta^i."""
        total, power, done = 0.0, 1.0, 0
        while done < steps and abs(power) > 1e-17:
            total += self.omega * power + self._log_moment(power)
            power *= self.beta
            done += 1
        return total + (power * log_variance if done == steps else 0.0)

    def _log_moment(self, power: float) -> float:
        from scipy.special import log_ndtr

        up, down = power * (self.gamma + self.alpha), power * (self.gamma - self.alpha)
        sides = (0.5 * up * up + log_ndtr(up), 0.5 * down * down + log_ndtr(-down))
        return float(np.logaddexp(*sides)) - power * self.alpha * _MEAN_SIZE


def egarch_variances(returns: npt.ArrayLike, model: Egarch, first_variance: float | None = None) -> FloatArray:
    """(T + 1,) variance of each period as it was known before it; the last is the forecast of the next period.

    ``first_variance`` starts the recursion; unless told it is ``model.first_variance(mean e^2)``, which looks at the
    whole sample. Raises ValueError where returns are empty or not finite, or the first variance is not positive.
    """
    shocks = finite(returns, "returns") - model.mu
    first = model.first_variance(float(np.mean(shocks**2))) if first_variance is None else first_variance
    require_start(first, 1)
    return follow_egarch(shocks, model.omega, model.alpha, model.gamma, model.beta, first)


def egarch_loglik(returns: npt.ArrayLike, model: Egarch, first_variance: float | None = None) -> float:
    """Gaussian log-likelihood; arguments as in :func:`egarch_variances`."""
    return gaussian_loglik(finite(returns, "returns") - model.mu, egarch_variances(returns, model, first_variance)[:-1])


@step
def egarch_step(variance: float, shock: float, omega: float, alpha: float, gamma: float, beta: float) -> float:
    """The next variance after a shock e = r - mu. A shock that isn't finite counts as one of the expected effect.

    The log variance is kept within +-600, so that the result is positive and finite.
    """
    z = shock / math.sqrt(variance)
    log_variance = omega + beta * math.log(variance)
    if math.isfinite(z):
        log_variance += alpha * (abs(z) - _MEAN_SIZE) + gamma * z
    return math.exp(min(max(log_variance, -_BOUND), _BOUND))


@kernel
def follow_egarch(
    shocks: FloatArray, omega: float, alpha: float, gamma: float, beta: float, first: float
) -> FloatArray:
    """(T + 1,) variances of (T,) shocks from the first variance on."""
    out = np.empty(len(shocks) + 1)
    out[0] = first
    for t in range(len(shocks)):
        out[t + 1] = egarch_step(out[t], shocks[t], omega, alpha, gamma, beta)
    return out


@kernel
def _mean_variances(
    drawn: FloatArray, omega: float, alpha: float, gamma: float, beta: float, first: float
) -> FloatArray:
    paths, moves = drawn.shape
    out = np.zeros(moves + 1)
    for path in range(paths):
        variance = first
        out[0] += variance / paths
        for t in range(moves):
            variance = egarch_step(variance, drawn[path, t] * math.sqrt(variance), omega, alpha, gamma, beta)
            out[t + 1] += variance / paths
    return out
