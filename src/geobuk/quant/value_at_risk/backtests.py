"""Was a value at risk right? Tests of how often it was exceeded, and of whether exceedances come in clusters."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from geobuk.panel import BoolArray, IntArray
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood ratio, chi-squared with ``degrees`` under the hypothesis, and the probability of one as large.

    Flagged ``not_testable`` where exceedances are too few to tell; the ratio is then 0.
    """

    statistic: float
    p_value: float
    degrees: int
    flags: tuple[str, ...] = ()


class Transitions(NamedTuple):
    """How often no exceedance (0) or one (1) was followed by the other: ``calm_hit`` is 0 then 1."""

    calm_calm: int
    calm_hit: int
    hit_calm: int
    hit_hit: int


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """Basel zone, and the probability of at most as many exceedances if the model were right."""

    zone: Literal["green", "yellow", "red"]
    cumulative_probability: float


def exceedances(returns: npt.ArrayLike, var: npt.ArrayLike) -> BoolArray:
    """Whether each return was worse than the value at risk that was forecast for it.

    Parameters
    ----------
    returns : (T,). var : (T,), row t the forecast for t + 1, losses positive; NaN where there is none.

    Returns
    -------
    (M,) bool, one for each forecast with a return after it. Raises ValueError where lengths differ.
    """
    values, forecast = finite(returns, "returns"), np.asarray(var, dtype=np.float64)
    if values.shape != forecast.shape:
        raise ValueError(f"var has shape {forecast.shape}, returns {values.shape}: row t of both must be one period")
    known = ~np.isnan(forecast[:-1])
    hits: BoolArray = values[1:][known] < -forecast[:-1][known]
    return hits


def kupiec(exceeded: int, observations: int, probability: float) -> LikelihoodRatio:
    """Proportion of failures: do ``exceeded`` of ``observations`` fit an exceedance probability of 1 - confidence?

    -2 ln [(1 - p)^(T - x) p^x / ((1 - x / T)^(T - x) (x / T)^x)], 0 ln 0 = 0, chi-squared with 1 degree. Raises
    ValueError where counts are out of order or the probability is not between 0 and 1. Source: Kupiec 1995.

    >>> round(kupiec(20, 252, 0.05).statistic, 4)
    3.9126
    """
    if not 0 <= exceeded <= observations or observations < 1:
        raise ValueError(f"{exceeded} exceedances of {observations} observations: give 0 to all of at least 1")
    _require_probability(probability)
    quiet = observations - exceeded
    assumed = _times_log(quiet, 1.0 - probability) + _times_log(exceeded, probability)
    found = _times_log(quiet, quiet / observations) + _times_log(exceeded, exceeded / observations)
    return _ratio(-2.0 * (assumed - found), 1)


def transitions(hits: npt.ArrayLike) -> Transitions:
    """Count the T - 1 moves of (T,) booleans, oldest first; raises ValueError below 2 of them."""
    row: IntArray = _hits(hits).astype(np.int64)
    counts = np.bincount(2 * row[:-1] + row[1:], minlength=4)
    return Transitions(*(int(count) for count in counts))


def independence(moves: Transitions) -> LikelihoodRatio:
    """Is an exceedance as likely after one as after none? Chi-squared with 1 degree. Source: Christoffersen 1998.

    ``not_testable``, with ratio 0, where nothing was exceeded or one of the two kinds of bar is never left.
    """
    calm, hit = moves.calm_calm + moves.calm_hit, moves.hit_calm + moves.hit_hit
    if min(moves) < 0:
        raise ValueError(f"{moves} holds a negative count")
    if calm == 0 or hit == 0 or moves.calm_hit + moves.hit_hit == 0:
        return LikelihoodRatio(0.0, 1.0, 1, ("not_testable",))
    share = (moves.calm_hit + moves.hit_hit) / (calm + hit)
    alike = _times_log(moves.calm_calm + moves.hit_calm, 1.0 - share) + _times_log(
        moves.calm_hit + moves.hit_hit, share
    )
    apart = (
        _times_log(moves.calm_calm, moves.calm_calm / calm)
        + _times_log(moves.calm_hit, moves.calm_hit / calm)
        + _times_log(moves.hit_calm, moves.hit_calm / hit)
        + _times_log(moves.hit_hit, moves.hit_hit / hit)
    )
    return _ratio(-2.0 * (alike - apart), 1)


def conditional_coverage(hits: npt.ArrayLike, probability: float) -> LikelihoodRatio:
    """Right number and no clusters together: the sum of both ratios, chi-squared with 2 degrees.

    ``hits`` (T,) booleans, oldest first. The flag of :func:`independence` is kept. Raises ValueError as both parts do.
    Source: Christoffersen 1998.
    """
    row = _hits(hits)
    clustered = independence(transitions(row))
    both = kupiec(int(row.sum()), len(row), probability).statistic + clustered.statistic
    return _ratio(both, 2, clustered.flags)


def basel_zone(exceeded: int, observations: int = 250, confidence: float = 0.99) -> TrafficLight:
    """Basel traffic light: yellow from a cumulative binomial probability of 95 % on, red from 99.99 % on.

    With 250 days at 99 % that is green to 4, yellow 5 to 9, red from 10. Source: Basel Committee 1996, Supervisory
    framework for the use of backtesting.
    """
    if not 0 <= exceeded <= observations or observations < 1:
        raise ValueError(f"{exceeded} exceedances of {observations} observations: give 0 to all of at least 1")
    _require_probability(confidence)
    from scipy.special import bdtr

    share = float(bdtr(exceeded, observations, 1.0 - confidence))
    zone: Literal["green", "yellow", "red"] = "green" if share < 0.95 else "yellow" if share < 0.9999 else "red"
    return TrafficLight(zone, share)


def _hits(hits: npt.ArrayLike) -> BoolArray:
    row = np.asarray(hits)
    if row.ndim != 1 or len(row) < 2 or not np.isin(row, (0, 1)).all():
        raise ValueError(f"hits has shape {row.shape} or values besides 0 and 1: give at least 2 booleans")
    return row.astype(np.bool_)


def _times_log(count: int, share: float) -> float:
    return count * math.log(share) if count > 0 else 0.0


def _ratio(statistic: float, degrees: int, flags: tuple[str, ...] = ()) -> LikelihoodRatio:
    from scipy.special import chdtrc

    value = max(statistic, 0.0)  # rounding alone can go below
    return LikelihoodRatio(value, float(chdtrc(degrees, value)), degrees, flags)


def _require_probability(probability: float) -> None:
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability {probability} is not between 0 and 1: write 0.01 for 1 %")
