"""However a history is cut into files, and in whatever order they come, the catalog holds the same series."""

import tempfile
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportSpec, import_file
from geobuk.data.panel_query import PanelQuery
from geobuk.data.resample import resample
from geobuk.data.synthetic import MarketSpec, synthetic_frame, synthetic_panel
from geobuk.domain.times import parse_at

BARS = 400
FRAME = synthetic_frame(MarketSpec(bars=BARS, instruments=1, start="2023-12-25"))
HOURLY = synthetic_panel(MarketSpec(bars=BARS, instruments=3))


@dataclass(frozen=True)
class StandingClock:
    def now_ns(self) -> int:
        return parse_at("2026-01-01")


@st.composite
def pieces(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Overlapping stretches that cover every row, in any order."""
    cuts = sorted({0, BARS, *draw(st.lists(st.integers(1, BARS - 1), max_size=4))})
    stretches = [
        (max(0, a - draw(st.integers(0, 20))), min(BARS, b + draw(st.integers(0, 20)))) for a, b in pairwise(cuts)
    ]
    return draw(st.permutations(stretches))


@given(pieces(), st.booleans())
def test_files_in_any_order_give_the_same_series(parts: list[tuple[int, int]], shuffled: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder) / "catalog")
        new = 0
        for number, (start, stop) in enumerate([*parts, parts[0]]):
            path = Path(folder) / f"{min(number, len(parts)) % len(parts)}.parquet"
            part = FRAME.slice(start, stop - start)
            (part.sample(fraction=1.0, shuffle=True, seed=number) if shuffled else part).write_parquet(path)
            report = import_file(
                catalog, ImportSpec(path, "synthetic", interval="1h", is_synthetic=True), StandingClock()
            )
            assert report.rows_conflicting == 0
            new += report.rows_new
        assert new == BARS
        panel = catalog.read_panel(PanelQuery("synthetic", "1h"))
        for name in ("at_ns", "open", "high", "low", "close", "volume"):
            stored = getattr(panel, name)
            assert (stored if name == "at_ns" else stored[:, 0]).tolist() == FRAME[name].to_list()
        assert panel.tradable.all()
        assert not list(catalog.root.rglob("*.tmp"))


@given(st.integers(24, BARS), st.sampled_from(["2h", "4h", "8h", "1d"]))
def test_a_later_bar_never_changes_an_earlier_coarse_one(rows: int, interval: str) -> None:
    part, whole = resample(HOURLY.rows(0, rows), interval), resample(HOURLY, interval)
    for name in ("at_ns", "open", "high", "low", "close", "volume", "mark", "funding", "funding_inside", "tradable"):
        assert np.array_equal(
            getattr(part, name), getattr(whole, name)[: len(part.at_ns)], equal_nan=name.startswith("funding")
        )


@given(st.data())
def test_resampling_keeps_volume_and_range(data: st.DataObject) -> None:
    per_bar = data.draw(st.sampled_from([2, 3, 4, 6, 8, 12, 24]))
    holes = data.draw(st.lists(st.tuples(st.integers(0, BARS - 1), st.integers(0, 2)), max_size=60))
    fields = {name: getattr(HOURLY, name).copy() for name in ("open", "high", "low", "close", "volume")}
    tradable = HOURLY.tradable.copy()
    for row, column in holes:
        tradable[row, column] = False
        for array in fields.values():
            array[row, column] = np.nan
    panel = replace(HOURLY, **fields, tradable=tradable)
    coarse = resample(panel, f"{per_bar}h")
    used = len(coarse.at_ns) * per_bar
    assert np.allclose(np.nansum(coarse.volume, axis=0), np.nansum(panel.volume[:used], axis=0))
    known = ~np.isnan(coarse.close)
    assert np.all(coarse.high[known] >= np.maximum(coarse.open, coarse.close)[known])
    assert np.all(coarse.low[known] <= np.minimum(coarse.open, coarse.close)[known])
    assert np.all(known[coarse.tradable])
