import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from geobuk.data.binance_rules import parse_brackets, read_json
from geobuk.data.catalog import Catalog
from geobuk.data.instruments import import_exchange_info, instruments_for
from geobuk.data.snapshots import packaged_snapshots
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.instrument import InstrumentKind
from geobuk.domain.times import parse_at

BUILT_IN = [instrument for snapshot in packaged_snapshots() for instrument in snapshot.instruments]


def exchange_info(
    name: str = "BTCUSDT", tick: str = "0.10", server_ms: int | None = 1_750_000_000_000
) -> dict[str, Any]:
    symbol = {
        "symbol": name,
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "baseAsset": name.removesuffix("USDT"),
        "quoteAsset": "USDT",
        "liquidationFee": "0.0125",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": tick},
            {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "1000"},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "minQty": "0.001", "maxQty": "120"},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    }
    delivery = symbol | {"symbol": f"{name}_250926", "contractType": "CURRENT_QUARTER"}
    return {"symbols": [symbol, delivery]} | ({"serverTime": server_ms} if server_ms else {})


BRACKETS = [
    {
        "symbol": "BTCUSDT",
        "notionalCoef": 1.0,
        "brackets": [
            {"initialLeverage": 50, "notionalCap": 1e6, "notionalFloor": 5e4, "maintMarginRatio": 0.01, "cum": 300.0},
            {"initialLeverage": 125, "notionalCap": 50000, "notionalFloor": 0, "maintMarginRatio": 0.004, "cum": 0.0},
        ],
    },
    {"symbol": "ETHUSDT", "brackets": []},
]


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, Any], Path]:
    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return path

    return write


def test_the_built_in_table_has_real_and_made_up_instruments() -> None:
    by_venue: dict[str, list[str]] = {}
    for instrument in BUILT_IN:
        by_venue.setdefault(instrument.venue, []).append(instrument.name)
        assert instrument.kind is InstrumentKind.PERPETUAL
        assert instrument.brackets
        assert instrument.is_synthetic == (instrument.venue == "synthetic")
        assert Decimal(5) <= instrument.min_notional <= Decimal(100)
    assert len(by_venue["synthetic"]) >= 25
    assert len(by_venue["binance"]) == 21
    assert {"BTCUSDT", "WIFUSDT", "1000PEPEUSDT"} <= set(by_venue["binance"])


def test_maintenance_margin_is_continuous_across_brackets() -> None:
    for instrument in BUILT_IN:
        for lower, upper in zip(instrument.brackets, instrument.brackets[1:], strict=False):
            edge = upper.floor
            below = edge * lower.maintenance_rate - lower.cumulative
            above = edge * upper.maintenance_rate - upper.cumulative
            assert abs(below - above) <= edge * Decimal("0.0001"), (instrument.name, edge)


def test_real_rules_say_where_they_are_from() -> None:
    (bitcoin,) = instruments_for(None, "binance", ["BTCUSDT"])
    assert (bitcoin.ticks[0].tick, bitcoin.step, bitcoin.min_notional) == (
        Decimal("0.1"),
        Decimal("0.001"),
        Decimal(100),
    )
    assert (bitcoin.maker_fee, bitcoin.taker_fee) == (Decimal("0.0002"), Decimal("0.0005"))
    assert bitcoin.as_of == date(2025, 7, 1)
    assert "check against exchangeInfo" in bitcoin.source


def test_unknown_names_and_venues_are_explained() -> None:
    with pytest.raises(UnknownNameError, match=r"BTCUSD'.*did you mean .*BTCUSDT"):
        instruments_for(None, "binance", ["BTCUSD"])
    with pytest.raises(DataError, match=r"no trading rules .* of venue 'bybit'"):
        instruments_for(None, "bybit", ["BTCUSDT"])


def test_an_import_becomes_the_snapshot_of_the_day_the_venue_answered(
    catalog: Catalog, save: Callable[[str, Any], Path], clock: Any
) -> None:
    report = import_exchange_info(catalog, save("info.json", exchange_info()), save("brackets.json", BRACKETS), clock)
    assert report.snapshot.as_of == date(2025, 6, 15)
    assert report.path.name == "2025-06-15.json"
    assert (report.brackets_from_file, report.skipped) == (("BTCUSDT",), ("BTCUSDT_250926",))
    (bitcoin,) = instruments_for(catalog, "binance", ["BTCUSDT"], parse_at("2025-06-20"))
    assert bitcoin.as_of == date(2025, 6, 15)
    assert [b.max_leverage for b in bitcoin.brackets] == [125, 50]
    assert bitcoin.max_quantity == Decimal(1000)


def test_the_newest_snapshot_not_after_the_moment_is_used_else_the_oldest(
    catalog: Catalog, save: Callable[[str, Any], Path], clock: Any
) -> None:
    import_exchange_info(catalog, save("a.json", exchange_info(tick="0.5", server_ms=1_600_000_000_000)), None, clock)
    ticks = [
        instruments_for(catalog, "binance", ["BTCUSDT"], at)[0].ticks[0].tick
        for at in (parse_at("2019-01-01"), parse_at("2021-01-01"), parse_at("2025-08-01"), None)
    ]
    assert ticks == [Decimal("0.5"), Decimal("0.5"), Decimal("0.1"), Decimal("0.1")]


def test_brackets_are_kept_or_assumed_and_the_report_says_which(
    catalog: Catalog, save: Callable[[str, Any], Path], clock: Any
) -> None:
    info = exchange_info(server_ms=None)
    info["symbols"] += exchange_info("NEWUSDT")["symbols"]
    path = save("info.json", info)
    report = import_exchange_info(catalog, path, None, clock)
    assert (report.brackets_kept, report.brackets_assumed) == (("BTCUSDT",), ("NEWUSDT",))
    assert report.snapshot.as_of == date(2026, 1, 1)  # no serverTime: the clock's day
    kept, assumed = instruments_for(catalog, "binance", ["BTCUSDT", "NEWUSDT"])
    assert "Binance leverage tiers, July 2025" in kept.source
    assert (assumed.brackets[0].max_leverage, assumed.brackets[0].maintenance_rate) == (20, Decimal("0.025"))
    again = import_exchange_info(catalog, path, None, clock)
    assert again.snapshot == report.snapshot


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "no list of symbols"),
        ({"symbols": []}, "no perpetual that trades"),
        ({"symbols": [{"symbol": "X", "contractType": "PERPETUAL"}]}, "X: LOT_SIZE has no usable stepSize"),
    ],
)
def test_a_file_that_is_no_exchange_info_is_refused(
    catalog: Catalog, save: Callable[[str, Any], Path], clock: Any, content: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        import_exchange_info(catalog, save("x.json", content), None, clock)
    assert not catalog.root.exists()


def test_what_is_no_json_or_no_brackets_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("<html>")
    with pytest.raises(DataError, match="is not JSON"):
        read_json(tmp_path / "x.json")
    with pytest.raises(DataError, match="is not a file"):
        read_json(tmp_path)
    with pytest.raises(DataError, match="no leverage brackets"):
        parse_brackets([{"code": -2014}])
    with pytest.raises(DataError, match="lacks 'notionalFloor'"):
        parse_brackets([{"symbol": "X", "brackets": [{"bracket": 1}]}])


def test_a_damaged_snapshot_is_named(catalog: Catalog) -> None:
    folder = catalog.root / "instruments" / "binance"
    folder.mkdir(parents=True)
    (folder / "2026-01-01.json").write_text("{")
    with pytest.raises(DataError, match=r"2026-01-01\.json can't be read"):
        instruments_for(catalog, "binance", ["BTCUSDT"])
