"""Reads a user's file into a raw table: CSV (also gzipped), Parquet, Feather. It knows nothing of columns' meaning."""

import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl

from geobuk.data.sources.binance_archive import KLINE_COLUMNS
from geobuk.domain.errors import DataError

CSV_SUFFIXES = (".csv", ".csv.gz", ".txt", ".tsv")
PARQUET_SUFFIXES = (".parquet", ".pq")
IPC_SUFFIXES = (".feather", ".arrow", ".ipc")
_KNOWN = (*CSV_SUFFIXES, *PARQUET_SUFFIXES, *IPC_SUFFIXES)

_EPOCH_DIGITS = (10, 13, 16, 19)
"""Digits of a time of our days counted in s, ms, us, ns; none of them is a date such as 20240131."""

_PEEK = 1 << 16
"""Bytes of a CSV in which its first two lines end."""


@dataclass(frozen=True)
class RawFile:
    """The bytes of a file; columns and rows are parsed when they are asked for."""

    path: Path
    suffix: str
    data: bytes

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order. Raises DataError."""
        with _explained(self.path, self.suffix):
            if self.suffix in CSV_SUFFIXES:
                return tuple(_csv_columns(self))
            if self.suffix in PARQUET_SUFFIXES:
                return tuple(pl.read_parquet_schema(self.data))
            return tuple(pl.read_ipc_schema(BytesIO(self.data)))

    @cached_property
    def text(self) -> bytes:
        """A CSV's text, uncompressed UTF-8."""
        return _plain(self.data)

    @cached_property
    def head(self) -> str:
        """A CSV's first line."""
        return self.text[:_PEEK].split(b"\n", 1)[0].decode(errors="replace").rstrip("\r")

    @property
    def separator(self) -> str:
        """What stands between the cells of a CSV."""
        return max((",", ";", "\t"), key=self.head.count)

    @property
    def has_header(self) -> bool:
        """Whether a CSV's first line names its columns."""
        return not _is_number(self.head.split(self.separator)[0].strip().strip('"'))

    @cached_property
    def sha256(self) -> str:
        """Checksum of exactly the bytes that are parsed. Lets go of the interpreter."""
        return sha256(self.data).hexdigest()

    def read(self, columns: list[str] | None = None, numbers: Collection[str] = (), time: str = "") -> pl.DataFrame:
        """Some columns, or all.

        Parameters
        ----------
        numbers : columns of numbers.
        time : the column of times. A CSV whose ``numbers`` and ``time`` parse as what they are said to be is read
            several times as fast; every other cell stays text, so that a message can show what was written.

        Raises
        ------
        DataError
            The file has no rows or can't be read.
        """
        with _explained(self.path, self.suffix):
            if self.suffix in CSV_SUFFIXES:
                table = _read_csv(self, columns, numbers, time)
            elif self.suffix in PARQUET_SUFFIXES:
                table = pl.read_parquet(self.data, columns=columns)
            else:
                table = pl.read_ipc(self.data, columns=columns)
        if table.height == 0:
            raise DataError(f"{self.path} has no rows", cure="a file needs at least one row below its header")
        return table


def open_file(path: Path) -> RawFile:
    """Take the bytes of a file.

    Raises
    ------
    DataError
        The path is no file, its ending is unknown, or it is empty or can't be read.
    """
    suffix = _known_suffix(path)
    with _explained(path, suffix):
        data = path.read_bytes()
    if not data:
        raise DataError(f"{path} is empty", cure="export it again; a file needs a header and at least one row")
    return RawFile(path, suffix, data)


def read_table(path: Path) -> pl.DataFrame:
    """The whole file as a table; CSV cells stay text. Raises DataError."""
    return open_file(path).read()


@contextmanager
def _explained(path: Path, suffix: str) -> Iterator[None]:
    """What a parser can't read becomes a DataError."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(
            f"{path} can't be read as {suffix.lstrip('.')}: {_first_line(error)}",
            cure="it may be cut off or have the wrong ending; save it again as CSV, Parquet or Feather (version 2)",
        ) from None


def _known_suffix(path: Path) -> str:
    if not path.exists():
        raise DataError(f"{path} does not exist", cure=_nearby(path))
    if not path.is_file():
        raise DataError(f"{path} is not a file", cure="name one file; import the files of a folder one by one")
    name = path.name.lower()
    for suffix in _KNOWN:
        if name.endswith(suffix):
            return suffix
    raise DataError(f"{path.name}: the ending {path.suffix!r} is not known", cure=f"use one of {', '.join(_KNOWN)}")


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either; check the path"
    found = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name.lower().endswith(_KNOWN))[:5]
    return f"the folder holds {', '.join(found)}" if found else "the folder holds no data file; check the path"


def _plain(data: bytes) -> bytes:
    """Uncompressed UTF-8."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data.isascii():
        return data
    try:
        return data.decode("utf-8-sig").encode()
    except UnicodeDecodeError:
        return data.decode("cp949").encode()  # what Korean spreadsheets write


def _csv_columns(file: RawFile) -> list[str]:
    if file.has_header:
        return pl.read_csv(file.text, separator=file.separator, infer_schema=False, n_rows=1).columns
    cells = file.head.split(file.separator)
    if len(cells) != len(KLINE_COLUMNS):
        raise DataError(f"{file.path} has no header row: its first line starts with {cells[0]!r}", cure="add one")
    return list(KLINE_COLUMNS)


def _read_csv(file: RawFile, columns: list[str] | None, numbers: Collection[str], time: str) -> pl.DataFrame:
    table = _read_typed(file, numbers, time) if numbers and time else None
    if table is None:
        table = _parse(file, {})
        table = table.filter(~pl.all_horizontal(pl.all().is_null()))
    return table.select(columns) if columns else table


def _read_typed(file: RawFile, numbers: Collection[str], time: str) -> pl.DataFrame | None:
    """Numbers as numbers; None where a cell is not what its column should hold."""
    types: dict[str, type[pl.DataType]] = dict.fromkeys(numbers, pl.Float64)
    lines = file.text[:_PEEK].split(b"\n", 2)
    row = lines[1 if file.has_header else 0].decode(errors="replace") if len(lines) > 1 else ""
    cells = row.split(file.separator)
    place = file.columns.index(time)
    if place < len(cells) and cells[place].isdigit() and len(cells[place]) in _EPOCH_DIGITS:
        types[time] = pl.Int64
    try:
        table = _parse(file, types)
    except pl.exceptions.PolarsError:
        return None
    return table if table[time].null_count() == 0 else None


def _parse(file: RawFile, types: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.read_csv(
        file.text,
        has_header=file.has_header,
        new_columns=None if file.has_header else list(file.columns),
        separator=file.separator,
        infer_schema=False,
        schema_overrides=types,
        truncate_ragged_lines=False,
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
