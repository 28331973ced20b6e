"""How far an order moves the price: the square-root law. The simulator's fills apply the same law bar by bar."""

import math
from dataclasses import dataclass

CROWDED = 0.1
"""Share of daily volume above which the law is an extrapolation."""


@dataclass(frozen=True, slots=True)
class Impact:
    """Expected move as a fraction of the price (a cost, positive), and the share of daily volume that was asked for.

    ``flags``: ``crowded`` above 10 % of daily volume, where the law was not measured.
    """

    fraction: float
    participation: float
    flags: tuple[str, ...]

    @property
    def bps(self) -> float:
        """The move in hundredths of a per cent."""
        return self.fraction * 1e4


def square_root_impact(quantity: float, daily_volume: float, daily_volatility: float, *, factor: float = 1.0) -> Impact:
    """Y sigma sqrt(Q / V) for a whole order of size Q >= 0; Q and V in the same unit, sigma of a day.

    ``factor`` Y is near 1 in many markets: fit it to own fills. Source: Toth et al. 2011, Anomalous price impact and
    the critical nature of liquidity in financial markets.

    Raises
    ------
    ValueError : a quantity, volatility or factor that is negative or not finite, a volume that is not positive.

    >>> round(square_root_impact(1.0, 100.0, 0.02).bps, 9)
    20.0
    """
    for name, value in (("quantity", quantity), ("daily_volatility", daily_volatility), ("factor", factor)):
        if not 0.0 <= value < math.inf:
            raise ValueError(f"{name} {value} is not a finite number >= 0: give a size, the side is not part of it")
    if not 0.0 < daily_volume < math.inf:
        raise ValueError(f"daily_volume {daily_volume} is not positive: without volume there is no price to move")
    share = quantity / daily_volume
    flags = ("crowded",) if share > CROWDED else ()
    return Impact(factor * daily_volatility * math.sqrt(share), share, flags)
