"""Fewer points for the eye: paths keep their extremes, bars merge into longer bars, numbers lose needless digits."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geobuk.domain.times import NS_PER_SECOND
from geobuk.panel import FloatArray, IntArray, Panel


def extremes(values: FloatArray, limit: int) -> IntArray:
    """Indices of at most ``limit`` points: first, last, and the lowest and highest of equal stretches, in order."""
    count = len(values)
    if count <= limit:
        return np.arange(count)
    stretches = max(limit // 2 - 1, 1)
    size = -(-count // stretches)
    stretches = -(-count // size)
    padded = np.concatenate((values, np.full(stretches * size - count, values[-1]))).reshape(stretches, size)
    starts = np.arange(stretches) * size
    picked = np.concatenate(([0], starts + padded.argmin(axis=1), starts + padded.argmax(axis=1), [count - 1]))
    return np.unique(np.minimum(picked, count - 1))


def last_of(count: int, limit: int) -> IntArray:
    """Indices of at most ``limit`` points out of ``count``: the last of equal stretches."""
    size = max(-(-count // limit), 1)
    return np.append(np.arange(size - 1, count - 1, size), count - 1)


@dataclass(frozen=True, eq=False, slots=True)
class Candles:
    """``bars`` is (C, 4, N): open, close, low, high of ``size`` panel bars each; NaN where there was no bar."""

    size: int
    bars: FloatArray


def candles(panel: Panel, limit: int) -> Candles:
    """At most ``limit`` candles for each instrument, each of ``size`` consecutive bars; the last may hold fewer."""
    bars = panel.shape[0]
    size = max(-(-bars // limit), 1)
    whole = bars // size * size
    parts = [_merged(panel.rows(0, whole), size)] if whole else []
    if whole < bars:
        parts.append(_merged(panel.rows(whole, bars), bars - whole))
    return Candles(size, np.concatenate(parts))


def _merged(panel: Panel, size: int) -> FloatArray:
    """(T / size, 4, N); T must be a multiple of ``size``."""
    opens, closes, lows, highs = (
        values.reshape(-1, size, panel.shape[1]) for values in (panel.open, panel.close, panel.low, panel.high)
    )
    first = np.isfinite(opens).argmax(axis=1)
    last = size - 1 - np.isfinite(closes)[:, ::-1].argmax(axis=1)
    return np.stack(
        (
            np.take_along_axis(opens, first[:, None], axis=1)[:, 0],
            np.take_along_axis(closes, last[:, None], axis=1)[:, 0],
            np.fmin.reduce(lows, axis=1),
            np.fmax.reduce(highs, axis=1),
        ),
        axis=1,
    )


def significant(values: FloatArray, digits: int) -> FloatArray:
    """Rounded to that many significant digits, so that their shortest text is short; NaN and infinity stay.

    >>> significant(np.array([61234.567, 0.000123456]), 4).tolist()
    [61230.0, 0.0001235]
    """
    known = np.isfinite(values) & (values != 0.0)
    size = np.floor(np.log10(np.abs(values), where=known, out=np.zeros(values.shape)))
    places = digits - 1 - size
    up, down = 10.0 ** np.maximum(places, 0.0), 10.0 ** np.maximum(-places, 0.0)
    return np.asarray(np.where(known, np.round(values * up / down) / up * down, values))


def seconds(at_ns: IntArray) -> list[int]:
    """Whole seconds since the epoch, as plain numbers."""
    return [int(at) for at in (at_ns // NS_PER_SECOND).tolist()]


def shortened(values: FloatArray, digits: int = 6) -> Any:
    """As plain numbers of so many significant digits; NaN stays and becomes null in JSON."""
    return significant(np.asarray(values, dtype=np.float64), digits).tolist()
