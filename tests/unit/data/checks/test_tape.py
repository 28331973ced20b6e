import polars as pl
import pytest

from geobuk.data.checks.tape import check_tape
from geobuk.domain.errors import DataError

TRADES = {
    "local_ts_ns": [1_010_000_000, 1_020_000_000, 1_030_000_000],
    "event_time_ms": [1_000, 1_010, 1_020],
    "trade_id": [7, 8, 9],
    "price": [10.0, 10.5, 10.0],
}
DEPTH = {
    "event_time_ms": [1, 1, 2, 3],
    "first_update_id": [10, 10, 13, 16],
    "final_update_id": [12, 12, 15, 18],
    "prev_final_update_id": [9, 9, 12, 15],
    "price": [1.0, 2.0, 1.0, 1.0],
}
QUOTES = {"event_time_ms": [1, 2], "bid_price": [1.0, 1.0], "ask_price": [1.1, 1.1]}


@pytest.mark.parametrize("tape", [TRADES, DEPTH, QUOTES])
def test_a_good_tape_passes(tape: dict[str, list[float]]) -> None:
    assert check_tape(pl.DataFrame(tape), "A") == ()


@pytest.mark.parametrize(
    ("tape", "change", "code", "count"),
    [
        (TRADES, {"local_ts_ns": [990_000_000, 1_000_000_000, 1_030_000_000]}, "LATENCY", 2),
        (
            TRADES,
            {"local_ts_ns": [1_010_000_000, 1_005_000_000, 1_030_000_000], "event_time_ms": [1, 2, 3]},
            "ORDER",
            1,
        ),
        (TRADES, {"event_time_ms": [1_000, 1_000, 1_020]}, "SAME_INSTANT", 1),
        (TRADES, {"trade_id": [7, 9, 10]}, "TAPE_IDS", 1),
        (TRADES, {"price": [10.0, 0.0, 10.0]}, "NON_POSITIVE", 1),
        (DEPTH, {"prev_final_update_id": [9, 9, 11, 15]}, "TAPE_IDS", 1),
        (QUOTES, {"ask_price": [1.1, 1.0]}, "CROSSED", 1),
    ],
)
def test_each_fault_of_a_tape_is_found(
    tape: dict[str, list[float]], change: dict[str, list[float]], code: str, count: int
) -> None:
    assert [(f.code, f.count) for f in check_tape(pl.DataFrame(tape | change), "A")] == [(code, count)]


def test_how_far_the_receivers_clock_is_behind_is_told() -> None:
    behind = TRADES | {"local_ts_ns": [at - 1_250_000_000 for at in TRADES["local_ts_ns"]]}
    (found,) = check_tape(pl.DataFrame(behind), "BTCUSDT")
    assert "received 1,240 to 1,240 ms before it was sent" in found.text
    assert "수신 시계" in found.text_ko


def test_a_tape_without_the_venues_time_is_refused() -> None:
    with pytest.raises(DataError, match="none of the columns event_time_ms"):
        check_tape(pl.DataFrame({"price": [1.0]}), "A")


def test_an_empty_tape_has_no_findings() -> None:
    assert check_tape(pl.DataFrame(TRADES).clear(), "A") == ()
