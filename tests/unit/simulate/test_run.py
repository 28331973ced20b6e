"""A run as a whole: repeatable, complete, and honest about what it assumed."""

import gc
import sys
from decimal import Decimal

import numpy as np
import pytest
from tests.support.markets import (
    START_NS,
    flat_bars,
    forecasts_of,
    instrument,
    panel_of,
    random_forecasts,
    random_walk,
    run,
    spec_of,
)

from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import RecordArray
from geobuk.simulate.book import Status, new_book, new_log
from geobuk.simulate.inputs import inputs_of
from geobuk.simulate.loop import advance
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

WALK = random_walk(1, 400, 3)
BELIEFS = random_forecasts(1, WALK)
INSTRUMENTS = [instrument(name) for name in WALK.instruments]


def assert_same_records(left: RecordArray, right: RecordArray) -> None:
    """Field by field, NaN equal to NaN."""
    for name in left.dtype.names or ():
        np.testing.assert_array_equal(left[name], right[name])


def test_the_same_inputs_give_the_same_hashes() -> None:
    one, two = (simulate(WALK, BELIEFS, INSTRUMENTS) for _ in range(2))
    assert one.hashes == two.hashes
    assert one.run_id == two.run_id
    np.testing.assert_array_equal(one.equity, two.equity)


def test_every_input_has_its_part_in_the_run_id() -> None:
    nudged = BELIEFS.copy()
    nudged[200, 0] = 0.123
    runs = [
        simulate(WALK, BELIEFS, INSTRUMENTS),
        simulate(WALK.rows(0, 399), BELIEFS[:399], INSTRUMENTS),
        simulate(WALK, nudged, INSTRUMENTS),
        simulate(WALK, BELIEFS, [*INSTRUMENTS[:2], instrument("CUSDT", step=Decimal("0.01"))]),
        simulate(WALK, BELIEFS, INSTRUMENTS, BacktestSpec(decide_every="2h")),
        simulate(WALK, BELIEFS, INSTRUMENTS, parameters={"trend": {"fast": 3}}),
    ]
    assert len({result.run_id for result in runs}) == len(runs)


def test_a_log_that_fills_up_is_continued_where_it_stood() -> None:
    inputs = inputs_of(WALK, BELIEFS, INSTRUMENTS, BacktestSpec())
    whole, broken = new_book(3, 7_700.0), new_book(3, 7_700.0)
    large, small = new_log(400, 3, 5_000), new_log(400, 3, 12)
    assert advance(inputs, whole, large, 400) == Status.FINE
    rounds = 0
    while advance(inputs, broken, small, 400) == Status.LOG_FULL:
        small = small._replace(fills=np.concatenate([small.fills, np.zeros(12, dtype=small.fills.dtype)]))
        rounds += 1
    count = int(whole.account[0]["fills"])
    assert rounds > 3
    assert broken.account[0]["fills"] == count
    np.testing.assert_array_equal(small.fills[:count], large.fills[:count])
    np.testing.assert_array_equal(small.curve, large.curve)
    assert_same_records(broken.states, whole.states)


def test_bar_by_bar_is_the_same_as_all_at_once() -> None:
    inputs = inputs_of(WALK, BELIEFS, INSTRUMENTS, BacktestSpec())
    whole, stepped = new_book(3, 7_700.0), new_book(3, 7_700.0)
    one, other = new_log(400, 3, 5_000), new_log(400, 3, 5_000)
    advance(inputs, whole, one, 400)
    for stop in range(1, 401):
        advance(inputs, stepped, other, stop)
    np.testing.assert_array_equal(one.curve, other.curve)
    assert_same_records(whole.states, stepped.states)


def test_a_borrowed_array_is_neither_freed_nor_kept() -> None:
    """The loop reads arrays without counting references; temporaries must survive it and be freed after it."""
    book, log = new_book(3, 7_700.0), new_log(400, 3, 5_000)
    inputs = inputs_of(WALK, BELIEFS.copy(), INSTRUMENTS, BacktestSpec())
    arrays = [*inputs.bars, inputs.events, inputs.terms, inputs.rules, *book, *log]
    gc.collect()
    before = [sys.getrefcount(array) for array in arrays]
    for _ in range(20):
        advance(inputs, new_book(3, 7_700.0), log, 400)
        gc.collect()
    assert [sys.getrefcount(array) for array in arrays] == before


def test_a_masked_bar_teaches_volatility_and_range_nothing() -> None:
    wild, calm = ([*flat_bars(100, 3), row, *flat_bars(101, 3)] for row in [(100, 900, 1, 500), (100, 100, 100, 100)])
    known = []
    for column in (wild, calm):
        panel, book = panel_of(column, masked=[(3, 0)]), new_book(1, 1_000.0)
        advance(inputs_of(panel, forecasts_of([0] * 7), [instrument()], BacktestSpec()), book, new_log(7, 1, 64), 7)
        known.append([float(book.states[0][name]) for name in ("variance", "atr", "anchor", "observed")])
    assert known[0] == known[1]
    assert known[0][3] == 5


def test_no_belief_is_no_trade_and_says_so() -> None:
    result = run(panel_of(flat_bars(100, 5)), forecasts_of([None] * 5))
    assert len(result.fills) == 0
    assert len(result.trades.pnl) == 0
    assert result.refusals.sum(axis=1).tolist()[5] == 5
    assert result.decisions == 5
    assert result.equity.tolist() == [1_000.0] * 5


def test_refusals_are_counted_for_each_instrument() -> None:
    result = run(panel_of(flat_bars(100, 5), flat_bars(100, 5)), forecasts_of([None] * 5, [0] * 5))
    assert result.refusals[5].tolist() == [5, 0]
    assert result.refusals[6].tolist() == [0, 5]


def noted(panel_changes: dict[str, object], columns: list[list[object]] | None = None, **spec: object) -> str:
    panel = panel_of(*(columns or [flat_bars(100, 9)]), **panel_changes)  # type: ignore[arg-type]
    result = run(panel, np.ones(panel.shape), spec_of(**spec))
    return " ".join(str(note) for note in result.notes)


def test_synthetic_data_and_unknown_marks_are_noted() -> None:
    text = noted({})
    assert "synthetic" in text
    assert "mark" in text


def test_unknown_funding_is_noted_with_its_price() -> None:
    assert "0.0300%" in noted({"funding_hours": [8], "start_ns": START_NS - NS_PER_HOUR})


def test_masked_bars_are_counted() -> None:
    assert "2 bars were masked" in noted({"masked": [(3, 0), (4, 0)]})


def test_what_the_insurance_fund_bore_is_noted() -> None:
    column = [*flat_bars(100, 2), (60, 60, 60, 60), (60, 60, 60, 60)]
    text = noted({}, [column], account={"leverage": 5}, sizing={"diversification": 4.0, "rebalance_band": 1.0})
    assert "600.00" in text


def test_the_result_names_its_period_of_halt() -> None:
    column = [*flat_bars(100, 2), (70, 70, 70, 70), (70, 70, 70, 70)]
    result = run(panel_of(column), forecasts_of([1] * 4), spec_of(loss={"drawdown": 0.2}))
    assert result.halted_at == 2
    assert result.daily_locks == 0


@pytest.mark.parametrize("bars", [2, 3])
def test_the_shortest_panels_run(bars: int) -> None:
    assert len(run(panel_of(flat_bars(100, bars)), forecasts_of([1] * bars)).equity) == bars


def test_regimes_are_kept_and_are_part_of_the_inputs() -> None:
    regimes = np.full(WALK.shape[0], 2, dtype=np.int64)
    plain, told = simulate(WALK, BELIEFS, INSTRUMENTS), simulate(WALK, BELIEFS, INSTRUMENTS, regimes=regimes)
    assert plain.regimes is None
    assert told.regimes is regimes
    assert told.hashes["inputs"] != plain.hashes["inputs"]
    assert told.hashes["panel"] == plain.hashes["panel"]
    assert told.run_id != plain.run_id
    assert not np.array_equal(told.equity, plain.equity)
    with pytest.raises(DataError, match="regimes have shape"):
        simulate(WALK, BELIEFS, INSTRUMENTS, regimes=regimes[1:])
