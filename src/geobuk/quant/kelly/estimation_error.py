"""How much of a Kelly fraction to keep when the edge is only estimated.

The multiples take a true Sharpe ratio (or probability), which nobody knows: give a prior or a lower confidence bound.
"""

import math
from statistics import NormalDist

from geobuk.quant.inputs import not_negative, number, positive, probability
from geobuk.quant.kelly.bets import bet_fraction


def plug_in_multiple(sharpe: float, periods: float) -> float:
    """Best multiple of the leverage estimated from ``periods``: SR^2 T / (1 + SR^2 T), in [0, 1).

    Sharpe ratio and periods share a unit of time (annual and years). The mean is estimated, the variance known.

    Notes
    -----
    With mu_hat ~ N(mu, sigma^2 / T) the expected growth of k mu_hat / sigma^2 is greatest at k = mu^2 / (mu^2 +
    sigma^2 / T); Kan & Zhou 2007 for one asset.

    >>> round(plug_in_multiple(0.5, 10), 7)
    0.7142857
    """
    return plug_in_multiple_of_several(number(sharpe, "sharpe") ** 2, 1, periods)


def plug_in_multiple_of_several(sharpe_squared: float, assets: int, periods: float) -> float:
    """The same for N assets: theta^2 / (theta^2 + N / T), theta^2 = (mu - r)' Sigma^-1 (mu - r).

    Source: Kan & Zhou 2007, Optimal Portfolio Choice with Parameter Uncertainty, covariance known.
    """
    square, years = not_negative(sharpe_squared, "sharpe_squared"), positive(periods, "periods")
    if assets < 1:
        raise ValueError(f"{assets} assets: give at least one")
    return square * years / (square * years + assets)


def bet_multiple(chance: float, gain: float, bets: float) -> float:
    """The same for a bet at odds ``gain`` whose ``chance`` was estimated from ``bets`` outcomes; 0 without an edge.

    f*^2 / (f*^2 + ((b + 1) / b)^2 p q / n). Source: Baker & McHale 2013, Optimal Betting Under Parameter Uncertainty
    (second order).
    """
    fraction = bet_fraction(chance, gain)
    variance = ((gain + 1.0) / gain) ** 2 * chance * (1.0 - chance) / positive(bets, "bets")
    return fraction**2 / (fraction**2 + variance) if fraction > 0.0 else 0.0


def sharpe_lower_bound(sharpe: float, periods: float, confidence: float = 0.95) -> float:
    """One-sided lower bound of a Sharpe ratio per period: SR - z sqrt((1 + SR^2 / 2) / T).

    Source: Lo 2002, independent returns. Raises ValueError where ``confidence`` is not inside (0, 1).
    """
    level = probability(confidence, "confidence")
    if level in {0.0, 1.0}:
        raise ValueError(f"confidence {confidence} leaves no bound: write 0.95 for 95 %")
    ratio = number(sharpe, "sharpe")
    return ratio - NormalDist().inv_cdf(level) * math.sqrt((1.0 + 0.5 * ratio**2) / positive(periods, "periods"))


def cautious_multiple(sharpe: float, periods: float, confidence: float = 0.95) -> float:
    """:func:`plug_in_multiple` at the lower confidence bound of the Sharpe ratio; 0 where that is not above 0."""
    return plug_in_multiple(max(0.0, sharpe_lower_bound(sharpe, periods, confidence)), periods)
