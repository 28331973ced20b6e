"""From a raw table to the house's columns: instrument, at_ns and float64 values. Judging the values is the gate's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from geobuk.data.columns import ColumnMap
from geobuk.data.rows import KIND_COLUMNS
from geobuk.data.spacing import run_starts
from geobuk.data.timestamps import to_at_ns
from geobuk.domain.errors import DataError

_EMPTY_WORDS = ("", "null", "none", "nan", "na", "n/a", "-")
_QUOTES = "USDT|USDC|FDUSD|BUSD|USD|KRW|BTC|ETH|EUR"


@dataclass(frozen=True)
class Reading:
    """How a table's cells are to be read."""

    kind: str
    columns: ColumnMap
    time_unit: str = "auto"
    time_zone: str = "UTC"
    volume_unit: str = "base"
    instrument: str = ""


def canonical(table: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Columns instrument (String), at_ns (Int64) and the kind's values (Float64; null cells become NaN).

    Volume in quote currency is divided by the bar's close. Rows keep the file's order.

    Raises
    ------
    DataError
        A cell is not a time or not a number, or an instrument's name is missing.
    """
    at_ns = to_at_ns(table[reading.columns["at"]], unit=reading.time_unit, time_zone=reading.time_zone)
    values = {role: numbers(table[reading.columns[role]], role).alias(role) for role in KIND_COLUMNS[reading.kind]}
    frame = pl.DataFrame({"instrument": _instrument(table, reading), "at_ns": at_ns, **values})
    if reading.kind == "bars" and reading.volume_unit == "quote":
        frame = frame.with_columns(
            pl.when(pl.col("close") > 0)
            .then(pl.col("volume") / pl.col("close"))
            .otherwise(float("nan"))
            .alias("volume")
        )
    return frame


def numbers(column: pl.Series, role: str) -> pl.Series:
    """Float64; empty cells become NaN, anything else that is no number is a DataError."""
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        parsed = text.cast(pl.Float64, strict=False)
        wrong = parsed.is_null() & text.is_not_null() & ~text.str.to_lowercase().is_in(_EMPTY_WORDS)
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            raise DataError(
                f"column {column.name!r} holds {column[row]!r} in data row {row + 1}, which is not a number",
                cure=f"write plain numbers such as 1234.5, or map another column with --column {role}=NAME",
            )
        return parsed.fill_null(float("nan"))
    if column.dtype.is_numeric() or column.dtype == pl.Null:
        values = column.cast(pl.Float64)
        return values.fill_null(float("nan")) if values.null_count() else values
    raise DataError(
        f"column {column.name!r} holds {column.dtype}, not numbers",
        cure=f"map another column with --column {role}=NAME",
    )


def _instrument(table: pl.DataFrame, reading: Reading) -> pl.Series:
    column = reading.columns.instrument
    if not column:
        return pl.repeat(reading.instrument, table.height, dtype=pl.String, eager=True).alias("instrument")
    names = table[column].cast(pl.String).alias("instrument")
    heads = names.gather(run_starts(names)).unique()
    if heads.null_count() or (heads.str.strip_chars() != heads).any() or (heads == "").any():
        names = names.str.strip_chars()
        empty = names.is_null() | (names == "")
        if empty.any():
            row = int(empty.arg_max() or 0) + 1
            cure = "remove or complete that row"
            raise DataError(f"column {column!r} names no instrument in data row {row}", cure=cure)
    return names


def instrument_in_file_name(file_name: str) -> str:
    """The instrument that a file is named for, or an empty text.

    >>> instrument_in_file_name("BTCUSDT-1h-2024-01.csv.gz")
    'BTCUSDT'
    >>> instrument_in_file_name("BTC_USDT_USDT-1h-futures.feather")
    'BTCUSDT'
    >>> instrument_in_file_name("005930.csv")
    '005930'
    >>> instrument_in_file_name("prices.csv")
    ''
    """
    patterns: Mapping[str, str] = {
        rf"^([0-9A-Z]+?)[_-]({_QUOTES})(?:[_-](?:{_QUOTES}))?(?=[-_.]|$)": r"\1\2",
        rf"^([0-9A-Z]{{1,20}}(?:{_QUOTES}))(?=[-_.]|$)": r"\1",
        r"^(\d{6})(?=[-_.]|$)": r"\1",
    }
    for pattern, form in patterns.items():
        match = re.match(pattern, file_name)
        if match is not None:
            return match.expand(form)
    return ""
