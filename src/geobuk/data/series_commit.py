"""Commits versions of a series: files first, then the manifest that names them, then what nobody needs is swept.

At any moment a series is the old or the new one. It judges nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import msgspec

from geobuk.data.atomic import storage_error, sync_folder, write_atomic
from geobuk.data.content import blocks_of
from geobuk.data.layout import MANIFEST, SeriesKey, series_folder
from geobuk.data.manifest import SCHEMA, Manifest, encode_manifest, load_manifest
from geobuk.data.panel_grid import at_closes
from geobuk.data.rows import Rows
from geobuk.data.series_files import DENSE, SUPERSEDED, Codec, StoredRows, codec_of, damaged, read_rows, write_files

PLACES = (False, True, False)
"""Whether to look in quarantine, in order: a series that moves while somebody looks is seen in one place or both."""


@dataclass(frozen=True)
class Version:
    """What was in force before: its manifest and, where its files may stay, its rows."""

    manifest: Manifest
    rows: Rows | None


def commit(root: Path, draft: Manifest, rows: Rows, old: Version | None, codec: Codec | None = None) -> Manifest:
    """Write files first, then the manifest that names them; the draft says everything that the rows do not.

    ``codec`` packs what is written; left out, that of an import.

    Raises
    ------
    StorageError
        The disk is full or can't be written; the version before is in force.
    """
    key = draft.key
    folder = folder_of(root, draft)
    stored = None
    if old is not None and old.rows is not None and folder_of(root, old.manifest) == folder:
        stored = StoredRows(old.manifest.files, old.rows)
    manifest = msgspec.structs.replace(
        draft,
        rows=len(rows),
        masked=rows.masked,
        first_at_ns=int(rows.at_ns[0]) if len(rows) else 0,
        last_at_ns=int(rows.at_ns[-1]) if len(rows) else 0,
        files=write_files(folder, key, rows, stored, codec or codec_of(key)),
        blocks=blocks_of(rows, key),
        has_closing_prints=bool(at_closes(rows.at_ns, key).any()),
    )
    write_atomic(folder / MANIFEST, encode_manifest(manifest))
    _sweep(root, manifest, old.manifest if old is not None else None)
    return manifest


def current(root: Path, key: SeriesKey) -> Manifest | None:
    """The manifest in force. If a crash left the series in both places, the newer one."""
    found = [load_manifest(series_folder(root, key, quarantined=place)) for place in PLACES]
    return newest([manifest for manifest in found if manifest is not None])


def newest(manifests: list[Manifest]) -> Manifest | None:
    """The manifest in force among several of one series."""
    return max(manifests, key=lambda m: m.age, default=None)


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
        return read_rows(folder, manifest)
    except OSError as error:
        raise damaged(folder, error) from None


def rewrite(root: Path, old: Manifest, rows: Rows) -> Manifest:
    """Store the rows of a series anew, every period in one densely packed file of today's form, where it is.

    Raises
    ------
    StorageError
        The disk is full or can't be written; the series is as it was.
    """
    draft = msgspec.structs.replace(old, schema=SCHEMA, revision=old.revision + 1)
    return commit(root, draft, rows, Version(old, None), DENSE)


def remove(root: Path, manifest: Manifest) -> None:
    """Forget a series wholly: at any moment it is there as it was, or gone. Raises StorageError."""
    folder = folder_of(root, manifest)
    other = series_folder(root, manifest.key, quarantined=not manifest.quarantine_reason)
    try:
        if other.exists():
            rmtree(other)
        (folder / MANIFEST).unlink()
        sync_folder(folder)
        rmtree(folder)
    except OSError as error:
        raise storage_error(folder, error) from error


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
