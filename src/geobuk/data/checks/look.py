"""What a check sees and what it says: one series with its context, and the rows it noticed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geobuk.data.calendars import Hours, hours_of
from geobuk.data.checks.context import NOTHING_KNOWN, Context
from geobuk.data.checks.scan import Scanned
from geobuk.data.checks.spec import GATE_SPEC, GateSpec
from geobuk.data.findings import FINDINGS, PRICE_BITS, finding
from geobuk.data.rows import MaskArray, Rows
from geobuk.panel import BoolArray, Finding, FloatArray, IntArray

Text = tuple[str, str]
"""A sentence in English and in Korean."""

NO_ROWS: IntArray = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Series:
    """What the gate must know of a series besides its rows; ``interval_ns`` is 0 for funding.

    ``rules_hours`` are the hours between funding stamps by the instrument's rules, 0 where they are not known.
    """

    venue: str
    instrument: str
    kind: str
    interval_ns: int
    rules_hours: int = 0

    @property
    def hours(self) -> Hours:
        """Opening hours of the venue."""
        return hours_of(self.venue)


@dataclass(frozen=True)
class Noticed:
    """What a check noticed: rows (by index), or a count and a span where no row is to be named.

    ``places`` are times; where they are not given, those of the rows.
    """

    rows: IntArray = field(default_factory=lambda: NO_ROWS)
    detail: Text | str = ""
    count: int = 0
    span: tuple[int, int] | None = None
    places: Sequence[int] | IntArray = ()


@dataclass(eq=False)
class Look:
    """One check's view.

    ``mask`` holds what the checks before have marked, ``seen`` all its bits. ``breaks`` are the rows after which the
    next is not one interval later. ``memo`` is for what several checks would work out again.
    """

    rows: Rows
    series: Series
    mask: MaskArray
    phase_ns: int = 0
    breaks: IntArray = field(default_factory=lambda: NO_ROWS)
    context: Context = NOTHING_KNOWN
    spec: GateSpec = GATE_SPEC
    scanned: Scanned = field(default_factory=Scanned)
    memo: dict[str, Any] = field(default_factory=dict)
    seen: int = 0

    def mark(self, rows: IntArray, bit: int) -> None:
        """Set a bit of some rows."""
        if bit and len(rows):
            self.mask[rows] |= np.uint32(bit)
            self.seen |= bit

    @property
    def at_ns(self) -> IntArray:
        """Times of the rows."""
        return self.rows.at_ns

    def column(self, name: str) -> FloatArray:
        """One column of values."""
        return self.rows.values[name]

    def marked(self, *codes: str) -> IntArray:
        """Rows that any of the codes marked so far."""
        bits = sum(FINDINGS[code].bit for code in codes)
        if not self.seen & bits:
            return NO_ROWS
        found: IntArray = np.flatnonzero(self.mask & np.uint32(bits))
        return found

    def trusted_rows(self, *, but: tuple[str, ...] = ()) -> IntArray | slice:
        """Rows whose prices are trusted so far, a slice of all where none is distrusted.

        Marks of the codes in ``but`` do not count.
        """
        bits = PRICE_BITS & ~sum(FINDINGS[code].bit for code in but)
        if not self.seen & bits:
            return slice(None)
        found: IntArray = np.flatnonzero(self.mask & np.uint32(bits) == 0)
        return found

    def distrusted(self) -> IntArray:
        """Rows whose prices are distrusted so far."""
        if not self.seen & PRICE_BITS:
            return NO_ROWS
        found: IntArray = np.flatnonzero(self.mask & np.uint32(PRICE_BITS))
        return found

    def good_prices(self, *names: str) -> tuple[IntArray | slice, tuple[FloatArray, ...]]:
        """The trusted rows, and columns of them."""
        rows = self.trusted_rows()
        return rows, tuple(self.rows.values[name][rows] for name in names)

    def finding(self, code: str, noticed: Noticed) -> Finding:
        """The finding for what a check noticed."""
        times = self.rows.at_ns[noticed.rows[:8]]
        span = noticed.span or (int(self.rows.at_ns[noticed.rows[0]]), int(self.rows.at_ns[noticed.rows[-1]]))
        places = noticed.places if len(noticed.places) else times
        count = noticed.count or len(noticed.rows)
        return finding(
            code,
            self.series.instrument,
            count,
            span,
            detail=noticed.detail,
            series=self.series.kind,
            places=places,
            utc_offset_ns=self.series.hours.utc_offset_ns,
        )


def picked(rows: IntArray | slice, index: IntArray) -> IntArray:
    """The rows of the series at some places of its trusted ones (see :meth:`Look.good_prices`)."""
    return index if isinstance(rows, slice) else rows[index]


def at_rows(rows: IntArray, detail: Text | str = "") -> Iterator[Noticed]:
    """One Noticed for the rows, none where there is no row."""
    if len(rows):
        yield Noticed(rows, detail)


def in_runs(flags: BoolArray, length: int) -> BoolArray:
    """True where a flag belongs to a run of at least ``length``.

    >>> in_runs(np.array([True, True, False, True]), 2).tolist()
    [True, True, False, False]
    """
    starts, stops = runs_of(flags)
    is_long = stops - starts >= length
    steps = np.zeros(len(flags) + 1, dtype=np.int64)
    steps[starts[is_long]] += 1
    steps[stops[is_long]] -= 1
    result: BoolArray = np.cumsum(steps[:-1]) > 0
    return result


def runs_of(flags: BoolArray) -> tuple[IntArray, IntArray]:
    """First row of each run of True, and the row after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return edges[::2], edges[1::2]
