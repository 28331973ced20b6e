"""One compiled pass over the rows: everything that a row alone, or a row and the one before it, can show."""

from dataclasses import dataclass, field

import numpy as np

from geobuk.data.findings import FINDINGS
from geobuk.data.rows import MaskArray, Rows
from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray, IntArray

_NOT_A_NUMBER = np.uint32(FINDINGS["NOT_A_NUMBER"].bit)
_CLOSE_ONLY = np.uint32(FINDINGS["CLOSE_ONLY"].bit)
_NON_POSITIVE = np.uint32(FINDINGS["NON_POSITIVE"].bit)
_OHLC = np.uint32(FINDINGS["OHLC"].bit)
_EMPTY = np.uint32(FINDINGS["EMPTY"].bit)
_HALT = np.uint32(FINDINGS["HALT"].bit)
_NEGATIVE_VOLUME = np.uint32(FINDINGS["NEGATIVE_VOLUME"].bit)
_NONE = np.uint32(0)


@dataclass(frozen=True)
class Scanned:
    """What one pass showed besides the marks.

    Attributes
    ----------
    seen : every bit that was set
    has_quiet : whether some bar has no volume
    longest_still : length of the longest run of bars with volume and one single price
    far : (K,) bars whose high or low exceeds both neighbours' closes by the factor asked for
    jumps : (J,) bars that open or close so many times higher or lower than the close before
    """

    seen: int = 0
    has_quiet: bool = False
    longest_still: int = 0
    far: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    jumps: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def scan(rows: Rows, mask: MaskArray, far: float, jump: float) -> Scanned:
    """Mark single rows in ``mask`` (in place).

    Neighbours are the rows before and after, whatever their marks: where some price is distrusted, look again.
    """
    values = rows.values
    if "close" not in values:
        bad = ~np.isfinite(values["rate"])
        mask[bad] |= _NOT_A_NUMBER
        return Scanned(seen=int(np.bitwise_or.reduce(mask)) if len(mask) else 0)
    prices = (values["open"], values["high"], values["low"], values["close"])
    volume = values.get("volume", np.ones(1))
    before = int(np.bitwise_or.reduce(mask)) if len(mask) else 0
    seen, quiet, still, outside, moved = _scan_bars(*prices, volume, mask, (far, jump))
    return Scanned(before | int(seen), bool(quiet), int(still), outside, moved)


@kernel
def _scan_bars(
    opened: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    mask: MaskArray,
    factors: tuple[float, float],
) -> tuple[np.uint32, bool, int, IntArray, IntArray]:
    """A volume of one single element counts for every row."""
    has_volume = len(volume) == len(close)
    far_factor, jump_factor = factors
    far, far_count = np.empty(64, dtype=np.int64), 0
    jumps, jump_count = np.empty(64, dtype=np.int64), 0
    seen, quiet, still, longest = _NONE, False, 0, 0
    v, before, last = 1.0, np.nan, len(close) - 1
    for i in range(len(close)):
        o, h, lo, c = opened[i], high[i], low[i], close[i]
        if has_volume:
            v = volume[i]
        quiet |= v == 0.0
        if (lo > 0.0) & (lo <= o) & (lo <= c) & (h >= o) & (h >= c) & (h < np.inf) & (v >= 0.0) & (v < np.inf):
            if (h == lo) & (v > 0.0):
                still = still + 1 if c == before else 1
                longest = max(longest, still)
            else:
                still = 0
        else:
            marks = _marks(o, h, lo, c, v, has_volume)
            mask[i] |= marks
            seen |= marks
            still = 0
        after = close[min(i + 1, last)]
        top, bottom = max(before, after), min(before, after)
        if (h > top * far_factor) | (lo * far_factor < bottom):
            far, far_count = append(far, far_count, i)
        if (max(o, c) > before * jump_factor) | (min(o, c) * jump_factor < before):
            jumps, jump_count = append(jumps, jump_count, i)
        before = c
    inside = (far[:far_count] > 0) & (far[:far_count] < last)
    return seen, quiet, longest, far[:far_count][inside], jumps[:jump_count]


@step
def append(found: IntArray, count: int, value: int) -> tuple[IntArray, int]:
    """The list with one more value, in twice the room where there was none, and its new length."""
    if count == len(found):
        larger = np.empty(2 * count, dtype=np.int64)
        larger[:count] = found
        found = larger
    found[count] = value
    return found, count + 1


@step
def _marks(o: float, h: float, lo: float, c: float, v: float, has_volume: bool) -> np.uint32:
    """The marks of a row that is not as it should be."""
    if np.isnan(o) and np.isnan(h) and np.isnan(lo) and np.isfinite(c) and c > 0.0:
        return _CLOSE_ONLY
    if not (np.isfinite(o) and np.isfinite(h) and np.isfinite(lo) and np.isfinite(c) and np.isfinite(v)):
        return _NOT_A_NUMBER
    if has_volume and o == 0.0 and h == 0.0 and lo == 0.0 and v == 0.0 and c >= 0.0:
        return _HALT if c > 0.0 else _EMPTY
    marks = _NONE
    if min(o, h, lo, c) <= 0.0:
        marks |= _NON_POSITIVE
    if h < max(o, c, lo) or lo > min(o, c, h):
        marks |= _OHLC
    if v < 0.0:
        marks |= _NEGATIVE_VOLUME
    return marks


@kernel
def breaks_of(at_ns: IntArray, interval_ns: int) -> IntArray:
    """Rows after which the next one is not exactly one interval later."""
    count = 0
    for i in range(len(at_ns) - 1):
        count += at_ns[i + 1] - at_ns[i] != interval_ns
    found = np.empty(count, dtype=np.int64)
    place = 0
    if count:
        for i in range(len(at_ns) - 1):
            if at_ns[i + 1] - at_ns[i] != interval_ns:
                found[place] = i
                place += 1
    return found
