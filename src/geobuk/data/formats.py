"""Reads a user's file into a raw table: CSV (also gzipped), Parquet, Feather. It knows nothing of columns' meaning."""

import gzip
from pathlib import Path

import polars as pl

from geobuk.domain.errors import DataError

CSV_SUFFIXES = (".csv", ".csv.gz", ".txt", ".tsv")
PARQUET_SUFFIXES = (".parquet", ".pq")
IPC_SUFFIXES = (".feather", ".arrow", ".ipc")
_KNOWN = (*CSV_SUFFIXES, *PARQUET_SUFFIXES, *IPC_SUFFIXES)

ARCHIVE_KLINE_COLUMNS = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
"""Columns of Binance's kline archive, whose older files have no header row."""


def read_table(path: Path) -> pl.DataFrame:
    """The file as a table; CSV cells stay text, so that a message can show what was written.

    Raises
    ------
    DataError
        The path is no file, its ending is unknown, or it is empty or can't be read.
    """
    suffix = _known_suffix(path)
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty", cure="export it again; a file needs a header and at least one row")
    try:
        if suffix in CSV_SUFFIXES:
            table = _read_csv(path)
        elif suffix in PARQUET_SUFFIXES:
            table = pl.read_parquet(path, hive_partitioning=False, glob=False)
        else:
            table = pl.read_ipc(path)
    except (pl.exceptions.PolarsError, OSError, EOFError, ValueError) as error:
        raise DataError(
            f"{path} can't be read as {suffix.lstrip('.')}: {_first_line(error)}",
            cure="it may be cut off or have the wrong ending; save it again as CSV, Parquet or Feather (version 2)",
        ) from None
    if table.height == 0:
        raise DataError(f"{path} has no rows", cure="a file needs at least one row below its header")
    return table


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


def _read_csv(path: Path) -> pl.DataFrame:
    raw = path.read_bytes()
    data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949")  # what Korean spreadsheets write
    head = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=head.count)
    cells = [cell.strip().strip('"') for cell in head.rstrip("\r").split(separator)]
    has_header = not _is_number(cells[0])
    if not has_header and len(cells) != len(ARCHIVE_KLINE_COLUMNS):
        raise DataError(f"{path} has no header row: its first line starts with {cells[0]!r}", cure="add one")
    table = pl.read_csv(
        text.encode(), has_header=has_header, separator=separator, infer_schema=False, truncate_ragged_lines=False
    )
    if not has_header:
        table = table.rename(dict(zip(table.columns, ARCHIVE_KLINE_COLUMNS, strict=True)))
    return table.filter(~pl.all_horizontal(pl.all().is_null()))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
