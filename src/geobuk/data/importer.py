"""Brings a user's file into the catalog: read, map, judge, store. It explains what it refuses and reports the rest."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from geobuk.data.arrange import arrange
from geobuk.data.atomic import write_lock
from geobuk.data.catalog import Catalog
from geobuk.data.checks.context import Context
from geobuk.data.findings import finding
from geobuk.data.import_spec import ImportSpec
from geobuk.data.incoming import Incoming, read_incoming
from geobuk.data.layout import SeriesKey, series_key
from geobuk.data.manifest import Source
from geobuk.data.rejudge import judge_neighbours
from geobuk.data.rows import Rows
from geobuk.data.series_store import Batch, context_for, store
from geobuk.data.snapshots import rules_hours
from geobuk.domain.errors import RefusedRowsError, StorageError
from geobuk.domain.times import interval_text
from geobuk.ops.progress import Progress
from geobuk.panel import Finding
from geobuk.ports import Clock

__all__ = ["ImportReport", "ImportSpec", "SeriesImport", "import_file"]

_WRITERS = 3
"""Threads that judge, encode, hash and write; all of it lets go of the interpreter, and a disk is waited for."""


@dataclass(frozen=True)
class SeriesImport:
    """What became of one instrument's rows. ``refusal`` says why none of them was taken; empty where they were."""

    key: SeriesKey
    rows_read: int
    rows_new: int
    rows_known: int
    rows_conflicting: int
    rows_masked: int
    quarantine_reason: str
    findings: tuple[Finding, ...]
    is_unchanged: bool
    refusal: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``mapping`` is role → column as used.

    ``judged_again`` are older series whose marks or verdict changed, since they can be compared with what came.
    """

    path: Path
    venue: str
    kind: str
    interval: str
    mapping: Mapping[str, str]
    source_sha256: str
    series: tuple[SeriesImport, ...]
    is_unchanged: bool
    judged_again: tuple[SeriesKey, ...] = ()

    @property
    def rows_read(self) -> int:
        """Rows of the file."""
        return sum(s.rows_read for s in self.series)

    @property
    def rows_new(self) -> int:
        """Rows that the catalog did not have."""
        return sum(s.rows_new for s in self.series)

    @property
    def rows_conflicting(self) -> int:
        """Rows that contradict stored ones, which were kept."""
        return sum(s.rows_conflicting for s in self.series)

    @property
    def quarantined(self) -> tuple[SeriesImport, ...]:
        """Series that may not be used."""
        return tuple(s for s in self.series if s.quarantine_reason)

    @property
    def refused(self) -> tuple[SeriesImport, ...]:
        """Instruments of which no row was taken: their stored series are good, and these rows are not."""
        return tuple(s for s in self.series if s.refusal)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of every series."""
        return tuple(f for s in self.series for f in s.findings)

    @property
    def text(self) -> str:
        """One sentence for a person."""
        extra = f", {self.rows_conflicting:,} rows contradict stored ones, which were kept"
        extra = extra if self.rows_conflicting else ""
        again = len(self.judged_again)
        marked = f", {again} stored series compared with them judged anew" if again else ""
        if self.is_unchanged and not self.refused:
            known = f"{self.path.name} was imported before, 0 new rows of {self.rows_read:,}"
            return f"nothing changed: {known}{extra}{marked}"
        extra += f", {len(self.refused)} refused" if self.refused else ""
        extra += f", {len(self.quarantined)} quarantined" if self.quarantined else ""
        return (
            f"{self.rows_new:,} new rows of {self.rows_read:,} in {len(self.series)} {self.venue} {self.kind} "
            f"series ({self.interval}){extra}{marked}"
        )


def import_file(catalog: Catalog, spec: ImportSpec, clock: Clock, progress: Progress | None = None) -> ImportReport:
    """Import one file; each instrument is stored whole or not at all, and the same file twice changes nothing.

    Parameters
    ----------
    progress
        Called with a stage, how much is done, and how much there is.

    Rows that would spoil a good series are refused, in the report; the other instruments of the file are stored. Stored
    series that can be compared with what came are judged again, so the order of imports does not matter.

    Raises
    ------
    DataError
        The file or a value in it can't be used; nothing was stored.
    StorageError
        The catalog can't be written. Instruments stored before the failure stay; the same command carries on.
    """
    spec.require_readable()
    tell = progress or (lambda stage, done, total: None)
    with write_lock(catalog.root):
        tell("reading", 0, 1)
        now_ns = clock.now_ns()
        incoming = read_incoming(spec, now_ns)
        work = _work(catalog.root, spec, incoming, now_ns)
        done = []
        for number, outcome in enumerate(_in_threads(work)):
            tell(work[number].key.instrument, number, len(work))
            done.append(outcome.result())
        again = judge_neighbours(catalog.root, [one.key for one in done if one is not None and not one.refusal])
        tell("done", len(work), len(work))
    series = tuple(one for one in done if one is not None)
    return ImportReport(
        path=spec.path,
        venue=spec.venue,
        kind=spec.kind,
        interval=work[0].key.interval,
        mapping=incoming.mapping,
        source_sha256=incoming.sha256,
        series=series,
        is_unchanged=all(one.is_unchanged for one in series),
        judged_again=tuple(manifest.key for manifest in again),
    )


@dataclass(frozen=True)
class _Work:
    """One instrument's rows as they came, and all that is needed to store them.

    What the gate knows of other series is as it was before the import: the order of threads must not show.
    """

    root: Path
    key: SeriesKey
    frame: pl.DataFrame
    source: Source
    now_ns: int
    is_synthetic: bool
    rules_hours: int
    context: Context

    def store(self) -> SeriesImport | None:
        """Put the rows in order and store them; None where no bar has ended yet."""
        key = self.key
        rows, notes = arrange(Rows.from_frame(self.frame, key.kind), key.kind, key.instrument)
        unfinished = rows.at_ns + key.interval_ns > self.now_ns
        if key.interval_ns and unfinished.any():
            times = rows.at_ns[unfinished]
            span = (int(times[0]), int(times[-1]))
            notes.append(finding("UNFINISHED", key.instrument, len(times), span, series=key.kind))
            rows = rows.take(~unfinished)
        if len(rows) == 0:
            return None
        batch = Batch(key, rows, self.source, self.is_synthetic, tuple(notes), self.rules_hours, context=self.context)
        try:
            stored = store(self.root, batch)
        except RefusedRowsError as error:
            return _refused(key, self.frame.height, error)
        return SeriesImport(
            key=key,
            rows_read=self.frame.height,
            rows_new=stored.added,
            rows_known=stored.known,
            rows_conflicting=stored.conflicts,
            rows_masked=stored.manifest.masked,
            quarantine_reason=stored.manifest.quarantine_reason,
            findings=stored.manifest.findings,
            is_unchanged=stored.is_unchanged,
        )


def _refused(key: SeriesKey, rows: int, error: RefusedRowsError) -> SeriesImport:
    return SeriesImport(
        key=key,
        rows_read=rows,
        rows_new=0,
        rows_known=0,
        rows_conflicting=0,
        rows_masked=0,
        quarantine_reason="",
        findings=(),
        is_unchanged=True,
        refusal=str(error),
    )


def _work(root: Path, spec: ImportSpec, incoming: Incoming, now_ns: int) -> list[_Work]:
    interval = interval_text(incoming.interval_ns) if incoming.interval_ns else ""
    keys = {name: series_key(spec.venue, name, spec.kind, interval) for name in incoming.parts}
    source = Source(
        file=spec.path.name,
        sha256=incoming.sha256,
        imported_at_ns=now_ns,
        mapping=dict(incoming.mapping),
        time_unit=spec.time_unit,
        time_zone=spec.time_zone,
        volume_unit=spec.volume_unit,
        url=spec.url,
        fetched_at_ns=spec.fetched_at_ns,
    )
    is_funding = spec.kind == "funding"
    hours = rules_hours(root, spec.venue, list(keys), incoming.last_at_ns) if is_funding else {}
    contexts = {name: context_for(root, key, (source,)) for name, key in keys.items()}
    return [
        _Work(root, key, incoming.parts[name], source, now_ns, spec.is_synthetic, hours.get(name, 0), contexts[name])
        for name, key in keys.items()
    ]


def _in_threads(work: Sequence[_Work]) -> Iterator["Future[SeriesImport | None]"]:
    """Each outcome in order, complete; after a failure nothing more is begun."""
    pool = ThreadPoolExecutor(_WRITERS)
    try:
        futures = [pool.submit(one.store) for one in work]
        for future in futures:
            error = future.exception()
            if error is not None:
                pool.shutdown(cancel_futures=True)
                _tell_how_many(error, futures)
            yield future
    finally:
        pool.shutdown(cancel_futures=True)


def _tell_how_many(error: BaseException, futures: "Sequence[Future[SeriesImport | None]]") -> None:
    """Raise a refusal of the disk again, with the number of instruments that were stored all the same."""
    if not isinstance(error, StorageError):
        return
    stored = sum(1 for f in futures if f.done() and not f.cancelled() and f.exception() is None)
    raise StorageError(
        f"{error.message} ({stored} of {len(futures)} instruments were stored)", cure=error.cure
    ) from error
