"""Price boxes: whether the close has left the range of the bars before it, and which side it has been on since."""

import math

import numpy as np

from geobuk.features.gaps import forward_fill, lagged
from geobuk.features.indicators import highest, lowest, sma
from geobuk.ops.compiled import kernel, step
from geobuk.panel import BoolArray, FloatArray


def box(high: FloatArray, low: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Top and bottom of the ``length`` bars before each bar: (T, N) each, NaN until there are that many.

    The bar itself is left out, so that its close can be compared with a box that was complete before it (Donchian).
    Missing bars keep the last box.
    """
    top = lagged(forward_fill(highest(high, length)))
    bottom = lagged(forward_fill(lowest(low, length)))
    return top, bottom


def relative_volume(volume: FloatArray, length: int) -> FloatArray:
    """Volume of each bar over the mean of the ``length`` bars before it; missing bars count as no volume. (T, N)."""
    mean = lagged(sma(np.where(np.isnan(volume), 0.0, volume), length))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: FloatArray = volume / mean
    ratio[~(mean > 0.0)] = np.nan
    return ratio


def breakout_side(
    close: FloatArray, top: FloatArray, bottom: FloatArray, is_confirmed: BoolArray, leaves_at_middle: bool
) -> FloatArray:
    """Side of the last breakout that still holds: +1, -1, or 0; (T, N).

    A close above ``top`` turns to +1, one below ``bottom`` to -1, if ``is_confirmed`` there. The side is left when the
    close comes back through the middle of the current box, or else only through its far end. NaN where the close or the
    box is unknown; the side is remembered over such bars.
    """
    return _side(np.array(close), top, bottom, is_confirmed, leaves_at_middle)


@kernel
def _side(
    close: FloatArray, top: FloatArray, bottom: FloatArray, is_confirmed: BoolArray, leaves_at_middle: bool
) -> FloatArray:
    bars, instruments = close.shape
    out = np.full((bars, instruments), np.nan)
    for n in range(instruments):
        side = 0.0
        for t in range(bars):
            price = close[t, n]
            if math.isnan(price) or math.isnan(top[t, n]) or math.isnan(bottom[t, n]):
                continue
            side = _next_side(side, price, top[t, n], bottom[t, n], is_confirmed[t, n], leaves_at_middle)
            out[t, n] = side
    return out


@step
def _next_side(
    side: float, price: float, top: float, bottom: float, is_confirmed: bool, leaves_at_middle: bool
) -> float:
    """One step of the box: in by a confirmed close outside, out by a close at or beyond the exit line."""
    if price > top and is_confirmed:
        return 1.0
    if price < bottom and is_confirmed:
        return -1.0
    middle = 0.5 * (top + bottom)
    if side > 0.0 and price <= (middle if leaves_at_middle else bottom):
        return 0.0
    if side < 0.0 and price >= (middle if leaves_at_middle else top):
        return 0.0
    return side
