"""Whoever reads while another process imports finds the series as it was or as it is, and never an error."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportSpec, import_file
from geobuk.data.panel_query import PanelQuery
from geobuk.data.synthetic import MarketSpec, synthetic_frame
from geobuk.domain.times import parse_at

STEPS = range(100, 900, 10)
READS = 300
FRAME = synthetic_frame(MarketSpec(bars=max(STEPS), instruments=1, start="2023-12-25"))
IMPORTING = """
import sys
from pathlib import Path
from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportSpec, import_file

class StandingClock:
    def now_ns(self):
        return int(sys.argv[2])

folder = Path(sys.argv[1])
for rows in range(*map(int, sys.argv[3:])):
    spec = ImportSpec(folder / f"{rows}.parquet", "synthetic", interval="1h", is_synthetic=True)
    import_file(Catalog(folder / "catalog"), spec, StandingClock())
"""


class StandingClock:
    def now_ns(self) -> int:
        return parse_at("2026-01-01")


def test_every_reading_is_the_old_series_or_the_new_one(tmp_path: Path) -> None:
    for rows in STEPS:
        FRAME.head(rows).write_parquet(tmp_path / f"{rows}.parquet")
    catalog = Catalog(tmp_path / "catalog")
    spec = ImportSpec(tmp_path / f"{STEPS.start}.parquet", "synthetic", interval="1h", is_synthetic=True)
    import_file(catalog, spec, StandingClock())
    now, steps = StandingClock().now_ns(), (STEPS.start, STEPS.stop, STEPS.step)
    close, seen = FRAME["close"].to_numpy(), [0]
    with subprocess.Popen([sys.executable, "-c", IMPORTING, *map(str, (tmp_path, now, *steps))]) as importing:
        while importing.poll() is None or len(seen) < READS:
            panel = catalog.read_panel(PanelQuery("synthetic", "1h"))
            seen.append(len(panel.at_ns))
            assert seen[-1] in STEPS
            assert np.array_equal(panel.close[:, 0], close[: seen[-1]])
    assert importing.returncode == 0
    assert seen == sorted(seen)
    assert seen[-1] == STEPS[-1]
