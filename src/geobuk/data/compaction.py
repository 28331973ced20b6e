"""Writes stored series anew in today's layout: one file a period. What they say stays the same, to the last bit."""

from collections.abc import Sequence
from dataclasses import dataclass

from geobuk.data.atomic import write_lock
from geobuk.data.catalog import Catalog
from geobuk.data.content import blocks_of
from geobuk.data.layout import SeriesKey
from geobuk.data.manifest import SCHEMA, Manifest
from geobuk.data.series_commit import folder_of, load_rows, rewrite
from geobuk.data.series_files import DENSE, damaged
from geobuk.ops.progress import Progress


@dataclass(frozen=True)
class Compacted:
    """What became of one series. ``is_changed`` is False where it was compact already: nothing was written."""

    key: SeriesKey
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    content_hash: str
    is_changed: bool


def compact(catalog: Catalog, keys: Sequence[SeriesKey], progress: Progress | None = None) -> list[Compacted]:
    """Compact some series, one after the other; each is the old or the new one at any moment.

    Raises
    ------
    DataError
        A stored file is damaged; that series is as it was.
    StorageError
        The disk is full or can't be written, or another command is writing; the series is as it was.
    """
    done = []
    with write_lock(catalog.root):
        manifests = catalog.manifests()
        for number, key in enumerate(keys):
            if progress is not None:
                progress(str(key), number, len(keys))
            if key in manifests:
                done.append(_compact(catalog, manifests[key]))
    return done


def _compact(catalog: Catalog, before: Manifest) -> Compacted:
    after = before if is_compact(before) else _rewritten(catalog, before)
    return Compacted(
        key=before.key,
        files_before=len(before.files),
        files_after=len(after.files),
        bytes_before=sum(file.size for file in before.files),
        bytes_after=sum(file.size for file in after.files),
        content_hash=after.content_hash,
        is_changed=after is not before,
    )


def is_compact(manifest: Manifest) -> bool:
    """Whether each period is one densely packed file, written as files are written today."""
    is_dense = all(file.codec == DENSE for file in manifest.files)
    periods = [f.period for f in manifest.files] == [b.period for b in manifest.blocks]
    return manifest.schema == SCHEMA and is_dense and periods


def _rewritten(catalog: Catalog, before: Manifest) -> Manifest:
    rows = load_rows(catalog.root, before)
    if before.blocks and blocks_of(rows, before.key) != before.blocks:
        raise damaged(folder_of(catalog.root, before), ValueError("its rows are not those that its manifest describes"))
    return rewrite(catalog.root, before, rows)
