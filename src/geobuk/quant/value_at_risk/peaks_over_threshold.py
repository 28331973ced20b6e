"""Tail risk by extreme value theory: losses beyond a high threshold follow a generalised Pareto distribution."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.quant.returns import finite
from geobuk.quant.tails import require_confidence
from geobuk.quant.value_at_risk.tail_risk import TailRisk

_FEW = 20
_STRAIGHT = 1e-9
"""A shape this small is 0: the exponential tail."""


@dataclass(frozen=True, slots=True)
class ParetoTail:
    """Losses above ``threshold`` u: P(loss > x) = (n_u / n) (1 + xi (x - u) / beta)^(-1 / xi).

    Attributes
    ----------
    shape : xi. scale : beta, above 0. observations : n. exceedances : n_u, losses above the threshold.

    Raises
    ------
    ValueError : a scale that isn't positive, values that aren't finite, counts out of order.
    """

    shape: float
    scale: float
    threshold: float
    observations: int
    exceedances: int

    def __post_init__(self) -> None:
        if not (all(map(math.isfinite, (self.shape, self.scale, self.threshold))) and self.scale > 0.0):
            raise ValueError(f"{self}: every parameter must be finite, scale above 0")
        if not 0 < self.exceedances <= self.observations:
            raise ValueError(
                f"{self.exceedances} exceedances of {self.observations} observations: give 1 to all of them"
            )

    def probability_above(self, loss: float) -> float:
        """P(loss > ``loss``) for a loss at or above the threshold; raises ValueError below it."""
        if not loss >= self.threshold:
            raise ValueError(f"loss {loss} lies below the threshold {self.threshold}: the tail says nothing there")
        share, excess = self.exceedances / self.observations, (loss - self.threshold) / self.scale
        if abs(self.shape) < _STRAIGHT:
            return share * math.exp(-excess)
        reach = 1.0 + self.shape * excess
        return float(share * reach ** (-1.0 / self.shape)) if reach > 0.0 else 0.0


def peaks_over_threshold_risk(tail: ParetoTail, confidence: float) -> TailRisk:
    """VaR = u + beta / xi [(n / n_u (1 - c))^-xi - 1], ES = (VaR + beta - xi u) / (1 - xi).

    Flagged ``few_exceedances`` below 20 of them, ``infinite_es`` (ES infinite) at a shape of 1 or more. Raises
    ValueError where the confidence is not between 0 and 1, or too low to lie beyond the threshold.

    Source: McNeil & Frey 2000; McNeil, Frey & Embrechts 2015.
    """
    require_confidence(confidence)
    ratio = (1.0 - confidence) * tail.observations / tail.exceedances
    if ratio >= 1.0:
        share = 1.0 - tail.exceedances / tail.observations
        raise ValueError(f"confidence {confidence} does not lie beyond the threshold: it must be above {share:.6g}")
    if abs(tail.shape) < _STRAIGHT:
        var = tail.threshold - tail.scale * math.log(ratio)
    else:
        var = tail.threshold + tail.scale * math.expm1(-tail.shape * math.log(ratio)) / tail.shape
    flags = ("few_exceedances",) if tail.exceedances < _FEW else ()
    if tail.shape >= 1.0:
        return TailRisk(var, math.inf, confidence, "peaks_over_threshold", (*flags, "infinite_es"))
    es = (var + tail.scale - tail.shape * tail.threshold) / (1.0 - tail.shape)
    return TailRisk(var, es, confidence, "peaks_over_threshold", flags)


def fit_pareto_tail(losses: npt.ArrayLike, threshold: float) -> ParetoTail:
    """Maximum likelihood of the losses (T,) strictly above the threshold; losses are positive.

    Raises ValueError where losses are empty or not finite, the threshold is not finite, or fewer than 2 differing
    losses lie above it.
    """
    values = finite(losses, "losses")
    excesses = values[values > threshold] - threshold
    if not math.isfinite(threshold) or len(excesses) < 2 or np.ptp(excesses) == 0.0:
        raise ValueError(f"{len(excesses)} losses lie above {threshold}: at least 2 that differ are needed, lower it")
    from scipy.stats import genpareto

    unit = float(excesses.mean())
    shape, _, scale = genpareto.fit(excesses / unit, 0.1, floc=0.0, scale=0.9)
    return ParetoTail(float(shape), float(scale) * unit, float(threshold), len(values), len(excesses))


def peaks_over_threshold_risk_of(returns: npt.ArrayLike, confidence: float, *, threshold_at: float = 0.9) -> TailRisk:
    """The same from returns (T,), with the threshold at the ``threshold_at`` quantile of the losses.

    Raises ValueError as :func:`fit_pareto_tail` and :func:`peaks_over_threshold_risk` do.
    """
    require_confidence(threshold_at)
    losses = -finite(returns, "returns")
    return peaks_over_threshold_risk(fit_pareto_tail(losses, float(np.quantile(losses, threshold_at))), confidence)
