"""Adds rows to a series, or takes old ones away: the gate judges the whole, and the new version is committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from geobuk.data.admission import judge_with, require_same_level, require_welcome
from geobuk.data.check_context import context_of
from geobuk.data.checks.context import Context
from geobuk.data.layout import SeriesKey
from geobuk.data.manifest import SCHEMA, Manifest, Source
from geobuk.data.merge import Merged, merge
from geobuk.data.quality import Series, Verdict, gate
from geobuk.data.rows import Rows, no_rows
from geobuk.data.series_commit import Version, commit, current, folder_of, load_rows
from geobuk.data.series_files import SUPERSEDED, read_stored
from geobuk.data.snapshots import rules_hours
from geobuk.domain.errors import DataError
from geobuk.panel import Finding

__all__ = [
    "IMPORT_CODES",
    "SUPERSEDED",
    "Batch",
    "Stored",
    "context_for",
    "current",
    "cut",
    "folder_of",
    "load_rows",
    "read_stored",
    "store",
]

IMPORT_CODES = ("ORDER", "DUPLICATE", "CONFLICT", "UNFINISHED")
"""Findings about a source rather than the stored rows; they stay in the manifest."""


@dataclass(frozen=True)
class Batch:
    """New rows for one series: sorted, one for each moment; ``findings`` are what the importer noticed.

    ``rules_hours`` are the hours between funding stamps by the instrument's rules, 0 where they are not known.
    ``further`` are sources besides the first: one download stores the rows of many files at once.
    ``context`` is what the gate may know of other series; None looks for it when the batch is stored.
    """

    key: SeriesKey
    rows: Rows
    source: Source
    is_synthetic: bool = False
    findings: tuple[Finding, ...] = ()
    rules_hours: int = 0
    further: tuple[Source, ...] = ()
    context: Context | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source."""
        return (self.source, *self.further)

    @property
    def series(self) -> Series:
        """What the gate must know."""
        key = self.key
        return Series(key.venue, key.instrument, key.kind, key.interval_ns, self.rules_hours)


@dataclass(frozen=True)
class Stored:
    """What became of a batch. ``manifest`` is the state afterwards; nothing was written where ``is_unchanged``."""

    manifest: Manifest
    added: int
    known: int
    conflicts: int
    is_unchanged: bool


def store(root: Path, batch: Batch) -> Stored:
    """Merge a batch into its series, let the gate judge the whole, and write what changed.

    Raises
    ------
    StorageError
        The disk is full or can't be written; the series is as it was.
    DataError
        Synthetic and real rows would mix, or the stored series is damaged.
    RefusedRowsError
        The series is good, and the batch is not; the series is as it was.
    """
    key = batch.key
    old = current(root, key)
    _require_same_origin(old, batch)
    old_rows = load_rows(root, old) if old is not None else no_rows(key.kind)
    merged = merge(old_rows, batch.rows, key.kind, key.instrument, source=batch.source.file)
    if old is not None and merged.added == 0 and all(_is_known(source, old) for source in batch.sources):
        return Stored(old, 0, merged.known, merged.conflicts, is_unchanged=True)
    context = context_for(root, key, batch.sources) if batch.context is None else batch.context
    verdict = gate(merged.rows, batch.series, context)
    if old is not None and not old.quarantine_reason and merged.added + merged.conflicts:
        judge = judge_with(batch.series, context, old_rows)
        require_welcome(str(key), old_rows, batch.rows, verdict, judge)
        require_same_level(str(key), batch.series, old_rows, batch.rows)
    draft = Manifest(
        revision=old.revision + 1 if old is not None else 1,
        venue=key.venue,
        instrument=key.instrument,
        kind=key.kind,
        interval=key.interval,
        phase_ns=verdict.phase_ns,
        is_synthetic=batch.is_synthetic,
        rows=0,
        masked=0,
        first_at_ns=0,
        last_at_ns=0,
        files=(),
        findings=_findings(old, batch, merged, verdict),
        sources=(*(old.sources if old is not None else ()), *_with_ranges(batch)),
        quarantine_reason=verdict.quarantine_reason,
    )
    manifest = commit(root, draft, verdict.rows, Version(old, old_rows) if old is not None else None)
    return Stored(manifest, merged.added, merged.known, merged.conflicts, is_unchanged=False)


def context_for(root: Path, key: SeriesKey, sources: Sequence[Source]) -> Context:
    """What the gate may know of other series when rows of some sources are added to one."""
    old = current(root, key)
    every = (*(old.sources if old is not None else ()), *sources)
    return context_of(root, key, volume_is_base=all(source.volume_unit == "base" for source in every))


def cut(root: Path, old: Manifest, before_ns: int) -> Manifest:
    """Forget the rows before a moment, and let the gate judge the rest; at least one row must be left.

    Raises
    ------
    StorageError, DataError
        The disk is full or can't be written, or the series is damaged; it is as it was.
    """
    key, rows = old.key, load_rows(root, old)
    hours = rules_hours(root, key.venue, [key.instrument], old.last_at_ns) if key.kind == "funding" else {}
    series = Series(key.venue, key.instrument, key.kind, key.interval_ns, hours.get(key.instrument, 0))
    verdict = gate(rows.take(rows.at_ns >= before_ns), series, context_for(root, key, ()))
    at_import = tuple(f for f in old.findings if f.code in IMPORT_CODES and f.last_at_ns >= before_ns)
    draft = msgspec.structs.replace(
        old,
        schema=SCHEMA,
        revision=old.revision + 1,
        phase_ns=verdict.phase_ns,
        findings=(*at_import, *verdict.findings),
        sources=tuple(s.kept_from(before_ns) for s in old.sources if s.rows == 0 or s.last_at_ns >= before_ns),
        quarantine_reason=verdict.quarantine_reason,
    )
    return commit(root, draft, verdict.rows, Version(old, rows))


def _require_same_origin(old: Manifest | None, batch: Batch) -> None:
    if old is not None and old.is_synthetic != batch.is_synthetic:
        stored, new = ("synthetic", "real") if old.is_synthetic else ("real", "synthetic")
        raise DataError(
            f"{batch.key} holds {stored} rows, the file is said to be {new}",
            cure="import it under another venue name; synthetic and real rows never mix",
        )


def _is_known(source: Source, old: Manifest) -> bool:
    return any(known.reads_like(source) for known in old.sources)


def _with_ranges(batch: Batch) -> tuple[Source, ...]:
    """Sources that say what they hold; where there is one only, it holds the whole batch."""
    if batch.further or batch.source.rows:
        return batch.sources
    return (batch.source.holding(batch.rows.at_ns),)


def _findings(old: Manifest | None, batch: Batch, merged: Merged, verdict: Verdict) -> tuple[Finding, ...]:
    earlier = [f for f in old.findings if f.code in IMPORT_CODES] if old is not None else []
    at_import = [f for f in (*batch.findings, *merged.findings) if f not in earlier]
    return (*earlier, *at_import, *verdict.findings)
