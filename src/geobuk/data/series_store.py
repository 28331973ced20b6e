"""Stores and loads one series: Parquet files by period, then the manifest that commits them.

It applies the gate to what is stored, and keeps quarantined series in a folder of their own.
"""

import io
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

import numpy as np
import polars as pl

from geobuk.data.atomic import storage_error, sync_folder, write_atomic
from geobuk.data.layout import MANIFEST, SeriesKey, periods_of, series_folder
from geobuk.data.manifest import Manifest, Source, StoredFile, encode_manifest, load_manifest
from geobuk.data.merge import Merged, merge
from geobuk.data.quality import Series, Verdict, gate
from geobuk.data.rows import Rows, no_rows
from geobuk.domain.errors import DataError
from geobuk.panel import Finding

IMPORT_CODES = ("ORDER", "DUPLICATE", "CONFLICT", "UNFINISHED")
"""Findings about a source rather than the stored rows; they stay in the manifest."""

PLACES = (False, True, False)
"""Whether to look in quarantine, in order: a series that moves while somebody looks is seen in one place or both."""

SUPERSEDED = ".superseded"
"""Ending of files of the version before: whoever reads by the old manifest finds them until the next import."""


@dataclass(frozen=True)
class Batch:
    """New rows for one series: sorted, one for each moment; ``findings`` are what the importer noticed.

    ``rules_hours`` are the hours between funding stamps by the instrument's rules, 0 where they are not known.
    """

    key: SeriesKey
    rows: Rows
    source: Source
    is_synthetic: bool = False
    findings: tuple[Finding, ...] = ()
    rules_hours: int = 0

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
    """
    key = batch.key
    old = current(root, key)
    _require_same_origin(old, batch)
    old_rows = load_rows(root, old) if old is not None else no_rows(key.kind)
    merged = merge(old_rows, batch.rows, key.kind, key.instrument)
    if old is not None and merged.added == 0 and any(s.reads_like(batch.source) for s in old.sources):
        return Stored(old, 0, merged.known, merged.conflicts, is_unchanged=True)
    verdict = gate(merged.rows, batch.series)
    manifest = _write(root, batch, old, merged, verdict)
    return Stored(manifest, merged.added, merged.known, merged.conflicts, is_unchanged=False)


def current(root: Path, key: SeriesKey) -> Manifest | None:
    """The manifest in force. If a crash left the series in both places, the one with more sources is the newer."""
    found = [load_manifest(series_folder(root, key, quarantined=place)) for place in PLACES]
    known = [manifest for manifest in found if manifest is not None]
    return max(known, key=lambda m: len(m.sources), default=None)


def folder_of(root: Path, manifest: Manifest) -> Path:
    """Where a manifest's files lie."""
    return series_folder(root, manifest.key, quarantined=bool(manifest.quarantine_reason))


def load_rows(root: Path, manifest: Manifest) -> Rows:
    """Every row of a series.

    Raises
    ------
    DataError
        A file is missing, can't be read, or is not what was written.
    """
    folder = folder_of(root, manifest)
    try:
        frames = [pl.read_parquet(io.BytesIO(read_stored(folder, file))) for file in manifest.files]
    except (OSError, pl.exceptions.PolarsError) as error:
        raise damaged(folder, error) from None
    return Rows.from_frame(pl.concat(frames), manifest.kind) if frames else no_rows(manifest.kind)


def read_stored(folder: Path, file: StoredFile) -> bytes:
    """The bytes of a stored file, exactly as they were written; one that an import has just superseded is still there.

    Raises
    ------
    FileNotFoundError
        It is gone: the manifest that names it is no longer in force, or somebody removed it.
    DataError
        Its checksum is not the one that was written.
    """
    path = folder / file.name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = path.with_name(file.name + SUPERSEDED).read_bytes()
    if sha256(data).hexdigest() != file.sha256:
        raise damaged(folder, ValueError(f"{file.name} is not what was written"))
    return data


def damaged(folder: Path, error: BaseException) -> DataError:
    """The message for the files of a series' folder that can't be read."""
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(
        f"the stored series in {folder} is damaged ({reason})",
        cure="delete that folder and import its data again; `geobuk data check` looks at every series",
    )


def _require_same_origin(old: Manifest | None, batch: Batch) -> None:
    if old is not None and old.is_synthetic != batch.is_synthetic:
        stored, new = ("synthetic", "real") if old.is_synthetic else ("real", "synthetic")
        raise DataError(
            f"{batch.key} holds {stored} rows, the file is said to be {new}",
            cure="import it under another venue name; synthetic and real rows never mix",
        )


def _write(root: Path, batch: Batch, old: Manifest | None, merged: Merged, verdict: Verdict) -> Manifest:
    key, rows = batch.key, verdict.rows
    folder = series_folder(root, key, quarantined=bool(verdict.quarantine_reason))
    known = {file.name: file for file in old.files} if old is not None and folder_of(root, old) == folder else {}
    files = tuple(_write_period(folder, period, rows.take(part), known) for period, part in _periods(key, rows))
    if files:
        sync_folder(folder)  # no manifest may name a file that a crash could take back
    manifest = Manifest(
        venue=key.venue,
        instrument=key.instrument,
        kind=key.kind,
        interval=key.interval,
        phase_ns=verdict.phase_ns,
        is_synthetic=batch.is_synthetic,
        rows=len(rows),
        masked=verdict.masked,
        first_at_ns=int(rows.at_ns[0]) if len(rows) else 0,
        last_at_ns=int(rows.at_ns[-1]) if len(rows) else 0,
        files=files,
        findings=_findings(old, batch, merged, verdict),
        sources=(*(old.sources if old is not None else ()), batch.source),
        quarantine_reason=verdict.quarantine_reason,
    )
    write_atomic(folder / MANIFEST, encode_manifest(manifest))
    _sweep(root, manifest, old)
    return manifest


def _periods(key: SeriesKey, rows: Rows) -> list[tuple[str, slice]]:
    return periods_of(rows.at_ns, key.interval_ns) if len(rows) else []


def _findings(old: Manifest | None, batch: Batch, merged: Merged, verdict: Verdict) -> tuple[Finding, ...]:
    earlier = [f for f in old.findings if f.code in IMPORT_CODES] if old is not None else []
    at_import = [f for f in (*batch.findings, *merged.findings) if f not in earlier]
    return (*earlier, *at_import, *verdict.findings)


def _write_period(folder: Path, period: str, rows: Rows, known: dict[str, StoredFile]) -> StoredFile:
    buffer = io.BytesIO()
    rows.to_frame().write_parquet(buffer, compression="zstd", statistics=False)
    data = buffer.getvalue()
    digest = sha256(data).hexdigest()
    name = f"{period}-{digest[:12]}.parquet"
    if name in known and _has_size(folder / name, len(data)):
        return known[name]
    write_atomic(folder / name, data, sync=False)
    return StoredFile(
        name=name,
        period=period,
        rows=len(rows),
        first_at_ns=int(np.min(rows.at_ns)),
        last_at_ns=int(np.max(rows.at_ns)),
        size=len(data),
        sha256=digest,
    )


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _sweep(root: Path, manifest: Manifest, old: Manifest | None) -> None:
    """Leave the files in force and, under another name, those of the version before; remove everything else."""
    folder = folder_of(root, manifest)
    other = series_folder(root, manifest.key, quarantined=not manifest.quarantine_reason)
    in_force = {MANIFEST, *(file.name for file in manifest.files)}
    before = {file.name for file in old.files} if old is not None else set()
    try:
        if old is not None and folder_of(root, old) == other:
            _retire(other, set(), before)
        elif other.exists():
            rmtree(other)
        _retire(folder, in_force, before)
    except OSError as error:
        raise storage_error(folder, error) from error


def _retire(folder: Path, in_force: set[str], before: set[str]) -> None:
    for path in list(folder.iterdir()):
        if path.name in in_force:
            continue
        if path.name in before:
            path.replace(path.with_name(path.name + SUPERSEDED))
        elif path.name.removesuffix(SUPERSEDED) not in before - in_force:
            path.unlink()
