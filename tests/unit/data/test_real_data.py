from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geobuk.data.binance_rules import parse_brackets, read_json
from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.instruments import import_exchange_info, instruments_for
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.times import parse_at
from geobuk.ports import Clock

pytestmark = pytest.mark.real_data

HOURLY = "crypto/binance_um_1h_2023_2025-06.parquet"


def bring(catalog: Catalog, clock: Clock, path: Path, **spec: str) -> ImportReport:
    return import_file(catalog, ImportSpec(path=path, **spec), clock)  # type: ignore[arg-type]


def test_the_hourly_file_passes_without_a_false_alarm(shared_data: Path, catalog: Catalog, clock: Clock) -> None:
    report = bring(catalog, clock, shared_data / HOURLY, venue="binance", interval="1h")
    assert (report.rows_new, len(report.series), report.findings) == (425_634, 20, ())
    bring(
        catalog, clock, shared_data / "crypto/binance_um_funding_2023_2025-06.parquet", venue="binance", kind="funding"
    )
    bring(catalog, clock, shared_data / "crypto/binance_um_mark_8h_2023_2025-06.parquet", venue="binance", kind="mark")
    panel = catalog.read_panel(
        PanelQuery("binance", "1h", from_ns=parse_at("2023-01-01"), to_ns=parse_at("2025-07-01"))
    )
    assert panel.shape == (21_888, 20)
    bitcoin = panel.index_of("BTCUSDT")
    assert np.isnan(panel.funding[:, bitcoin]).sum() == 21_888 - 2_736  # every 8 hours, stamps up to 29 ms late
    marked = ~np.isnan(panel.mark[:, bitcoin])
    assert marked.sum() == 2_736
    assert np.abs(panel.mark[marked, bitcoin] / panel.close[marked, bitcoin] - 1).max() < 0.003
    assert set(panel.funding_hours.tolist()) == {8}
    raw = pl.read_parquet(shared_data / HOURLY).filter(pl.col("symbol") == "SUIUSDT")
    sui = panel.index_of("SUIUSDT")
    assert panel.close[~np.isnan(panel.close[:, sui]), sui].tolist() == raw["close"].to_list()


def test_prices_lie_on_the_built_in_ticks(shared_data: Path) -> None:
    raw = pl.read_parquet(shared_data / HOURLY).filter(pl.col("ts") >= pl.datetime(2025, 6, 1, time_zone="UTC"))
    names = raw["symbol"].unique().sort().to_list()
    for instrument in instruments_for(None, "binance", names):
        rows = raw.filter(pl.col("symbol") == instrument.name)
        for values, unit in ((rows["close"], instrument.ticks[0].tick), (rows["volume"], instrument.step)):
            multiples = values.to_numpy() / float(unit)
            assert np.allclose(multiples, np.round(multiples), rtol=1e-12, atol=1e-4), (instrument.name, unit)


def test_two_periods_of_minutes_join_without_quarantine(shared_data: Path, catalog: Catalog, clock: Clock) -> None:
    for name in ("binance_um_1m_2023-07_2023-08", "binance_um_1m_2025-05"):
        report = bring(catalog, clock, shared_data / f"crypto/{name}.parquet", venue="binance")
        assert report.interval == "1m"
        assert not report.quarantined
    panel = catalog.read_panel(
        PanelQuery("binance", "1m", from_ns=parse_at("2025-05-10"), to_ns=parse_at("2025-06-01"))
    )
    assert panel.shape == (22 * 1440, 8)
    assert panel.tradable.all()


def test_the_halt_of_the_exchange_is_masked(shared_data: Path, catalog: Catalog, clock: Clock) -> None:
    report = bring(catalog, clock, shared_data / "crypto/binance_um_15m_2023_2024.parquet", venue="binance")
    assert [(f.code, f.count, f.first_at_ns) for f in report.findings] == [
        ("ZERO_VOLUME", 4, parse_at("2024-10-28T20:00"))
    ] * 2


def test_minutes_lost_while_paging_quarantine_the_series(shared_data: Path, catalog: Catalog, clock: Clock) -> None:
    path = shared_data / "defects/bybit_linear_1m_paging_gaps_BTCUSDT_raw.parquet"
    report = bring(catalog, clock, path, venue="bybit", instrument="BTCUSDT")
    assert [s.rows_read for s in report.quarantined] == [67_600]
    gap = next(f for f in report.findings if f.code == "GAP")
    assert gap.count == 269_937
    assert "in 337 gaps" in gap.text


def test_halted_korean_days_and_calendar_days_are_masked(
    shared_data: Path, catalog: Catalog, clock: Clock, tmp_path: Path
) -> None:
    good = bring(
        catalog, clock, shared_data / "korea/krx_1d_top100_2021-04_2024.parquet", venue="krx", time_zone="Asia/Seoul"
    )
    assert sum(f.count for f in good.findings if f.code == "HALT") == 107
    assert not good.quarantined
    raw = pl.read_parquet(shared_data / "korea/krx_1d_2015_2022_calendar_days_raw.parquet")
    few = raw.filter(pl.col("symbol").is_in(raw["symbol"].unique().sort().head(5).implode()))
    few.write_parquet(tmp_path / "few.parquet")
    found = bring(catalog, clock, tmp_path / "few.parquet", venue="kiwoom", time_zone="Asia/Seoul")
    assert not found.quarantined
    assert {f.code: f.count for f in found.findings if f.instrument == "000080"} == {"EMPTY": 920, "CALENDAR": 920}
    panel = catalog.read_panel(PanelQuery("kiwoom", "1d", ("000080",)))
    assert np.isfinite(panel.close[panel.tradable]).all()
    assert panel.tradable.sum() == 2818 - 920


def test_the_venues_own_json_becomes_a_snapshot(shared_data: Path, catalog: Catalog, clock: Clock) -> None:
    folder = shared_data / "payloads/binance"
    info = folder / "nautilus_http_responses/http_futures_market_exchange_info.json"
    report = import_exchange_info(catalog, info, folder / "um_leverage_tiers_ccxt_2025-07.json.gz", clock)
    assert report.brackets_from_file == ("BTCUSDT", "ETHUSDT")
    assert report.skipped == ("BTCUSDT_220325",)
    (bitcoin,) = instruments_for(catalog, "binance", ["BTCUSDT"], parse_at("2023-01-01"))
    assert bitcoin.as_of.isoformat() == "2022-02-19"
    assert (str(bitcoin.ticks[0].tick), str(bitcoin.min_notional)) == ("0.10", "10")
    assert len(bitcoin.brackets) == 12


def test_documented_examples_are_understood(shared_data: Path, catalog: Catalog, clock: Clock, tmp_path: Path) -> None:
    import json

    examples = read_json(shared_data / "payloads/binance/um_rest_and_ws_examples_official_connector.json")
    answers = {entry["path"]: entry["response"] for entry in examples.values() if "path" in entry}
    assert parse_brackets(answers["/fapi/v1/leverageBracket"]) == {}  # the example's list is empty
    path = tmp_path / "info.json"
    path.write_text(json.dumps(answers["/fapi/v1/exchangeInfo"]))
    report = import_exchange_info(catalog, path, None, clock)
    assert report.brackets_assumed == ("BLZUSDT",)
    assert str(report.snapshot.instruments[0].min_notional) == "5.0"
