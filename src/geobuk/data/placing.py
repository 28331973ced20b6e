"""Puts stored rows in their places on a panel's grid: compiled, in blocks that fit the processor's cache."""

from typing import NamedTuple

import numpy as np

from geobuk.data.findings import PRICE_BITS
from geobuk.data.rows import MaskArray
from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray, IntArray

_BLOCK_VALUES = 1 << 15
"""Values written before the next instrument's turn: 256 kB, half of a small second-level cache."""

_WITHHELD = np.uint32(PRICE_BITS)
_CLEAN = np.uint32(0)


class Decoded(NamedTuple):
    """Rows of several series, one series after the other, each sorted by time.

    ``starts`` is (S + 1,): series s has rows ``starts[s]`` to ``starts[s + 1] - 1``. Columns are (R,).
    """

    starts: IntArray
    at_ns: IntArray
    mask: MaskArray
    values: tuple[FloatArray, ...]


class BarArrays(NamedTuple):
    """(T, N) arrays of a panel, and the (T,) instants of its rows."""

    at_ns: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    tradable: BoolArray


def place_bars(bars: Decoded, out: BarArrays, first: int, stop: int, blank_from: int) -> None:
    """Fill rows ``first`` to ``stop - 1`` with the bars of exactly their instants.

    Prices that the gate distrusts become NaN. From row ``blank_from`` on a row without a bar is made NaN; before it,
    it is left as it is.
    """
    opened, high, low, close, volume = bars.values
    block = max(16, _BLOCK_VALUES // (5 * max(1, out.open.shape[1])))
    _place(
        bars.starts, bars.at_ns, bars.mask, (opened, high, low, close, volume), out, (first, stop, blank_from, block)
    )


@kernel
def _place(
    starts: IntArray,
    at_ns: IntArray,
    mask: MaskArray,
    values: tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray],
    out: BarArrays,
    span: tuple[int, int, int, int],
) -> None:
    opened, high, low, close, volume = values
    first, stop, blank_from, block = span
    count = len(starts) - 1
    cursors = np.empty(count, dtype=np.int64)
    for n in range(count):
        cursors[n] = starts[n] + np.searchsorted(at_ns[starts[n] : starts[n + 1]], out.at_ns[first])
    for begin in range(first, stop, block):
        end = min(begin + block, stop)
        for n in range(count):
            cursor, beyond = cursors[n], starts[n + 1]
            for t in range(begin, end):
                while cursor < beyond and at_ns[cursor] < out.at_ns[t]:
                    cursor += 1
                if cursor < beyond and at_ns[cursor] == out.at_ns[t]:
                    is_withheld = mask[cursor] & _WITHHELD != _CLEAN
                    out.open[t, n] = np.nan if is_withheld else opened[cursor]
                    out.high[t, n] = np.nan if is_withheld else high[cursor]
                    out.low[t, n] = np.nan if is_withheld else low[cursor]
                    out.close[t, n] = np.nan if is_withheld else close[cursor]
                    out.volume[t, n] = np.nan if is_withheld else volume[cursor]
                    out.tradable[t, n] = mask[cursor] == _CLEAN
                elif t >= blank_from:
                    out.open[t, n] = np.nan
                    out.high[t, n] = np.nan
                    out.low[t, n] = np.nan
                    out.close[t, n] = np.nan
                    out.volume[t, n] = np.nan
                    out.tradable[t, n] = False
            cursors[n] = cursor


def place_marks(marks: Decoded, columns: IntArray, shift_ns: int, at_ns: IntArray, out: FloatArray) -> None:
    """Write each trusted mark into the row whose instant is ``shift_ns`` after its own; other rows stay.

    Parameters
    ----------
    columns : (S,) column of each series.
    at_ns : (T,) instants of the rows.
    out : (T, N).
    """
    block = max(16, _BLOCK_VALUES // max(1, out.shape[1]))
    _place_marks(marks.starts, marks.at_ns, marks.mask, marks.values[0], columns, at_ns, out, (shift_ns, block))


@kernel
def _place_marks(
    starts: IntArray,
    marked_at_ns: IntArray,
    mask: MaskArray,
    value: FloatArray,
    columns: IntArray,
    at_ns: IntArray,
    out: FloatArray,
    how: tuple[int, int],
) -> None:
    shift_ns, block = how
    count = len(starts) - 1
    cursors = np.empty(count, dtype=np.int64)
    for n in range(count):
        cursors[n] = starts[n] + np.searchsorted(marked_at_ns[starts[n] : starts[n + 1]], at_ns[0] - shift_ns)
    for begin in range(0, len(at_ns), block):
        end = min(begin + block, len(at_ns))
        for n in range(count):
            cursor, beyond = cursors[n], starts[n + 1]
            for t in range(begin, end):
                while cursor < beyond and marked_at_ns[cursor] + shift_ns < at_ns[t]:
                    cursor += 1
                if cursor < beyond and marked_at_ns[cursor] + shift_ns == at_ns[t] and mask[cursor] == _CLEAN:
                    out[t, columns[n]] = value[cursor]
            cursors[n] = cursor
