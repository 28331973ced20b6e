"""Reward for risk: Sharpe with its standard error, probabilistic Sharpe, Sortino, Calmar, Omega.

Returns are simple fractions per period, oldest first. NaN and infinity in the input raise ValueError.
"""

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.drawdown import max_drawdown
from geobuk.quant.returns import cagr, deviation, finite, wealth

_NAN = float("nan")


def sharpe(returns: npt.ArrayLike, periods_per_year: float, *, risk_free: float = 0.0) -> float:
    """Mean excess return over its standard deviation (n - 1), times sqrt(P). NaN for constant returns or one value.

    ``risk_free`` is a fraction per period.
    """
    values = finite(returns, "returns") - risk_free
    spread = deviation(values)
    return float(np.mean(values) / spread * math.sqrt(periods_per_year)) if spread > 0.0 else _NAN


def sharpe_error(sharpe_annual: float, periods: int, periods_per_year: float) -> float:
    """Standard error of an annual Sharpe ratio of independent returns: sqrt(P (1 + SR^2 / 2) / n), SR per period.

    Source: Lo 2002, The Statistics of Sharpe Ratios.
    """
    if periods < 2:
        return _NAN
    return math.sqrt(periods_per_year * (1.0 + 0.5 * sharpe_annual**2 / periods_per_year) / periods)


def autocorrelations(returns: npt.ArrayLike, lags: int) -> FloatArray:
    """(lags,) sample autocorrelations at lags 1, 2, ... (divisor n); NaN where constant, 0 beyond the sample."""
    values = finite(returns, "returns")
    if lags < 1:
        raise ValueError(f"lags {lags} is below 1: ask for at least one")
    if not deviation(values) > 0.0:
        return np.full(lags, np.nan)
    centred = values - np.mean(values)
    square = float(centred @ centred)
    return np.array(
        [centred[lag:] @ centred[:-lag] / square if lag < len(values) else 0.0 for lag in range(1, lags + 1)]
    )


def autocorrelated_annualisation(correlations: npt.ArrayLike, periods: int) -> float:
    """Factor from a Sharpe ratio per period to one over ``periods``: q / sqrt(q + 2 sum_{k<q} (q - k) rho_k).

    sqrt(q) for independent returns. ``correlations`` are those at lags 1, 2, ...; missing ones count as 0. NaN where
    the radicand is not positive. Source: Lo 2002.

    >>> round(autocorrelated_annualisation([(-0.2) ** k for k in range(1, 12)], 12), 6)
    4.170848
    """
    if periods < 1:
        raise ValueError(f"periods {periods} is below 1: give the periods in the longer one, 12 for months in a year")
    rho = finite(correlations, "correlations")[: periods - 1]
    if rho.size and float(np.abs(rho).max()) > 1.0 + 1e-12:
        raise ValueError("a correlation is beyond 1: give autocorrelations, not covariances")
    spread = periods + 2.0 * float(np.sum((periods - np.arange(1, len(rho) + 1)) * rho))
    return periods / math.sqrt(spread) if spread > 0.0 else _NAN


def skewness(returns: npt.ArrayLike) -> float:
    """Third standardised moment (divisor n); NaN for fewer than three values or constant ones."""
    return _standard_moment(finite(returns, "returns"), 3)


def raw_kurtosis(returns: npt.ArrayLike) -> float:
    """Fourth standardised moment (divisor n): 3 for a normal sample; NaN below four values or for constant ones."""
    return _standard_moment(finite(returns, "returns"), 4)


def _standard_moment(values: FloatArray, power: int) -> float:
    if len(values) < power or not deviation(values) > 0.0:
        return _NAN
    return float(np.mean(((values - np.mean(values)) / np.std(values)) ** power))


def probabilistic_sharpe(
    sharpe_per_period: float, periods: int, skew: float, kurtosis: float, *, benchmark: float = 0.0
) -> float:
    """Probability that the true Sharpe ratio exceeds ``benchmark``; both per period, ``kurtosis`` raw (normal = 3).

    Source: Bailey & Lopez de Prado 2012, The Sharpe Ratio Efficient Frontier. NaN where it is not defined.
    """
    spread = _sharpe_variance(sharpe_per_period, skew, kurtosis)
    if periods < 2 or not spread > 0.0:
        return _NAN
    return NormalDist().cdf((sharpe_per_period - benchmark) * math.sqrt(periods - 1) / math.sqrt(spread))


def minimum_track_record(
    sharpe_per_period: float, skew: float, kurtosis: float, *, benchmark: float = 0.0, confidence: float = 0.95
) -> float:
    """Observations needed to say with ``confidence`` that the Sharpe ratio exceeds ``benchmark`` (per period).

    Source: Bailey & Lopez de Prado 2012. Infinite where the ratio is not above the benchmark, NaN where it is not
    defined.
    """
    spread = _sharpe_variance(sharpe_per_period, skew, kurtosis)
    if not spread > 0.0:
        return _NAN
    if sharpe_per_period <= benchmark:
        return math.inf
    return 1.0 + spread * (NormalDist().inv_cdf(confidence) / (sharpe_per_period - benchmark)) ** 2


def _sharpe_variance(ratio: float, skew: float, kurtosis: float) -> float:
    return 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2


def downside_deviation(returns: npt.ArrayLike, *, floor: float = 0.0) -> float:
    """Root of the mean squared shortfall below ``floor`` (per period), over all n values."""
    return float(np.sqrt(np.mean(np.minimum(finite(returns, "returns") - floor, 0.0) ** 2)))


def upside_deviation(returns: npt.ArrayLike, *, floor: float = 0.0) -> float:
    """Root of the mean squared excess above ``floor`` (per period), over all n values; Bacon's upside risk."""
    return float(np.sqrt(np.mean(np.maximum(finite(returns, "returns") - floor, 0.0) ** 2)))


def sortino(returns: npt.ArrayLike, periods_per_year: float, *, floor: float = 0.0) -> float:
    """Mean excess over ``floor`` by downside deviation (all n), times sqrt(P). Infinite without losses, NaN if flat."""
    values = finite(returns, "returns") - floor
    return _gain_by_loss(float(np.mean(values)) * math.sqrt(periods_per_year), downside_deviation(values))


def omega(returns: npt.ArrayLike, *, floor: float = 0.0) -> float:
    """Sum of gains above ``floor`` by sum of losses below it. Infinite without losses, NaN if all equal the floor."""
    values = finite(returns, "returns") - floor
    return _gain_by_loss(float(np.sum(np.maximum(values, 0.0))), float(np.sum(np.maximum(-values, 0.0))))


def _gain_by_loss(gain: float, loss: float) -> float:
    if loss > 0.0:
        return gain / loss
    return math.inf if gain > 0.0 else _NAN


def calmar(returns: npt.ArrayLike, periods_per_year: float) -> float:
    """Compound annual growth by the deepest drawdown of the whole sample; NaN without a drawdown."""
    depth = max_drawdown(wealth(returns))
    return cagr(returns, periods_per_year) / -depth if depth < 0.0 else _NAN


def rolling_sharpe(returns: npt.ArrayLike, window: int, periods_per_year: float) -> FloatArray:
    """(n,) Sharpe ratio of the last ``window`` returns up to and including row t; NaN before, and where flat."""
    values = finite(returns, "returns")
    if window < 2:
        raise ValueError(f"window {window} is too short for a standard deviation: give 2 or more")
    result = np.full(len(values), np.nan)
    if len(values) < window:
        return result
    windows = np.lib.stride_tricks.sliding_window_view(values, window)
    mean, spread = windows.mean(axis=1), windows.std(axis=1, ddof=1)
    moving = spread > 1e-12 * np.maximum(1.0, np.abs(mean))
    result[window - 1 :][moving] = mean[moving] / spread[moving] * math.sqrt(periods_per_year)
    return result
