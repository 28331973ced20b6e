"""Kelly for a bet with any number of outcomes: the exact optimum beside its quadratic approximation."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import positive
from geobuk.quant.returns import finite

_UNCAPPED = 1.0
"""Where nothing can be lost and no cap is given: the whole capital, without leverage."""

_NEAREST = 1.0 - 1e-12
"""How near the exposure may come to the one at which the worst outcome takes everything."""


@dataclass(frozen=True, slots=True)
class DiscreteKelly:
    """The share of capital of fastest growth, its log growth per bet, and mean / E[x^2] (second order only).

    ``flags``: ``no_edge``, ``flat`` (every outcome is 0), ``no_loss`` (no outcome loses, so there is no optimum),
    ``capped``.
    """

    fraction: float
    growth: float
    quadratic: float
    flags: tuple[str, ...] = ()


def discrete_kelly(
    outcomes: npt.ArrayLike, probabilities: npt.ArrayLike, *, cap: float | None = None, allow_short: bool = False
) -> DiscreteKelly:
    """Maximise sum p ln(1 + f x) over the fractions at which no outcome takes everything.

    Parameters
    ----------
    outcomes : (K,) result per unit staked. probabilities : (K,) in [0, 1], sum 1 within 1e-9.
    cap : largest size of the fraction. Without it a bet that can't lose gets 1.
    allow_short : take the other side where the mean is negative; otherwise that gives 0.

    Raises
    ------
    ValueError : not finite, lengths that differ, probabilities that are none, cap not above 0.

    Notes
    -----
    Source: Kelly 1956; Breiman 1961. Growth is concave in f, so the root of its slope is the optimum.

    >>> round(discrete_kelly([-0.2, 0.1, 0.3], [0.3, 0.5, 0.2]).fraction, 7)
    1.4766682
    """
    values, weights = _distribution(outcomes, probabilities)
    highest = math.inf if cap is None else positive(cap, "cap")
    mean, square = float(weights @ values), float(weights @ values**2)
    if square == 0.0:
        return DiscreteKelly(0.0, 0.0, 0.0, ("flat",))
    quadratic = mean / square
    side = -1.0 if mean < 0.0 else 1.0
    if mean == 0.0 or (side < 0.0 and not allow_short):
        return DiscreteKelly(0.0, 0.0, quadratic, ("no_edge",))
    size, flags = _best_size(side * values, weights, highest)
    growth = float(weights @ np.log1p(side * size * values))
    return DiscreteKelly(side * size, growth, quadratic, flags)


def _distribution(outcomes: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    values, weights = finite(outcomes, "outcomes"), finite(probabilities, "probabilities")
    if len(values) != len(weights):
        raise ValueError(f"{len(values)} outcomes have {len(weights)} probabilities: give one for each")
    if weights.min() < 0.0 or abs(float(weights.sum()) - 1.0) > 1e-9:
        raise ValueError(
            f"probabilities sum to {weights.sum()}, the least is {weights.min()}: make them 1 and 0 or more"
        )
    return values[weights > 0.0], weights[weights > 0.0]


def _best_size(values: FloatArray, weights: FloatArray, cap: float) -> tuple[float, tuple[str, ...]]:
    """Size of fastest growth for outcomes (K,) of probabilities (K,), at most ``cap``, and its flags."""
    from scipy.optimize import brentq

    worst = float(values.min())
    if worst >= 0.0:
        return (_UNCAPPED if math.isinf(cap) else cap), ("no_loss", "capped")
    scaled = values / -worst

    def slope(size: float) -> float:
        """Of log growth at ``size``, in units of the exposure at which the worst outcome takes everything."""
        return float(weights @ (scaled / (1.0 + size * scaled)))

    best = float(brentq(slope, 0.0, _NEAREST, xtol=1e-15)) if slope(_NEAREST) < 0.0 else _NEAREST
    size = best / -worst
    return (cap, ("capped",)) if size > cap else (size, ())
