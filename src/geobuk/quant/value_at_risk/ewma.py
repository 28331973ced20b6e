"""Tail risk of a normal whose variance follows the newest returns."""

import math

import numpy.typing as npt

from geobuk.quant.value_at_risk.normal import normal_risk
from geobuk.quant.value_at_risk.tail_risk import TailRisk
from geobuk.quant.volatility.ewma import Ewma, ewma_variances


def ewma_risk(
    returns: npt.ArrayLike, confidence: float, model: Ewma | None = None, first_variance: float | None = None
) -> TailRisk:
    """Normal VaR and ES of the next period at a mean of zero and the exponentially weighted variance.

    ``returns`` (T,) are fractions, oldest first; ``model`` defaults to a decay of 0.94; ``first_variance`` is the
    squared first return unless told. Raises ValueError as :func:`ewma_variances` and :func:`normal_risk` do.

    Source: RiskMetrics Technical Document 1996, section 5.2.
    """
    variance = float(ewma_variances(returns, model or Ewma(), first_variance)[-1])
    plain = normal_risk(0.0, math.sqrt(variance), confidence)
    flags = () if variance > 0.0 else ("no_variance",)
    return TailRisk(plain.var, plain.es, confidence, "ewma", flags)
