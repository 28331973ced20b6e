"""Daily price limits of the Korea Exchange, compiled. The exact twin is :func:`geobuk.domain.krx.price_limits`."""

import numpy as np

from geobuk.ops.compiled import step
from geobuk.panel import FloatArray
from geobuk.quant.grid import band_of, round_down, round_up


@step
def price_limits(base: float, band: float, tick_floor: FloatArray, tick: FloatArray) -> tuple[float, float]:
    """Lowest and highest price of a day whose base price is ``base`` (the previous close).

    ``band`` is a fraction (0.30); ``tick_floor`` and ``tick`` (B,) are a tick table, as in :mod:`geobuk.terms`. Both
    limits are NaN where the base is NaN or not positive: no price lies within them.
    """
    if not base > 0.0:
        return np.nan, np.nan
    base_tick = tick[band_of(base, tick_floor)]
    width = round_down(base * band, base_tick)
    low, high = base - width, base + width
    return round_up(low, tick[band_of(low, tick_floor)]), round_down(high, tick[band_of(high, tick_floor)])
