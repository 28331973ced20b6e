"""Kelly for one asset that moves continuously: the exposure of fastest growth, and what a part of it keeps.

Drift, volatility and risk-free rate share one unit of time. Drift is that of dS / S: log drift + sigma^2 / 2.
"""

from dataclasses import dataclass

from geobuk.quant.inputs import not_negative, number

_FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class ContinuousKelly:
    """The exposure of fastest growth, as a multiple of capital, and the growth it gives per unit of time.

    ``flags``: ``no_edge`` (drift not above the risk-free rate), ``flat`` (no volatility: nothing to weigh the edge by).
    """

    fraction: float
    growth: float
    flags: tuple[str, ...] = ()


def continuous_kelly(
    drift: float, volatility: float, risk_free: float = 0.0, *, allow_short: bool = False
) -> ContinuousKelly:
    """f* = (mu - r) / sigma^2 and its growth r + (mu - r)^2 / (2 sigma^2); 0 where there is no edge or no volatility.

    Raises
    ------
    ValueError : an input that is not finite, negative volatility.

    Notes
    -----
    Source: Merton 1969; Thorp 2006, The Kelly Criterion in Blackjack, Sports Betting and the Stock Market, section 7.

    >>> round(continuous_kelly(0.11, 0.15, 0.06).fraction, 4)
    2.2222
    """
    mu, sigma, rate = number(drift, "drift"), not_negative(volatility, "volatility"), number(risk_free, "risk_free")
    edge = mu - rate
    if sigma <= _FLAT * max(1.0, abs(mu)):
        return ContinuousKelly(0.0, rate, ("flat",))
    if edge == 0.0 or (edge < 0.0 and not allow_short):
        return ContinuousKelly(0.0, rate, ("no_edge",))
    ratio = edge / sigma
    return ContinuousKelly(ratio / sigma, rate + 0.5 * ratio * ratio)


def continuous_growth(fraction: float, drift: float, volatility: float, risk_free: float = 0.0) -> float:
    """Log growth per unit of time at any exposure: r + f (mu - r) - f^2 sigma^2 / 2."""
    f, mu, rate = number(fraction, "fraction"), number(drift, "drift"), number(risk_free, "risk_free")
    return rate + f * (mu - rate) - 0.5 * (f * not_negative(volatility, "volatility")) ** 2


def kept_growth(part: float) -> float:
    """Share of the excess growth of full Kelly that the part c of it keeps: c (2 - c); negative above 2.

    >>> kept_growth(0.5)
    0.75
    """
    return number(part, "part") * (2.0 - part)
