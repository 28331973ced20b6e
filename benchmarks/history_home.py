"""A GEOBUK_HOME with 20 instruments of 2.5 years of hourly bars: the real file where there is one, else synthetic."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from bench import Bench, shared_data
from markets import random_walk

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.panel_query import PanelQuery
from geobuk.ops.clock import WallClock
from geobuk.panel import Panel

HOURS = 21_864  # 2023-01-01 to 2025-06-30
HOURLY = "binance_um_1h_2023_2025-06.parquet"
FUNDING = "binance_um_funding_2023_2025-06.parquet"


@dataclass(frozen=True)
class History:
    """Where the files are, and under which venue they are stored."""

    bars: Path
    funding: Path | None
    venue: str

    @property
    def is_synthetic(self) -> bool:
        """Whether the bars are made up."""
        return self.venue == "synthetic"

    @property
    def query(self) -> PanelQuery:
        """Everything of the venue."""
        return PanelQuery(self.venue, "1h")


def history(bench: Bench) -> History:
    """The files to import."""
    data = shared_data()
    if data is not None:
        return History(data / "crypto" / HOURLY, data / "crypto" / FUNDING, "binance")
    bars = bench.folder / "synthetic_1h.parquet"
    if not bars.is_file():
        as_table(random_walk(HOURS, 20, "1h")).write_parquet(bars)
    return History(bars, None, "synthetic")


def import_bars(home: Path, files: History) -> ImportReport:
    """Import the bars into the catalog of a home."""
    spec = ImportSpec(files.bars, files.venue, interval="1h", is_synthetic=files.is_synthetic)
    return import_file(Catalog(home / "catalog"), spec, WallClock())


def filled_home(bench: Bench) -> tuple[Path, History]:
    """The home that several cases share, imported once."""
    home, files = bench.folder / "home", history(bench)
    if not home.exists():
        import_bars(home, files)
        if files.funding is not None:
            import_file(Catalog(home / "catalog"), ImportSpec(files.funding, files.venue, kind="funding"), WallClock())
    return home, files


def as_table(panel: Panel) -> pl.DataFrame:
    """A panel as a long table, as exchanges hand out history."""
    bars, count = panel.shape
    prices = {name: getattr(panel, name).T.ravel() for name in ("open", "high", "low", "close", "volume")}
    symbols = [name for name in panel.instruments for _ in range(bars)]
    times = (panel.at_ns // 1_000_000).tolist() * count
    return pl.DataFrame({"symbol": symbols, "ts": times, **prices})
