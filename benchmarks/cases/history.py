"""History: a file into the catalog, and a panel out of it."""

import shutil
from itertools import count

from bench import Bench
from history_home import filled_home, history, import_bars
from measuring import Figure, in_turns, seconds, speed, timed

from geobuk.data.catalog import Catalog


def run(bench: Bench) -> list[Figure]:
    """Rows a second through reading, checking and storing; seconds to read 20 x 21,864 bars as a panel."""
    files, numbers = history(bench), count()
    rows = import_bars(bench.folder / "warm", files).rows_read

    def import_once() -> float:
        home = bench.folder / f"import-{next(numbers)}"
        elapsed = timed(lambda: import_bars(home, files))
        shutil.rmtree(home)
        return elapsed

    home, files = filled_home(bench)
    catalog = Catalog(home / "catalog")
    (imported,) = in_turns(5, import_once)
    (loaded,) = in_turns(bench.repeats, lambda: timed(lambda: catalog.read_panel(files.query)))
    return [speed("import_bars", "rows/s", rows, imported), seconds("panel_load", loaded)]
