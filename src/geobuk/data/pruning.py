"""Removes from the catalog what nobody needs: superseded files, what a crash left behind and, if asked, old rows.

It says beforehand what it would remove, and removes nothing that a manifest in force names.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from geobuk.data.atomic import storage_error, write_lock
from geobuk.data.catalog import Catalog
from geobuk.data.layout import MANIFEST, QUARANTINE, SeriesKey
from geobuk.data.manifest import Manifest
from geobuk.data.series_commit import folder_of, load_rows, remove
from geobuk.data.series_files import SUPERSEDED
from geobuk.data.series_store import cut
from geobuk.domain.times import at_text

_LITTER = (".parquet", SUPERSEDED, ".tmp")
"""Endings of files that may be removed where no manifest names them; anything else is somebody's own."""


@dataclass(frozen=True)
class Leftover:
    """A file that no manifest in force names. ``reason`` is a few words."""

    path: Path
    size: int
    reason: str


@dataclass(frozen=True)
class OldRows:
    """Rows of one series before a date; ``is_whole`` where nothing would be left of it."""

    key: SeriesKey
    rows: int
    first_at_ns: int
    before_ns: int
    is_whole: bool

    @property
    def text(self) -> str:
        """One sentence for a person."""
        what = "the whole series" if self.is_whole else f"until {at_text(self.before_ns)} UTC"
        return f"{self.key}: {self.rows:,} rows from {at_text(self.first_at_ns)}, {what}"


@dataclass(frozen=True)
class PrunePlan:
    """What would be removed."""

    leftovers: tuple[Leftover, ...]
    old_rows: tuple[OldRows, ...]

    @property
    def size(self) -> int:
        """Bytes of the leftovers."""
        return sum(one.size for one in self.leftovers)


def plan_prune(catalog: Catalog, keys: Sequence[SeriesKey] = (), before_ns: int | None = None) -> PrunePlan:
    """Look what could go; nothing is changed.

    Parameters
    ----------
    keys : series of which rows may go.
    before_ns : rows of them that open before this moment go; None keeps all rows.
    """
    manifests = catalog.manifests()
    old = () if before_ns is None else tuple(_old_rows(catalog, manifests, keys, before_ns))
    return PrunePlan(tuple(_leftovers(catalog, manifests)), old)


def prune(catalog: Catalog, keys: Sequence[SeriesKey] = (), before_ns: int | None = None) -> PrunePlan:
    """Remove, and say what was removed. Each series is the old or the new one at any moment.

    Raises
    ------
    StorageError
        The catalog can't be written, or another command is writing; what was removed before stays removed.
    """
    with write_lock(catalog.root):
        plan = plan_prune(catalog, keys, before_ns)
        manifests = catalog.manifests()
        for old in plan.old_rows:
            if old.is_whole:
                remove(catalog.root, manifests[old.key])
            else:
                cut(catalog.root, manifests[old.key], old.before_ns)
        for leftover in _leftovers(catalog, catalog.manifests()):
            try:
                leftover.path.unlink(missing_ok=True)
            except OSError as error:
                raise storage_error(leftover.path, error) from error
        _remove_empty_folders(catalog.root)
    return plan


def _old_rows(
    catalog: Catalog, manifests: dict[SeriesKey, Manifest], keys: Sequence[SeriesKey], before_ns: int
) -> Iterator[OldRows]:
    for key in keys:
        manifest = manifests[key]
        if manifest.rows == 0 or manifest.first_at_ns >= before_ns:
            continue
        is_whole = manifest.last_at_ns < before_ns
        count = manifest.rows if is_whole else int((load_rows(catalog.root, manifest).at_ns < before_ns).sum())
        yield OldRows(key, count, manifest.first_at_ns, before_ns, is_whole)


def _leftovers(catalog: Catalog, manifests: dict[SeriesKey, Manifest]) -> Iterator[Leftover]:
    in_force = {folder_of(catalog.root, m): {file.name for file in m.files} for m in manifests.values()}
    for folder in _series_folders(catalog.root):
        named = in_force.get(folder)
        if named is None and not _is_ours(folder):
            continue
        for path in sorted(folder.iterdir()):
            reason = _reason(path, named)
            if reason and path.is_file():
                yield Leftover(path, path.stat().st_size, reason)


def _series_folders(root: Path) -> Iterator[Path]:
    pattern = "venue=*/instrument=*/kind=*/interval=*"
    for base in (root, root / QUARANTINE):
        yield from sorted(path for path in base.glob(pattern) if path.is_dir())


def _is_ours(folder: Path) -> bool:
    """Whether a folder without a manifest in force holds a series at all, or nothing but what an import left."""
    names = [path.name for path in folder.iterdir()]
    return all(name == MANIFEST or name.endswith(_LITTER) for name in names)


def _reason(path: Path, named: set[str] | None) -> str:
    if named is None:
        return "an older copy of a series that moved, or of an import that was cut off"
    if path.name in named or not path.name.endswith(_LITTER):
        return ""
    return "superseded" if path.name.endswith(SUPERSEDED) else "left by an import that was cut off"


def _remove_empty_folders(root: Path) -> None:
    """Folders of series that are gone."""
    for base in (root, root / QUARANTINE):
        for pattern in (
            "venue=*/instrument=*/kind=*/interval=*",
            "venue=*/instrument=*/kind=*",
            "venue=*/instrument=*",
        ):
            for folder in base.glob(pattern):
                with suppress(OSError):  # it is not empty
                    folder.rmdir()
