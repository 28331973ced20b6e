"""Tapes and tick files as markets: what was recorded, in its order, and words for what is damaged."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geobuk.data.recordings.tape import read_tape, tape_market
from geobuk.data.recordings.tick_files import read_ticks, tick_market
from geobuk.domain.errors import DataError
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.markets.rules import starting_rules

RULES = starting_rules(("BTCUSDT",))
SECOND = 1_000_000_000


def frame(at_ns: int, **data: Any) -> dict[str, Any]:
    return {"local_ts_ns": at_ns, "msg": {"stream": "x", "data": {"s": "BTCUSDT", **data}}}


def trade(at_ns: int, number: int, price: str = "100.00", *, maker: bool = False) -> dict[str, Any]:
    return frame(at_ns, e="trade", t=number, p=price, q="0.010", m=maker)


def snapshot(at_ns: int, last: int) -> dict[str, Any]:
    book = {"lastUpdateId": last, "bids": [["99.90", "1.000"]], "asks": [["100.00", "2.000"]]}
    return {"local_ts_ns": at_ns, "msg": book}


def written(path: Path, records: list[dict[str, Any]], name: str = "tape.jsonl") -> Path:
    file = path / name
    text = "".join(json.dumps(record) + "\n" for record in records)
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return file


def kinds(rows: MarketArray) -> list[Happening]:
    return [Happening(kind) for kind in rows["kind"]]


def test_a_tape_begins_with_its_snapshot_and_skips_older_updates(tmp_path: Path) -> None:
    update = {"e": "depthUpdate", "b": [["99.90", "3.000"]], "a": [["100.00", "0.000"], ["100.10", "1.000"]]}
    tape = written(
        tmp_path,
        [
            trade(1, 1),
            frame(2, **update, u=9),
            snapshot(3, 10),
            frame(4, **update, u=8),
            frame(5, **update, u=12),
            trade(6, 2, maker=True),
            frame(7, e="markPriceUpdate", p="99.95123", i="99.94", r="0.00010000"),
        ],
    )
    rows = read_tape(tape, RULES)["BTCUSDT"]
    level, print_ = Happening.LEVEL, Happening.TRADE
    assert kinds(rows) == [Happening.CLEAR] + [level] * 5 + [print_, Happening.INDEX, Happening.MARK, Happening.RATE]
    assert rows["at_ns"].tolist() == [3, 3, 3, 5, 5, 5, 6, 7, 7, 7]
    assert [tuple(row)[1:3] for row in rows[3:6]] == [(10_000, 0), (9_990, 3_000), (10_010, 1_000)]
    assert (rows["price"][6], rows["quantity"][6], rows["id"][6], rows["side"][6]) == (10_000, 10, 2, -1)
    assert rows["price"][-3:].tolist() == [9_994, 9_995, 10_000]


def test_an_update_that_came_before_the_snapshot_but_is_newer_follows_it(tmp_path: Path) -> None:
    update = frame(2, e="depthUpdate", u=12, b=[["99.80", "3.000"]], a=[])
    rows = read_tape(written(tmp_path, [update, snapshot(3, 10)]), RULES)["BTCUSDT"]
    assert [tuple(row)[:3] for row in rows[1:]] == [(3, 9_990, 1_000), (3, 10_000, 2_000), (3, 9_980, 3_000)]


def test_a_snapshot_after_a_gap_starts_the_book_anew_without_losing_what_is_newer(tmp_path: Path) -> None:
    records = [
        snapshot(1, 10),
        frame(2, e="depthUpdate", u=15, b=[["99.80", "3.000"]], a=[]),
        frame(3, e="depthUpdate", u=25, b=[["99.70", "4.000"]], a=[]),
        {**snapshot(4, 20), "symbol": "BTCUSDT"},
        {"local_ts_ns": 5, "msg": {"recorder": "gap", "path": "public", "reason": "x"}},
    ]
    rows = read_tape(written(tmp_path, records), RULES)["BTCUSDT"]
    anew = rows[np.flatnonzero(rows["kind"] == Happening.CLEAR)[1] :]
    assert [tuple(row)[:3] for row in anew[1:]] == [(4, 9_990, 1_000), (4, 10_000, 2_000), (4, 9_970, 4_000)]


def test_a_tape_of_several_instruments_names_its_snapshots(tmp_path: Path) -> None:
    rules = starting_rules(("BTCUSDT", "LTCUSDT"))
    with pytest.raises(DataError, match="line 1: a snapshot without a symbol"):
        read_tape(written(tmp_path, [snapshot(1, 10)]), rules)
    both = [{**snapshot(1, 10), "symbol": name} for name in ("BTCUSDT", "LTCUSDT")]
    assert list(read_tape(written(tmp_path, both), rules)) == ["BTCUSDT", "LTCUSDT"]


def test_a_tape_without_depth_has_the_best_prices_as_its_book(tmp_path: Path) -> None:
    quotes = [
        frame(1, e="bookTicker", b="99.90", B="1.000", a="100.00", A="2.000"),
        frame(2, e="bookTicker", b="100.00", B="1.500", a="100.10", A="2.000"),
    ]
    rows = read_tape(written(tmp_path, quotes), RULES)["BTCUSDT"]
    assert [(r["side"], r["price"], r["quantity"]) for r in rows] == [
        (1, 9_990, 1_000),
        (-1, 10_000, 2_000),
        (1, 9_990, 0),
        (-1, 10_000, 0),
        (1, 10_000, 1_500),
        (-1, 10_010, 2_000),
    ]


def test_aggregated_trades_count_only_where_single_ones_are_missing(tmp_path: Path) -> None:
    together = frame(2, e="aggTrade", a=7, p="100.00", q="0.020", m=False)
    both = read_tape(written(tmp_path, [trade(1, 1), together]), RULES)["BTCUSDT"]
    alone = read_tape(written(tmp_path, [together]), RULES)["BTCUSDT"]
    assert both["id"][both["kind"] == Happening.TRADE].tolist() == [1]
    assert alone["id"][alone["kind"] == Happening.TRADE].tolist() == [7]


def test_a_tape_without_marks_gets_one_a_second_from_its_trades(tmp_path: Path) -> None:
    records = [trade(1, 1), trade(2, 2, "100.20"), trade(3 * SECOND, 3, "101.00")]
    rows = read_tape(written(tmp_path, records), RULES)["BTCUSDT"]
    assert rows["price"][rows["kind"] == Happening.MARK].tolist() == [10_010, 10_100]


def test_a_folder_is_read_in_the_order_of_its_names_and_gzip_is_fine(tmp_path: Path) -> None:
    written(tmp_path, [trade(2, 2)], "b.jsonl")
    written(tmp_path, [trade(1, 1)], "a.jsonl.gz")
    rows = read_tape(tmp_path, RULES)["BTCUSDT"]
    assert rows["id"][rows["kind"] == Happening.TRADE].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "line 2 is no recorded frame"),
        (b'{"msg": {}}', "line 2 is no recorded frame .*local_ts_ns"),
        (json.dumps(trade(2, 2, "100.123")).encode(), "line 2: BTCUSDT: price 100.123 has more than 2 decimals"),
        (json.dumps(trade(2, 2, "abc")).encode(), "line 2 is no recorded frame"),
        (b"\xff\xfe", "can't be read to its end"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes, words: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(json.dumps(trade(1, 1)).encode() + b"\n" + line + b"\n")
    with pytest.raises(DataError, match=f"bad.jsonl {words}"):
        read_tape(file, RULES)


def test_a_tape_cut_off_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, [trade(k, k) for k in range(1, 500)], "cut.jsonl.gz")
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"cut.jsonl.gz can't be read to its end"):
        read_tape(file, RULES)


def test_missing_or_foreign_tapes_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no tape"):
        read_tape(tmp_path / "nope.jsonl", RULES)
    with pytest.raises(DataError, match="has no tape"):
        read_tape(tmp_path, RULES)
    with pytest.raises(DataError, match="has no frame of ETHUSDT"):
        read_tape(written(tmp_path, [trade(1, 1)]), starting_rules(("ETHUSDT",)))


@pytest.mark.real_data
def test_the_recorded_stream_plays_from_its_tape_and_from_its_tick_files(shared_data: Path) -> None:
    tape = shared_data / "payloads" / "binance" / "recorded_um_btcusdt_stream_20240808_first_20s.jsonl.gz"
    ticks = shared_data / "ticks" / "binance_um_btcusdt_20240808"
    market = tape_market(tape, RULES, 0)
    rows = market.until(60 * SECOND)[0][1]
    counts = np.bincount(rows["kind"], minlength=6)
    assert counts[Happening.TRADE] > 600
    assert counts[Happening.CLEAR] == 1
    assert counts[Happening.LEVEL] > 15_000
    whole = tick_market(ticks, RULES[0], 0).until(int(19.5 * SECOND))[0][1]
    for kind in (Happening.TRADE, Happening.CLEAR):
        same = [part[part["kind"] == kind] for part in (rows, whole)]
        end = min(part.size for part in same)
        assert np.array_equal(same[0][:end], same[1][:end])


@pytest.mark.real_data
def test_tick_files_are_complete_and_on_the_grid(shared_data: Path) -> None:
    rows = read_ticks(shared_data / "ticks" / "binance_um_btcusdt_20240808", RULES[0])
    trades = rows[rows["kind"] == Happening.TRADE]
    assert (np.diff(trades["id"]) == 1).all()
    assert (np.diff(rows["at_ns"]) >= 0).all()
    assert not (rows["price"][rows["kind"] == Happening.LEVEL] % 10).any()
    assert (rows["kind"] == Happening.LEVEL).sum() > 440_000


def test_missing_tick_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no x_depth_snapshot\.parquet"):
        read_ticks(tmp_path / "x", RULES[0])
    (tmp_path / "x_depth_snapshot.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"x_depth_snapshot.parquet can't be read"):
        read_ticks(tmp_path / "x", RULES[0])
