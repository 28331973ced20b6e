"""Runs downloads against the local server, and reads back what the catalog holds afterwards."""

from pathlib import Path
from typing import Any

import polars as pl
from tests.servers.binance import BinanceServer

from geobuk.app.download import Downloaded, DownloadRequest, Prepared, perform, prepare_download, prepare_update
from geobuk.app.home import Home
from geobuk.data.catalog import Catalog
from geobuk.data.series_store import load_rows
from geobuk.data.sources.tapes import load_tape, tape_keys
from geobuk.domain.times import parse_at

NOW = parse_at("2024-03-05T10:30") // 1_000_000
"""The server's time: February is published by month, March by day up to the 3rd, the rest is REST's."""

QUICK = {"backoff_seconds": 0.01, "silence_seconds": 0.4, "tries": 4, "patience_seconds": 5, "connections": 4}


def settings(server: BinanceServer | None, **changes: Any) -> tuple[str, ...]:
    """``--set`` texts that point to the server and wait for nothing long."""
    hosts = {"archive": server.base, "rest": server.base} if server is not None else {}
    return tuple(f"download.{name}={value}" for name, value in {**QUICK, **hosts, **changes}.items())


def prepared(home: Path, server: BinanceServer, sets: tuple[str, ...] = (), **request: Any) -> Prepared:
    """The plan of a download."""
    asked = {
        "instruments": ("BTCUSDT",),
        "period": ("2024-02-01", ""),
        "interval": "1h",
        "kinds": ("bars",),
        **request,
    }
    return prepare_download(Home(home), DownloadRequest(**asked, sets=(*settings(server), *sets)))


def download(home: Path, server: BinanceServer, sets: tuple[str, ...] = (), **request: Any) -> Downloaded:
    """Plan and carry out."""
    return perform(Home(home), prepared(home, server, sets, **request))


def update(home: Path, server: BinanceServer) -> Downloaded:
    """Bring the catalog up to the server's now."""
    return perform(Home(home), prepare_update(Home(home), sets=settings(server)))


def content(home: Path) -> dict[str, pl.DataFrame]:
    """Rows of every series and tape, by name."""
    root = Home(home).catalog_dir
    found = {str(key): load_rows(root, m).to_frame() for key, m in Catalog(root).manifests().items()}
    for key in tape_keys(root, "binance"):
        for day in load_tape(root, key).days:
            path = next(root.rglob(day.name))
            found[f"{key} {day.day}"] = pl.read_parquet(path)
    return found


def assert_same(one: Path, other: Path) -> None:
    """Two homes hold the same rows."""
    first, second = content(one), content(other)
    assert first.keys() == second.keys()
    for name, frame in first.items():
        assert frame.equals(second[name], null_equal=True), name


def leftovers(home: Path) -> list[str]:
    """Files in the cache."""
    folder = Home(home).downloads_dir
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
