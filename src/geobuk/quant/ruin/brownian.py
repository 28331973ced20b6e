"""Ruin of an equity that moves like an arithmetic Brownian motion: ever, and within a horizon.

Source: Karatzas & Shreve 1991, Brownian Motion and Stochastic Calculus, section 3.5.C.
"""

import math

from geobuk.quant.liquidation.barrier import passage


def brownian_ruin(equity: float, drift: float, deviation: float, horizon: float | None = None) -> float:
    """Probability that equity falls to 0: ever, or within ``horizon``.

    Ever exp(-2 m x / s^2) for a drift m > 0, else 1; by T: Phi((-x - m T) / (s sqrt T)) + exp(-2 m x / s^2)
    Phi((-x + m T) / (s sqrt T)). ``drift`` and ``deviation`` in currency per unit of time and its square root.

    Without deviation the path is a line: it is ruined where a negative drift leads to 0 in time.

    Raises
    ------
    ValueError : a number that is not finite, a negative deviation or horizon.

    >>> round(brownian_ruin(10.0, 0.1, 1.0), 10), round(brownian_ruin(10.0, 0.1, 1.0, 100.0), 10)
    (0.1353352832, 0.0904177736)
    """
    for name, value in (("equity", equity), ("drift", drift), ("deviation", deviation), ("horizon", horizon or 0.0)):
        if not math.isfinite(value):
            raise ValueError(f"{name} {value} is not finite: check what it was computed from")
    if deviation < 0.0 or (horizon is not None and horizon < 0.0):
        raise ValueError(f"deviation {deviation}, horizon {horizon}: neither may be negative")
    if equity <= 0.0:
        return 1.0
    if deviation == 0.0:
        falls_to = -math.inf if horizon is None and drift < 0.0 else equity + drift * (horizon or 0.0)
        return 1.0 if falls_to <= 0.0 else 0.0
    if horizon is None:
        return math.exp(-2.0 * drift / deviation * equity / deviation) if drift > 0.0 else 1.0
    spread = deviation * math.sqrt(horizon)
    if spread == 0.0:
        return 0.0
    return passage(-equity / spread, drift * horizon / spread)
