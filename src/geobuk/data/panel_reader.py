"""Reads chosen series into one panel: few large Parquet scans, then numpy puts each row in its place on the grid."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from geobuk.data.arrange import moment_of
from geobuk.data.calendars import hours_of
from geobuk.data.findings import FINDINGS, PRICE_BITS
from geobuk.data.funding import fill_rates, schedule_of
from geobuk.data.manifest import Manifest, StoredFile, hash_manifests
from geobuk.data.panel_query import PanelQuery, Selection, no_bars
from geobuk.data.rows import KIND_COLUMNS
from geobuk.data.series_store import damaged, folder_of, read_stored
from geobuk.panel import FLOAT_FIELDS, FloatArray, IntArray, Panel

_BATCH_ROWS = 3_000_000
_READERS = 4
"""Threads that read and hash files; both let go of the interpreter."""

Columns = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Grid:
    """``size`` instants from ``start_ns`` in steps of ``step_ns``."""

    start_ns: int
    step_ns: int
    size: int

    @property
    def at_ns(self) -> IntArray:
        """(T,) the instants."""
        return self.start_ns + self.step_ns * np.arange(self.size, dtype=np.int64)

    def place(self, at_ns: IntArray) -> IntArray:
        """Row of each time: the last instant not after it; may lie outside 0..size-1."""
        row: IntArray = (at_ns - self.start_ns) // self.step_ns
        return row


class _Arrays:
    """The panel's arrays while they are being filled."""

    def __init__(self, rows: int, columns: int) -> None:
        self.floats: dict[str, FloatArray] = {name: np.full((rows, columns), np.nan) for name in FLOAT_FIELDS}
        self.tradable = np.zeros((rows, columns), dtype=np.bool_)
        self.hours = np.zeros(columns, dtype=np.int64)
        self.first, self.last = rows, -1


def read_selection(root: Path, selection: Selection, query: PanelQuery, rules_hours: Mapping[str, int]) -> Panel:
    """Fill a panel from the first to the last bar in range.

    Parameters
    ----------
    rules_hours
        Hours between funding stamps by the rules of each instrument that has some: 0 where it pays none. They limit
        what its funding history is taken to show; without either, the venue's usual hours count.

    Raises
    ------
    DataError
        No bar lies in the range, or a stored file is damaged.
    FileNotFoundError
        A stored file is gone, such as by an import.
    """
    grid = _grid(selection.bars, query)
    names = [m.instrument for m in selection.bars]
    arrays = _Arrays(grid.size, len(names))
    for column, rows in _each(root, selection.bars, query, "bars"):
        _place_bars(arrays, grid, column, rows)
    if arrays.last < 0:
        raise no_bars(selection.bars, query)
    _fill_marks(root, selection, query, grid, arrays)
    _fill_funding(root, selection, query, grid, arrays, rules_hours)
    kept = slice(arrays.first, arrays.last + 1)
    at_ns = grid.at_ns[kept]
    begin, end = int(at_ns[0]), int(at_ns[-1]) + grid.step_ns
    return Panel(
        venue=query.venue,
        interval_ns=grid.step_ns,
        instruments=tuple(names),
        at_ns=at_ns,
        **{name: array[kept] for name, array in arrays.floats.items()},
        tradable=arrays.tradable[kept],
        funding_hours=arrays.hours,
        is_synthetic=any(m.is_synthetic for m in selection.bars),
        findings=tuple(f for f in selection.findings if f.first_at_ns < end and f.last_at_ns >= begin),
        source_hash=hash_manifests(selection.manifests),
    )


def _grid(bars: Sequence[Manifest], query: PanelQuery) -> Grid:
    step, phase = bars[0].key.interval_ns, bars[0].phase_ns
    first = min(m.first_at_ns for m in bars)
    last = max(m.last_at_ns for m in bars)
    first = first if query.from_ns is None else max(first, query.from_ns)
    last = last if query.to_ns is None else min(last, query.to_ns - 1)
    start = -((phase - first) // step) * step + phase
    if last < start:
        raise no_bars(bars, query)
    return Grid(start, step, (last - start) // step + 1)


def _each(root: Path, manifests: Sequence[Manifest], query: PanelQuery, kind: str) -> Iterator[tuple[int, Columns]]:
    """Number and rows of each series, reading several files at once but never more than a few million rows."""
    columns = ["at_ns", *KIND_COLUMNS[kind], "mask"]
    batch: list[tuple[int, list[StoredFile], Path]] = []
    size = 0
    for number, manifest in enumerate(manifests):
        files = [
            f for f in manifest.files if query.overlaps(f.first_at_ns - 1, f.last_at_ns + manifest.key.interval_ns)
        ]
        batch.append((number, files, folder_of(root, manifest)))
        size += sum(f.rows for f in files)
        if size >= _BATCH_ROWS or number == len(manifests) - 1:
            yield from _scan(batch, columns)
            batch, size = [], 0


def _scan(batch: Sequence[tuple[int, list[StoredFile], Path]], columns: list[str]) -> Iterator[tuple[int, Columns]]:
    wanted = [(folder, file) for _, files, folder in batch for file in files]
    if not wanted:
        return
    with ThreadPoolExecutor(_READERS) as pool:
        sources = list(pool.map(lambda place: read_stored(*place), wanted))
    try:
        table = pl.scan_parquet(sources).select(columns).collect()
    except pl.exceptions.PolarsError as error:
        raise damaged(batch[0][2], error) from None
    whole = {name: table[name].to_numpy() for name in columns}
    start = 0
    for number, files, _ in batch:
        stop = start + sum(file.rows for file in files)
        yield number, {name: values[start:stop] for name, values in whole.items()}
        start = stop


def _place_bars(arrays: _Arrays, grid: Grid, column: int, rows: Columns) -> None:
    at_ns, mask = rows["at_ns"].astype(np.int64, copy=False), rows["mask"].astype(np.uint32, copy=False)
    place = grid.place(at_ns)
    fits = (place >= 0) & (place < grid.size) & (mask & FINDINGS["MISALIGNED"].bit == 0)
    if not fits.all():
        place, mask = place[fits], mask[fits]
        rows = {name: values[fits] for name, values in rows.items()}
    if len(place) == 0:
        return
    arrays.first, arrays.last = min(arrays.first, int(place[0])), max(arrays.last, int(place[-1]))
    where: slice | IntArray = place
    if place[-1] - place[0] + 1 == len(place):
        where = slice(int(place[0]), int(place[-1]) + 1)
    withheld = mask & np.uint32(PRICE_BITS) != 0
    for name in KIND_COLUMNS["bars"]:
        values = rows[name]
        if withheld.any():
            values = np.where(withheld, np.nan, values)
        arrays.floats[name][where, column] = values
    arrays.tradable[where, column] = mask == 0


def _fill_marks(root: Path, selection: Selection, query: PanelQuery, grid: Grid, arrays: _Arrays) -> None:
    """A mark bar's close is the mark at its end, and so at the end of the bar that ends then."""
    names = [m.instrument for m in selection.bars]
    marks = list(selection.marks.values())
    for number, rows in _each(root, marks, query, "mark"):
        ends = rows["at_ns"].astype(np.int64, copy=False) + marks[number].key.interval_ns
        place, off = np.divmod(ends - grid.step_ns - grid.start_ns, grid.step_ns)
        fits = (off == 0) & (place >= 0) & (place < grid.size) & (rows["mask"] == 0)
        arrays.floats["mark"][place[fits], names.index(marks[number].instrument)] = rows["close"][fits]


def _fill_funding(
    root: Path,
    selection: Selection,
    query: PanelQuery,
    grid: Grid,
    arrays: _Arrays,
    rules_hours: Mapping[str, int],
) -> None:
    names = [m.instrument for m in selection.bars]
    usual = hours_of(query.venue).funding_hours
    arrays.hours[:] = [rules_hours.get(name, usual) for name in names]
    series = list(selection.funding.values())
    for number, rows in _each(root, series, query, "funding"):
        name = series[number].instrument
        _place_funding(arrays, grid, names.index(name), rows, rules_hours.get(name, 0))


def _place_funding(arrays: _Arrays, grid: Grid, column: int, rows: Columns, rules_hours: int) -> None:
    good = rows["mask"] == 0
    stamps = moment_of(rows["at_ns"].astype(np.int64, copy=False), "funding")[good]
    rates = rows["rate"][good].astype(np.float64, copy=False)
    schedule = schedule_of(stamps, rules_hours)
    arrays.hours[column] = schedule.hours or arrays.hours[column]
    opening, inside = fill_rates(grid.at_ns, grid.step_ns, stamps, rates, schedule)
    arrays.floats["funding"][:, column] = opening
    arrays.floats["funding_inside"][:, column] = inside
