"""What a reader finds while files are replaced, and what becomes of files that are no longer what was written."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from geobuk.data import catalog as catalog_module
from geobuk.data import sheets
from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport
from geobuk.data.panel_query import PanelQuery, Selection, select_series
from geobuk.data.panel_reader import read_selection
from geobuk.data.series_store import SUPERSEDED
from geobuk.domain.errors import DataError
from geobuk.panel import Panel

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]
QUERY = PanelQuery("binance", "1h")


def selection_of(catalog: Catalog) -> Selection:
    return select_series(catalog.manifests(), QUERY)


def read(catalog: Catalog, selection: Selection) -> Panel:
    return read_selection(catalog.root, selection, QUERY, {})


def test_a_reader_with_the_manifest_before_still_finds_its_files(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    import_frame(bars(48))
    before, panel = selection_of(catalog), catalog.read_panel(QUERY)
    import_frame(bars(60), "BTCUSDT-2.parquet")
    assert read(catalog, before).content_hash == panel.content_hash
    assert catalog.read_panel(QUERY).shape == (60, 1)
    import_frame(bars(72), "BTCUSDT-3.parquet")
    with pytest.raises(FileNotFoundError):
        read(catalog, before)
    assert len(list(catalog.root.rglob("*.parquet"))) == 1
    assert len(list(catalog.root.rglob(f"*{SUPERSEDED}"))) == 1


def test_a_file_that_both_versions_name_stays_where_it_is(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48, start="2023-12-31"))
    import_frame(bars(60, start="2023-12-31"), "BTCUSDT-2.parquet")
    assert sorted(p.name[:4] for p in catalog.root.rglob("*.parquet")) == ["2023", "2024"]
    assert [p.name[:4] for p in catalog.root.rglob(f"*{SUPERSEDED}")] == ["2024"]


def test_a_series_that_moves_into_quarantine_and_back_is_found_all_the_while(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    every = bars(520)
    import_frame(every.head(200))
    good, panel = selection_of(catalog), catalog.read_panel(QUERY)
    assert import_frame(every.tail(200), "BTCUSDT-late.parquet").quarantined
    assert read(catalog, good).content_hash == panel.content_hash
    assert [entry.is_quarantined for entry in catalog.series()] == [True]
    import_frame(every.slice(200, 120), "BTCUSDT-between.parquet")
    assert [entry.is_quarantined for entry in catalog.series()] == [False]
    assert len(list(catalog.root.rglob("manifest.json"))) == 1


def reading_while(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen between the choice of files and the reading of them."""

    def read_late(*arguments: Any) -> Panel:
        happens()
        return read_selection(*arguments)

    monkeypatch.setattr(catalog_module, "read_selection", read_late)


def test_a_reading_begins_anew_when_imports_replaced_its_files(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_frame(bars(48))
    lengths = iter([50, 52, 54, 56, 58, 60])

    def two_imports() -> None:
        for rows in (next(lengths, 60), next(lengths, 60)):
            import_frame(bars(rows), f"BTCUSDT-{rows}.parquet")

    reading_while(monkeypatch, two_imports)
    assert catalog.read_panel(QUERY).shape == (60, 1)


def test_imports_without_end_are_named_as_what_they_are(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_frame(bars(10))
    rows = [10]

    def two_imports() -> None:
        for _ in range(2):
            rows[0] += 1
            import_frame(bars(rows[0]), f"BTCUSDT-{rows[0]}.parquet")

    reading_while(monkeypatch, two_imports)
    with pytest.raises(DataError, match="imported faster than it can be read: wait until"):
        catalog.read_panel(QUERY)


def test_a_file_that_is_gone_names_the_folder_of_its_series(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48))
    (entry,) = catalog.series()
    next(entry.folder.glob("*.parquet")).unlink()
    with pytest.raises(DataError) as caught:
        catalog.read_panel(QUERY)
    assert f"the stored series in {entry.folder} is damaged" in str(caught.value)
    assert "delete that folder" in caught.value.cure


def test_no_flipped_byte_is_read_or_imported_over(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(500))
    (entry,) = catalog.series()
    file = next(entry.folder.glob("*.parquet"))
    good, rng = file.read_bytes(), np.random.default_rng(5)
    for _ in range(60):
        data = bytearray(good)
        data[int(rng.integers(len(data)))] ^= int(rng.integers(1, 256))
        file.write_bytes(data)
        with pytest.raises(DataError, match=rf"{file.name} is not what was written\): delete that folder"):
            catalog.read_panel(QUERY)
    for name in ("BTCUSDT.parquet", "BTCUSDT-more.parquet"):
        with pytest.raises(DataError, match="is not what was written"):
            import_frame(bars(500 if name == "BTCUSDT.parquet" else 600), name)
    assert file.read_bytes() == bytes(data)
    file.write_bytes(good)
    import_frame(bars(600), "BTCUSDT-more.parquet")
    assert catalog.read_panel(QUERY).shape == (600, 1)


def test_a_superseded_file_is_checked_too(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(48))
    before = selection_of(catalog)
    import_frame(bars(60), "BTCUSDT-2.parquet")
    old = next(catalog.root.rglob(f"*{SUPERSEDED}"))
    old.write_bytes(old.read_bytes()[:-1] + b"\0")
    with pytest.raises(DataError, match="is not what was written"):
        read(catalog, before)


def test_a_long_reading_goes_on_while_an_import_adds_rows(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_SHEET_ROWS", 1)
    whole = bars(20_000, start="2022-01-01")
    import_frame(whole, "BTCUSDT-1.parquet")
    panel = catalog.read_panel(QUERY)
    chunks = catalog.read_chunks(QUERY, 100)
    seen = [next(chunks)]
    import_frame(bars(20_100, start="2022-01-01"), "BTCUSDT-2.parquet")
    seen.extend(chunks)
    assert np.array_equal(np.concatenate([c.close for c in seen]), panel.close)
    assert {c.source_hash for c in seen} == {panel.source_hash}


def test_a_long_reading_whose_files_are_gone_says_what_happened(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_SHEET_ROWS", 1)
    import_frame(bars(20_000, start="2022-01-01"), "BTCUSDT-1.parquet")
    chunks = catalog.read_chunks(QUERY, 100)
    next(chunks)
    for rows in (20_100, 20_200):
        import_frame(bars(rows, start="2022-01-01"), f"BTCUSDT-{rows}.parquet")
    with pytest.raises(DataError, match="binance 1h was imported anew while it was being read: run the command again"):
        list(chunks)


def test_a_file_that_somebody_removed_is_damage_to_a_long_reading_too(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_SHEET_ROWS", 1)
    import_frame(bars(20_000, start="2022-01-01"), "BTCUSDT-1.parquet")
    next(catalog.root.rglob("2024-*.parquet")).unlink()
    with pytest.raises(DataError, match=r"is damaged .*: delete that folder"):
        list(catalog.read_chunks(QUERY, 100))
