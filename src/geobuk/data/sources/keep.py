"""The one place where what was fetched enters the catalog: pieces of a series become one batch with all its sources."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from geobuk.data.arrange import arrange
from geobuk.data.atomic import write_lock
from geobuk.data.findings import finding
from geobuk.data.layout import SeriesKey
from geobuk.data.manifest import Source
from geobuk.data.rejudge import judge_neighbours
from geobuk.data.rows import Rows
from geobuk.data.series_store import Batch, Stored, store
from geobuk.data.snapshots import rules_hours
from geobuk.data.sources.binance_archive import ARCHIVE_KINDS
from geobuk.data.sources.binance_rest import RestRows
from geobuk.data.sources.coverage import rest_name
from geobuk.data.sources.fetch import Fetched
from geobuk.data.sources.tapes import TapeDay, store_day
from geobuk.domain.errors import StorageError

_LOCK_TRIES = 120
_LOCK_WAIT_S = 0.5


@dataclass(frozen=True)
class Piece:
    """Rows of one source."""

    frame: pl.DataFrame
    source: Source


def archive_source(fetched: Fetched, now_ns: int) -> Source:
    """Where rows of a zip file came from."""
    return Source(
        file=fetched.file.name,
        sha256=fetched.sha256,
        imported_at_ns=now_ns,
        mapping=dict(ARCHIVE_KINDS[fetched.file.kind].values),
        url=fetched.file.path,
        fetched_at_ns=fetched.fetched_at_ns,
    )


def rest_source(rows: RestRows, now_ns: int) -> Source:
    """Where rows of REST answers came from. The name covers up to the last ended bar; what follows is asked again."""
    span, covered = rows.span, rows.span.to_ns
    if span.interval:
        last = int(rows.frame["at_ns"].to_numpy().max()) + span.step_ns
        covered = min(covered, last, now_ns // span.step_ns * span.step_ns)
    return Source(
        file=rest_name(span.instrument, span.interval or "fundingRate", span.from_ns, covered),
        sha256=rows.sha256,
        imported_at_ns=now_ns,
        mapping=dict(ARCHIVE_KINDS[span.kind].values),
        url=rows.path,
        fetched_at_ns=rows.fetched_at_ns,
    )


def keep_rows(root: Path, key: SeriesKey, pieces: Sequence[Piece], now_ns: int) -> Stored | None:
    """Store the pieces of a series at once, and judge what is compared with it; None where no bar of them has ended.

    Raises
    ------
    StorageError, DataError
        As :func:`geobuk.data.series_store.store`; the series is as it was.
    """
    rows = Rows.from_frame(pl.concat([piece.frame for piece in pieces]), key.kind)
    rows, notes = arrange(rows, key.kind, key.instrument)
    unfinished = rows.at_ns + key.interval_ns > now_ns
    if unfinished.any():
        times = rows.at_ns[unfinished]
        span = (int(times[0]), int(times[-1]))
        notes.append(finding("UNFINISHED", key.instrument, len(times), span, series=key.kind))
        rows = rows.take(~unfinished)
    if len(rows) == 0:
        return None
    hours = 0
    if key.kind == "funding":
        known = rules_hours(root, key.venue, [key.instrument], int(rows.at_ns[-1]))
        hours = known.get(key.instrument, 0)
    first, *further = (_with_range(piece, now_ns - key.interval_ns) for piece in pieces)
    batch = Batch(key, rows, first, findings=tuple(notes), rules_hours=hours, further=tuple(further))
    with _locked(root):
        stored = store(root, batch)
        judge_neighbours(root, [key])
        return stored


def _with_range(piece: Piece, last_ns: int) -> Source:
    """The source with the range and number of its rows that had ended."""
    at_ns = np.sort(piece.frame["at_ns"].to_numpy())
    at_ns = at_ns[at_ns <= last_ns]
    return piece.source.holding(at_ns) if len(at_ns) else piece.source


def keep_day(root: Path, key: SeriesKey, day: str, piece: Piece) -> TapeDay:
    """Store one day of a tape."""
    with _locked(root):
        return store_day(root, key, day, piece.frame, piece.source)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """The catalog's write lock, waited for: an import that runs meanwhile is over soon."""
    with ExitStack() as stack:
        for left in range(_LOCK_TRIES, -1, -1):
            try:
                stack.enter_context(write_lock(root))
                break
            except StorageError as error:
                if left == 0 or error.__cause__ is not None:  # a disk that refuses will not change its mind
                    raise
                time.sleep(_LOCK_WAIT_S)
        yield
