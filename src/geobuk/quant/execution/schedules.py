"""Cutting an order into slices of whole lots: evenly over time, or along a profile of volume. Sums are exact."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.grid import round_down

_DUST = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Schedule:
    """(n,) sizes of the slices, oldest first; they sum to the quantity, and are empty for none.

    ``flags``: ``empty`` for no quantity, ``no_profile`` where an empty profile fell back to even slices.
    """

    slices: FloatArray
    flags: tuple[str, ...] = ()


def twap(quantity: float, slices: int, *, lot: float = 1.0) -> Schedule:
    """Even slices of whole lots: after slice k, floor(k Q / n / lot) lots are done; the last slice takes the rest.

    ``quantity`` >= 0 and ``lot`` > 0 in base units.

    Raises
    ------
    ValueError : a quantity that is negative or not finite, fewer than 1 slice, a lot that is not positive.

    >>> twap(103.0, 4, lot=10.0).slices.tolist()
    [20.0, 30.0, 20.0, 33.0]
    """
    _require(quantity, lot)
    if slices < 1:
        raise ValueError(f"slices {slices} is below 1: one slice trades all at once")
    if quantity == 0.0:
        return Schedule(np.empty(0), ("empty",))
    done = np.array([round_down(k * quantity / slices, lot) for k in range(slices)])
    return Schedule(np.diff(done, append=quantity))


def vwap(quantity: float, profile: npt.ArrayLike, *, lot: float = 1.0) -> Schedule:
    """Slices along a (n,) profile of expected volume, in whole lots by largest remainder (ties to the earlier slice).

    What is smaller than a lot goes to the last slice with volume. A profile of zeros falls back to :func:`twap`.

    Raises
    ------
    ValueError : an empty profile, volumes that are negative or not finite, and as :func:`twap`.

    >>> vwap(10.0, [1, 2, 4]).slices.tolist()
    [1.0, 3.0, 6.0]
    """
    _require(quantity, lot)
    volumes = np.asarray(profile, dtype=np.float64)
    if volumes.ndim != 1 or volumes.size == 0 or not np.isfinite(volumes).all() or (volumes < 0.0).any():
        raise ValueError(f"profile {volumes.tolist()}: give a row of volumes that are finite and >= 0")
    if quantity == 0.0:
        return Schedule(np.empty(0), ("empty",))
    if volumes.max() == 0.0:
        return Schedule(twap(quantity, len(volumes), lot=lot).slices, ("no_profile",))
    lots = math.floor(quantity / lot + _DUST)
    volumes = volumes / volumes.max()
    exact = lots * (volumes / volumes.sum())
    whole = np.floor(exact + _DUST)
    rest = np.round(exact - whole, 9)
    first = np.argsort(-rest, kind="stable")[: int(lots - whole.sum())]
    whole[first] += 1.0
    return Schedule(_exact(whole * lot, quantity, int(np.flatnonzero(volumes)[-1])))


def _exact(slices: FloatArray, quantity: float, last: int) -> FloatArray:
    """The slices with what is left (less than a lot, or float dust) on the one at ``last``."""
    slices[last] = 0.0
    slices[last] = max(0.0, quantity - math.fsum(slices))
    return slices


def _require(quantity: float, lot: float) -> None:
    if not 0.0 <= quantity < math.inf:
        raise ValueError(f"quantity {quantity} is not a finite number >= 0: give a size, the side is not part of it")
    if not 0.0 < lot < math.inf:
        raise ValueError(f"lot {lot} is not positive: give the instrument's quantity step")
