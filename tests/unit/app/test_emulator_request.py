"""The emulator as it is asked for on the command line."""

import json
from pathlib import Path

from geobuk.app.emulator import EmulatorRequest, emulate


def test_numbers_of_orders_do_not_fit_into_32_bits() -> None:
    engine = emulate(EmulatorRequest(port=0, instruments=("BTCUSDT",), seed=9)).exchange.spec.engine
    assert engine.seed == 9
    assert min(engine.first_order_id, engine.first_conditional_id) > 2**32


def test_prices_of_a_recording_are_told_apart_from_made_up_ones(tmp_path: Path) -> None:
    book = {"lastUpdateId": 1, "bids": [["99.90", "1.000"]], "asks": [["100.00", "2.000"]]}
    trade = {"stream": "x", "data": {"s": "BTCUSDT", "e": "trade", "t": 1, "p": "100.00", "q": "0.010", "m": False}}
    tape = tmp_path / "tape.jsonl"
    tape.write_text(
        "".join(json.dumps({"local_ts_ns": n, "msg": msg}) + "\n" for n, msg in enumerate((book, trade), 1))
    )
    made_up = EmulatorRequest(port=0, instruments=("BTCUSDT",))
    recorded = EmulatorRequest(port=0, instruments=("BTCUSDT",), market="replay", file=tape)
    assert [emulate(one).exchange.spec.has_recorded_prices for one in (made_up, recorded)] == [False, True]
