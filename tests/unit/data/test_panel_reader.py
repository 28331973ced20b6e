from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import NS_PER_HOUR, parse_at
from geobuk.ports import Catalog as CatalogPort

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]
START_MS = parse_at("2024-01-01") // 1_000_000


def rates(hours: list[int], values: list[float], jitter_ms: int = 7) -> pl.DataFrame:
    return pl.DataFrame({"ts": [START_MS + h * 3_600_000 + jitter_ms for h in hours], "funding_rate": values})


@pytest.fixture
def stocked(import_frame: Import, bars: Bars, catalog: Catalog) -> Catalog:
    import_frame(
        pl.concat((bars(48, symbol="BTCUSDT"), bars(36, start="2024-01-01T12:00", symbol="ETHUSDT"))), "h.parquet"
    )
    import_frame(rates([0, 8, 16, 24, 40], [1e-4, 2e-4, 3e-4, 4e-4, 5e-4]), "BTCUSDT-f.parquet", kind="funding")
    hourly = bars(48).with_columns(pl.int_range(48).floordiv(8).alias("bucket"))
    mark = hourly.group_by("bucket", maintain_order=True).agg(
        pl.col("ts", "open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last()
    )
    import_frame(mark, "BTCUSDT-mark.parquet", kind="mark")
    return catalog


def test_the_catalog_satisfies_the_port(stocked: Catalog) -> None:
    port: CatalogPort = stocked
    panel = port.panel("binance", ["ETHUSDT"], "1h", parse_at("2024-01-01T06:00"), parse_at("2024-01-01T15:00"))
    assert panel.instruments == ("ETHUSDT",)
    assert panel.at_ns.tolist() == [parse_at(f"2024-01-01T{h}:00") for h in (12, 13, 14)]


def test_the_grid_runs_from_the_first_to_the_last_bar_of_the_union(stocked: Catalog) -> None:
    panel = stocked.read_panel(PanelQuery("binance", "1h"))
    assert panel.shape == (48, 2)
    assert np.all(np.diff(panel.at_ns) == NS_PER_HOUR)
    assert np.isnan(panel.open[:12, 1]).all()
    assert panel.open[12, 1] == 99.5
    assert panel.tradable.sum(axis=0).tolist() == [48, 36]
    assert panel.close.flags.c_contiguous


def test_instruments_come_in_the_order_asked_for(stocked: Catalog) -> None:
    panel = stocked.read_panel(PanelQuery("binance", "1h", ("ETHUSDT", "BTCUSDT")))
    assert panel.instruments == ("ETHUSDT", "BTCUSDT")


def test_funding_joins_the_bar_that_opens_at_the_rounded_stamp(stocked: Catalog) -> None:
    panel = stocked.read_panel(PanelQuery("binance", "1h"))
    known = np.flatnonzero(~np.isnan(panel.funding[:, 0]))
    assert known.tolist() == [0, 8, 16, 24, 40]
    assert panel.funding[known, 0].tolist() == [1e-4, 2e-4, 3e-4, 4e-4, 5e-4]
    assert np.isnan(panel.funding[:, 1]).all()
    assert np.isnan(panel.funding_inside).all()
    assert panel.funding_hours.tolist() == [8, 8]


def test_coarse_bars_sum_the_rates_inside_and_never_take_a_missing_one_for_zero(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    import_frame(rates([0, 8, 16, 24, 40], [1e-4, 2e-4, 3e-4, 4e-4, 5e-4]), "BTCUSDT-f.parquet", kind="funding")
    import_frame(bars(2, step_minutes=1440), "BTCUSDT-1d.parquet", interval="1d")
    panel = catalog.read_panel(PanelQuery("binance", "1d"))
    assert panel.funding[:, 0].tolist() == [1e-4, 4e-4]
    assert panel.funding_inside[0, 0] == pytest.approx(5e-4)
    assert np.isnan(panel.funding_inside[1, 0])  # 32 h is not known


def test_the_mark_is_that_of_the_bars_end(stocked: Catalog) -> None:
    panel = stocked.read_panel(PanelQuery("binance", "1h"))
    known = np.flatnonzero(~np.isnan(panel.mark[:, 0]))
    assert known.tolist() == [7, 15, 23, 31, 39, 47]
    assert panel.mark[known, 0].tolist() == [107.0, 115.0, 123.0, 131.0, 139.0, 147.0]


def test_the_finest_fitting_mark_series_is_used(stocked: Catalog, import_frame: Import, bars: Bars) -> None:
    import_frame(bars(48).drop("volume").with_columns(close=pl.col("close") + 0.25), "BTCUSDT-m1.parquet", kind="mark")
    panel = stocked.read_panel(PanelQuery("binance", "1h"))
    assert panel.mark[:, 0].tolist() == (panel.close[:, 0] + 0.25).tolist()


def test_distrusted_prices_are_withheld_and_quiet_bars_keep_theirs(
    import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    row = pl.int_range(pl.len())
    frame = bars(200).with_columns(
        low=pl.when(row == 5).then(0.0).otherwise(pl.col("low")),
        volume=pl.when(row.is_between(20, 22)).then(0.0).otherwise(pl.col("volume")),
    )
    import_frame(frame)
    panel = catalog.read_panel(PanelQuery("binance", "1h"))
    assert np.flatnonzero(~panel.tradable[:, 0]).tolist() == [5, 20, 21, 22]
    assert np.flatnonzero(np.isnan(panel.close[:, 0])).tolist() == [5]
    assert {f.code for f in panel.findings} == {"NON_POSITIVE", "ZERO_VOLUME", "MOVE_WITHOUT_VOLUME"}


def test_findings_outside_the_range_are_left_out(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    row = pl.int_range(pl.len())
    import_frame(bars(200).with_columns(low=pl.when(row == 5).then(0.0).otherwise(pl.col("low"))))
    assert catalog.read_panel(PanelQuery("binance", "1h", from_ns=parse_at("2024-01-02"))).findings == ()


def test_a_panel_remembers_what_it_was_made_of(stocked: Catalog, import_frame: Import, bars: Bars) -> None:
    first = stocked.read_panel(PanelQuery("binance", "1h"))
    assert first.source_hash == stocked.read_panel(PanelQuery("binance", "1h")).source_hash != ""
    import_frame(bars(60, symbol="BTCUSDT"), "more.parquet")
    assert stocked.read_panel(PanelQuery("binance", "1h")).source_hash != first.source_hash


def test_resampling_happens_on_request(stocked: Catalog) -> None:
    assert stocked.read_panel(PanelQuery("binance", "1h", resample="4h")).shape == (12, 2)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (PanelQuery("binanse", "1h"), "unknown venue 'binanse': did you mean binance"),
        (PanelQuery("binance", "4h"), "unknown interval '4h'.*1h.*resampling"),
        (PanelQuery("binance", "1h", ("BTCUSD",)), "unknown instrument 'BTCUSD': did you mean BTCUSDT"),
    ],
)
def test_an_unknown_name_is_met_with_suggestions(stocked: Catalog, query: PanelQuery, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        stocked.read_panel(query)


def test_an_empty_range_says_what_there_is(stocked: Catalog) -> None:
    with pytest.raises(
        DataError, match="no 1h bars from 2025-01-01 00:00: bars from 2024-01-01 00:00 to 2024-01-02 23:00"
    ):
        stocked.read_panel(PanelQuery("binance", "1h", from_ns=parse_at("2025-01-01")))
    at = parse_at("2024-01-01T10:30")
    with pytest.raises(DataError, match="no 1h bars"):
        stocked.read_panel(PanelQuery("binance", "1h", from_ns=at, to_ns=at + 1))


def test_an_empty_catalog_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"known: none yet .*geobuk data import"):
        Catalog(tmp_path / "nothing").read_panel(PanelQuery("binance", "1h"))
    assert not (tmp_path / "nothing").exists()


def test_a_quarantined_instrument_is_left_out_or_refused_by_name(
    stocked: Catalog, import_frame: Import, bars: Bars
) -> None:
    import_frame(bars(200, symbol="BADUSDT").with_columns(low=pl.lit(0.0)), "bad.parquet")
    panel = stocked.read_panel(PanelQuery("binance", "1h"))
    assert panel.instruments == ("BTCUSDT", "ETHUSDT")
    assert "quarantine" in {f.consequence for f in panel.findings if f.instrument == "BADUSDT"}
    with pytest.raises(DataError, match="BADUSDT is quarantined"):
        stocked.read_panel(PanelQuery("binance", "1h", ("BADUSDT",)))


def test_bars_that_open_at_other_moments_share_no_panel(stocked: Catalog, import_frame: Import, bars: Bars) -> None:
    import_frame(bars(48, start="2024-01-01T00:30", symbol="ODDUSDT"), "odd.parquet")
    with pytest.raises(DataError, match="do not open at the same moments"):
        stocked.read_panel(PanelQuery("binance", "1h"))
    odd = stocked.read_panel(PanelQuery("binance", "1h", ("ODDUSDT",), from_ns=parse_at("2024-01-01T10:00")))
    assert odd.at_ns[0] == parse_at("2024-01-01T10:30")


@pytest.mark.parametrize("damage", ["cut", "removed", "manifest"])
def test_a_damaged_series_is_named_with_the_cure(stocked: Catalog, damage: str) -> None:
    folder = stocked.series()[0].folder
    file = next(folder.glob("*.parquet"))
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    elif damage == "removed":
        file.unlink()
    else:
        (folder / "manifest.json").write_text("{")
    with pytest.raises(DataError, match=r"delete .* and import its data again"):
        stocked.read_panel(PanelQuery("binance", "1h"))
