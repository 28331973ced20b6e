"""Fading a stretch: enter far from the mean, leave near it, and remember in between."""

import math
from typing import NamedTuple

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray


class FadeLevels(NamedTuple):
    """Distances from the mean in standard deviations: 0 <= leave < enter < full < give_up."""

    enter: float
    leave: float
    full: float
    give_up: float


def fade(zscore: FloatArray, may_enter: BoolArray, may_hold: BoolArray, levels: FadeLevels) -> FloatArray:
    """Against the stretch, from -1 to 1; (T, N).

    Enters where abs(z) is at least ``enter``, not yet at ``give_up``, and both filters allow; holds until z has come
    within ``leave`` of the mean or crossed it, or abs(z) reaches ``give_up``, or ``may_hold`` ends. The size is
    abs(z) / full, at most 1, and while held it only grows. After giving up nothing is entered until z has come back
    within ``leave``. NaN where z is; the state is remembered over such bars.
    """
    return _fade(zscore, may_enter, may_hold, levels)


@kernel
def _fade(zscore: FloatArray, may_enter: BoolArray, may_hold: BoolArray, levels: FadeLevels) -> FloatArray:
    bars, instruments = zscore.shape
    out = np.full((bars, instruments), np.nan)
    for n in range(instruments):
        held, is_barred = 0.0, False
        for t in range(bars):
            z = zscore[t, n]
            if math.isnan(z):
                continue
            is_barred = (is_barred and abs(z) > levels.leave) or abs(z) >= levels.give_up
            if held != 0.0 and (is_barred or not may_hold[t, n] or -z * np.sign(held) <= levels.leave):
                held = 0.0
            is_stretched = abs(z) >= levels.enter and not is_barred and may_hold[t, n]
            if is_stretched and (held != 0.0 or may_enter[t, n]):
                held = -np.sign(z) * max(abs(held), min(1.0, abs(z) / levels.full))
            out[t, n] = held
    return out
