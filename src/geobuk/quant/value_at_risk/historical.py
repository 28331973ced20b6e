"""Tail risk from the sample itself: no distribution is assumed, nothing worse than the worst is foreseen."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from geobuk.quant.returns import finite
from geobuk.quant.tails import expected_shortfall, value_at_risk
from geobuk.quant.value_at_risk.tail_risk import TailRisk


def historical_risk(
    returns: npt.ArrayLike, confidence: float, *, shortfall: Literal["exact", "tail_mean"] = "exact"
) -> TailRisk:
    """Value at risk by the type 7 quantile, and expected shortfall.

    Parameters
    ----------
    returns : (T,) fractions per period.
    shortfall : ``exact`` weighs the boundary loss so that the tail is exactly 1 - confidence of the sample
        (Rockafellar & Uryasev 2002); ``tail_mean`` averages every return at or below the quantile.

    Flagged ``worst_observation`` where the tail is less than one observation. Raises ValueError where returns are
    empty or not finite, or the confidence does not lie between 0 and 1.
    """
    values = finite(returns, "returns")
    var = value_at_risk(values, confidence)
    es = expected_shortfall(values, confidence) if shortfall == "exact" else -float(np.mean(values[values <= -var]))
    flags = ("worst_observation",) if (1.0 - confidence) * len(values) < 1.0 - 1e-9 else ()
    return TailRisk(var, es, confidence, "historical", flags)
