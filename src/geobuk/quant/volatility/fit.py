"""Fitting a volatility model by maximum likelihood, with the exponentially weighted variance where a fit won't do.

Runs offline or now and then; the recursions that follow a series live are beside it.
"""

import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.returns import deviation, finite
from geobuk.quant.volatility.egarch import Egarch
from geobuk.quant.volatility.ewma import Ewma
from geobuk.quant.volatility.follow import VolatilityModel, conditional_variances
from geobuk.quant.volatility.garch import Garch, gaussian_loglik

_LEAST = 100
_DAILY = Ewma(0.94)
_INTEGRATED = 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class VolatilitySpec:
    """What to fit.

    Attributes
    ----------
    method : ``garch``, ``gjr`` or ``egarch``, all (1, 1) with normal innovations.
    has_mean : a constant mean is fitted too; else it is 0.
    backcast : squared shocks before the sample, return^2; the mean of e^2 unless told.
    fallback : what is used where the fit is refused.
    scale : returns are multiplied by it for the search (100 is per cent) and parameters converted back.
    """

    method: Literal["garch", "gjr", "egarch"] = "garch"
    has_mean: bool = True
    backcast: float | None = None
    fallback: Ewma = _DAILY
    scale: float = 100.0

    def __post_init__(self) -> None:
        if self.method not in {"garch", "gjr", "egarch"}:
            raise ValueError(f"method {self.method!r} is not one of garch, gjr, egarch")
        if self.backcast is not None and not (math.isfinite(self.backcast) and self.backcast > 0.0):
            raise ValueError(f"backcast {self.backcast} is not a positive number")
        if not (math.isfinite(self.scale) and self.scale > 0.0):
            raise ValueError(f"scale {self.scale} is not a positive number: 100 means per cent")


@dataclass(frozen=True, eq=False, slots=True)
class FittedVolatility:
    """A fitted model, or its fallback with the reason.

    Attributes
    ----------
    method : ``garch``, ``gjr``, ``egarch``, or ``ewma`` where the fit was refused.
    params : the model, in fractions. variances : (T + 1,) conditional ones; the last is the next period's.
    loglik : Gaussian log-likelihood of the sample.
    flags : ``too_few_observations``, ``no_convergence``, ``integrated`` (persistence of 1 or more), ``failed``.
    """

    method: str
    params: VolatilityModel
    variances: FloatArray
    loglik: float
    flags: tuple[str, ...] = ()

    @property
    def next_variance(self) -> float:
        """Variance of the first period after the sample; positive and finite."""
        return float(self.variances[-1])

    @property
    def long_run_variance(self) -> float:
        """NaN for the fallback, which has none."""
        return math.nan if isinstance(self.params, Ewma) else self.params.long_run_variance

    def forecast(self, periods: int) -> FloatArray:
        """(periods,) expected variances from the next period on; EGARCH simulates with its default seed."""
        return self.params.forecast(self.next_variance, periods)


def fit_volatility(returns: npt.ArrayLike, spec: VolatilitySpec | None = None) -> FittedVolatility:
    """Fit by quasi-maximum likelihood (arch), the whole sample in use.

    Parameters
    ----------
    returns : (T,) simple or log, fractions per period, oldest first. Below 100 nothing is fitted.

    Raises
    ------
    ValueError : empty or non-finite returns, a single one, a series without variance.

    Source: Bollerslev 1986; Glosten, Jagannathan & Runkle 1993; Nelson 1991.
    """
    wanted = spec or VolatilitySpec()
    values = finite(returns, "returns")
    if not deviation(values) > 0.0:
        raise ValueError(f"{len(values)} returns have no variance: there is no volatility to model")
    if len(values) < _LEAST:
        return _fallback(values, wanted, "too_few_observations")
    centre = float(np.mean(values)) if wanted.has_mean else 0.0
    backcast = float(np.mean((values - centre) ** 2)) if wanted.backcast is None else wanted.backcast
    try:
        params, has_converged = _search(values, wanted, backcast)
    except (ValueError, FloatingPointError, np.linalg.LinAlgError):
        return _fallback(values, wanted, "failed")
    if not has_converged:
        return _fallback(values, wanted, "no_convergence")
    if params.persistence >= _INTEGRATED:
        return _fallback(values, wanted, "integrated")
    variances = conditional_variances(values, params, params.first_variance(backcast))
    if not (np.isfinite(variances).all() and variances.min() > 0.0):
        return _fallback(values, wanted, "failed")
    return FittedVolatility(wanted.method, params, variances, gaussian_loglik(values - params.mu, variances[:-1]))


def _search(values: FloatArray, spec: VolatilitySpec, backcast: float) -> tuple[Garch | Egarch, bool]:
    from arch import arch_model

    model: Any = arch_model(
        spec.scale * values,
        mean="Constant" if spec.has_mean else "Zero",
        vol="EGARCH" if spec.method == "egarch" else "GARCH",
        o=0 if spec.method == "garch" else 1,
        rescale=False,
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found: Any = model.fit(disp="off", show_warning=False, backcast=backcast * spec.scale**2)
    at = found.params
    alpha, beta, gamma = float(at["alpha[1]"]), float(at["beta[1]"]), float(at.get("gamma[1]", 0.0))
    omega, mu = float(at["omega"]), float(at.get("mu", 0.0)) / spec.scale
    has_converged = found.convergence_flag == 0
    if spec.method == "egarch":
        return Egarch(
            omega=omega - (1.0 - beta) * 2.0 * math.log(spec.scale), alpha=alpha, beta=beta, gamma=gamma, mu=mu
        ), has_converged
    alpha, beta = max(alpha, 0.0), max(beta, 0.0)
    return Garch(omega=omega / spec.scale**2, alpha=alpha, beta=beta, gamma=max(gamma, -alpha), mu=mu), has_converged


def _fallback(values: FloatArray, spec: VolatilitySpec, flag: str) -> FittedVolatility:
    level = float(np.mean(values**2))
    variances = np.maximum(conditional_variances(values, spec.fallback, level), 1e-12 * level)
    return FittedVolatility("ewma", spec.fallback, variances, gaussian_loglik(values, variances[:-1]), (flag,))
