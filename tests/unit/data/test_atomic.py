import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from geobuk.data.atomic import write_atomic, write_lock
from geobuk.domain.errors import StorageError


def failing(number: int) -> Callable[..., NoReturn]:
    def fail(*args: object, **kwargs: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")
    monkeypatch.setattr(os, call, failing(errno.ENOSPC))
    with pytest.raises(StorageError, match="the disk is full; free some space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_limit_on_the_size_of_files_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        with pytest.raises(StorageError, match="limits the size of files"):
            write_atomic(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old"


def test_a_file_in_the_place_of_the_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        write_atomic(tmp_path / "file" / "deeper" / "x", b"")
    with pytest.raises(StorageError, match="GEOBUK_HOME"), write_lock(tmp_path / "file"):
        pass


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_an_unwritable_folder_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(Path, "mkdir", failing(number))
    with pytest.raises(StorageError, match="GEOBUK_HOME"), write_lock(tmp_path / "catalog"):
        pass


def test_the_cure_names_the_place_that_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="name another folder for the report") as raised:
        write_atomic(tmp_path / "file" / "x.html", b"", elsewhere="name another folder for the report")
    assert "GEOBUK_HOME" not in raised.value.cure
    with pytest.raises(StorageError, match="a folder stands where the file is to go"):
        write_atomic(tmp_path, b"")


def test_two_imports_at_once_are_refused(tmp_path: Path) -> None:
    with (
        write_lock(tmp_path),
        pytest.raises(
            StorageError, match=rf"another import or download is writing to .* \(process {os.getpid()}\): wait"
        ),
        write_lock(tmp_path),
    ):
        pass
    with write_lock(tmp_path):
        pass
