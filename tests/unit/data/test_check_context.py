from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.check import compared_with, judge
from geobuk.data.check_context import context_of, sister_venues
from geobuk.data.checks.context import NOTHING_KNOWN
from geobuk.data.importer import ImportReport
from geobuk.data.layout import series_key

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]


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


def test_other_intervals_and_the_mark_are_found(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    fine = bars(192, step_minutes=15)
    import_frame(fine)
    import_frame(coarse(fine, 4), interval="1h")
    import_frame(coarse(fine, 32).drop("volume"), interval="8h", kind="mark")
    import_frame(bars(48), "ETHUSDT.parquet")
    context = context_of(catalog.root, series_key("binance", "BTCUSDT", "bars", "15m"))
    assert [(r.label, r.interval_ns // 60_000_000_000, len(r.rows)) for r in context.references] == [
        ("binance 1h", 60, 48)
    ]
    assert context.mark is not None
    assert (context.mark.label, len(context.mark.rows)) == ("binance 8h", 6)
    assert context.step == 0.001
    assert context.rules_as_of == "2025-07-01"


def test_volumes_made_of_quote_volumes_have_no_lot_step(catalog: Catalog) -> None:
    key = series_key("binance", "BTCUSDT", "bars", "1h")
    assert context_of(catalog.root, key).step == 0.001
    assert context_of(catalog.root, key, volume_is_base=False).step == 0.0


def test_a_finer_mark_is_made_as_coarse_as_the_bars(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    fine = bars(192, step_minutes=15)
    import_frame(fine.drop("volume"), kind="mark")
    mark = context_of(catalog.root, series_key("binance", "BTCUSDT", "bars", "1h")).mark
    assert mark is not None
    assert mark.rows.values["high"].tolist() == coarse(fine, 4)["high"].to_list()


def test_quarantined_series_are_no_reference(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(400, step_minutes=15).with_columns(low=pl.lit(0.0)))
    assert context_of(catalog.root, series_key("binance", "BTCUSDT", "bars", "1h")).references == ()


def test_kinds_without_prices_of_trades_need_nothing(catalog: Catalog) -> None:
    for kind in ("mark", "funding", "index"):
        assert context_of(catalog.root, series_key("binance", "BTCUSDT", kind, "1h")) is NOTHING_KNOWN


def test_korean_rules_are_built_in(catalog: Catalog) -> None:
    context = context_of(catalog.root, series_key("krx", "005930", "bars", "1d"))
    assert context.price_band == 0.3
    assert len(context.ticks) == 2
    assert context_of(catalog.root, series_key("krx", "SAMSUNG", "bars", "1d")).ticks == ()
    assert sister_venues("kiwoom") == ("krx", "kiwoom")
    assert sister_venues("binance") == ("binance",)


def test_a_contract_of_a_thousand_beside_a_coin(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(100), "1000XYZUSDT.parquet")
    context = context_of(catalog.root, series_key("binance", "XYZUSDT", "bars", "1h"))
    assert "1000XYZUSDT" in context.known_names
    assert context.thousandfold is not None
    assert len(context.thousandfold.rows) == 100
    assert "1000PEPEUSDT" in context.known_names
    assert "XYZUSDT" not in context.known_names


@pytest.fixture
def disagreeing(import_frame: Import, bars: Bars) -> None:
    fine = bars(400, step_minutes=15)
    import_frame(fine)
    other = coarse(fine, 4).with_columns(
        pl.when(pl.int_range(pl.len()) == 10).then(pl.col("high") * 1.01).otherwise(pl.col("high")).alias("high")
    )
    import_frame(other, interval="1h")


@pytest.mark.usefixtures("disagreeing")
def test_a_mark_of_comparing_is_stored_and_never_trades(catalog: Catalog) -> None:
    stored = catalog.manifests()[series_key("binance", "BTCUSDT", "bars", "1h")]
    assert [(f.code, f.count) for f in stored.findings] == [("SOURCES", 1)]
    assert stored.masked == 1
    panel = catalog.panel("binance", ["BTCUSDT"], "1h", 0, 2**62)
    assert np.flatnonzero(~panel.tradable[:, 0]).tolist() == [10]


@pytest.mark.usefixtures("disagreeing")
def test_what_series_say_of_each_other_can_be_asked_again(catalog: Catalog) -> None:
    manifests = catalog.manifests()
    fine, hours = (series_key("binance", "BTCUSDT", "bars", interval) for interval in ("15m", "1h"))
    assert compared_with(manifests, hours) == (fine,)
    assert compared_with(manifests, series_key("binance", "BTCUSDT", "funding", "")) == ()
    assert judge(catalog.root, manifests[fine]).masked == 4


def test_a_catalog_that_is_not_there_knows_nothing(tmp_path: Path) -> None:
    context = context_of(tmp_path / "none", series_key("bybit", "BTCUSDT", "bars", "1h"))
    assert (context.references, context.mark, context.ticks, context.step) == ((), None, (), 0.0)
