"""Stores the dated tables about Korean instruments (listing, delistings, indices) and finds the one in force.

reference/krx/listing/2026-03-22.parquet: what was known on that day. It reads no file of a person's.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import polars as pl

from geobuk.data.atomic import write_atomic
from geobuk.domain.errors import DataError

REFERENCE = "reference"
LISTING, DELISTING, INDEX = "listing", "delisting", "index"

_TEXT, _DAY = pl.String(), pl.Date()
SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    LISTING: {
        "code": _TEXT,
        "title": _TEXT,
        "market": _TEXT,
        "industry": _TEXT,
        "sector": _TEXT,
        "is_fund": pl.Boolean(),
        "multiple": pl.Int64(),
        "listed_on": _DAY,
    },
    DELISTING: {
        "code": _TEXT,
        "title": _TEXT,
        "market": _TEXT,
        "group": _TEXT,
        "listed_on": _DAY,
        "delisted_on": _DAY,
        "reason": _TEXT,
        "successor": _TEXT,
    },
    INDEX: {
        "name": _TEXT,
        "day": _DAY,
        **{price: pl.Float64() for price in ("open", "high", "low", "close", "volume")},
        "is_masked": pl.Boolean(),
    },
}
"""Columns of each stored table. Text that is not known is empty, a day null. ``is_masked`` marks index rows that have
a close only, or contradict themselves.
"""


@dataclass(frozen=True)
class Table:
    """A stored table and the day it speaks of."""

    as_of: date
    rows: pl.DataFrame


def store_table(root: Path, kind: str, table: Table) -> Path:
    """Write a table; one of the same day is replaced. Raises StorageError."""
    data = BytesIO()
    table.rows.select(pl.col(name).cast(dtype) for name, dtype in SCHEMAS[kind].items()).write_parquet(data)
    path = _folder(root, kind) / f"{table.as_of.isoformat()}.parquet"
    write_atomic(path, data.getvalue())
    return path


def load_tables(root: Path | None, kind: str, day: date | None = None) -> list[Table]:
    """Every stored table, the best first: those not after a day (None: all) from the newest, then those after it.

    Raises
    ------
    DataError
        A stored file is damaged.
    """
    stored = [] if root is None else sorted(_folder(root, kind).glob("*.parquet"))
    dated = [(as_of, path) for path in stored if (as_of := _day(path)) is not None]
    before = [entry for entry in dated if day is None or entry[0] <= day]
    after = dated[len(before) :]
    return [Table(as_of, _load(path, kind)) for as_of, path in (*reversed(before), *after)]


def load_table(root: Path | None, kind: str, day: date | None = None) -> Table | None:
    """The first of :func:`load_tables`, None where there is none. Raises DataError."""
    return next(iter(load_tables(root, kind, day)), None)


def _folder(root: Path, kind: str) -> Path:
    return root / REFERENCE / "krx" / kind


def _day(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None


def _load(path: Path, kind: str) -> pl.DataFrame:
    stamp = path.stat()
    return _read(path, kind, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, kind: str, _mtime_ns: int, _size: int) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, hive_partitioning=False, glob=False).select(list(SCHEMAS[kind]))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path} can't be read ({error})", cure="delete it and import the file again") from None
