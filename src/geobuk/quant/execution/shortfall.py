"""What a decision lost on its way to the market, in parts that add up.

Source: Perold 1988, The implementation shortfall: paper versus reality.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class DecidedTrade:
    """A decision to trade a signed quantity (negative = sell), and the prices around it.

    ``decision``: price when it was taken; ``arrival``: when the order reached the market; ``final``: at the end.

    Raises
    ------
    ValueError : no quantity, or a price that is not positive.
    """

    quantity: float
    decision: float
    arrival: float
    final: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.quantity) or self.quantity == 0.0:
            raise ValueError(f"quantity {self.quantity} is not a trade: give a signed size other than 0")
        for name in ("decision", "arrival", "final"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} {getattr(self, name)} is not a positive price: give the one of that moment")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Parts of the shortfall in quote currency, positive = cost; ``total`` is paper profit minus actual profit.

    ``flags``: ``unfilled`` where nothing was filled.
    """

    delay: float
    execution: float
    opportunity: float
    fees: float
    total: float
    bps: float
    filled: float
    flags: tuple[str, ...]


def implementation_shortfall(
    decision: DecidedTrade, sizes: npt.ArrayLike, prices: npt.ArrayLike, *, fees: float = 0.0
) -> Shortfall:
    """Shortfall of fills (n,) of ``sizes`` (> 0) at ``prices``; both may be empty; ``bps`` of the decided value.

    Raises
    ------
    ValueError : lengths that differ, a size or price that is not positive, more filled than decided, fees not finite.
    """
    size, price = np.asarray(sizes, dtype=np.float64), np.asarray(prices, dtype=np.float64)
    if size.ndim != 1 or size.shape != price.shape:
        raise ValueError(f"sizes have shape {size.shape}, prices {price.shape}: give one price for each fill")
    if not (np.isfinite(size).all() and np.isfinite(price).all() and (size > 0.0).all() and (price > 0.0).all()):
        raise ValueError("a fill's size or price is not a positive number: check the fills")
    if not math.isfinite(fees):
        raise ValueError(f"fees {fees} are not finite: give what was paid, negative for a rebate")
    wanted, side = abs(decision.quantity), math.copysign(1.0, decision.quantity)
    filled = float(size.sum())
    if filled > wanted * (1.0 + 1e-9):
        raise ValueError(f"{filled} were filled of {wanted} decided: count only this decision's fills")
    delay = side * filled * (decision.arrival - decision.decision)
    execution = side * float(np.sum(size * (price - decision.arrival)))
    opportunity = side * max(0.0, wanted - filled) * (decision.final - decision.decision)
    total = delay + execution + opportunity + fees
    return Shortfall(
        delay=delay,
        execution=execution,
        opportunity=opportunity,
        fees=fees,
        total=total,
        bps=total / (wanted * decision.decision) * 1e4,
        filled=filled,
        flags=("unfilled",) if filled == 0.0 else (),
    )
