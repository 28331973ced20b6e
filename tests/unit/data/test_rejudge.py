from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from geobuk.data import rejudge
from geobuk.data.catalog import Catalog
from geobuk.data.check import CheckRequest, check_series
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.layout import SeriesKey, series_key
from geobuk.data.manifest import Manifest, Source
from geobuk.data.rows import Rows
from geobuk.data.series_commit import load_rows
from geobuk.data.series_store import IMPORT_CODES
from geobuk.data.sources.keep import Piece, keep_rows
from geobuk.domain.errors import StorageError
from geobuk.domain.times import parse_at
from geobuk.panel import Finding
from geobuk.ports import Clock

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]
State = tuple[list[int], list[Finding], str, str]


def coarse(frame: pl.DataFrame, every: int) -> pl.DataFrame:
    """Each ``every`` rows as one."""
    return (
        frame.with_columns(bucket=pl.int_range(pl.len()) // every)
        .group_by("bucket", maintain_order=True)
        .agg(
            pl.col("ts", "open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
        .drop("bucket")
    )


def raised(frame: pl.DataFrame, row: int, factor: float, *columns: str) -> pl.DataFrame:
    """The frame with some values of one row times a factor."""
    here = pl.int_range(pl.len()) == row
    return frame.with_columns(pl.when(here).then(pl.col(c) * factor).otherwise(pl.col(c)).alias(c) for c in columns)


def state(catalog: Catalog, manifest: Manifest) -> State:
    """What is stored, but for notes about the files."""
    findings = [f for f in manifest.findings if f.code not in IMPORT_CODES]
    mask = load_rows(catalog.root, manifest).mask.tolist()
    return mask, findings, manifest.quarantine_reason, manifest.content_hash


def states(catalog: Catalog) -> dict[SeriesKey, State]:
    return {key: state(catalog, manifest) for key, manifest in catalog.manifests().items()}


def bars_key(interval: str, venue: str = "binance", name: str = "BTCUSDT") -> SeriesKey:
    return series_key(venue, name, "bars", interval)


def three_series(bars: Bars) -> dict[str, tuple[pl.DataFrame, dict[str, Any]]]:
    fine = bars(800, step_minutes=15)
    mark = raised(coarse(fine, 4).drop("volume"), 50, 1.2, "open", "high", "low", "close")
    return {
        "15m": (fine, {}),
        "1h": (raised(coarse(fine, 4), 10, 1.01, "high"), {"interval": "1h"}),
        "mark": (mark, {"interval": "1h", "kind": "mark"}),
    }


def test_the_older_of_two_series_that_disagree_is_masked_too(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    three = three_series(bars)
    import_frame(three["15m"][0], "fine.parquet", instrument="BTCUSDT")
    assert catalog.manifests()[bars_key("15m")].masked == 0
    report = import_frame(three["1h"][0], "hours.parquet", instrument="BTCUSDT", interval="1h")
    assert report.judged_again == (bars_key("15m"),)
    assert "1 stored series compared with them judged anew" in report.text
    stored = catalog.manifests()[bars_key("15m")]
    assert [(f.code, f.count) for f in stored.findings] == [("SOURCES", 4)]
    panel = catalog.panel("binance", ["BTCUSDT"], "15m", 0, 2**62)
    assert np.flatnonzero(~panel.tradable[:, 0]).tolist() == [40, 41, 42, 43]
    for checked in check_series(catalog, CheckRequest()):
        assert checked.findings == catalog.manifests()[checked.key].findings
    again = import_frame(three["1h"][0], "hours.parquet", instrument="BTCUSDT", interval="1h")
    assert (again.is_unchanged, again.judged_again) == (True, ())
    assert catalog.manifests()[bars_key("15m")] == stored


def test_the_order_of_imports_does_not_matter(bars: Bars, tmp_path: Path, clock: Clock) -> None:
    three = three_series(bars)
    found = []
    for number, order in enumerate(permutations(three)):
        catalog = Catalog(tmp_path / f"catalog-{number}")
        for name in order:
            frame, spec = three[name]
            path = tmp_path / f"{name}.parquet"
            frame.write_parquet(path)
            import_file(catalog, ImportSpec(path=path, venue="binance", instrument="BTCUSDT", **spec), clock)
        found.append(states(catalog))
    codes = {key.interval: {f.code for f in found[0][key][1]} for key in found[0] if key.kind == "bars"}
    assert {interval: sorted(some & {"SOURCES", "MARK"}) for interval, some in codes.items()} == {
        "15m": ["MARK", "SOURCES"],
        "1h": ["MARK", "SOURCES"],
    }
    assert all(one == found[0] for one in found)


def test_a_contract_of_a_thousand_coins_quarantines_the_coin_that_came_before(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    import_frame(bars(100), "XYZUSDT.parquet")
    assert not catalog.manifests()[bars_key("1h", name="XYZUSDT")].quarantine_reason
    report = import_frame(bars(100), "1000XYZUSDT.parquet")
    assert report.judged_again == (bars_key("1h", name="XYZUSDT"),)
    assert "it trades 1000XYZUSDT" in catalog.manifests()[bars_key("1h", name="XYZUSDT")].quarantine_reason
    assert len(list(catalog.root.rglob("manifest.json"))) == 2


def test_what_is_alone_is_not_read_again(import_frame: Import, bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[SeriesKey] = []

    def read(root: Path, manifest: Manifest) -> Rows:
        looked_at.append(manifest.key)
        return load_rows(root, manifest)

    monkeypatch.setattr(rejudge, "load_rows", read)
    frames = [bars(100, symbol=name) for name in ("AUSDT", "BUSDT", "CUSDT")]
    import_frame(pl.concat(frames), "three.parquet")
    import_frame(bars(40, start="2024-01-05T04:00", symbol="AUSDT"), "more.parquet")
    assert looked_at == []
    import_frame(bars(100, symbol="1000AUSDT"), "thousand.parquet")
    assert looked_at == [bars_key("1h", name="AUSDT")]


def test_what_a_full_disk_left_unjudged_the_same_command_judges(
    import_frame: Import, bars: Bars, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Manifest:
        raise StorageError("the disk is full")

    three = three_series(bars)
    import_frame(three["15m"][0], "fine.parquet", instrument="BTCUSDT")
    hours = {"name": "hours.parquet", "instrument": "BTCUSDT", "interval": "1h"}
    with monkeypatch.context() as patch:
        patch.setattr(rejudge, "commit", refuse)
        with pytest.raises(StorageError):
            import_frame(three["1h"][0], **hours)
    assert catalog.manifests()[bars_key("15m")].masked == 0
    assert import_frame(three["1h"][0], **hours).judged_again == (bars_key("15m"),)
    assert catalog.manifests()[bars_key("15m")].masked == 4


def test_a_damaged_neighbour_is_left_to_whoever_reads_it(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    three = three_series(bars)
    import_frame(three["15m"][0], "fine.parquet", instrument="BTCUSDT")
    import_frame(three["1h"][0], "hours.parquet", instrument="BTCUSDT", interval="1h")
    for path in catalog.root.rglob("interval=15m/*.parquet"):
        path.write_bytes(b"broken")
    before = catalog.manifests()[bars_key("15m")]
    mark, spec = three["mark"]
    report = import_frame(mark, "mark.parquet", instrument="BTCUSDT", **spec)
    assert report.rows_new == mark.height
    assert catalog.manifests()[bars_key("15m")] == before


def test_a_download_judges_its_neighbours_too(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    three = three_series(bars)
    import_frame(three["15m"][0], "fine.parquet", instrument="BTCUSDT")
    frame = three["1h"][0].select(pl.col("ts").mul(1_000_000).alias("at_ns"), pl.exclude("ts"))
    source = Source(file="BTCUSDT-1h-2024-01.zip", sha256="0" * 64, imported_at_ns=1, mapping={})
    keep_rows(catalog.root, bars_key("1h"), [Piece(frame, source)], parse_at("2026-01-01"))
    assert catalog.manifests()[bars_key("15m")].masked == 4


@pytest.mark.real_data
def test_quarters_that_came_before_the_hours_are_masked(shared_data: Path, catalog: Catalog, clock: Clock) -> None:
    for name in ("15m_2023_2024", "1h_2023_2025-06"):
        import_file(catalog, ImportSpec(path=shared_data / f"crypto/binance_um_{name}.parquet", venue="binance"), clock)
    for checked in check_series(catalog, CheckRequest(interval="15m")):
        stored = catalog.manifests()[checked.key]
        assert (stored.masked, stored.findings) == (checked.masked, checked.findings)
        assert "SOURCES" in {f.code for f in stored.findings}
