"""The exposure of fastest growth among those that never let capital fall below a share of its running peak."""

from dataclasses import dataclass

from geobuk.quant.inputs import number, positive
from geobuk.quant.kelly.continuous import continuous_kelly, kept_growth


@dataclass(frozen=True, slots=True)
class DrawdownExposure:
    """Exposure as a multiple of capital, long-run growth per unit of time, and the floor in account currency.

    ``flags``: ``cash_locked`` (capital is at or below the floor: nothing is invested), ``no_edge``, ``flat``.
    """

    fraction: float
    growth: float
    floor: float
    flags: tuple[str, ...] = ()


def drawdown_exposure(
    wealth: float, peak: float, drift: float, volatility: float, keep: float, part: float = 1.0
) -> DrawdownExposure:
    """c (mu / sigma^2)(1 - alpha M / W) of the capital, so that W stays above alpha M in continuous time.

    Parameters
    ----------
    wealth, peak : capital W now and its running peak M since inception (it must survive restarts), account currency.
    drift, volatility : of the asset above the risk-free rate, per unit of time.
    keep : alpha in [0, 1): the share of the peak that must stay; 0.8 allows a drawdown of 20 %.
    part : c in (0, 1], the part of Kelly.

    Growth is (1 - alpha) c (2 - c) mu^2 / (2 sigma^2). Discrete trading and gaps can breach the floor: keep a buffer.

    Raises
    ------
    ValueError : values not finite, peak not above 0 or below the wealth, keep or part outside their ranges.

    Notes
    -----
    Sources: Grossman & Zhou 1993; Cvitanic & Karatzas 1995 (log utility, no interest).
    """
    capital, highest = number(wealth, "wealth"), positive(peak, "peak")
    if highest < capital:
        raise ValueError(f"peak {peak} is below the wealth {wealth}: give the running peak, this value included")
    if not 0.0 <= keep < 1.0:
        raise ValueError(f"keep {keep} is not in [0, 1): write 0.8 for a drawdown of at most 20 %")
    if not 0.0 < part <= 1.0:
        raise ValueError(f"part {part} is not in (0, 1]: write 0.5 for half Kelly")
    full, floor = continuous_kelly(drift, volatility), keep * highest
    growth = (1.0 - keep) * kept_growth(part) * full.growth
    if capital <= floor:
        return DrawdownExposure(0.0, 0.0, floor, ("cash_locked",))
    return DrawdownExposure(part * full.fraction * (1.0 - floor / capital), growth, floor, full.flags)
