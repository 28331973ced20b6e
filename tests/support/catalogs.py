"""Catalogs as they are found: rows stored without a user's file, and a catalog as the first version wrote it."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl

from geobuk.data.layout import MANIFEST, SeriesKey, periods_of, series_folder, series_key
from geobuk.data.manifest import Source
from geobuk.data.rows import Rows
from geobuk.data.series_store import Batch, Stored, store
from geobuk.domain.times import parse_at

SOURCE = Source("made-up.parquet", "0" * 64, 0, {"at": "ts"})


def bar_rows(count: int, *, start: str = "2024-01-01", step_ns: int = 60_000_000_000, first: int = 0) -> Rows:
    """Good bars, numbered from ``first``: prices go up and down between 100 and 110."""
    number = np.arange(first, first + count)
    close, opened = (np.round(100.0 + np.abs(n % 200 - 100) * 0.1, 1) for n in (number, number - 1))
    high, low = np.round(np.maximum(opened, close) + 0.2, 1), np.round(np.minimum(opened, close) - 0.2, 1)
    values = {"open": opened, "high": high, "low": low, "close": close, "volume": 10.0 + number % 7}
    return Rows(parse_at(start) + step_ns * number.astype(np.int64), values, np.zeros(count, dtype=np.uint32))


def bars_key(instrument: str = "BTCUSDT", interval: str = "1m", venue: str = "binance") -> SeriesKey:
    return series_key(venue, instrument, "bars", interval)


def keep(root: Path, rows: Rows, key: SeriesKey | None = None, source: Source = SOURCE) -> Stored:
    """Store rows as an import does."""
    return store(root, Batch(key or bars_key(), rows, source))


def write_first_version(root: Path, key: SeriesKey, rows: Rows, *, months: bool = False) -> Path:
    """A series as schema 1 wrote it: masks of eight bits, zstd, no revision, no hashes of content.

    ``months`` puts bars below a minute into files of a month, as it did.
    """
    folder = series_folder(root, key)
    folder.mkdir(parents=True)
    files = []
    for period, part in periods_of(rows.at_ns, 60_000_000_000 if months else key.interval_ns):
        piece = rows.take(part)
        frame = piece.to_frame().with_columns(pl.col("mask").cast(pl.UInt8))
        frame.write_parquet(folder / "new", compression="zstd", statistics=False)
        data = (folder / "new").read_bytes()
        digest = sha256(data).hexdigest()
        name = f"{period}-{digest[:12]}.parquet"
        (folder / "new").rename(folder / name)
        first, last = int(piece.at_ns[0]), int(piece.at_ns[-1])
        about = {"name": name, "period": period, "rows": len(piece), "size": len(data), "sha256": digest}
        files.append({**about, "first_at_ns": first, "last_at_ns": last})
    source = {"file": "old.csv", "sha256": "ab", "imported_at_ns": 1, "mapping": {"at": "ts"}}
    manifest = {
        "schema": 1,
        "venue": key.venue,
        "instrument": key.instrument,
        "kind": key.kind,
        "interval": key.interval,
        "phase_ns": 0,
        "is_synthetic": False,
        "rows": len(rows),
        "masked": int(np.count_nonzero(rows.mask)),
        "first_at_ns": int(rows.at_ns[0]),
        "last_at_ns": int(rows.at_ns[-1]),
        "files": files,
        "findings": [],
        "sources": [source],
        "quarantine_reason": "",
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder
