"""The Parquet files of one series: which stay when its rows change, which are written anew, how they are read.

It knows no gate and commits nothing: a file counts when a manifest names it.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from geobuk.data.atomic import sync_files, write_unsynced
from geobuk.data.layout import SeriesKey, periods_of
from geobuk.data.manifest import Manifest, StoredFile
from geobuk.data.rows import Rows, no_rows
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_MINUTE

SUPERSEDED = ".superseded"
"""Ending of files of the version before: whoever reads by the old manifest finds them until the next import."""

PART_ROWS = 1 << 16
"""A file of fewer rows is written anew together with what is added to its period; a larger one stays."""

Codec = Literal["lz4", "zstd"]

DENSE: Codec = "zstd"
QUICK: Codec = "lz4"
"""Bars finer than a quarter of an hour come by the million: packing them densely would take most of an import, and
waits for a compaction."""


def codec_of(key: SeriesKey) -> Codec:
    """How an import packs a series."""
    return QUICK if 0 < key.interval_ns < 15 * NS_PER_MINUTE else DENSE


@dataclass(frozen=True)
class StoredRows:
    """A series as it is stored: ``files`` hold ``rows``, one after the other."""

    files: tuple[StoredFile, ...]
    rows: Rows


def read_rows(folder: Path, manifest: Manifest, is_wanted: Callable[[int, int], bool] | None = None) -> Rows:
    """Every row of a series, from its folder. Masks of schema 1, of eight bits, become those of today.

    Parameters
    ----------
    is_wanted : told the first and last time of a file; only those for which it is true are read.

    Raises
    ------
    DataError
        A file can't be read, or is not what was written.
    FileNotFoundError
        A file is gone.
    """
    files = [f for f in manifest.files if is_wanted is None or is_wanted(f.first_at_ns, f.last_at_ns)]
    try:
        frames = [pl.read_parquet(read_stored(folder, file)) for file in files]
    except pl.exceptions.PolarsError as error:
        raise damaged(folder, error) from None
    if not frames:
        return no_rows(manifest.kind)
    same = [frame.with_columns(pl.col("mask").cast(pl.UInt32)) for frame in frames]
    return Rows.from_frame(pl.concat(same, rechunk=True), manifest.kind)


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
        cure="delete that folder and import its data again; `geobuk data verify` looks at every file",
    )


def write_files(
    folder: Path, key: SeriesKey, rows: Rows, stored: StoredRows | None, codec: Codec
) -> tuple[StoredFile, ...]:
    """Make the files of a folder hold ``rows``, durably; those whose rows did not change stay as they are.

    Parameters
    ----------
    stored : what the folder holds already, None where nothing of it is to stay.

    Raises
    ------
    StorageError
        The disk is full or can't be written; every file that was there still is.
    """
    kept = _unchanged(folder, rows, stored) if stored is not None else []
    files: list[StoredFile] = []
    written: list[Path] = []
    for period, part in periods_of(rows.at_ns, key.interval_ns):
        inside = [(file, held) for file, held in kept if part.start <= held.start and held.stop <= part.stop]
        for file, piece in _pieces(part, inside):
            files.append(file or _write_file(folder, period, rows.take(piece), codec))
            if file is None:
                written.append(folder / files[-1].name)
    sync_files(written)  # no manifest may name a file that a crash could take back
    return tuple(files)


def _unchanged(folder: Path, rows: Rows, stored: StoredRows) -> list[tuple[StoredFile, slice]]:
    """Files that hold exactly the rows of a slice of ``rows``, in order."""
    kept = []
    start = 0
    for file in stored.files:
        stop = start + file.rows
        first = int(np.searchsorted(rows.at_ns, file.first_at_ns))
        place = slice(first, first + file.rows)
        if _are_same(rows.take(place), stored.rows.take(slice(start, stop))) and _has_size(folder / file.name, file):
            kept.append((file, place))
        start = stop
    return kept


def _are_same(first: Rows, second: Rows) -> bool:
    """Bit for bit; a NaN is the same as itself."""
    if not (np.array_equal(first.at_ns, second.at_ns) and np.array_equal(first.mask, second.mask)):
        return False
    bits = ((first.values[name].view(np.int64), second.values[name].view(np.int64)) for name in first.values)
    return all(np.array_equal(a, b) for a, b in bits)


def _pieces(part: slice, kept: Sequence[tuple[StoredFile, slice]]) -> list[tuple[StoredFile | None, slice]]:
    """A period's rows as files that stay and stretches to be written; small files do not stay beside new rows."""
    if sum(held.stop - held.start for _, held in kept) < part.stop - part.start:
        kept = [(file, held) for file, held in kept if file.rows >= PART_ROWS]
    pieces: list[tuple[StoredFile | None, slice]] = []
    done = part.start
    for file, held in kept:
        if done < held.start:
            pieces.append((None, slice(done, held.start)))
        pieces.append((file, held))
        done = held.stop
    if done < part.stop:
        pieces.append((None, slice(done, part.stop)))
    return pieces


def _write_file(folder: Path, period: str, rows: Rows, codec: Codec) -> StoredFile:
    data = encode_rows(rows, codec)
    digest = sha256(data).hexdigest()
    name = f"{period}-{digest[:12]}.parquet"
    write_unsynced(folder / name, data)
    return StoredFile(
        name=name,
        period=period,
        rows=len(rows),
        first_at_ns=int(rows.at_ns[0]),
        last_at_ns=int(rows.at_ns[-1]),
        size=len(data),
        sha256=digest,
        codec=codec,
    )


def encode_rows(rows: Rows, codec: Codec) -> memoryview:
    """A Parquet file; equal rows give equal bytes, as long as the library is the same."""
    buffer = io.BytesIO()
    level = 1 if codec == DENSE else None
    rows.to_frame().write_parquet(buffer, compression=codec, compression_level=level, statistics=True)
    return buffer.getbuffer()


def _has_size(path: Path, file: StoredFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size
