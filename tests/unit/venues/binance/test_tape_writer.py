"""Tapes on disk: lines, rotation, checksums, and what is left after a kill."""

import errno
import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

from geobuk.domain.errors import DataError, StorageError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.venues.binance.tape_writer import INDEX, TapeFile, TapeLine, TapeWriter, tape_line

AT = 1_791_352_800 * 10**9  # a full hour


def lines_of(path: Path) -> list[dict[str, object]]:
    with gzip.open(path) as file:
        return [json.loads(line) for line in file]


def line(number: int, at_ns: int = AT) -> TapeLine:
    return tape_line(at_ns + number, b'{"stream":"s","data":{"n":%d}}' % number)


def test_frames_become_lines_of_the_recorded_format(tmp_path: Path) -> None:
    writer = TapeWriter(tmp_path)
    writer.write([line(1), tape_line(AT + 2, b'{"lastUpdateId":5}', "BTCUSDT"), tape_line(AT + 3, b'{"a":\n1}')])
    writer.write([line(4)])
    writer.close()
    (file,) = tmp_path.glob("*.jsonl.gz")
    assert lines_of(file) == [
        {"local_ts_ns": AT + 1, "msg": {"stream": "s", "data": {"n": 1}}},
        {"local_ts_ns": AT + 2, "symbol": "BTCUSDT", "msg": {"lastUpdateId": 5}},
        {"local_ts_ns": AT + 3, "msg": {"a": 1}},
        {"local_ts_ns": AT + 4, "msg": {"stream": "s", "data": {"n": 4}}},
    ]


def test_every_hour_has_its_file_and_the_index_its_checksum(tmp_path: Path) -> None:
    writer = TapeWriter(tmp_path)
    writer.write([line(1), line(2, AT + NS_PER_HOUR), line(3, AT + NS_PER_HOUR)])
    writer.close()
    index = json.loads((tmp_path / INDEX).read_bytes())
    assert [entry["name"] for entry in index["files"]] == [
        "20261007T060000Z-001.jsonl.gz",
        "20261007T070000Z-001.jsonl.gz",
    ]
    for entry in index["files"]:
        data = (tmp_path / entry["name"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["size"])
    assert [entry["lines"] for entry in index["files"]] == [1, 2]
    assert TapeWriter(tmp_path).files == writer.files


def test_second_start_in_an_hour_takes_a_new_part(tmp_path: Path) -> None:
    for number in range(2):
        writer = TapeWriter(tmp_path)
        writer.write([line(number)])
        writer.close()
    assert [file.name[-12:] for file in writer.files] == ["001.jsonl.gz", "002.jsonl.gz"]


def test_what_was_flushed_is_readable_while_the_file_is_open(tmp_path: Path) -> None:
    writer = TapeWriter(tmp_path)
    writer.write([line(1)])
    (file,) = tmp_path.glob("*.jsonl.gz")
    assert len(lines_of(file)) == 1
    writer.close()


@pytest.mark.parametrize("torn", [1, 5, 17, 40])
def test_torn_end_is_cut_off_at_the_next_start(tmp_path: Path, torn: int) -> None:
    writer = TapeWriter(tmp_path)
    writer.write([line(1), line(2)])
    (file,) = tmp_path.glob("*.jsonl.gz")
    whole = file.read_bytes()
    file.write_bytes(whole + gzip.compress(b'{"local_ts_ns":9,"msg":{}}\n' * 50)[:torn])
    again = TapeWriter(tmp_path)
    assert file.read_bytes() == whole
    digest = hashlib.sha256(whole).hexdigest()
    assert again.files == [TapeFile(file.name, digest, len(whole), 2, AT + 1, AT + 2, is_recovered=True)]
    assert len(lines_of(file)) == 2
    writer.close()


def test_file_without_a_whole_line_is_removed(tmp_path: Path) -> None:
    (tmp_path / "20261007T050000Z-001.jsonl.gz").write_bytes(b"\x1f\x8b\x08")
    assert TapeWriter(tmp_path).files == []
    assert not list(tmp_path.glob("*.gz"))


def test_a_disk_that_was_full_leaves_neither_a_hole_nor_a_torn_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = TapeWriter(tmp_path)
    writer.write([line(1)])
    write = os.write

    def half(file: int, data: memoryview) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "no space left")
        return write(file, data[: len(data) // 2])

    with monkeypatch.context() as full:
        full.setattr(os, "write", half)
        with pytest.raises(StorageError, match="no space left"):
            writer.write([line(2)])
    with pytest.raises(StorageError, match="no space left"):
        writer.write([line(3)])  # there is space again
    writer.close()
    (recovered,) = TapeWriter(tmp_path).files
    (file,) = tmp_path.glob("*.jsonl.gz")
    assert [one["local_ts_ns"] for one in lines_of(file)] == [AT + 1]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == recovered.sha256


def test_folder_that_can_not_be_written_and_a_broken_index_say_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="no tape can be written"):
        TapeWriter(tmp_path / "file" / "tapes")
    (tmp_path / INDEX).write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="no index of tapes"):
        TapeWriter(tmp_path)
