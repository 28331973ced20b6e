"""Turns a file's time column into integer nanoseconds, UTC. It reads no clock: what is too late is the importer's."""

import re

import polars as pl

from geobuk.domain.errors import DataError, UserError

UNIT_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
"""Nanoseconds of each time unit."""

_EARLIEST_S, _LATEST_S = 315_532_800, 4_133_980_800  # 1980 and 2101: the four units can't be confused in between
_DAY_DIGITS, _SECOND_DIGITS = 8, 14
_OFFSET = r"(Z|UTC|[+-]\d{2}:?\d{2})$"
_TEXT_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
)


def to_at_ns(column: pl.Series, *, unit: str = "auto", time_zone: str = "UTC") -> pl.Series:
    """Nanoseconds since the epoch, Int64.

    Numbers are counted in ``unit`` (``auto`` tells s, ms, us and ns apart by their size; 20240131 is a date).
    Text is ISO 8601 or 2024.01.31, 2024/01/31, 20240131, 20240131090000. What has no zone of its own is read in
    ``time_zone``.

    Raises
    ------
    DataError
        A value is missing, unreadable, ambiguous in the zone, or outside 1980 to 2100 with an automatic unit.
    UserError
        Unknown unit or time zone.
    """
    if unit != "auto" and unit not in UNIT_NS:
        raise UserError(f"{unit!r} is not a time unit", cure=f"use auto, {', '.join(UNIT_NS)}")
    _require_zone(time_zone)
    _require_complete(column)
    kind = column.dtype
    if kind == pl.String:
        column = column.str.strip_chars()
        if column.str.contains(r"^-?\d+(\.\d+)?$").all():
            column = _digits(column)
            kind = column.dtype
        else:
            return _naive_or_zoned(_parse_text(column), column, time_zone)
    if isinstance(kind, pl.Datetime):
        return _naive_or_zoned(column, column, time_zone)
    if kind == pl.Date:
        return _naive_or_zoned(column.cast(pl.Datetime("ms")), column, time_zone)
    if kind.is_integer() and _look_like_days(column):
        return _naive_or_zoned(_parse_text(column.cast(pl.String)), column, time_zone)
    if kind.is_numeric():
        return _from_numbers(column, unit)
    raise DataError(f"column {column.name!r} holds {kind}, not times", cure="map another with --column at=NAME")


def _require_zone(time_zone: str) -> None:
    try:
        pl.Series([0]).cast(pl.Datetime("ns")).dt.replace_time_zone(time_zone)
    except (pl.exceptions.PolarsError, ValueError) as error:
        hint = re.search(r"did you mean '([^']+)'", str(error))
        cure = f"did you mean {hint[1]}?" if hint else "use a name such as UTC or Asia/Seoul"
        raise UserError(f"{time_zone!r} is not a time zone", cure=cure) from None


def _require_complete(column: pl.Series) -> None:
    if column.null_count():
        row = int(column.is_null().arg_max() or 0) + 1
        raise DataError(
            f"column {column.name!r} has no time in data row {row} ({column.null_count()} rows in all)",
            cure="remove those rows, or map another column with --column at=NAME",
        )


def _digits(column: pl.Series) -> pl.Series:
    lengths = column.str.len_chars()
    if lengths.min() == lengths.max() and lengths[0] in {_DAY_DIGITS, _SECOND_DIGITS}:
        parsed = _try_formats(column)
        if parsed is not None:
            return parsed
    if column.str.contains(".", literal=True).any():
        return column.cast(pl.Float64)
    counted = column.cast(pl.Int64, strict=False)
    if counted.null_count():
        raise DataError(f"column {column.name!r} holds {column[0]!r}, too large for a time", cure="check the column")
    return counted


def _look_like_days(column: pl.Series) -> bool:
    low, high = column.min(), column.max()
    return isinstance(low, int) and isinstance(high, int) and low >= 19_000_101 and high <= 21_001_231


def _parse_text(column: pl.Series) -> pl.Series:
    cleaned = (
        column.str.replace(r"^(\d{4})[./](\d{1,2})[./](\d{1,2})", "$1-$2-$3")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})T", "$1 ")
        .str.replace(r"\s+(UTC|[+-]\d{2}:?\d{2})$", "$1")
    )
    zoned = cleaned.str.contains(_OFFSET)
    if zoned.any() and not zoned.all():
        row = int((~zoned).arg_max() or 0)
        raise DataError(
            f"column {column.name!r} mixes times with and without an offset, such as {column[row]!r}",
            cure="write all of them the same way",
        )
    if zoned.all():
        cleaned = cleaned.str.replace(r"(Z|UTC)$", "+00:00").str.replace(r"([+-]\d{2})(\d{2})$", "$1:$2")
    parsed = _try_formats(cleaned, suffix="%:z" if zoned.all() else "")
    if parsed is not None:
        return parsed
    shown = _first_unreadable(cleaned, column, "%:z" if zoned.all() else "")
    raise DataError(
        f"column {column.name!r} holds {shown}, which is not a time",
        cure="write 2024-01-31 09:00:00 or numbers since 1970, or map another column with --column at=NAME",
    )


def _try_formats(column: pl.Series, suffix: str = "") -> pl.Series | None:
    for form in _TEXT_FORMATS:
        parsed = column.str.to_datetime(form + suffix, time_unit="ns", strict=False)
        if parsed.null_count() == 0:
            return parsed
    return None


def _first_unreadable(cleaned: pl.Series, column: pl.Series, suffix: str) -> str:
    parsed = [cleaned.str.to_datetime(form + suffix, time_unit="ns", strict=False) for form in _TEXT_FORMATS]
    best = min(parsed, key=lambda series: series.null_count())
    row = int(best.is_null().arg_max() or 0)
    return f"{column[row]!r} in data row {row + 1}"


def _naive_or_zoned(parsed: pl.Series, column: pl.Series, time_zone: str) -> pl.Series:
    if getattr(parsed.dtype, "time_zone", None) is None:
        placed = parsed.dt.replace_time_zone(time_zone, ambiguous="null", non_existent="null")
        if placed.null_count():
            row = int(placed.is_null().arg_max() or 0)
            raise DataError(
                f"{column[row]} in data row {row + 1} does not exist once in {time_zone} (clocks were changed)",
                cure="write the times in UTC",
            )
        parsed = placed
    return parsed.dt.convert_time_zone("UTC").dt.epoch("ns")


def _from_numbers(column: pl.Series, unit: str) -> pl.Series:
    if column.dtype.is_float() and not column.is_finite().all():
        raise DataError(f"column {column.name!r} holds a time that is not finite", cure="remove those rows")
    low, high = float(str(column.min())), float(str(column.max()))
    unit = _unit_of(column.name, low, high) if unit == "auto" else unit
    scale = UNIT_NS[unit]
    if max(abs(low), abs(high)) * scale >= 2**63:
        raise DataError(f"column {column.name!r} holds {high:.0f}, too large for unit {unit}", cure="use unit auto")
    if column.dtype.is_float():
        whole = column.floor()
        return whole.cast(pl.Int64) * scale + ((column - whole) * scale / 1000).round().cast(pl.Int64) * 1000
    return column.cast(pl.Int64) * scale


def _unit_of(name: str, low: float, high: float) -> str:
    for unit, scale in UNIT_NS.items():
        per_second = 1_000_000_000 // scale
        if low >= _EARLIEST_S * per_second and high < _LATEST_S * per_second:
            return unit
    raise DataError(
        f"column {name!r} holds numbers from {low:.0f} to {high:.0f}, which no unit makes times of 1980 to 2100",
        cure="map another column with --column at=NAME, or say the unit with --time-unit s, ms, us or ns",
    )
