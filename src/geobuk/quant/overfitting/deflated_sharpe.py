"""The Sharpe ratio that luck alone would have found in N trials, and how far a result is above it.

N counts independent trials: every backtest that was run, not only those that were kept.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy.typing as npt

from geobuk.quant.inputs import not_negative, positive
from geobuk.quant.ratios import probabilistic_sharpe
from geobuk.quant.returns import deviation, finite

_EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """Probability that the true ratio exceeds ``benchmark``, the best that luck would have shown, per period.

    ``flags``: ``too_short`` or ``undefined`` (the variance of the ratio is not positive) where the probability is NaN.
    """

    probability: float
    benchmark: float
    flags: tuple[str, ...] = ()


def trial_variance(sharpes: npt.ArrayLike) -> float:
    """Variance (n - 1) of the Sharpe ratios of the trials; 0 for one trial. Raises ValueError where not finite."""
    values = finite(sharpes, "sharpes")
    return deviation(values) ** 2 if len(values) > 1 else 0.0


def expected_maximum(trials: float, variance: float = 1.0) -> float:
    """Expected best Sharpe ratio of N trials without skill: sqrt(V) [(1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e))]; 0 for one.

    ``variance`` is that of the ratios across trials, in the unit wanted. ``trials`` may be an effective number, at
    least 1. The formula is an approximation: in units of sqrt(V) about 0.03 too high at N = 20.

    Source: Bailey & Lopez de Prado 2014, The Deflated Sharpe Ratio.

    >>> round(expected_maximum(10), 6)
    1.574598
    """
    spread = math.sqrt(not_negative(variance, "variance"))
    if not 1.0 <= trials < math.inf:
        raise ValueError(f"{trials} trials: give at least 1, the number of backtests that were run")
    if trials == 1.0:
        return 0.0
    normal = NormalDist()
    best = (1.0 - _EULER) * _high_quantile(normal, trials) + _EULER * _high_quantile(normal, trials * math.e)
    return spread * max(0.0, best)


def _high_quantile(normal: NormalDist, times: float) -> float:
    """Z(1 - 1/N), from the other tail so that a large N loses no digits."""
    return -normal.inv_cdf(1.0 / times)


def deflated_sharpe(
    sharpe_per_period: float, periods: int, skew: float, kurtosis: float, trials: float, variance: float
) -> DeflatedSharpe:
    """Probabilistic Sharpe ratio against the expected maximum of all trials.

    ``kurtosis`` is raw (normal = 3); ``variance`` that of the trials' ratios per period. One trial is compared with 0.

    Raises
    ------
    ValueError : trials below 1, variance negative or not finite.

    Notes
    -----
    Source: Bailey & Lopez de Prado 2014.
    """
    benchmark = expected_maximum(trials, variance)
    chance = probabilistic_sharpe(sharpe_per_period, periods, skew, kurtosis, benchmark=benchmark)
    if not math.isnan(chance):
        return DeflatedSharpe(chance, benchmark)
    return DeflatedSharpe(chance, benchmark, ("too_short",) if periods < 2 else ("undefined",))


def minimum_backtest_length(trials: float, target_sharpe: float = 1.0) -> float:
    """Years below which the best of N trials without skill is expected to show an annual ratio of ``target_sharpe``.

    (E[max_N] / target)^2. Source: Bailey, Borwein, Lopez de Prado & Zhu 2014, Pseudo-Mathematics and Financial
    Charlatanism.
    """
    return (expected_maximum(trials) / positive(target_sharpe, "target_sharpe")) ** 2
