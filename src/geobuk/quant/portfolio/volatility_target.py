"""Leverage that brings a portfolio's volatility to a target, from volatility that was known before."""

import math

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray


def target_leverage(volatility: float, target: float, cap: float) -> float:
    """min(cap, target / volatility); 0 where volatility is 0, negative, NaN or infinite: unknown risk is not taken.

    Volatility and target are of the same period.

    Raises
    ------
    ValueError : a target or cap that is negative or not finite.

    >>> target_leverage(0.60, 0.15, cap=3.0)
    0.25
    """
    _require(target, cap)
    if not (math.isfinite(volatility) and volatility > 0.0):
        return 0.0
    return min(cap, target / volatility)


def volatility_target(volatility: npt.ArrayLike, target: float, cap: float) -> FloatArray:
    """(T,) leverage of each row from the volatility of the row before; the first row has none and gets 0.

    Causality: row t uses ``volatility[t - 1]``, which may use data up to and including t - 1. Source: Moreira & Muir
    2017, Volatility-managed portfolios; Harvey et al. 2018, The impact of volatility targeting.

    Raises
    ------
    ValueError : an empty or not one-dimensional row, a target or cap that is negative or not finite.
    """
    _require(target, cap)
    known = np.asarray(volatility, dtype=np.float64)
    if known.ndim != 1 or known.size == 0:
        raise ValueError(f"volatility has shape {known.shape}: give a row of at least one number")
    leverage = np.zeros(len(known))
    before = known[:-1]
    usable = np.isfinite(before) & (before > 0.0)
    with np.errstate(over="ignore"):
        leverage[1:][usable] = np.minimum(cap, target / before[usable])
    return leverage


def _require(target: float, cap: float) -> None:
    for name, value in (("target", target), ("cap", cap)):
        if not 0.0 <= value < math.inf:
            raise ValueError(f"{name} {value} is not a finite number >= 0: give a fraction such as 0.15")
