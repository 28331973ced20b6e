"""Tapes are kept by day with their checksums, and trades become the bars that the venue itself shows."""

import json
from pathlib import Path

import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.manifest import Source
from geobuk.data.sources.tapes import (
    bars_from_trades,
    days_fetched,
    first_instant,
    load_tape,
    read_tape,
    store_day,
    tape_key,
    tape_keys,
)
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY, NS_PER_MINUTE, parse_at

KEY = tape_key("binance", "APEUSDT", "aggtrades")


def source(day: str) -> Source:
    return Source(f"APEUSDT-aggTrades-{day}.zip", "ab" * 32, 1, {}, url="data/x", fetched_at_ns=5)


def trades(day: str, count: int = 100, first_id: int = 1) -> pl.DataFrame:
    number = pl.int_range(count, eager=True)
    return pl.DataFrame(
        {
            "at_ns": parse_at(day) + number * NS_PER_MINUTE // 2,
            "trade_id": number + first_id,
            "price": 100.0 + (number % 7).cast(pl.Float64),
            "quantity": pl.repeat(0.5, count, eager=True),
        }
    )


def test_days_are_stored_with_their_source_and_read_back_in_order(tmp_path: Path) -> None:
    for day in ("2024-10-19", "2024-10-18"):
        store_day(tmp_path, KEY, day, trades(day), source(day))
    tape = load_tape(tmp_path, KEY)
    assert [one.day for one in tape.days] == ["2024-10-18", "2024-10-19"]
    assert tape.days[0].source.url == "data/x"
    assert days_fetched(tape) == ["APEUSDT-aggTrades-2024-10-18.zip", "APEUSDT-aggTrades-2024-10-19.zip"]
    assert first_instant(tape) == parse_at("2024-10-18")
    assert tape_keys(tmp_path, "binance") == [KEY]
    begin = parse_at("2024-10-18")
    assert read_tape(tmp_path, KEY, begin, begin + NS_PER_DAY).equals(trades("2024-10-18"))
    assert read_tape(tmp_path, KEY, begin, begin + 2 * NS_PER_DAY).height == 200


def test_a_day_stored_anew_replaces_the_old_one(tmp_path: Path) -> None:
    first = store_day(tmp_path, KEY, "2024-10-18", trades("2024-10-18"), source("2024-10-18"))
    second = store_day(tmp_path, KEY, "2024-10-18", trades("2024-10-18", 50), source("2024-10-18"))
    assert [day.rows for day in load_tape(tmp_path, KEY).days] == [50]
    names = {path.name for path in tmp_path.rglob("*.parquet")}
    assert names == {second.name}
    assert first.name not in names


def test_missing_trade_numbers_are_counted(tmp_path: Path) -> None:
    frame = trades("2024-10-18").filter(~pl.col("trade_id").is_in([10, 11, 50]))
    stored = store_day(tmp_path, KEY, "2024-10-18", frame, source("2024-10-18"))
    assert (stored.holes, [found.code for found in stored.findings]) == (3, ["TAPE_IDS"])
    assert load_tape(tmp_path, KEY).days[0].findings == stored.findings


def test_crossed_quotes_are_found(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "at_ns": [parse_at("2024-10-18"), parse_at("2024-10-18") + 1_000_000],
            "update_id": [1, 2],
            "bid": [10.0, 12.0],
            "ask": [11.0, 11.0],
        }
    )
    key = tape_key("binance", "APEUSDT", "bookticker")
    (found,) = store_day(tmp_path, key, "2024-10-18", frame, source("2024-10-18")).findings
    assert (found.code, found.count) == ("CROSSED", 1)


def test_a_tape_is_no_series_of_the_catalog_but_any_tool_reads_it(tmp_path: Path) -> None:
    store_day(tmp_path, KEY, "2024-10-18", trades("2024-10-18"), source("2024-10-18"))
    assert Catalog(tmp_path).series() == []
    pattern = tmp_path / "venue=binance" / "**" / "kind=aggtrades" / "**" / "*.parquet"
    assert pl.read_parquet(pattern, hive_partitioning=True)["instrument"].unique().to_list() == ["APEUSDT"]


def test_damage_is_named(tmp_path: Path) -> None:
    stored = store_day(tmp_path, KEY, "2024-10-18", trades("2024-10-18"), source("2024-10-18"))
    begin = parse_at("2024-10-18")
    with pytest.raises(DataError, match="no aggtrades of APEUSDT are stored there"):
        read_tape(tmp_path, KEY, begin + NS_PER_DAY, begin + 2 * NS_PER_DAY)
    path = next(tmp_path.rglob(stored.name))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="missing or not what was written"):
        read_tape(tmp_path, KEY, begin, begin + NS_PER_DAY)
    next(tmp_path.rglob("tape.json")).write_text("{")
    with pytest.raises(DataError, match=r"tape\.json can't be read"):
        load_tape(tmp_path, KEY)


def test_bars_take_the_first_and_last_trade_in_the_venues_order() -> None:
    minute = NS_PER_MINUTE
    frame = pl.DataFrame(
        {
            "at_ns": [0, 0, 5, minute, 3 * minute + 1, 3 * minute + 1],
            "price": [5.0, 9.0, 7.0, 1.0, 2.0, 3.0],
            "quantity": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )
    assert list(bars_from_trades(frame, "1m").iter_rows()) == [
        (0, 5.0, 9.0, 5.0, 7.0, 6.0),
        (minute, 1.0, 1.0, 1.0, 1.0, 4.0),
        (3 * minute, 2.0, 3.0, 2.0, 3.0, 11.0),
    ]
    assert bars_from_trades(frame.clear(), "1m").height == 0


@pytest.mark.real_data
def test_the_trades_of_a_real_day_make_the_venues_own_daily_bar(shared_data: Path) -> None:
    tape = pl.read_parquet(shared_data / "ticks/binance_um_apeusdt_20241018_aggtrades.parquet")
    frame = tape.select((pl.col("transact_time") * 1_000_000).alias("at_ns"), "price", "quantity")
    (day,) = bars_from_trades(frame, "1d").iter_rows()
    daily = pl.read_parquet(shared_data / "crypto/binance_um_1d_all_symbols_2024_2025-06.parquet").filter(
        (pl.col("symbol") == "APEUSDT") & (pl.col("ts").dt.date() == pl.date(2024, 10, 18))
    )
    (venues,) = daily.select("open", "high", "low", "close", "volume").iter_rows()
    assert day[1:] == pytest.approx(venues)
    minutes = bars_from_trades(frame, "1m")
    assert minutes.height <= 1440
    assert minutes["volume"].sum() == pytest.approx(venues[4])
    assert (minutes["high"].max(), minutes["low"].min()) == (day[2], day[3])
    expected: dict[int, list[float]] = {}
    for at, price, quantity in frame.iter_rows():
        bar = expected.setdefault(at // NS_PER_MINUTE * NS_PER_MINUTE, [price, price, price, price, 0.0])
        bar[1:] = [max(bar[1], price), min(bar[2], price), price, bar[4] + quantity]
    assert {row[0]: list(row[1:5]) for row in minutes.iter_rows()} == {at: bar[:4] for at, bar in expected.items()}
    assert minutes["volume"].to_list() == pytest.approx([bar[4] for bar in expected.values()])


def test_the_index_of_a_tape_is_readable_json(tmp_path: Path) -> None:
    store_day(tmp_path, KEY, "2024-10-18", trades("2024-10-18"), source("2024-10-18"))
    index = json.loads(next(tmp_path.rglob("tape.json")).read_text())
    assert (index["kind"], index["days"][0]["rows"], index["days"][0]["source"]["fetched_at_ns"]) == (
        "aggtrades",
        100,
        5,
    )
