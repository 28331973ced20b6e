"""GARCH(1,1) and its asymmetric form by Glosten, Jagannathan and Runkle: recursion, filter, forecast, likelihood.

Variances are per period, of returns as fractions. Knows no fitting: see :mod:`~geobuk.quant.volatility.fit`.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Garch:
    """h' = omega + (alpha + gamma 1[e < 0]) e^2 + beta h with e = r - mu; gamma = 0 is plain GARCH(1,1).

    Attributes
    ----------
    omega : above 0, return^2. alpha, beta, alpha + gamma : at least 0. mu : mean return per period.

    Raises
    ------
    ValueError : a value outside of these or not finite. A persistence of 1 or more is allowed; it has no long run.

    Source: Bollerslev 1986; Glosten, Jagannathan & Runkle 1993.
    """

    omega: float
    alpha: float
    gamma: float = 0.0
    beta: float
    mu: float = 0.0

    def __post_init__(self) -> None:
        values = (self.omega, self.alpha, self.gamma, self.beta, self.mu)
        if not all(math.isfinite(value) for value in values):
            raise ValueError(f"{self} holds a value that is not finite")
        if self.omega <= 0.0 or min(self.alpha, self.beta, self.alpha + self.gamma) < 0.0:
            raise ValueError(f"{self}: omega must be above 0, alpha, beta and alpha + gamma at least 0")

    @property
    def persistence(self) -> float:
        """Share of a variance shock that is left a period later: alpha + gamma / 2 + beta (symmetric shocks)."""
        return self.alpha + 0.5 * self.gamma + self.beta

    @property
    def long_run_variance(self) -> float:
        """omega / (1 - persistence); NaN where the persistence is 1 or more."""
        return self.omega / (1.0 - self.persistence) if self.persistence < 1.0 else math.nan

    @property
    def half_life(self) -> float:
        """Periods until half of a variance shock is gone; infinite at a persistence of 1 or more, 0 at 0."""
        if self.persistence >= 1.0:
            return math.inf
        return math.log(0.5) / math.log(self.persistence) if self.persistence > 0.0 else 0.0

    def first_variance(self, backcast: float) -> float:
        """Variance of the first period where squared shocks before it are put at ``backcast``, half of them losses."""
        return self.omega + self.persistence * backcast

    def forecast(self, next_variance: float, periods: int) -> FloatArray:
        """(periods,) expected variances; the first is ``next_variance``, the variance of the next period.

        V + p^(k - 1) (h - V) with V the long run and p the persistence; at p >= 1 the same recursion without V. Raises
        ValueError unless the variance is positive and finite and there is at least 1 period.

        >>> hull = Garch(omega=2e-6, alpha=0.13, beta=0.86)
        >>> hull.forecast(0.00023516, 10)[-1].round(12).item()
        0.000232119266
        """
        require_start(next_variance, periods)
        decay = self.persistence ** np.arange(periods)
        gathered = np.concatenate(([0.0], np.cumsum(decay)[:-1]))
        return self.omega * gathered + decay * next_variance


def garch_variances(returns: npt.ArrayLike, model: Garch, first_variance: float | None = None) -> FloatArray:
    """(T + 1,) variance of each period as it was known before it; the last is the forecast of the next period.

    ``first_variance`` starts the recursion; unless told it is ``model.first_variance(mean e^2)``, which looks at the
    whole sample: give one where row 0 must be causal. Raises ValueError where returns are empty or not finite, or the
    first variance is not positive.
    """
    shocks = finite(returns, "returns") - model.mu
    first = model.first_variance(float(np.mean(shocks**2))) if first_variance is None else first_variance
    require_start(first, 1)
    return follow_garch(shocks, model.omega, model.alpha, model.gamma, model.beta, first)


def garch_loglik(returns: npt.ArrayLike, model: Garch, first_variance: float | None = None) -> float:
    """Gaussian log-likelihood, -1/2 sum [ln 2 pi + ln h + e^2 / h]; arguments as in :func:`garch_variances`."""
    return gaussian_loglik(finite(returns, "returns") - model.mu, garch_variances(returns, model, first_variance)[:-1])


def gaussian_loglik(shocks: FloatArray, variances: FloatArray) -> float:
    """Log-likelihood of independent normal shocks (T,) with variances (T,)."""
    return -0.5 * float(np.sum(math.log(2.0 * math.pi) + np.log(variances) + shocks**2 / variances))


@step
def garch_step(variance: float, shock: float, omega: float, alpha: float, gamma: float, beta: float) -> float:
    """The next variance after a shock e = r - mu. A shock that isn't finite counts as one of the expected size."""
    squared = shock * shock
    if not math.isfinite(squared):
        return omega + (alpha + 0.5 * gamma + beta) * variance
    return omega + (alpha + gamma if shock < 0.0 else alpha) * squared + beta * variance


@kernel
def follow_garch(shocks: FloatArray, omega: float, alpha: float, gamma: float, beta: float, first: float) -> FloatArray:
    """(T + 1,) variances of (T,) shocks from the first variance on."""
    out = np.empty(len(shocks) + 1)
    out[0] = first
    for t in range(len(shocks)):
        out[t + 1] = garch_step(out[t], shocks[t], omega, alpha, gamma, beta)
    return out


def require_start(variance: float, periods: int) -> None:
    """Raise ValueError unless the variance is positive and finite and ``periods`` is at least 1."""
    if not (math.isfinite(variance) and variance > 0.0):
        raise ValueError(f"variance {variance} is not a positive number: a recursion needs one to start from")
    if periods < 1:
        raise ValueError(f"periods {periods} is below 1: ask for the next period at least")
