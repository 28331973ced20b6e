import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.layout import QUARANTINE
from geobuk.data.panel_query import PanelQuery
from geobuk.data.synthetic import MarketSpec, synthetic_frame
from geobuk.domain.errors import DataError, StorageError, UnknownNameError, UserError
from geobuk.domain.times import parse_at

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_import_stores_series_that_a_panel_reads(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    report = import_frame(bars(48))
    assert (report.rows_new, report.interval, report.is_unchanged) == (48, "1h", False)
    (entry,) = catalog.series()
    assert (entry.venue, entry.instrument, entry.kind, entry.interval) == ("binance", "BTCUSDT", "bars", "1h")
    assert (entry.rows, entry.first_at_ns) == (48, parse_at("2024-01-01"))
    assert entry.provenance[0].file == "BTCUSDT.parquet"
    assert entry.provenance[0].mapping["at"] == "ts"
    panel = catalog.read_panel(PanelQuery("binance", "1h"))
    assert panel.close[:, 0].tolist() == bars(48)["close"].to_list()
    assert panel.tradable.all()


def test_the_same_file_again_changes_nothing_and_says_so(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48))
    before = tree(catalog.root)
    report = import_frame(bars(48))
    assert report.is_unchanged
    assert report.rows_new == 0
    assert "nothing changed" in report.text
    assert tree(catalog.root) == before


def test_overlapping_files_merge(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    whole = bars(48)
    import_frame(whole.head(30), name="BTCUSDT-a.parquet")
    report = import_frame(whole.tail(30), name="BTCUSDT-b.parquet")
    assert (report.rows_new, report.series[0].rows_known) == (18, 12)
    (entry,) = catalog.series()
    assert entry.rows == 48
    assert [s.file for s in entry.provenance] == ["BTCUSDT-a.parquet", "BTCUSDT-b.parquet"]


def test_a_contradicting_file_leaves_the_stored_rows(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48))
    other = bars(48).with_columns(volume=pl.lit(1.0))
    report = import_frame(other, name="BTCUSDT-other.parquet")
    assert report.rows_conflicting == 48
    assert [f.code for f in report.findings] == ["CONFLICT"]
    assert catalog.read_panel(PanelQuery("binance", "1h")).volume[:, 0].tolist() == bars(48)["volume"].to_list()
    assert import_frame(other, name="BTCUSDT-other.parquet").is_unchanged


def test_several_instruments_in_one_file(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    frame = pl.concat((bars(48, symbol="A/B:C"), bars(24, start="2024-01-02", symbol="币USDT")))
    assert len(import_frame(frame, name="many.parquet").series) == 2
    panel = catalog.read_panel(PanelQuery("binance", "1h"))
    assert panel.instruments == ("A/B:C", "币USDT")
    assert np.isnan(panel.close[:24, 1]).all()
    assert not panel.tradable[:24, 1].any()
    assert panel.tradable[24:, 1].all()


def test_years_and_months_are_files_of_their_own(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48, start="2023-12-31"))
    import_frame(bars(100, start="2024-01-31T23:00", step_minutes=1), interval="1m")
    names = sorted(p.name.rsplit("-", 1)[0] for p in catalog.root.rglob("*.parquet"))
    assert names == ["2023", "2024", "2024-01", "2024-02"]


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
def test_defects_are_found_and_masked(import_frame: Import, catalog: Catalog, name: str) -> None:
    spec = MarketSpec(
        instruments=2,
        bars=1000,
        defects=("gap", "duplicate", "duplicate_conflict", "backwards", "ohlc", "non_positive", "zero_volume"),
    )
    frame = synthetic_frame(spec).rename({"at_ns": "ts"})
    report = import_frame(frame, name=name, venue="synthetic", is_synthetic=True)
    expected = {"ORDER", "DUPLICATE", "DUPLICATE_CONFLICT", "GAP", "OHLC", "NON_POSITIVE", "ZERO_VOLUME"}
    for series in report.series:
        assert {f.code for f in series.findings} == expected
        assert series.rows_masked == 1 + 1 + 1 + 4
        assert not series.quarantine_reason
    panel = catalog.read_panel(PanelQuery("synthetic", "1h"))
    assert panel.is_synthetic
    assert {f.code for f in panel.findings} == expected
    assert (~panel.tradable).sum(axis=0).tolist() == [7 + 5, 7 + 5]


def test_unfinished_bars_are_left_out(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    frame = bars(48, start="2025-12-30T00:30")  # the clock stands at 2026-01-01 00:00
    report = import_frame(frame)
    assert report.rows_new == 47
    assert [(f.code, f.count) for f in report.findings] == [("UNFINISHED", 1)]
    assert catalog.series()[0].last_at_ns == parse_at("2025-12-31T22:30")


def test_a_bad_series_is_quarantined_and_comes_back_with_better_data(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    good = bars(200)
    sparse = good.filter(pl.int_range(pl.len()) % 10 < 7)
    report = import_frame(sparse, name="BTCUSDT-bad.parquet")
    assert len(report.quarantined) == 1
    assert (catalog.root / QUARANTINE / "venue=binance").is_dir()
    with pytest.raises(DataError, match=r"every series .* is quarantined"):
        catalog.read_panel(PanelQuery("binance", "1h"))
    assert import_frame(sparse, name="BTCUSDT-bad.parquet").is_unchanged
    import_frame(good, name="BTCUSDT-good.parquet")
    (entry,) = catalog.series()
    assert not entry.is_quarantined
    assert not list((catalog.root / QUARANTINE).rglob("*.parquet"))
    assert catalog.read_panel(PanelQuery("binance", "1h")).tradable.all()


def test_funding_and_mark_are_series_of_their_own(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48).drop("volume"), kind="mark", name="BTCUSDT-mark.parquet")
    stamps = parse_at("2024-01-01") // 1_000_000 + pl.int_range(6, eager=True) * 8 * 3_600_000 + 5
    funding = pl.DataFrame({"calc_time": stamps, "last_funding_rate": [1e-4] * 6})
    report = import_frame(funding, kind="funding", name="BTCUSDT-fundingRate-2024-01.csv", interval="1h")
    assert report.interval == "stamps"
    assert [(e.kind, e.interval, e.rows) for e in catalog.series()] == [("funding", "stamps", 6), ("mark", "1h", 48)]


def test_synthetic_and_real_rows_never_mix(import_frame: Import, bars: Bars) -> None:
    import_frame(bars(48))
    with pytest.raises(DataError, match="holds real rows, the file is said to be synthetic"):
        import_frame(bars(96), name="BTCUSDT-2.parquet", is_synthetic=True)


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({"interval": "4h"}, DataError, "bars are 1h apart, not 4h: import it with --interval 1h; bars of 4h are made"),
        ({"interval": "1m"}, DataError, "bars are 1h apart, not 1m"),
        ({"interval": "1 hour"}, UserError, "'1 hour' is not an interval"),
        ({"kind": "bar"}, UnknownNameError, "did you mean bars"),
        ({"venue": "Binance!"}, DataError, "can't name a venue"),
        ({"volume_unit": "usd"}, UserError, "use base or quote"),
        ({"columns": {"close": "clse"}}, DataError, "did you mean 'close'"),
        ({"time_zone": "Seoul"}, UserError, "is not a time zone"),
        ({"time_unit": "ns"}, DataError, "begin at 1970-01-01 .* a wrong unit"),
    ],
)
def test_a_mistake_in_the_command_is_explained_and_nothing_is_stored(
    import_frame: Import, bars: Bars, catalog: Catalog, spec: dict[str, Any], error: type[UserError], message: str
) -> None:
    with pytest.raises(error, match=message):
        import_frame(bars(48), **spec)
    assert catalog.series() == []


def test_bars_of_the_future_are_refused(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    with pytest.raises(
        DataError, match=r"of 2026-01-10 .* UTC, in the future \(now is 2026-01-01 00:00 UTC\)"
    ) as caught:
        import_frame(bars(48, start="2026-01-08T12:00"))
    assert "--time-unit" in caught.value.cure
    assert catalog.series() == []


def test_closing_times_are_refused(import_frame: Import, bars: Bars) -> None:
    with pytest.raises(DataError, match="closing times"):
        import_frame(bars(48).with_columns(ts=pl.col("ts") + 3_599_999))


def test_one_instrument_can_be_named_for_a_file_without_one(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    with pytest.raises(DataError, match="add --instrument BTCUSDT"):
        import_frame(bars(48), name="export.parquet")
    import_frame(bars(48), name="export.parquet", instrument="ETHUSDT")
    import_frame(bars(48, symbol="x"), name="one.parquet", instrument="XRPUSDT")
    assert [e.instrument for e in catalog.series()] == ["ETHUSDT", "XRPUSDT"]
    with pytest.raises(DataError, match="holds 2 instruments"):
        import_frame(pl.concat((bars(4, symbol="A"), bars(4, symbol="B"))), name="two.parquet", instrument="A")


def test_progress_is_told(bars: Bars, catalog: Catalog, tmp_path: Path, clock: Any) -> None:
    pl.concat((bars(48, symbol="A"), bars(48, symbol="B"))).write_parquet(tmp_path / "two.parquet")
    told: list[tuple[str, int, int]] = []
    import_file(catalog, ImportSpec(tmp_path / "two.parquet", "binance"), clock, lambda *step: told.append(step))
    assert told == [("reading", 0, 1), ("A", 0, 2), ("B", 1, 2), ("done", 2, 2)]


@pytest.mark.parametrize("call_that_fails", [1, 2, 3, 4])
def test_a_disk_that_fills_up_loses_nothing(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, call_that_fails: int
) -> None:
    first = pl.concat((bars(48, symbol="A"), bars(48, symbol="B")))
    import_frame(first, name="first.parquet")
    before = catalog.read_panel(PanelQuery("binance", "1h"))
    calls = 0
    true_replace = os.replace

    def replace(source: Any, target: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call_that_fails:
            raise OSError(errno.ENOSPC, "No space left on device")
        true_replace(source, target)

    more = pl.concat((bars(96, symbol="A"), bars(96, symbol="B")))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(StorageError, match=r"unharmed \(\d of 2 instruments were stored\): the disk is full"):
            import_frame(more, name="more.parquet")
    after = catalog.read_panel(PanelQuery("binance", "1h"))
    assert after.close[:48].tolist() == before.close.tolist()
    report = import_frame(more, name="more.parquet")
    assert sum(e.rows for e in catalog.series()) == 192
    assert report.rows_read == 192
    assert not list(catalog.root.rglob("*.tmp"))
