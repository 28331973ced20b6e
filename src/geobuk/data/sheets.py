"""Decodes stored files ahead of whoever walks through time: a sheet is a stretch of all series at once.

It holds the sheets that are still needed and the next one, so memory does not grow with the length of history.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from geobuk.data.hindsight import forget_later_splits
from geobuk.data.manifest import Manifest, StoredFile
from geobuk.data.placing import Decoded
from geobuk.data.series_commit import folder_of
from geobuk.data.series_files import damaged, read_stored
from geobuk.panel import IntArray

AnyArray = npt.NDArray[np.generic]

_SHEET_ROWS = 1_000_000
"""Periods are joined up to this many rows: a few large readings instead of many small ones."""

_READERS = 4
"""Threads that read, hash and decode files; all of it lets go of the interpreter."""


@dataclass(frozen=True)
class Piece:
    """One stored file of one series."""

    series: int
    folder: Path
    file: StoredFile


@dataclass(frozen=True)
class Sheet:
    """Files of a stretch of time, in order of series and time."""

    first_at_ns: int
    last_at_ns: int
    rows: int
    pieces: tuple[Piece, ...]


def sheets_of(root: Path, manifests: Sequence[Manifest], first_ns: int, last_ns: int) -> list[Sheet]:
    """Sheets of everything stored from ``first_ns`` to ``last_ns``, in order of their beginnings."""
    by_period: dict[str, list[Piece]] = {}
    for series, manifest in enumerate(manifests):
        folder = folder_of(root, manifest)
        for file in manifest.files:
            if file.first_at_ns <= last_ns and file.last_at_ns >= first_ns:
                by_period.setdefault(file.period, []).append(Piece(series, folder, file))
    sheets: list[Sheet] = []
    for period in sorted(by_period, key=lambda label: min(p.file.first_at_ns for p in by_period[label])):
        one = _sheet(by_period[period])
        if sheets and sheets[-1].rows + one.rows <= _SHEET_ROWS:
            sheets[-1] = _sheet([*sheets[-1].pieces, *one.pieces])
        else:
            sheets.append(one)
    return sheets


def _sheet(pieces: Sequence[Piece]) -> Sheet:
    return Sheet(
        first_at_ns=min(p.file.first_at_ns for p in pieces),
        last_at_ns=max(p.file.last_at_ns for p in pieces),
        rows=sum(p.file.rows for p in pieces),
        pieces=tuple(sorted(pieces, key=lambda p: (p.series, p.file.first_at_ns))),
    )


class Reel:
    """Sheets of some columns, wound forward only. ``splits_until`` (S,) as in :mod:`geobuk.data.hindsight`.

    Raises
    ------
    DataError
        From :meth:`between`: a stored file is damaged.
    FileNotFoundError
        From :meth:`between`: a stored file is gone, such as by an import.
    """

    def __init__(
        self, sheets: Sequence[Sheet], series: int, columns: Sequence[str], splits_until: IntArray | None = None
    ) -> None:
        self._sheets = list(sheets)
        self._series = series
        self._splits_until = splits_until
        self._columns = tuple(columns)
        self._open: list[tuple[Sheet, Decoded]] = []
        self._readers = ThreadPoolExecutor(_READERS)
        self._ahead = ThreadPoolExecutor(1)
        self._next: Future[Decoded] | None = None
        self._look_ahead()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ahead.shutdown(cancel_futures=True)
        self._readers.shutdown(cancel_futures=True)

    def between(self, first_ns: int, last_ns: int) -> list[tuple[Sheet, Decoded]]:
        """Decoded sheets that touch [first_ns, last_ns]; ``first_ns`` never goes back."""
        self._open = [(sheet, rows) for sheet, rows in self._open if sheet.last_at_ns >= first_ns]
        while self._next is not None and self._sheets[0].first_at_ns <= last_ns:
            rows, sheet = self._next.result(), self._sheets.pop(0)
            self._look_ahead()
            if sheet.last_at_ns >= first_ns:
                self._open.append((sheet, rows))
        return [(sheet, rows) for sheet, rows in self._open if sheet.first_at_ns <= last_ns]

    def _look_ahead(self) -> None:
        self._next = self._ahead.submit(self._decode, self._sheets[0]) if self._sheets else None

    def _decode(self, sheet: Sheet) -> Decoded:
        at_ns, mask = np.empty(sheet.rows, dtype=np.int64), np.empty(sheet.rows, dtype=np.uint32)
        values = tuple(np.empty(sheet.rows) for _ in self._columns)
        starts = np.zeros(self._series + 1, dtype=np.int64)
        work: list[Future[None]] = []
        start = 0
        for piece in sheet.pieces:
            stop = start + piece.file.rows
            place = slice(start, stop)
            into: dict[str, AnyArray] = {"at_ns": at_ns[place], "mask": mask[place]}
            into |= {name: column[place] for name, column in zip(self._columns, values, strict=True)}
            work.append(self._readers.submit(_read_into, piece, into))
            starts[piece.series + 1] += piece.file.rows
            start = stop
        for done in work:
            done.result()
        starts = np.cumsum(starts)
        for series, until in enumerate(() if self._splits_until is None else self._splits_until.tolist()):
            rows = slice(int(starts[series]), int(starts[series + 1]))
            forget_later_splits(until, at_ns[rows], mask[rows])
        return Decoded(starts, at_ns, mask, values)


def _read_into(piece: Piece, into: dict[str, AnyArray]) -> None:
    data = read_stored(piece.folder, piece.file)
    try:
        frame = pl.read_parquet(data, columns=list(into), parallel="none")
    except pl.exceptions.PolarsError as error:
        raise damaged(piece.folder, error) from None
    if frame.height != piece.file.rows:
        raise damaged(piece.folder, ValueError(f"{piece.file.name} holds {frame.height} rows, not {piece.file.rows}"))
    for name, place in into.items():
        place[:] = frame[name].to_numpy()


def read_times(piece: Piece) -> IntArray:
    """The times of one file. Raises as :class:`Reel`."""
    at_ns = np.empty(piece.file.rows, dtype=np.int64)
    _read_into(piece, {"at_ns": at_ns})
    return at_ns
