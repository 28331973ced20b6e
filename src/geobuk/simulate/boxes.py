"""The range of the bars before an entry, beyond which a box stop rests: reckoned once, read at each decision."""

from math import isnan

import numpy as np

from geobuk.domain.errors import SettingsError
from geobuk.ops.compiled import step
from geobuk.panel import FloatArray, Panel, RecordArray

_LONGEST = 100_000


def boxes(panel: Panel, days: float) -> tuple[FloatArray, FloatArray]:
    """Low and high (T * N,) of the bars of ``days`` trading days up to each bar, this one included; empty for 0 days.

    Row t uses rows up to t. NaN on bars that are masked or missing, and before there are that many; a hole counts as a
    repeat of the bar before it.

    Raises
    ------
    SettingsError
        More than 100,000 bars.
    """
    if days <= 0.0:
        return np.empty(0), np.empty(0)
    from geobuk.features.gaps import observed  # TA-Lib is slow to load
    from geobuk.features.indicators import highest, lowest

    length = max(1, round(days * panel.year.per_day(panel.interval_ns)))
    if length > _LONGEST:
        raise SettingsError(
            f"stops.box_days {days:g} is {length:,} bars, at most {_LONGEST:,} are possible",
            cure="shorten it or take coarser bars",
        )
    low, high = observed(panel, "low"), observed(panel, "high")
    if length == 1:  # TA-Lib begins at 2
        return low.ravel(), high.ravel()
    return lowest(low, length).ravel(), highest(high, length).ravel()


@step
def load_boxes(t: int, book: RecordArray, box: tuple[FloatArray, FloatArray]) -> None:
    """Note each instrument's box as it stands at the close of bar t; where it is not known, the last one stays."""
    low, high = box
    at = t * book.shape[0]
    for i in range(book.shape[0]):
        if not isnan(low[at + i]) and not isnan(high[at + i]):
            book[i].box_low = low[at + i]
            book[i].box_high = high[at + i]
