"""Helpers of the data room's tests: a clock that stands still, a catalog, files and imports."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.domain.times import parse_at


@dataclass(frozen=True)
class StandingClock:
    """Always the same moment."""

    at: int = parse_at("2026-01-01")

    def now_ns(self) -> int:
        return self.at


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog")


@pytest.fixture
def bars() -> Callable[..., pl.DataFrame]:
    """``bars(rows, start, interval)``: good bars of rising prices, ``ts`` in milliseconds."""

    def make(rows: int = 48, start: str = "2024-01-01", step_minutes: int = 60, **columns: Any) -> pl.DataFrame:
        first = parse_at(start) // 1_000_000
        number = pl.int_range(rows, eager=True)
        close = 100.0 + number.cast(pl.Float64)
        frame = pl.DataFrame(
            {
                "ts": first + number * step_minutes * 60_000,
                "open": close - 0.5,
                "high": close + 1.0,
                "low": close - 1.0,
                "close": close,
                "volume": 10.0 + number.cast(pl.Float64),
            }
        )
        return frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()})

    return make


@pytest.fixture
def import_frame(catalog: Catalog, tmp_path: Path, clock: StandingClock) -> Callable[..., ImportReport]:
    """``import_frame(frame, name=…, **spec)``: write the frame as a file and import it."""

    def run(frame: pl.DataFrame, name: str = "BTCUSDT.parquet", **spec: Any) -> ImportReport:
        path = tmp_path / name
        if name.endswith(".csv"):
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
        return import_file(catalog, ImportSpec(path=path, **{"venue": "binance", **spec}), clock)

    return run
