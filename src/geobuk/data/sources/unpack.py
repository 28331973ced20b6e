"""From a verified zip file of the archive to a frame of our columns. It judges no values: that is the gate's."""

import zipfile
import zlib
from pathlib import Path

import polars as pl

from geobuk.data.sources.binance_archive import ARCHIVE_KINDS, ArchiveFile
from geobuk.data.timestamps import to_at_ns
from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import NS_PER_MINUTE, at_text

_TYPES = {
    "is_buyer_maker": pl.Boolean,
    **dict.fromkeys(("agg_trade_id", "first_trade_id", "last_trade_id", "update_id"), pl.Int64),
    **dict.fromkeys(("open_time", "calc_time", "transact_time", "transaction_time", "event_time"), pl.Int64),
}
_AGAIN = "nothing of it was stored; delete it from the cache and run the same command again"


def unpack(path: Path, file: ArchiveFile) -> pl.DataFrame:
    """Columns ``at_ns`` (Int64) and the kind's values, in the file's order.

    Files with and without a header row are read, and stamps of ms and us. Rows of a tape are sorted by their number.

    Raises
    ------
    DataError
        The zip file can't be opened, does not hold the one CSV file, has other columns, or rows of another period.
    """
    kind = ARCHIVE_KINDS[file.kind]
    data = _member(path, file)
    try:
        table = _read(data, kind.columns, list(kind.values.values()))
        columns = {"at_ns": _times(table[kind.values["at"]])}
        for role, name in kind.values.items():
            if role != "at":
                is_time = role.endswith("_at")
                columns[f"{role}_ns" if is_time else role] = _times(table[name]) if is_time else table[name]
    except (pl.exceptions.PolarsError, UserError) as error:
        raise DataError(f"{file.name} can't be read: {str(error).splitlines()[0]}", cure=_AGAIN) from None
    frame = pl.DataFrame(columns)
    _require_period(frame, file)
    number = next((name for name in ("trade_id", "update_id") if name in frame.columns), "")
    return frame.sort(number, maintain_order=True) if number and not frame[number].is_sorted() else frame


def _member(path: Path, file: ArchiveFile) -> bytes:
    wanted = file.name.removesuffix(".zip") + ".csv"
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if names != [wanted]:
                raise DataError(f"{file.name} holds {', '.join(names[:3]) or 'nothing'}, not {wanted}", cure=_AGAIN)
            return archive.read(wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise DataError(f"{file.name} is not a whole zip file ({error})", cure=_AGAIN) from None


def _read(data: bytes, columns: tuple[str, ...], wanted: list[str]) -> pl.DataFrame:
    head = data[:4096].split(b"\n", 1)[0].decode(errors="replace").strip()
    cells = [cell.strip().strip('"') for cell in head.split(",")]
    has_header = not cells[0][:1].isdigit()
    present = tuple(cells) if has_header else columns
    if not data.strip():
        raise DataError("it is empty")
    missing = [name for name in wanted if name not in present]
    if missing or (not has_header and len(cells) != len(columns)):
        raise DataError(f"its first line is {head[:80]!r}, where {', '.join(missing or columns)} was expected")
    if not has_header:
        data = ",".join(columns).encode() + b"\n" + data
    types = {name: _TYPES.get(name, pl.Float64) for name in wanted}
    return pl.read_csv(data, columns=wanted, schema_overrides=types).select(wanted)


def _times(column: pl.Series) -> pl.Series:
    return to_at_ns(column) if len(column) else column.cast(pl.Int64)


def _require_period(frame: pl.DataFrame, file: ArchiveFile) -> None:
    """Rows of another period mean that the file is not what its name says."""
    if frame.height == 0:
        return
    first, last = int(frame["at_ns"].to_numpy().min()), int(frame["at_ns"].to_numpy().max())
    begins, ends = file.span
    if first < begins - NS_PER_MINUTE or last >= ends + NS_PER_MINUTE:
        raise DataError(f"{file.name} holds rows from {at_text(first)} to {at_text(last)} UTC", cure=_AGAIN)
