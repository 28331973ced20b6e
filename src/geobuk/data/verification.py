"""Reads every stored file again: is it byte for byte what was written, and do its rows hash to what was recorded?"""

from collections.abc import Sequence
from dataclasses import dataclass

from geobuk.data.catalog import Catalog
from geobuk.data.content import blocks_of
from geobuk.data.layout import SeriesKey
from geobuk.data.manifest import Manifest
from geobuk.data.series_commit import current, folder_of, load_rows
from geobuk.data.series_files import read_stored
from geobuk.domain.errors import DataError
from geobuk.ops.progress import Progress


@dataclass(frozen=True)
class Verified:
    """One series; ``problems`` are sentences, none where it is whole."""

    key: SeriesKey
    files: int
    size: int
    content_hash: str
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every file is what was written."""
        return not self.problems


def verify(catalog: Catalog, keys: Sequence[SeriesKey], progress: Progress | None = None) -> list[Verified]:
    """Verify some series; nothing is changed, and imports may go on meanwhile."""
    manifests = catalog.manifests()
    done = []
    for number, key in enumerate(keys):
        if progress is not None:
            progress(str(key), number, len(keys))
        if key in manifests:
            done.append(_verify(catalog, manifests[key]))
    return done


def _verify(catalog: Catalog, manifest: Manifest) -> Verified:
    problems = _problems(catalog, manifest)
    if problems:
        newer = current(catalog.root, manifest.key)
        if newer is not None and newer != manifest:  # imported again meanwhile
            return _verify(catalog, newer)
    return Verified(
        key=manifest.key,
        files=len(manifest.files),
        size=sum(file.size for file in manifest.files),
        content_hash=manifest.content_hash,
        problems=tuple(problems),
    )


def _problems(catalog: Catalog, manifest: Manifest) -> list[str]:
    folder = folder_of(catalog.root, manifest)
    problems = []
    for file in manifest.files:
        try:
            read_stored(folder, file)
        except FileNotFoundError:
            problems.append(f"{file.name} is missing")
        except OSError as error:
            problems.append(f"{file.name} can't be read ({error.strerror})")
        except DataError:
            problems.append(f"{file.name} is not what was written: its checksum differs")
    if problems:
        return problems
    try:
        rows = load_rows(catalog.root, manifest)
    except DataError as error:
        return [error.message]
    if len(rows) != manifest.rows:
        return [f"{len(rows)} rows are stored, the manifest counts {manifest.rows}"]
    if manifest.blocks and blocks_of(rows, manifest.key) != manifest.blocks:
        return ["the rows do not hash to what the manifest recorded"]
    return []
