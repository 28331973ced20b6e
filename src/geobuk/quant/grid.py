"""The venue's grid: bands, ticks for prices, steps for quantities. Rounding is always toward less risk or a worse
price.
"""

import numpy as np

from geobuk.ops.compiled import step
from geobuk.panel import FloatArray

_SLACK = 1e-9
"""Share of a grid step within which a float counts as lying on the grid."""


@step
def band_of(value: float, floors: FloatArray) -> int:
    """Index of the band that holds ``value`` >= 0; ``floors`` (B,) ascend from 0, unused bands have an infinite
    floor.
    """
    band = 0
    while band + 1 < floors.shape[0] and value >= floors[band + 1]:
        band += 1
    return band


@step
def round_up(value: float, grid: float) -> float:
    """The smallest multiple of ``grid`` that is not below ``value``; a grid of 0 rounds nothing."""
    if grid <= 0.0:
        return value
    return np.ceil(value / grid - _SLACK) * grid


@step
def round_down(value: float, grid: float) -> float:
    """The largest multiple of ``grid`` that is not above ``value``; a grid of 0 rounds nothing."""
    if grid <= 0.0:
        return value
    return np.floor(value / grid + _SLACK) * grid


@step
def snapped(quantity: float, grid: float) -> float:
    """The nearest multiple of ``grid``: a sum of grid quantities put back on it, so that float dust never counts."""
    if grid <= 0.0:
        return quantity
    return np.rint(quantity / grid) * grid


@step
def round_toward_zero(quantity: float, grid: float) -> float:
    """A signed quantity on the step, never larger in size than asked for."""
    if grid <= 0.0:
        return quantity
    return whole_steps(quantity / grid) * grid


@step
def whole_steps(steps: float) -> float:
    """A signed number of steps without its fraction; float dust below the next whole step is forgiven."""
    return -np.floor(_SLACK - steps) if steps < 0.0 else np.floor(steps + _SLACK)
