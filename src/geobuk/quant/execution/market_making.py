"""Where a maker with inventory would quote.

Source: Avellaneda & Stoikov 2008, High-frequency trading in a limit order book.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuoteModel:
    """Risk aversion gamma > 0, volatility in price per square root of time, decay k > 0 of fill intensity per price.

    Raises
    ------
    ValueError : gamma or k that is not positive, a volatility that is negative or not finite.
    """

    risk_aversion: float
    volatility: float
    decay: float

    def __post_init__(self) -> None:
        for name in ("risk_aversion", "decay"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} {getattr(self, name)} is not a positive number: fit the model again")
        if not 0.0 <= self.volatility < math.inf:
            raise ValueError(f"volatility {self.volatility} is not a finite number >= 0: check what it came from")


@dataclass(frozen=True, slots=True)
class Quotes:
    """The price at which the maker is indifferent, the total spread around it, and the two quotes."""

    reservation: float
    spread: float

    @property
    def bid(self) -> float:
        """Half the spread below the reservation price, off the tick grid."""
        return self.reservation - 0.5 * self.spread

    @property
    def ask(self) -> float:
        """Half the spread above the reservation price, off the tick grid."""
        return self.reservation + 0.5 * self.spread


def avellaneda_stoikov(mid: float, inventory: float, time_left: float, model: QuoteModel) -> Quotes:
    """Reservation s - q gamma sigma^2 (T - t), spread gamma sigma^2 (T - t) + (2 / gamma) ln(1 + gamma / k).

    ``inventory`` is signed; ``time_left`` >= 0 in the unit of the volatility. The quotes can lie beyond the best prices
    (a large inventory): the caller keeps a maker from taking.

    Raises
    ------
    ValueError : a mid that is not positive, an inventory that is not finite, negative or infinite time.

    >>> avellaneda_stoikov(100.0, 2.0, 1.0, QuoteModel(0.1, 2.0, 1.5)).reservation
    99.2
    """
    if not 0.0 < mid < math.inf:
        raise ValueError(f"mid {mid} is not a positive price: wait for a two-sided market")
    if not math.isfinite(inventory) or not 0.0 <= time_left < math.inf:
        raise ValueError(f"inventory {inventory}, time_left {time_left}: give finite numbers, the time not negative")
    gamma = model.risk_aversion
    risk = gamma * model.volatility**2 * time_left
    return Quotes(mid - inventory * risk, risk + 2.0 / gamma * math.log1p(gamma / model.decay))
