"""The Kelly fraction of a bet with two outcomes, and how fast capital grows at any fraction of it."""

import math

from geobuk.quant.inputs import number, positive, probability


def bet_fraction(chance: float, gain: float, loss: float = 1.0) -> float:
    """Share of capital to stake on a bet that wins ``gain`` with probability ``chance`` and loses ``loss`` otherwise.

    p / a - q / b, both outcomes per unit staked; with a = 1 that is (b p - q) / b. 0 where the edge is not positive.

    Raises
    ------
    ValueError : ``chance`` outside [0, 1], ``gain`` or ``loss`` not above 0.

    Notes
    -----
    Source: Kelly 1956, A New Interpretation of Information Rate; Thorp 2006 for the general loss.

    >>> round(bet_fraction(0.53, 1.0), 12)
    0.06
    """
    p, b, a = probability(chance, "chance"), positive(gain, "gain"), positive(loss, "loss")
    return max(0.0, p / a - (1.0 - p) / b)


def bet_growth(fraction: float, chance: float, gain: float, loss: float = 1.0) -> float:
    """Expected log growth per bet, p ln(1 + f b) + q ln(1 - f a); minus infinity where an outcome takes everything.

    Raises
    ------
    ValueError : ``fraction`` not finite, and as in :func:`bet_fraction`.
    """
    p, b, a = probability(chance, "chance"), positive(gain, "gain"), positive(loss, "loss")
    f = number(fraction, "fraction")
    return _weighted_log(p, f * b) + _weighted_log(1.0 - p, -f * a)


def _weighted_log(weight: float, change: float) -> float:
    """Weight times ln(1 + change), with 0 ln 0 = 0."""
    if weight == 0.0:
        return 0.0
    return weight * math.log1p(change) if change > -1.0 else -math.inf
