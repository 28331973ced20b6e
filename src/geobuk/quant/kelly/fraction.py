"""From past returns to the exposure that a decision may use: estimate, shrink, Kelly, a part of it, a cap.

The one Kelly function of the order path: whatever the returns, it answers with a finite number and its reason.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import number, positive, probability
from geobuk.quant.kelly.estimation_error import plug_in_multiple
from geobuk.quant.kelly.moments import ema_weights
from geobuk.quant.kelly.shrinkage import bayes_stein_weight, shrunk_mean

ShrinkMethod = Literal["estimation_error", "bayes_stein"]
"""How the weight of the prior follows from the sample.

``estimation_error``: 1 / (1 + d T); ``bayes_stein``: 3 / (3 + d T), with d the squared distance between the Sharpe
ratios of sample and prior, and T the effective number of periods.
"""

_FLAT = 1e-12

_HIGHEST_SHARPE = 10.0
"""Per period; beyond any belief, and far from where squares overflow."""


@dataclass(frozen=True, slots=True)
class KellySpec:
    """How :func:`position_fraction` works.

    Attributes
    ----------
    fraction : part c of Kelly, in (0, 1].
    cap : largest size of the exposure, a multiple of capital: the least of what leverage, liquidation and drawdown
        limits allow.
    prior_sharpe : Sharpe ratio per period that the estimate is pulled to.
    shrink : weight of that prior in [0, 1], or the method that finds it.
    span : of exponential weights, in periods; None weighs all periods alike.
    least_periods : fewer returns than this give 0, at least 2.
    allow_short : whether a negative edge gives a negative exposure.
    """

    fraction: float = 0.25
    cap: float = 1.0
    prior_sharpe: float = 0.0
    shrink: float | ShrinkMethod = "estimation_error"
    span: float | None = None
    least_periods: int = 30
    allow_short: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.fraction <= 1.0:
            raise ValueError(f"fraction {self.fraction} is not in (0, 1]: write 0.5 for half Kelly")
        positive(self.cap, "cap")
        if abs(number(self.prior_sharpe, "prior_sharpe")) > _HIGHEST_SHARPE:
            raise ValueError(
                f"prior_sharpe {self.prior_sharpe} is beyond {_HIGHEST_SHARPE:g}: it is per period, not annual"
            )
        if not isinstance(self.shrink, str):
            probability(self.shrink, "shrink")
        elif self.shrink not in {"estimation_error", "bayes_stein"}:
            raise ValueError(f"shrink {self.shrink!r} is unknown: write estimation_error, bayes_stein or a weight")
        if self.span is not None and number(self.span, "span") <= 1.0:
            raise ValueError(f"span {self.span} is not above 1 period: one return has no variance")
        if self.least_periods < 2:
            raise ValueError(f"least_periods {self.least_periods} is below 2: one return has no variance")


@dataclass(frozen=True, slots=True)
class KellyFraction:
    """An exposure and how it came about; every number is finite.

    Attributes
    ----------
    value : the exposure, a multiple of capital, within the cap; negative = short.
    raw : full Kelly of the shrunk edge, before the part and the cap.
    edge, variance : shrunk mean and unbiased variance per period.
    shrink_weight : weight of the prior in the edge.
    flags : ``empty``, ``too_short``, ``not_finite``, ``flat`` or ``no_edge`` (value 0), ``capped``.
    """

    value: float
    raw: float
    edge: float
    variance: float
    shrink_weight: float
    flags: tuple[str, ...] = ()


def position_fraction(returns: npt.ArrayLike, spec: KellySpec) -> KellyFraction:
    """The exposure for returns in excess of the risk-free rate, oldest first; 0 and a flag where there is no sound one.

    Parameters
    ----------
    returns : (n,) simple, per period; up to and including the bar of the decision, which acts from the next one.

    Raises
    ------
    ValueError : ``returns`` is not one-dimensional: a mistake in the program, not in the data.

    Notes
    -----
    Sources: Kelly 1956, Merton 1969 (mean over variance), Thorp 2006 (a part of it), Kan & Zhou 2007 and Jorion 1986
    (shrinking).
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"returns have shape {values.shape}: give one row")
    reason = _unusable(values, spec)
    if reason:
        return _nothing(reason)
    with np.errstate(all="ignore"):
        mean, variance, periods = _estimate(values, spec.span)
    if not (math.isfinite(mean) and math.isfinite(variance)):
        return _nothing("not_finite")
    spread = math.sqrt(variance)
    if spread <= _FLAT * max(1.0, abs(mean)):
        return _nothing("flat")
    weight = _prior_weight(mean / spread - spec.prior_sharpe, periods, spec.shrink)
    edge = shrunk_mean(mean, spec.prior_sharpe * spread, weight)
    return _sized(edge, variance, weight, spec)


def _unusable(values: FloatArray, spec: KellySpec) -> str:
    if values.size == 0:
        return "empty"
    if not np.isfinite(values).all():
        return "not_finite"
    return "too_short" if values.size < spec.least_periods else ""


def _nothing(reason: str) -> KellyFraction:
    return KellyFraction(0.0, 0.0, 0.0, 0.0, 0.0, (reason,))


def _estimate(values: FloatArray, span: float | None) -> tuple[float, float, float]:
    """Mean, unbiased variance, effective periods."""
    weights = np.full(len(values), 1.0 / len(values)) if span is None else ema_weights(len(values), span)
    squares = float(weights @ weights)
    mean, spare = float(weights @ values), 1.0 - squares
    variance = float(weights @ (values - mean) ** 2) / spare if spare > _FLAT else 0.0
    return mean, variance, 1.0 / squares


def _prior_weight(distance: float, periods: float, shrink: float | ShrinkMethod) -> float:
    if not isinstance(shrink, str):
        return shrink
    if shrink == "bayes_stein":
        return bayes_stein_weight(distance**2, 1, periods)
    return 1.0 - plug_in_multiple(distance, periods)


def _sized(edge: float, variance: float, weight: float, spec: KellySpec) -> KellyFraction:
    raw = edge / variance
    if edge == 0.0 or (edge < 0.0 and not spec.allow_short):
        return KellyFraction(0.0, raw, edge, variance, weight, ("no_edge",))
    size = min(spec.fraction * abs(raw), spec.cap)
    flags = ("capped",) if size < spec.fraction * abs(raw) else ()
    return KellyFraction(math.copysign(size, edge), raw, edge, variance, weight, flags)
