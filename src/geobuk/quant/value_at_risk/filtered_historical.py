"""Tail risk by filtered historical simulation: past surprises at the size that the coming variance gives them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray, IntArray
from geobuk.quant.returns import finite
from geobuk.quant.tails import expected_shortfall, value_at_risk
from geobuk.quant.value_at_risk.rolling import quantile_step, replace_step, shortfall_step, windowed
from geobuk.quant.value_at_risk.tail_risk import RollingTailRisk, TailRisk
from geobuk.quant.volatility.ewma import Ewma
from geobuk.quant.volatility.fit import VolatilitySpec, fit_volatility
from geobuk.quant.volatility.follow import VolatilityModel, conditional_variances
from geobuk.quant.volatility.garch import Garch, garch_step

_ZERO_MEAN = VolatilitySpec(has_mean=False)


def filtered_scenarios(
    returns: npt.ArrayLike, model: VolatilityModel, first_variance: float | None = None
) -> FloatArray:
    """(T,) returns that the next period may bring: mu + z_t sqrt(h_{T+1}) with z_t = e_t / sqrt(h_t).

    ``first_variance`` is h_1; the mean of e^2 unless told. Raises ValueError where returns are empty, not finite, or
    the variance of a period is 0.
    """
    values = finite(returns, "returns")
    mu = 0.0 if isinstance(model, Ewma) else model.mu
    shocks = values - mu
    first = float(np.mean(shocks**2)) if first_variance is None else first_variance
    variances = conditional_variances(values, model, first)
    if not variances.min() > 0.0:
        raise ValueError("the variance of a period is 0: returns that never move have no scenarios")
    scenarios: FloatArray = mu + shocks / np.sqrt(variances[:-1]) * np.sqrt(variances[-1])
    return scenarios


def filtered_historical_risk(
    returns: npt.ArrayLike,
    confidence: float,
    model: VolatilityModel | None = None,
    first_variance: float | None = None,
) -> TailRisk:
    """VaR (type 7 quantile) and exact expected shortfall of the scenarios of the next period.

    Parameters
    ----------
    returns : (T,) fractions, oldest first.
    model : GARCH, GJR, EGARCH or EWMA; unless given a GARCH(1,1) with a mean of zero is fitted to the returns.

    Flags: those of the fit where it fell back to EWMA; ``worst_observation`` where the tail is less than one scenario.
    Raises ValueError as :func:`filtered_scenarios` and :func:`fit_volatility` do.

    Source: Barone-Adesi, Giannopoulos & Vosper 1999.
    """
    flags: tuple[str, ...] = ()
    if model is None:
        fit = fit_volatility(returns, _ZERO_MEAN)
        model, flags = fit.params, fit.flags
    scenarios = filtered_scenarios(returns, model, first_variance)
    if (1.0 - confidence) * len(scenarios) < 1.0 - 1e-9:
        flags = (*flags, "worst_observation")
    var, es = value_at_risk(scenarios, confidence), expected_shortfall(scenarios, confidence)
    return TailRisk(var, es, confidence, "filtered_historical", flags)


@dataclass(frozen=True, eq=False, slots=True)
class RollingFits:
    """GARCH models fitted now and then along a series.

    Attributes
    ----------
    rows : (S,) row at which each was fitted, from that row and the window before it.
    params : (S, 5) omega, alpha, gamma, beta, mu; EWMA, the fallback, is omega 0 and alpha 1 - beta.
    is_fallback : (S,). window : returns in each fit.
    """

    rows: IntArray
    params: FloatArray
    is_fallback: BoolArray
    window: int


def rolling_fits(
    returns: npt.ArrayLike, window: int, refit_every: int, spec: VolatilitySpec | None = None
) -> RollingFits:
    """Fit GARCH or GJR at row window - 1 and every ``refit_every`` rows after it, each on the last ``window`` returns.

    Raises ValueError as :func:`fit_volatility` does, where the window is below 4 or longer than the series,
    ``refit_every`` below 1, or the method is EGARCH, whose recursion is another.
    """
    wanted = spec or _ZERO_MEAN
    values = windowed(returns, window, 0.5)
    if refit_every < 1:
        raise ValueError(f"refit_every {refit_every} is below 1: give the rows between fits")
    if wanted.method == "egarch":
        raise ValueError("method 'egarch' can't be rolled here: choose garch or gjr")
    rows = np.arange(window - 1, len(values), refit_every)
    params, is_fallback = np.empty((len(rows), 5)), np.zeros(len(rows), dtype=np.bool_)
    for place, row in enumerate(rows):
        fit = fit_volatility(values[row - window + 1 : row + 1], wanted)
        is_fallback[place] = bool(fit.flags)
        params[place] = _as_row(fit.params)
    return RollingFits(rows, params, is_fallback, window)


def rolling_filtered_historical(
    returns: npt.ArrayLike, window: int, refit_every: int, confidence: float, fits: RollingFits | None = None
) -> RollingTailRisk:
    """Filtered historical simulation at every row, with models that were fitted on the past only.

    Parameters
    ----------
    returns : (T,) fractions, oldest first. window : returns in each fit, and surprises in each forecast.
    refit_every : rows between fits; in between the model's recursion goes on.
    fits : from :func:`rolling_fits` of the same arguments, to ask for several confidences at the price of one.

    Returns
    -------
    Row t uses rows t - window + 1 to t, and parameters fitted at or before t; it forecasts t + 1. ``is_fallback``
    marks the rows whose fit was refused and whose variance is exponentially weighted.

    Raises
    ------
    ValueError : as :func:`rolling_fits` does; fits of another window or rows.
    """
    values = windowed(returns, window, confidence)
    found = fits or rolling_fits(values, window, refit_every)
    if found.window != window or not np.array_equal(found.rows, np.arange(window - 1, len(values), refit_every)):
        raise ValueError("fits were made with another window, refit_every or series: make them from the same arguments")
    var, es = _follow_surprises(values, found.rows, found.params, window, 1.0 - confidence)
    is_fallback = np.zeros(len(values), dtype=np.bool_)
    is_fallback[window - 1 :] = np.repeat(found.is_fallback, refit_every)[: len(values) - window + 1]
    return RollingTailRisk(var, es, confidence, "filtered_historical", is_fallback)


def _as_row(model: VolatilityModel) -> tuple[float, ...]:
    if isinstance(model, Garch):
        return (model.omega, model.alpha, model.gamma, model.beta, model.mu)
    if isinstance(model, Ewma):
        return (0.0, 1.0 - model.decay, 0.0, model.decay, 0.0)
    raise ValueError(f"{model} is not a model of this recursion")


@kernel
def _follow_surprises(
    returns: FloatArray, rows: IntArray, params: FloatArray, window: int, share: float
) -> tuple[FloatArray, FloatArray]:
    bars = len(returns)
    var, es = np.full(bars, np.nan), np.full(bars, np.nan)
    surprises, ordered = np.empty(window), np.empty(window)
    for s in range(len(rows)):
        omega, alpha, gamma, beta, mu = params[s, 0], params[s, 1], params[s, 2], params[s, 3], params[s, 4]
        stop = rows[s + 1] if s + 1 < len(rows) else bars
        first = rows[s] - window + 1
        variance = 0.0
        for i in range(first, rows[s] + 1):
            variance += (returns[i] - mu) ** 2 / window
        for i in range(first, stop):
            shock = returns[i] - mu
            surprise = shock / np.sqrt(variance)
            variance = max(garch_step(variance, shock, omega, alpha, gamma, beta), 1e-300)
            place = i % window
            if i > rows[s]:
                replace_step(ordered, surprises[place], surprise)
            surprises[place] = surprise
            if i == rows[s]:
                ordered[:] = np.sort(surprises)
            if i >= rows[s]:
                size = np.sqrt(variance)
                var[i] = -mu - size * quantile_step(ordered, share)
                es[i] = -mu + size * shortfall_step(ordered, share)
    return var, es
