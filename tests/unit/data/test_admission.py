from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.layout import series_key
from geobuk.data.manifest import Source
from geobuk.data.sources.keep import Piece, keep_rows
from geobuk.domain.errors import RefusedRowsError
from geobuk.domain.times import parse_at
from geobuk.ports import Clock

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]
KEY = series_key("binance", "BTCUSDT", "bars", "1h")


def named(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return frame.with_columns(symbol=pl.lit(name))


def broken(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(low=pl.lit(0.0))


def dearer(frame: pl.DataFrame, factor: float) -> pl.DataFrame:
    return frame.with_columns(pl.col("open", "high", "low", "close") * factor)


def of_another(frame: pl.DataFrame) -> pl.DataFrame:
    """The same hours with closes that wander away and equal none."""
    number = pl.int_range(pl.len())
    moved = 1.3 + 0.1 * (number * 0.7).sin()
    return frame.with_columns(pl.col("open", "high", "low", "close") * moved)


@pytest.mark.parametrize(
    ("spoil", "start", "words"),
    [
        (broken, "2024-02-11T16:00", "of the rows are bad"),
        (lambda frame: dearer(frame, 1000.0), "2024-02-11T16:00", "another unit or instrument"),
        (of_another, "2024-01-20", "closes equal those of what is stored in"),
    ],
)
def test_a_wrong_file_does_not_touch_a_good_series(
    import_frame: Import,
    bars: Bars,
    catalog: Catalog,
    spoil: Callable[[pl.DataFrame], pl.DataFrame],
    start: str,
    words: str,
) -> None:
    import_frame(named(bars(1_000), "BTCUSDT"), "good.parquet")
    before = catalog.manifests()[KEY]
    wrong = pl.concat((named(spoil(bars(700, start=start)), "BTCUSDT"), named(bars(700, start=start), "ETHUSDT")))
    report = import_frame(wrong, "wrong.parquet")
    assert catalog.manifests()[KEY] == before
    assert [one.key.instrument for one in report.refused] == ["BTCUSDT"]
    refusal = report.refused[0].refusal
    assert words in refusal
    assert "700 rows were not added to binance BTCUSDT bars 1h, whose 1,000 rows are good" in refusal
    assert "delete its folder" in refusal
    assert (report.rows_new, report.is_unchanged) == (700, False)
    assert "1 refused" in report.text
    assert import_frame(wrong, "wrong.parquet").refused


def test_a_few_wrong_rows_in_a_long_good_series_are_refused_too(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    import_frame(bars(5_000))
    report = import_frame(broken(bars(100, start="2024-07-27T08:00")), "BTCUSDT-bad.parquet")
    assert len(report.refused) == 1
    assert "nothing changed" not in report.text
    assert catalog.manifests()[KEY].rows == 5_000


def test_single_bad_bars_are_masked_as_ever(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    every = bars(1_010)
    import_frame(every.head(1_000))
    more = every.tail(10)
    spoiled = more.with_columns(low=pl.when(pl.int_range(10) < 2).then(0.0).otherwise(pl.col("low")))
    report = import_frame(spoiled, "BTCUSDT-more.parquet")
    assert (report.refused, catalog.manifests()[KEY].masked) == ((), 2)


def test_a_hole_between_good_files_is_no_reason(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(24))
    assert not import_frame(bars(24, start="2024-01-03"), "BTCUSDT-3.parquet").refused
    assert catalog.manifests()[KEY].quarantine_reason
    assert not import_frame(bars(24, start="2024-01-02"), "BTCUSDT-2.parquet").quarantined
    assert catalog.manifests()[KEY].rows == 72


def test_rows_that_fill_holes_are_welcome(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    every = bars(1_000)
    is_hole = pl.int_range(pl.len()) % 10 < 2
    import_frame(every.filter(~is_hole))
    assert not import_frame(every.filter(is_hole), "BTCUSDT-rest.parquet", interval="1h").refused
    assert catalog.manifests()[KEY].rows == 1_000


def test_a_download_of_wrong_rows_is_a_failure_of_that_series(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    import_frame(bars(1_000))
    frame = broken(bars(700, start="2024-02-11T16:00")).select(
        pl.col("ts").mul(1_000_000).alias("at_ns"), pl.exclude("ts")
    )
    source = Source(file="BTCUSDT-1h-2024-02.zip", sha256="0" * 64, imported_at_ns=1, mapping={})
    with pytest.raises(RefusedRowsError, match="of the rows are bad"):
        keep_rows(catalog.root, KEY, [Piece(frame, source)], parse_at("2026-01-01"))


@pytest.mark.real_data
def test_spot_bars_do_not_quarantine_the_futures(
    shared_data: Path, catalog: Catalog, clock: Clock, tmp_path: Path
) -> None:
    import_file(
        catalog, ImportSpec(path=shared_data / "crypto/binance_um_1h_2023_2025-06.parquet", venue="binance"), clock
    )
    before = catalog.manifests()
    mixed = pl.read_parquet(shared_data / "defects/binance_mixed_spot_and_futures_1h_raw.parquet")
    path = tmp_path / "mixed.parquet"
    mixed.with_columns(symbol=pl.col("file").str.replace("_USDT_1h.csv", "USDT")).drop(
        "file", "datetime"
    ).write_parquet(path)
    report = import_file(catalog, ImportSpec(path=path, venue="binance"), clock)
    assert {one.key.instrument for one in report.refused} == {"BTCUSDT", "ETHUSDT"}
    assert all("lot step" in one.refusal for one in report.refused)
    after = catalog.manifests()
    assert all(after[one.key] == before[one.key] for one in report.refused)
    assert not report.quarantined


@pytest.mark.parametrize(("factor", "is_refused"), [(4.0, True), (1 / 28, True), (1.2, False), (0.9, False)])
def test_a_file_that_goes_on_at_another_level_is_another_instrument(
    import_frame: Import, bars: Bars, catalog: Catalog, factor: float, is_refused: bool
) -> None:
    every = bars(2_000)
    import_frame(every.head(1_000))
    report = import_frame(dearer(every.tail(1_000), factor), "BTCUSDT-more.parquet")
    assert bool(report.refused) is is_refused
    assert catalog.manifests()[KEY].rows == (1_000 if is_refused else 2_000)
    if is_refused:
        assert "too far for one instrument" in report.refused[0].refusal
