"""Dated rules: a new snapshot only where something changed, and those in force at a moment, filters included."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.data.test_instruments import exchange_info

from geobuk.data.binance_rules import with_funding_info
from geobuk.data.catalog import Catalog
from geobuk.data.instruments import import_exchange_info, instruments_for
from geobuk.data.snapshots import snapshots_of
from geobuk.domain.times import parse_at

DAY_MS = 86_400_000
FIRST_MS = parse_at("2025-09-01") // 1_000_000


@pytest.fixture
def read(catalog: Catalog, tmp_path: Path, clock: Any) -> Any:
    """``read(day, tick, funding)``: the venue's rules as they were on a day after 2025-09-01."""

    def run(day: int, tick: str = "0.10", funding: list[dict[str, Any]] | None = None) -> Path:
        content = with_funding_info(exchange_info(tick=tick, server_ms=FIRST_MS + day * DAY_MS), funding or [])
        path = tmp_path / "exchangeInfo.json"
        path.write_text(json.dumps(content))
        return import_exchange_info(catalog, path, None, clock).path

    return run


def stored(catalog: Catalog) -> list[str]:
    return sorted(path.stem for path in (catalog.root / "instruments/binance").glob("*.json"))


def test_rules_that_did_not_change_make_no_new_snapshot(catalog: Catalog, read: Any) -> None:
    first = read(0)
    assert [read(day) for day in (0, 1, 30)] == [first] * 3
    assert stored(catalog) == ["2025-09-01"]


def test_a_change_makes_a_snapshot_of_its_day_and_a_change_back_another(catalog: Catalog, read: Any) -> None:
    read(0), read(10, "0.50"), read(11, "0.50"), read(20)
    assert stored(catalog) == ["2025-09-01", "2025-09-11", "2025-09-21"]
    moments = ("2025-08-20", "2025-09-05", "2025-09-11", "2025-09-20", "2025-10-01")
    ticks = [str(instruments_for(catalog, "binance", ["BTCUSDT"], parse_at(at))[0].ticks[0].tick) for at in moments]
    assert ticks == ["0.1", "0.10", "0.50", "0.50", "0.10"], "before the first: what comes with the package"


def test_filters_are_kept_word_for_word_with_their_day(catalog: Catalog, read: Any) -> None:
    read(0), read(10, "0.50")
    kept = {str(one.as_of): one.filters["BTCUSDT"] for one in snapshots_of(catalog.root, "binance") if one.filters}
    ticks = {day: filters["PRICE_FILTER"]["tickSize"] for day, filters in kept.items()}
    assert ticks == {"2025-09-01": "0.10", "2025-09-11": "0.50"}
    assert kept["2025-09-01"]["MARKET_LOT_SIZE"] == {"stepSize": "0.001", "minQty": "0.001", "maxQty": "120"}


def test_a_filter_that_is_no_rule_of_ours_still_makes_a_new_snapshot(
    catalog: Catalog, tmp_path: Path, clock: Any, read: Any
) -> None:
    read(0)
    content = exchange_info(server_ms=FIRST_MS + 5 * DAY_MS)
    content["symbols"][0]["filters"].append({"filterType": "PERCENT_PRICE", "multiplierUp": "1.05"})
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(content))
    import_exchange_info(catalog, path, None, clock)
    assert stored(catalog) == ["2025-09-01", "2025-09-06"]


def test_an_older_file_is_stored_beside_newer_ones(catalog: Catalog, read: Any) -> None:
    read(10, "0.50"), read(0)
    assert stored(catalog) == ["2025-09-01", "2025-09-11"]


def test_funding_intervals_and_caps_come_from_funding_info(catalog: Catalog, read: Any) -> None:
    usual = read(0)
    said = {"symbol": "BTCUSDT", "fundingIntervalHours": 4, "adjustedFundingRateCap": "0.02000000", "updateTime": None}
    assert read(1, funding=[said, {"symbol": "OTHER", "fundingIntervalHours": 1}]) != usual
    (changed,) = instruments_for(catalog, "binance", ["BTCUSDT"])
    assert (changed.funding_interval_hours, str(changed.funding_cap)) == (4, "0.02000000")
    (before,) = instruments_for(catalog, "binance", ["BTCUSDT"], parse_at("2025-09-01T12:00"))
    assert (before.funding_interval_hours, before.funding_cap) == (8, None)
