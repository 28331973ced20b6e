"""Reads chosen series into panels, wholly or stretch by stretch: the same rows either way."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from geobuk.data.calendars import hours_of, trading_year_of
from geobuk.data.hindsight import SPLIT, is_seen, splits_stand_until
from geobuk.data.manifest import Manifest, hash_manifests
from geobuk.data.panel_edges import trimmed
from geobuk.data.panel_grid import grid_of
from geobuk.data.panel_query import PanelQuery, Selection, no_bars
from geobuk.data.panel_rates import rates_of
from geobuk.data.placing import BarArrays, place_bars, place_marks
from geobuk.data.rows import KIND_COLUMNS
from geobuk.data.sheets import Reel, sheets_of
from geobuk.panel import FLOAT_FIELDS, Finding, FloatArray, IntArray, Panel

_WINDOW_VALUES = 1_000_000
"""Values of one column placed at a time: decoding the next files goes on meanwhile."""


def read_selection(root: Path, selection: Selection, query: PanelQuery, rules_hours: Mapping[str, int]) -> Panel:
    """One panel from the first to the last bar in range. Arguments and errors as :class:`PanelReader`."""
    with PanelReader(root, selection, query, rules_hours) as reader:
        return reader.read(0, reader.size)


@dataclass(frozen=True)
class _Marks:
    """Mark series of one interval: ``columns`` are those of the panel; a row's place is ``shift_ns`` after it."""

    reel: Reel
    columns: IntArray
    shift_ns: int


class PanelReader:
    """Rows of one selection, read forward; to be closed.

    Parameters
    ----------
    rules_hours
        Hours between funding stamps by the rules of each instrument that has some: 0 where it pays none. They limit
        what its funding history is taken to show; without either, the venue's usual hours count.

    Raises
    ------
    DataError
        No bar lies in the range, or a stored file is damaged (also while reading).
    FileNotFoundError
        A stored file is gone, such as by an import (also while reading).
    """

    def __init__(self, root: Path, selection: Selection, query: PanelQuery, rules_hours: Mapping[str, int]) -> None:
        self._selection, self._query = selection, query
        self.grid = trimmed(root, selection.bars, grid_of(selection.bars, query))
        if self.grid.size == 0:
            raise no_bars(selection.bars, query)
        self._names = tuple(m.instrument for m in selection.bars)
        self._rates = [
            rates_of(
                root, selection.funding.get(name), query, rules_hours.get(name), hours_of(query.venue).funding_hours
            )
            for name in self._names
        ]
        self._source_hash = hash_manifests(selection.manifests)
        first, last = (int(at) for at in self.grid.at(0, self.size)[[0, -1]])
        self._stack = ExitStack()
        self._beside = self._stack.enter_context(ThreadPoolExecutor(1))
        sheets = sheets_of(root, selection.bars, first, last)
        until = splits_stand_until(selection.bars, query.to_ns)
        self._unsplit = {name for name, at in zip(self._names, until.tolist(), strict=True) if not is_seen(at)}
        self._bars = self._stack.enter_context(Reel(sheets, len(self._names), KIND_COLUMNS["bars"], until))
        self._marks = [self._mark_reel(root, interval, first, last) for interval in self._mark_intervals()]

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.grid.size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, first: int, stop: int) -> Panel:
        """Rows ``first`` to ``stop - 1``; ``first`` never goes back."""
        at_ns, shape = self.grid.at(first, stop), (stop - first, len(self._names))
        floats = {name: np.empty(shape) for name in FLOAT_FIELDS}
        tradable = np.empty(shape, dtype=np.bool_)
        bars = {name: floats[name] for name in KIND_COLUMNS["bars"]}
        out = BarArrays(at_ns=at_ns, tradable=tradable, **bars)
        settled = self._beside.submit(self._fill_rates, at_ns, floats)
        self._fill_bars(out)
        settled.result()
        self._fill_marks(at_ns, floats["mark"])
        begin, end = int(at_ns[0]), int(at_ns[-1]) + self.grid.step_ns
        return Panel(
            venue=self._query.venue,
            interval_ns=self.grid.step_ns,
            instruments=self._names,
            at_ns=at_ns,
            open=out.open,
            high=out.high,
            low=out.low,
            close=out.close,
            volume=out.volume,
            mark=floats["mark"],
            funding=floats["funding"],
            funding_inside=floats["funding_inside"],
            tradable=tradable,
            funding_hours=np.array([rates.hours for rates in self._rates], dtype=np.int64),
            is_synthetic=any(m.is_synthetic for m in self._selection.bars),
            findings=tuple(f for f in self._selection.findings if self._tells_of(f, begin, end)),
            source_hash=self._source_hash,
            year=trading_year_of(self._query.venue),
            utc_offset_ns=hours_of(self._query.venue).utc_offset_ns,
        )

    def _tells_of(self, finding: Finding, begin: int, end: int) -> bool:
        is_later = finding.code == SPLIT and finding.instrument in self._unsplit
        return finding.first_at_ns < end and finding.last_at_ns >= begin and not is_later

    def _fill_bars(self, out: BarArrays) -> None:
        window = max(1, _WINDOW_VALUES // len(self._names))
        done = 0
        for begin in range(0, len(out.at_ns), window):
            end = min(begin + window, len(out.at_ns))
            for sheet, rows in self._bars.between(int(out.at_ns[begin]), int(out.at_ns[end - 1])):
                first = max(begin, int(np.searchsorted(out.at_ns, sheet.first_at_ns)))
                stop = min(end, int(np.searchsorted(out.at_ns, sheet.last_at_ns, side="right")))
                if first >= stop:
                    continue
                _blank(out, done, first)
                place_bars(rows, out, first, stop, max(done, first))
                done = max(done, stop)
            _blank(out, done, end)
            done = max(done, end)

    def _mark_intervals(self) -> list[int]:
        return sorted({m.key.interval_ns for m in self._selection.marks.values()})

    def _mark_reel(self, root: Path, interval_ns: int, first: int, last: int) -> _Marks:
        """A mark bar's close is the mark at its end, and so at the end of the bar that ends then."""
        manifests: list[Manifest] = [m for m in self._selection.marks.values() if m.key.interval_ns == interval_ns]
        shift = interval_ns - self.grid.step_ns
        sheets = sheets_of(root, manifests, first - shift, last - shift)
        reel = self._stack.enter_context(Reel(sheets, len(manifests), ("close",)))
        columns = np.array([self._names.index(m.instrument) for m in manifests], dtype=np.int64)
        return _Marks(reel, columns, shift)

    def _fill_marks(self, at_ns: IntArray, mark: FloatArray) -> None:
        mark.fill(np.nan)
        window = max(1, _WINDOW_VALUES // len(self._names))
        for marks in self._marks:
            for begin in range(0, len(at_ns), window):
                wanted = at_ns[begin : begin + window]
                first, last = int(wanted[0]) - marks.shift_ns, int(wanted[-1]) - marks.shift_ns
                for _, rows in marks.reel.between(first, last):
                    place_marks(rows, marks.columns, marks.shift_ns, wanted, mark[begin : begin + window])

    def _fill_rates(self, at_ns: IntArray, floats: Mapping[str, FloatArray]) -> None:
        opening, inside = floats["funding"], floats["funding_inside"]
        opening.fill(np.nan)
        inside.fill(np.nan)
        for column, rates in enumerate(self._rates):
            rates.fill(at_ns, self.grid.step_ns, opening[:, column], inside[:, column])


def _blank(out: BarArrays, first: int, stop: int) -> None:
    """Rows at which nobody has a bar."""
    if first >= stop:
        return
    for prices in (out.open, out.high, out.low, out.close, out.volume):
        prices[first:stop] = np.nan
    out.tradable[first:stop] = False
