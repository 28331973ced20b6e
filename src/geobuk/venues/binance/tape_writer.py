"""Writes tapes: one JSON line a frame, gzip, a file an hour, an index with checksums. Survives being killed.

Every flush appends one whole gzip member by one write, so a file is readable up to its last flush at any moment; what a
kill tore is cut off when the folder is opened again.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from geobuk.domain.errors import DataError, StorageError
from geobuk.domain.times import NS_PER_HOUR, NS_PER_SECOND

INDEX = "index.json"
_SUFFIX = ".jsonl.gz"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class TapeFile:
    """One closed file. ``is_recovered``: its recorder was killed, and it ends with the last flush."""

    name: str
    sha256: str
    size: int
    lines: int
    first_ns: int
    last_ns: int
    is_recovered: bool = False


@dataclass(frozen=True, slots=True)
class TapeLine:
    """A line with the local time that decides its file."""

    at_ns: int
    text: bytes


def tape_line(at_ns: int, frame: bytes, symbol: str = "") -> TapeLine:
    """A frame as a line; ``symbol`` names what a REST reply is of. The frame stays byte for byte what was sent."""
    if b"\n" in frame:
        frame = frame.replace(b"\n", b" ")  # between tokens: inside a JSON string it could not stand
    of = b'"symbol":%b,' % json.dumps(symbol).encode() if symbol else b""
    return TapeLine(at_ns, b'{"local_ts_ns":%d,%b"msg":%b}\n' % (at_ns, of, frame))


class TapeWriter:
    """Appends to a folder that nobody else writes. Raises StorageError if it can't.

    Made for one thread at a time; :meth:`write` compresses and belongs off the event loop.
    """

    def __init__(self, folder: Path, rotate_ns: int = NS_PER_HOUR, level: int = 6) -> None:
        self._folder = folder
        self._rotate_ns = rotate_ns
        self._level = level
        self._open: _OpenFile | None = None
        self._failure: StorageError | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.files = self._read_index()
            self._recover()
        except OSError as error:
            raise _unwritable(folder, error) from error

    def write(self, lines: Iterable[TapeLine]) -> None:
        """Make lines last, in their order; what is returned from survives the process.

        After a failure nothing more is written: a tape ends where it broke, and has no hole.
        """
        if self._failure is not None:
            raise self._failure
        block: list[TapeLine] = []
        try:
            for line in lines:
                if block and line.at_ns // self._rotate_ns != block[0].at_ns // self._rotate_ns:
                    self._append(block)
                    block = []
                block.append(line)
            if block:
                self._append(block)
        except OSError as error:
            self._failure = _unwritable(self._folder, error)
            raise self._failure from error

    def close(self) -> None:
        """Put the open file into the index; one that broke is left to the next start, which cuts off what is torn."""
        if self._open is None:
            return
        last, self._open = self._open, None
        if self._failure is None:
            self._add(last.close())
        else:
            last.abandon()

    def _append(self, block: list[TapeLine]) -> None:
        period = block[0].at_ns // self._rotate_ns
        if self._open is None or self._open.period != period:
            self.close()
            self._open = _OpenFile(self._new_path(period), period)
        self._open.append(block, self._level)

    def _new_path(self, period: int) -> Path:
        at = datetime.fromtimestamp(period * self._rotate_ns // NS_PER_SECOND, UTC)
        part = 1
        while (path := self._folder / f"{at:%Y%m%dT%H%M%SZ}-{part:03}{_SUFFIX}").exists():
            part += 1
        return path

    def _add(self, done: TapeFile) -> None:
        self.files.append(done)
        whole = json.dumps({"format": 1, "files": [asdict(file) for file in self.files]}, indent=1).encode()
        temporary = self._folder / f".{INDEX}.new"
        with temporary.open("wb") as file:
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._folder / INDEX)

    def _read_index(self) -> list[TapeFile]:
        path = self._folder / INDEX
        if not path.exists():
            return []
        try:
            return [TapeFile(**entry) for entry in json.loads(path.read_bytes())["files"]]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} is no index of tapes ({error})", cure="remove it: it is made again") from error

    def _recover(self) -> None:
        known = {file.name for file in self.files}
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            if path.name in known:
                continue
            size, lines, first_ns, last_ns = _whole_part(path)
            if lines == 0:
                path.unlink()
                continue
            os.truncate(path, size)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self._add(TapeFile(path.name, digest, size, lines, first_ns, last_ns, is_recovered=True))


class _OpenFile:
    def __init__(self, path: Path, period: int) -> None:
        self.period = period
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._digest = hashlib.sha256()
        self._size = self._lines = self._first_ns = self._last_ns = 0

    def append(self, block: list[TapeLine], level: int) -> None:
        member = gzip.compress(b"".join([line.text for line in block]), level, mtime=0)
        written = 0
        while written < len(member):
            written += os.write(self._file, memoryview(member)[written:])
        self._digest.update(member)
        self._size += len(member)
        self._first_ns = self._first_ns or block[0].at_ns
        self._last_ns = block[-1].at_ns
        self._lines += len(block)

    def abandon(self) -> None:
        os.close(self._file)

    def close(self) -> TapeFile:
        os.fsync(self._file)
        os.close(self._file)
        return TapeFile(
            self._path.name, self._digest.hexdigest(), self._size, self._lines, self._first_ns, self._last_ns
        )


def _whole_part(path: Path) -> tuple[int, int, int, int]:
    """Length, lines, first and last time of the members that are whole."""
    good = lines = first_ns = last_ns = taken = 0
    text = bytearray()
    reader = zlib.decompressobj(31)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            while chunk:
                try:
                    text += reader.decompress(chunk)
                except zlib.error:
                    return good, lines, first_ns, last_ns
                taken += len(chunk) - len(reader.unused_data)
                chunk = reader.unused_data
                if reader.eof:
                    told = bytes(text).splitlines()
                    good, lines = taken, lines + len(told)
                    first_ns = first_ns or _at_ns(told[0])
                    last_ns = _at_ns(told[-1])
                    text.clear()
                    reader = zlib.decompressobj(31)
    return good, lines, first_ns, last_ns


def _at_ns(line: bytes) -> int:
    return int(line[len(b'{"local_ts_ns":') : line.index(b",")])


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(f"no tape can be written to {folder} ({error})", cure="free space, or give another folder")
