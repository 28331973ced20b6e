"""Tapes: single trades and quotes, one Parquet file a day beside the catalog's series; and bars made of trades.

venue=binance/instrument=BTCUSDT/kind=aggtrades/interval=stamps/2024-10-18-3f9a0c21d4e7.parquet and tape.json, which is
written last and names every file with its checksum and where it came from.
"""

import io
from hashlib import sha256
from pathlib import Path

import msgspec
import polars as pl

from geobuk.data.atomic import storage_error, sync_folder, write_atomic
from geobuk.data.checks.tape import check_tape
from geobuk.data.layout import STAMPS, SeriesKey, series_folder
from geobuk.data.manifest import Source
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY, interval_ns
from geobuk.panel import Finding

INDEX = "tape.json"


class TapeDay(msgspec.Struct, frozen=True):
    """One file: a day of single events. ``holes`` are numbers missing from the sequence of the venue's own ids.

    ``findings`` are what is wrong with the day's messages.
    """

    name: str
    day: str
    rows: int
    holes: int
    first_at_ns: int
    last_at_ns: int
    size: int
    sha256: str
    source: Source
    findings: tuple[Finding, ...] = ()


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """All days of one instrument's trades or quotes."""

    schema: int = 1
    venue: str
    instrument: str
    kind: str
    days: tuple[TapeDay, ...] = ()


def tape_key(venue: str, instrument: str, kind: str) -> SeriesKey:
    """Where a tape is kept."""
    return SeriesKey(venue, instrument, kind, STAMPS)


def tape_keys(root: Path, venue: str) -> list[SeriesKey]:
    """Every tape of a venue. Raises DataError where an index is damaged."""
    folders = sorted(path.parent for path in root.glob(f"venue={venue}/instrument=*/kind=*/interval=*/{INDEX}"))
    tapes = [_read_index(folder) for folder in folders]
    return [tape_key(tape.venue, tape.instrument, tape.kind) for tape in tapes if tape is not None]


def load_tape(root: Path, key: SeriesKey) -> Tape:
    """What there is of a tape; without days where there is none. Raises DataError where its index is damaged."""
    found = _read_index(series_folder(root, key))
    return found or Tape(venue=key.venue, instrument=key.instrument, kind=key.kind)


def store_day(root: Path, key: SeriesKey, day: str, frame: pl.DataFrame, source: Source) -> TapeDay:
    """Store a day of a tape, whole or not at all; one that is there is replaced.

    Raises
    ------
    StorageError
        The catalog can't be written; it is as it was.
    DataError
        The tape's index is damaged.
    """
    tape, folder = load_tape(root, key), series_folder(root, key)
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    data = buffer.getvalue()
    digest = sha256(data).hexdigest()
    stored = TapeDay(
        name=f"{day}-{digest[:12]}.parquet",
        day=day,
        rows=frame.height,
        holes=_holes(frame),
        first_at_ns=int(frame["at_ns"].to_numpy().min()) if frame.height else 0,
        last_at_ns=int(frame["at_ns"].to_numpy().max()) if frame.height else 0,
        size=len(data),
        sha256=digest,
        source=source,
        findings=_checked(frame, key.instrument),
    )
    write_atomic(folder / stored.name, data, sync=False)
    sync_folder(folder)
    others = tuple(other for other in tape.days if other.day != day)
    days = tuple(sorted((*others, stored), key=lambda d: d.day))
    encoded = msgspec.json.encode(msgspec.structs.replace(tape, days=days))
    write_atomic(folder / INDEX, msgspec.json.format(encoded, indent=1) + b"\n")
    _sweep(folder, days)
    return stored


def read_tape(root: Path, key: SeriesKey, from_ns: int, to_ns: int) -> pl.DataFrame:
    """Events of [from_ns, to_ns) in the venue's order.

    Raises
    ------
    DataError
        No day of the tape lies there, or a file is missing or not what was written.
    """
    folder = series_folder(root, key)
    days = [d for d in load_tape(root, key).days if d.last_at_ns >= from_ns and d.first_at_ns < to_ns]
    if not days:
        raise DataError(f"no {key.kind} of {key.instrument} are stored there", cure="download them with --kinds")
    frames = []
    for day in days:
        path = folder / day.name
        data = path.read_bytes() if path.is_file() else b""
        if sha256(data).hexdigest() != day.sha256:
            raise DataError(f"{path} is missing or not what was written", cure="delete it and tape.json, fetch again")
        frames.append(pl.read_parquet(io.BytesIO(data)))
    return pl.concat(frames).filter((pl.col("at_ns") >= from_ns) & (pl.col("at_ns") < to_ns))


def bars_from_trades(frame: pl.DataFrame, interval: str) -> pl.DataFrame:
    """Bars of trades: ``at_ns`` (opening time), open, high, low, close, volume (base units).

    The first and last trade of an interval are those of the venue's order, which is the frame's. An interval without
    a trade has no bar: nothing happened there, and nothing is made up.

    Parameters
    ----------
    frame : columns ``at_ns`` (Int64), ``price``, ``quantity`` (Float64), in the venue's order
    """
    step = interval_ns(interval)
    return (
        frame.group_by((pl.col("at_ns") // step * step).alias("opens"), maintain_order=True)
        .agg(
            pl.col("price").first().alias("open"),
            pl.col("price").max().alias("high"),
            pl.col("price").min().alias("low"),
            pl.col("price").last().alias("close"),
            pl.col("quantity").sum().alias("volume"),
        )
        .sort("opens")
        .rename({"opens": "at_ns"})
    )


def days_fetched(tape: Tape) -> list[str]:
    """Names of the source files of a tape."""
    return [day.source.file for day in tape.days]


def first_instant(tape: Tape) -> int:
    """The first instant of the oldest day; 0 where there is none."""
    return min((d.first_at_ns // NS_PER_DAY * NS_PER_DAY for d in tape.days), default=0)


def _read_index(folder: Path) -> Tape | None:
    path = folder / INDEX
    try:
        return msgspec.json.decode(path.read_bytes(), type=Tape)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as error:
        raise DataError(
            f"{path} can't be read ({error})", cure=f"delete the folder {folder} and download its days again"
        ) from None


def _checked(frame: pl.DataFrame, instrument: str) -> tuple[Finding, ...]:
    """What the checks of tapes find; that trades share a millisecond is usual, their numbers tell the order."""
    names = {"bid": "bid_price", "ask": "ask_price"}
    told = frame.rename({old: new for old, new in names.items() if old in frame.columns})
    found = check_tape(told.with_columns((pl.col("at_ns") // 1_000_000).alias("transact_time")), instrument)
    return tuple(one for one in found if one.code != "SAME_INSTANT")


def _holes(frame: pl.DataFrame) -> int:
    """Ids that are missing between the first and the last; quotes are not numbered without gaps."""
    if "trade_id" not in frame.columns or frame.height == 0:
        return 0
    ids = frame["trade_id"].to_numpy()
    return max(0, int(ids[-1] - ids[0]) + 1 - frame["trade_id"].n_unique())


def _sweep(folder: Path, days: tuple[TapeDay, ...]) -> None:
    in_force = {INDEX, *(day.name for day in days)}
    try:
        for path in list(folder.iterdir()):
            if path.name not in in_force:
                path.unlink()
    except OSError as error:
        raise storage_error(folder, error) from error
