"""Outliers: bars that reach far beyond both neighbours and come back, or far from the mark price of their time."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.checks.look import Look, Noticed, at_rows, picked
from geobuk.data.rows import Rows
from geobuk.panel import BoolArray, FloatArray, IntArray

_SAMPLE = 4096
_NEAR = 3
"""Intervals between two rows up to which they are neighbours."""


def spikes(look: Look) -> Iterator[Noticed]:
    """Bars whose high or low exceeds both neighbours' closes by many median ranges of the bars around it.

    The median is of ``high / low`` (as logarithms) over a window on both sides without the bar itself, and at least the
    median of the whole series, so that each instrument and each time has a scale of its own.
    """
    rows, (high, low, close) = look.good_prices("high", "low", "close")
    found = look.scanned.far
    if not isinstance(rows, slice):
        found = _far_out(high, low, close, 1.0 + look.spec.spike_floor)
    if len(found) == 0:
        return
    before, after = look.at_ns[picked(rows, found - 1)], look.at_ns[picked(rows, found + 1)]
    found = found[after - before <= _NEAR * look.series.interval_ns]
    found = found[_excess(high, low, close, found, look.spec.spike_window) > look.spec.spike_ranges]
    yield from at_rows(picked(rows, found))


def _far_out(high: FloatArray, low: FloatArray, close: FloatArray, factor: float) -> IntArray:
    """Bars that exceed both neighbours' closes by the factor."""
    top, bottom = np.maximum(close[:-2], close[2:]), np.minimum(close[:-2], close[2:])
    found: IntArray = np.flatnonzero((high[1:-1] > top * factor) | (low[1:-1] * factor < bottom)) + 1
    return found


def _excess(high: FloatArray, low: FloatArray, close: FloatArray, rows: IntArray, window: int) -> FloatArray:
    """Excess of each bar over both neighbours, in median ranges."""
    sample = slice(None, None, max(1, len(high) // _SAMPLE))
    ranges = np.log(high[sample] / low[sample])
    usual = float(np.median(ranges[ranges > 0])) if (ranges > 0).any() else 1e-6
    around = np.concatenate((np.arange(-window, 0), np.arange(1, window + 1)))
    near = np.clip(rows[:, None] + around, 0, len(high) - 1)
    scale = np.maximum(np.median(np.log(high[near] / low[near]), axis=1), usual)
    top, bottom = np.maximum(close[rows - 1], close[rows + 1]), np.minimum(close[rows - 1], close[rows + 1])
    beyond: FloatArray = np.log(np.maximum(high[rows] / top, bottom / low[rows])) / scale
    return beyond


def against_mark(look: Look) -> Iterator[Noticed]:
    """Bars whose close, high or low lies far from the mark's of the same time."""
    for far, _ in _beyond_mark(look):
        yield from at_rows(np.flatnonzero(far))


def wicks_beyond_mark(look: Look) -> Iterator[Noticed]:
    """Bars whose high or low reaches visibly beyond the mark's, less than masks them."""
    for far, wick in _beyond_mark(look):
        shown = np.flatnonzero(~far & (wick > look.spec.mark_wick_shown))
        if len(shown):
            most = float(wick[shown].max())
            yield Noticed(
                shown,
                (
                    f"bar whose high or low lies beyond the mark price, by {most:.1%} at most",
                    f"고가나 저가가 마크 가격을 최대 {most:.1%} 벗어난 봉",
                ),
            )


def _beyond_mark(look: Look) -> Iterator[tuple[BoolArray, FloatArray]]:
    """Whether each bar is far from the mark, and how far its high or low reaches beyond; nothing without a mark."""
    mark = look.context.mark
    if mark is None or len(mark.rows) == 0:
        return
    step, coarse = look.series.interval_ns, mark.interval_ns
    if coarse < step or len(look.rows) == 0:
        return
    place = np.searchsorted(mark.rows.at_ns, look.at_ns, side="right") - 1
    inside = place >= 0
    inside[look.distrusted()] = False
    inside[inside] &= look.at_ns[inside] < mark.rows.at_ns[place[inside]] + coarse
    wick, off = np.zeros(len(look.rows)), np.zeros(len(look.rows))
    at = place[inside]
    wick[inside] = _reach(look.rows, inside, mark.rows, at)
    ends = inside.copy()
    ends[inside] = look.at_ns[inside] + step == mark.rows.at_ns[at] + coarse
    off[ends] = np.abs(look.column("close")[ends] / mark.rows.values["close"][place[ends]] - 1)
    known = np.flatnonzero(inside)[:: max(1, int(inside.sum()) // _SAMPLE)]
    if len(known) and not is_same_price(look.column("close")[known], mark.rows.values["close"][place[known]]):
        return
    yield (off > look.spec.mark_close) | (wick > look.spec.mark_wick), wick


def is_same_price(ours: FloatArray, theirs: FloatArray) -> bool:
    """Whether prices are about the same: their median ratio is between a half and two."""
    return 0.5 < float(np.median(ours / theirs)) < 2.0


def _reach(rows: Rows, inside: BoolArray, mark: Rows, at: IntArray) -> FloatArray:
    up = rows.values["high"][inside] / mark.values["high"][at] - 1
    down = 1 - rows.values["low"][inside] / mark.values["low"][at]
    reach: FloatArray = np.maximum(np.maximum(up, down), 0.0)
    return reach
