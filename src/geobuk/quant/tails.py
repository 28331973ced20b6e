"""The bad end of a sample: value at risk, expected shortfall, tail ratio. Historical: no distribution is assumed.

Losses are positive. Returns are simple fractions per period.
"""

import math

import numpy as np
import numpy.typing as npt

from geobuk.quant.returns import finite


def value_at_risk(returns: npt.ArrayLike, confidence: float) -> float:
    """Loss that is exceeded with probability 1 - confidence: minus the quantile (type 7, linear), per period.

    Negative where even that quantile is a gain.
    """
    require_confidence(confidence)
    return -float(np.quantile(finite(returns, "returns"), 1.0 - confidence))


def expected_shortfall(returns: npt.ArrayLike, confidence: float) -> float:
    """Mean loss of the worst (1 - confidence) n periods, with a fractional weight on the last one (exact CVaR).

    Below one period it is the worst loss. Source: Rockafellar & Uryasev 2002, Conditional value-at-risk for general
    loss distributions.
    """
    require_confidence(confidence)
    losses = -np.sort(finite(returns, "returns"))
    share = (1.0 - confidence) * len(losses)
    whole = math.floor(share + 1e-9)
    if whole == 0:
        return float(losses[0])
    boundary = (share - whole) * float(losses[whole]) if whole < len(losses) and share - whole > 1e-9 else 0.0
    return (float(np.sum(losses[:whole])) + boundary) / max(share, float(whole))


def tail_ratio(returns: npt.ArrayLike) -> float:
    """Size of the 95 % quantile by that of the 5 % quantile (type 7); NaN where the latter is 0."""
    low, high = np.quantile(finite(returns, "returns"), (0.05, 0.95))
    return abs(float(high)) / abs(float(low)) if low != 0.0 else float("nan")


def require_confidence(confidence: float) -> None:
    """Raise ValueError unless the confidence lies between 0 and 1; NaN doesn't."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence {confidence} is not between 0 and 1: write 0.95 for 95 %")
