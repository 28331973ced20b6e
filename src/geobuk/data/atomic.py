"""Writes files so that a reader sees the old or the new one, never half of it; and says what is wrong with a disk."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from geobuk.domain.errors import StorageError

_CURES = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "your disk quota is used up; free some space and run the same command again",
    errno.EFBIG: "the system limits the size of files; raise the limit and run the same command again",
    errno.EROFS: "the disk is mounted read-only; {elsewhere}",
    errno.EACCES: "you may not write there; change the folder's owner, or {elsewhere}",
    errno.EPERM: "you may not write there; change the folder's owner, or {elsewhere}",
    errno.ENOTDIR: "a file stands where a folder is needed; move it, or {elsewhere}",
    errno.EEXIST: "a file stands where a folder is needed; move it, or {elsewhere}",
    errno.EISDIR: "a folder stands where the file is to go; move it, or choose another name",
}

_ELSEWHERE = "choose another folder with GEOBUK_HOME"


def storage_error(path: Path, error: OSError, *, elsewhere: str = _ELSEWHERE) -> StorageError:
    """The person's version of an OSError while writing ``path``; ``elsewhere`` says how to choose another place."""
    cure = _CURES.get(error.errno or 0, "check the disk, or {elsewhere}").format(elsewhere=elsewhere)
    return StorageError(
        f"can't write {path} ({error.strerror or error}); what was stored before is unharmed", cure=cure
    )


def write_atomic(path: Path, data: bytes, *, sync: bool = True, elsewhere: str = _ELSEWHERE) -> None:
    """Replace ``path`` by ``data``, durably: a file beside it, fsync, rename, fsync of the folder.

    ``sync`` False leaves the folder's fsync to a later :func:`sync_folder`, for several files that count together.
    ``elsewhere`` says how to choose another place.

    Raises
    ------
    StorageError
        The disk is full or can't be written; the old file is as it was.
    """
    _replace(path, data, sync=True, elsewhere=elsewhere)
    if sync:
        try:
            _sync(path.parent)
        except OSError as error:
            raise storage_error(path, error, elsewhere=elsewhere) from error


def write_unsynced(path: Path, data: bytes | memoryview) -> None:
    """Replace ``path`` by ``data``; it may not be relied on before :func:`sync_files`. Raises StorageError."""
    _replace(path, data, sync=False, elsewhere=_ELSEWHERE)


def _replace(path: Path, data: bytes | memoryview, *, sync: bool, elsewhere: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
            if sync:
                os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise storage_error(path, error, elsewhere=elsewhere) from error


def sync_files(paths: Sequence[Path]) -> None:
    """Make files of one folder durable, and their names. Raises StorageError."""
    for path in [*paths, *dict.fromkeys(path.parent for path in paths)]:
        try:
            _sync(path)
        except OSError as error:
            raise storage_error(path, error) from error


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable. Raises StorageError."""
    try:
        _sync(folder)
    except OSError as error:
        raise storage_error(folder, error) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def write_lock(root: Path) -> Iterator[None]:
    """Hold the catalog's write lock, which ends with the process.

    Raises
    ------
    StorageError
        The folder can't be written, or another process is writing.
    """
    path = root / ".lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b", buffering=0)
    except OSError as error:
        raise storage_error(path, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(20).decode(errors="replace").strip()
            raise StorageError(
                f"another import or download is writing to {root}{f' (process {holder})' if holder else ''}",
                cure="wait until it has finished, then run the command again; reading goes on meanwhile",
            ) from None
        with suppress(OSError):  # a full disk: the lock holds without a name
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        yield
