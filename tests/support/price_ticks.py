"""Prices against a tick table in plain Python: limits of many base prices, and whether a price lies on its tick."""

import numpy as np

from geobuk.matching.price_limits import price_limits
from geobuk.panel import FloatArray


def limits_of(base: FloatArray, band: float, floors: FloatArray, units: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(T,) lowest and (T,) highest prices of many base prices (T,), by the compiled rule."""
    limits = np.array([price_limits(price, band, floors, units) for price in base.tolist()])
    return limits[:, 0], limits[:, 1]


def is_on_tick(price: float, floors: FloatArray, units: FloatArray) -> bool:
    """Whether a price is a whole number of the ticks at it."""
    tick = units[np.searchsorted(floors, price, side="right") - 1]
    return bool(abs(price - np.rint(price / tick) * tick) <= 1e-9 * max(1.0, price))
