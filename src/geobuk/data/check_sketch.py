"""What a picture of one series needs: its months, and a thinned line of prices with the stretches that are masked."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geobuk.data.calendars import expected_sessions, hours_of, local_days
from geobuk.data.checks.look import runs_of
from geobuk.data.findings import FINDINGS, PRICE_BITS
from geobuk.data.layout import SeriesKey
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import FloatArray, IntArray

POINTS = 700
"""Points of a thinned line, two for each stretch of rows: the lowest and the highest."""

SPANS = 200
_EYE = 1500
"""Parts of a picture's width that can be told apart."""


@dataclass(frozen=True)
class Month:
    """``name`` is such as 2024-01; ``rows`` are there, ``expected`` should be, ``masked`` of them never trade."""

    name: str
    rows: int
    expected: int
    masked: int

    @property
    def lost_share(self) -> float:
        """Share of the expected bars that are missing or masked."""
        return min(1.0, max(0.0, 1.0 - (self.rows - self.masked) / self.expected)) if self.expected else 0.0


@dataclass(frozen=True)
class Sketch:
    """``at_ns`` and ``price`` are a thinned line; ``masked`` and ``missing`` are its widest stretches."""

    months: tuple[Month, ...]
    at_ns: IntArray
    price: FloatArray
    masked: tuple[tuple[int, int], ...]
    missing: tuple[tuple[int, int], ...]


def sketch_of(rows: Rows, key: SeriesKey) -> Sketch:
    """Draw one series. Rows on closed days count neither as expected nor as masked; a rate takes the price's place."""
    if len(rows) == 0:
        return Sketch((), rows.at_ns, np.empty(0), (), ())
    values = rows.values["close" if "close" in rows.values else "rate"]
    at_ns, price = _thinned(rows, values)
    step = key.interval_ns
    closed = np.uint32(FINDINGS["CALENDAR"].bit)
    starts, stops = runs_of((rows.mask != 0) & (rows.mask & closed == 0))
    masked = [(int(rows.at_ns[a]), int(rows.at_ns[b - 1]) + step) for a, b in zip(starts, stops, strict=True)]
    missing: list[tuple[int, int]] = []
    if step and hours_of(key.venue).is_always_open:
        holes = np.flatnonzero(np.diff(rows.at_ns) > step)
        missing = [(int(rows.at_ns[k]) + step, int(rows.at_ns[k + 1])) for k in holes]
    width = int(rows.at_ns[-1]) - int(rows.at_ns[0])
    return Sketch(_months(rows, key), at_ns, price, _visible(masked, width), _visible(missing, width))


def _visible(spans: list[tuple[int, int]], width: int) -> tuple[tuple[int, int], ...]:
    """At most 200 spans: those an eye can see, joined where too many begin close together; then the longest others."""
    long = [span for span in spans if span[1] - span[0] >= width // _EYE]
    if len(long) > SPANS:
        return _joined(long, width)
    rest = sorted((span for span in spans if span[1] - span[0] < width // _EYE), key=lambda span: span[0] - span[1])
    return tuple(sorted([*long, *rest[: SPANS - len(long)]]))


def _joined(spans: list[tuple[int, int]], width: int) -> tuple[tuple[int, int], ...]:
    begins, ends = (np.array(side, dtype=np.int64) for side in zip(*spans, strict=True))
    first = np.flatnonzero(np.diff((begins - begins[0]) // max(1, width // (SPANS - 1)), prepend=-1))
    last = np.append(first[1:], len(spans)) - 1
    return tuple((int(begins[a]), int(ends[b])) for a, b in zip(first, last, strict=True))


def _thinned(rows: Rows, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """The lowest and highest known value of each of some hundred stretches, in their order."""
    known = np.flatnonzero(np.isfinite(values) & (rows.mask & np.uint32(PRICE_BITS) == 0))
    if len(known) <= POINTS:
        return rows.at_ns[known], values[known]
    edges = np.linspace(0, len(known), POINTS // 2 + 1).astype(np.int64)
    picked = set()
    for a, b in pairwise(edges.tolist()):
        part = values[known[a:b]]
        picked |= {int(known[a + np.argmin(part)]), int(known[a + np.argmax(part)])}
    index = np.array(sorted(picked))
    return rows.at_ns[index], values[index]


def _months(rows: Rows, key: SeriesKey) -> tuple[Month, ...]:
    hours = hours_of(key.venue)
    labels = (rows.at_ns + hours.utc_offset_ns).astype("datetime64[ns]").astype("datetime64[M]")
    first = np.flatnonzero(np.diff(labels.astype(np.int64), prepend=-1))
    stops = np.append(first[1:], len(rows))
    return tuple(_month(rows.take(slice(a, b)), key, str(labels[a])) for a, b in zip(first, stops, strict=True))


def _month(rows: Rows, key: SeriesKey, name: str) -> Month:
    hours, step = hours_of(key.venue), key.interval_ns
    masked = int(np.count_nonzero(rows.mask))
    if step == 0:
        return Month(name, len(rows), len(rows), masked)
    span = int(rows.at_ns[-1]) - int(rows.at_ns[0])
    if hours.is_always_open:
        return Month(name, len(rows), span // step + 1, masked)
    days = local_days(rows.at_ns, hours)
    open_days = expected_sessions(int(days[0]), int(days[-1]), hours)
    on_open = np.isin(days, open_days)
    count = int(on_open.sum())
    expected = len(open_days) if step >= NS_PER_DAY else max(count, _usual_bars(days[on_open]) * len(open_days))
    return Month(name, count, expected, int(np.count_nonzero(rows.mask[on_open])))


def _usual_bars(days: IntArray) -> int:
    """The median number of bars a day."""
    counts = np.unique(days, return_counts=True)[1]
    return int(np.median(counts)) if len(counts) else 0
