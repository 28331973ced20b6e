"""Years of 1-minute bars: files into the catalog, rows through the quality gate, a panel out of the catalog.

The bars are a random walk with prices in hundredths, as venues quote them. Both sides may use all cores.
"""

import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
from bench import Bench, CaseFailedError, RivalCall
from history_home import as_table
from markets import random_walk
from measuring import Figure, Rival, seconds, speed, timed

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.panel_query import PanelQuery
from geobuk.data.quality import Series, gate
from geobuk.data.rows import KIND_COLUMNS, Rows
from geobuk.ops.clock import WallClock
from geobuk.panel import Panel

ROWS, INSTRUMENTS = 5_000_000, 10
YEAR, YEAR_INSTRUMENTS = 525_600, 25
REPEATS = 5
VENUE = "minutes"
"""A venue of which nothing is known: by the rules of a known one the gate would find these bars to be no real ones."""

PRICES = ("open", "high", "low", "close", "volume")


def run(bench: Bench) -> list[Figure]:
    """Rows a second of import and gate over 5,000,000 bars; seconds to read 25 instruments x a year as a panel."""
    quick = replace(bench, repeats=REPEATS)  # shares processes and notes
    return [*imports_and_gate(quick), *panel_of_a_year(quick)]


def imports_and_gate(bench: Bench) -> list[Figure]:
    """The same 5,000,000 rows from Parquet, from CSV, and in memory."""
    panel = quoted(random_walk(ROWS // INSTRUMENTS, INSTRUMENTS, "1m"))
    folder = stored(bench, "minutes", panel)
    files = {ending: bench.folder / f"minutes.{ending}" for ending in ("parquet", "csv")}
    table = as_table(panel)
    table.write_parquet(files["parquet"])
    table.write_csv(files["csv"])
    del table
    shelves = [rows_of(panel, n) for n in range(INSTRUMENTS)]
    series = [Series(VENUE, name, "bars", panel.interval_ns) for name in panel.instruments]
    numbers = count()
    parquet, convert = bench.compare(
        lambda: import_once(bench, files["parquet"], numbers), loading("freqtrade", "freqtrade_convert", folder)
    )
    csv, read = bench.compare(
        lambda: import_once(bench, files["csv"], numbers),
        loading("vectorbt", "vectorbt_load_csv", path=str(files["csv"])),
    )
    gated, clean = bench.compare(
        lambda: timed(lambda: [gate(*pair) for pair in zip(shelves, series, strict=True)]),
        loading("freqtrade", "freqtrade_clean", folder),
    )
    for path in files.values():
        path.unlink()
    return [
        speed("import_parquet_1m", "rows/s", ROWS, parquet, first(convert)),
        speed("import_csv_1m", "rows/s", ROWS, csv, first(read)),
        speed("gate_1m", "rows/s", ROWS, gated, first(clean)),
    ]


def panel_of_a_year(bench: Bench) -> list[Figure]:
    """From the catalog to one panel; the rivals read the same bars from their own files."""
    panel = quoted(random_walk(YEAR, YEAR_INSTRUMENTS, "1m"))
    folder = stored(bench, "year", panel)
    file, home = bench.folder / "year.parquet", bench.folder / "year-home"
    as_table(panel).write_parquet(file)
    del panel
    import_minutes(home, file)
    file.unlink()
    catalog, query = Catalog(home / "catalog"), PanelQuery(VENUE, "1m")
    if catalog.read_panel(query).tradable.sum() != YEAR * YEAR_INSTRUMENTS:
        raise CaseFailedError("the panel does not hold every bar")
    ours, rivals = bench.compare(
        lambda: timed(lambda: catalog.read_panel(query)),
        loading("freqtrade", "freqtrade_load", folder),
        loading("vectorbt", "vectorbt_load", folder),
    )
    shutil.rmtree(home)
    shutil.rmtree(folder)
    return [seconds(f"panel_year_1m_{rival.name}", ours, rival) for rival in rivals] or [seconds("panel_year_1m", ours)]


def loading(package: str, function: str, folder: str = "", *, path: str = "") -> RivalCall:
    """A function of the rivals' module, in the environment that has both, with all cores."""
    arguments = {"path": path} if path else {"folder": folder}
    return RivalCall(package, f"history_loading:{function}", arguments, environment="freqtrade", all_cores=True)


def stored(bench: Bench, name: str, panel: Panel) -> str:
    """The bars where rivals find them: as arrays, and in files of their own."""
    folder = bench.store(name, at_ns=panel.at_ns, **{key: getattr(panel, key) for key in PRICES})
    bench.ask(loading("freqtrade", "store", folder))
    return folder


def import_once(bench: Bench, file: Path, numbers: "count[int]") -> float:
    """Seconds from a file to an empty catalog that holds it."""
    home = bench.folder / f"minutes-home-{next(numbers)}"
    elapsed = timed(lambda: import_minutes(home, file))
    shutil.rmtree(home)
    return elapsed


def import_minutes(home: Path, file: Path) -> ImportReport:
    """Read, check, store; raises CaseFailedError where the gate finds fault with the bars."""
    spec = ImportSpec(path=file, venue=VENUE, interval="1m", is_synthetic=True)
    report = import_file(Catalog(home / "catalog"), spec, WallClock())
    if report.findings:
        raise CaseFailedError(f"the gate found fault with bars that are whole: {report.findings[0].text}")
    return report


def quoted(panel: Panel) -> Panel:
    """Prices in hundredths and volumes in thousandths: rounding keeps their order."""
    digits = {"open": 2, "high": 2, "low": 2, "close": 2, "volume": 3}
    return replace(panel, **{name: np.round(getattr(panel, name), places) for name, places in digits.items()})


def rows_of(panel: Panel, column: int) -> Rows:
    """One instrument's rows as the gate gets them."""
    values = {name: np.ascontiguousarray(getattr(panel, name)[:, column]) for name in KIND_COLUMNS["bars"]}
    return Rows(panel.at_ns, values, np.zeros(len(panel.at_ns), dtype=np.uint32))


def first(rivals: list[Rival]) -> Rival | None:
    """The only rival, if it worked."""
    return rivals[0] if rivals else None
