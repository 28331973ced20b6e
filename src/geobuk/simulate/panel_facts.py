"""What a simulation asks of a panel whatever its settings: found in one pass, remembered as long as the panel lives."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel

_KNOWN: WeakKeyDictionary[Panel, "PanelFacts"] = WeakKeyDictionary()

BROKEN, MASKED, MARKED = range(3)


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """``broken`` is the flat index of the first tradable bar with a price or volume that is not finite, or -1.

    ``masked`` counts bars with prices that may not trade; ``has_marks`` says whether any mark is known, ``unmarked``
    (N,) whether a tradable bar lacks one; ``first`` (N,) is the first row with a price; ``has_rate`` and
    ``has_rate_inside`` (T,) say where a funding rate is known.
    """

    broken: int
    masked: int
    has_marks: bool
    unmarked: BoolArray
    first: IntArray
    has_rate: BoolArray
    has_rate_inside: BoolArray


def facts_of(panel: Panel) -> PanelFacts:
    """The facts of a panel, whose arrays are taken never to change."""
    facts = _KNOWN.get(panel)
    if facts is None:
        facts = _KNOWN[panel] = _examined(panel)
    return facts


def _examined(panel: Panel) -> PanelFacts:
    counts = np.array([-1, 0, 0])
    unmarked = np.zeros(panel.shape[1], dtype=np.bool_)
    prices = (panel.open, panel.high, panel.low, panel.close, panel.volume, panel.mark)
    examine(panel.tradable, prices, counts, unmarked)
    return PanelFacts(
        broken=int(counts[BROKEN]),
        masked=int(counts[MASKED]),
        has_marks=bool(counts[MARKED]),
        unmarked=unmarked,
        first=_first_rows(panel.close),
        has_rate=rows_with_value(panel.funding),
        has_rate_inside=rows_with_value(panel.funding_inside),
    )


def _first_rows(close: FloatArray) -> IntArray:
    """(N,) the first row with a price; 0 where there is none."""
    if np.isfinite(close[0]).all():
        return np.zeros(close.shape[1], dtype=np.int64)
    return np.argmax(np.isfinite(close), axis=0)


@kernel
def examine(tradable: BoolArray, prices: tuple[FloatArray, ...], counts: FloatArray, unmarked: BoolArray) -> None:
    """Write ``counts`` (first broken, masked, marked) and ``unmarked`` (N,) of the (T, N) arrays open to mark."""
    open_, high, low, close, volume, mark = prices
    for t in range(tradable.shape[0]):
        for n in range(tradable.shape[1]):
            is_marked = not np.isnan(mark[t, n])
            counts[MARKED] |= is_marked
            if tradable[t, n]:
                unmarked[n] |= not is_marked
                total = open_[t, n] + high[t, n] + low[t, n] + close[t, n] + volume[t, n]
                if not np.isfinite(total) and counts[BROKEN] < 0:
                    counts[BROKEN] = t * tradable.shape[1] + n
            elif np.isfinite(close[t, n]):
                counts[MASKED] += 1


@kernel
def rows_with_value(table: FloatArray) -> BoolArray:
    """(T,) whether a row holds a number that is not NaN."""
    found = np.zeros(table.shape[0], dtype=np.bool_)
    for t in range(table.shape[0]):
        for n in range(table.shape[1]):
            if not np.isnan(table[t, n]):
                found[t] = True
                break
    return found
