"""The story of a decision: which one is told, the chain, the order, what became of it, and what a lock forbade."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.support.markets import Row, flat_bars, forecasts_of, instrument, panel_of, spec_of

from geobuk.domain.errors import UnknownNameError, UserError
from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE
from geobuk.regime.words import REGIME_WORDS
from geobuk.risk.loss_locks import Lock
from geobuk.risk.reasons import Reason
from geobuk.risk.trace import Step
from geobuk.simulate.book import OrderKind
from geobuk.simulate.explain import explain
from geobuk.simulate.explained import DecisionExplained
from geobuk.simulate.explained_words import LOCK_WORDS, ORDER_WORDS, SAID
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate

STEADY = flat_bars(100.0, 6)


def run(bars: Sequence[Row], beliefs: Sequence[float | None], utc_offset_ns: int = 0, **groups: Any) -> BacktestResult:
    panel = replace(panel_of(bars), utc_offset_ns=utc_offset_ns)
    return simulate(panel, forecasts_of(beliefs), [instrument()], spec_of(**groups))


def close(result: BacktestResult, row: int) -> int:
    return int(result.panel.at_ns[row]) + result.panel.interval_ns


def told(result: BacktestResult, row: int) -> DecisionExplained:
    return explain(result, close(result, row)).of("AUSDT")


def test_sizes_and_positions_are_those_of_the_run_under_its_regimes() -> None:
    bear = np.full(6, int(Regime.BEAR))
    result = simulate(
        panel_of(STEADY), forecasts_of([0.8] * 6), [instrument()], spec_of(regime={"against": 0.5}), regimes=bear
    )
    rows = explain(result, close(result, 3))
    assert rows.account.regime == Regime.BEAR
    assert rows.of("AUSDT").explanation.held == result.position[3, 0] == 4.0


def test_the_chain_leads_from_forecast_to_fill() -> None:
    result = run(STEADY, [0.8] * 6, limits={"max_weight": 0.5})
    one = told(result, 0)
    assert (one.explanation.forecast, one.explanation.held, one.explanation.target) == (0.8, 0.0, 5.0)
    bound = [(step.step, step.before, step.after) for step in one.explanation.steps if step.is_binding]
    assert bound == [(Step.WEIGHT, 0.8, 0.5)]
    assert one.explanation.reasons == (Reason.CLAMPED_WEIGHT,)
    assert one.order is not None
    assert (one.order.kind, one.order.quantity, one.order.is_older) == (OrderKind.MARKET, 5.0, False)
    assert [(fill.at_ns, fill.quantity, fill.price) for fill in one.fills] == [(close(result, 0), 5.0, 100.0)]
    assert one.lines() == [
        "AUSDT",
        "decision of 2023-01-01 02:00 UTC, on the close of the bar that opened at 2023-01-01 01:00 UTC",
        "equity 1,000.00, at its peak",
        "regime: no detector speaks",
        "forecast: +0.800",
        "wanted weight: +80.00%",
        "after the largest weight: +80.00% -> +50.00%",
        "because: reduced to the largest weight allowed [CLAMPED_WEIGHT]",
        "enter: +5 to 5",
        "market order for the next open: +5",
        "filled 2023-01-01 02:00 UTC: +5 at 100 – the forecast asked for it",
    ]


def test_korean_tells_the_same() -> None:
    lines = told(run(STEADY, [0.8] * 6), 0).lines("ko")
    assert "예측: +0.800" in lines
    assert "한도나 배율로 줄어들지 않음" in lines
    assert "체결 2023-01-01 02:00 UTC: +8, 가격 100 – 예측에 따른 거래" in lines


def test_the_last_decision_at_or_before_the_instant_is_told() -> None:
    result = run(flat_bars(100.0, 12), [0.5] * 12, decide_every="4h")
    rows = explain(result, close(result, 9)).account
    assert (rows.decided_ns % (4 * NS_PER_HOUR), rows.decided_ns <= close(result, 9)) == (0, True)
    assert any("the last decision at or before 2023-01-01 11:00 UTC" in line for line in rows.lines())
    assert explain(result, rows.decided_ns + 90 * NS_PER_MINUTE).account.row == rows.row
    last = explain(result).account
    assert last.decided_ns == last.asked_ns == rows.decided_ns + 4 * NS_PER_HOUR


def test_an_instant_outside_the_run_is_refused_with_its_range() -> None:
    result = run(STEADY, [0.5] * 6)
    for at_ns in (close(result, 0) - 1, close(result, 5) + 1):
        with pytest.raises(UserError, match="decisions lie between 2023-01-01 02:00 UTC and 2023-01-01 07:00 UTC"):
            explain(result, at_ns)


def test_a_run_without_decisions_is_refused() -> None:
    with pytest.raises(UserError, match="took no decision at all"):
        explain(run(STEADY[:2], [0.5] * 2, decide_every="1d"))


def test_an_unknown_instrument_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean AUSDT"):
        explain(run(STEADY, [0.5] * 6)).of("AUSD")


def test_a_halted_account_is_said_to_be() -> None:
    falling: list[Row] = [(100.0,) * 4, (100.0,) * 4, (100.0, 100.0, 60.0, 60.0), (60.0,) * 4, (60.0,) * 4]
    result = run(falling, [1.0] * 5, loss={"drawdown": 0.2})
    one = told(result, 2)
    assert one.account.lock is Lock.HALTED
    assert one.explanation.reasons == (Reason.LOCKED,)
    assert one.order is not None
    assert (one.order.quantity, one.order.reason) == (-10.0, Reason.DRAWDOWN)
    assert [fill.reason for fill in one.fills] == [Reason.DRAWDOWN]
    lines = one.lines()
    assert LOCK_WORDS[Lock.HALTED][0] in lines
    assert "equity 600.00, 40.0% below its peak" in lines
    assert not any("leave the position" in line for line in lines)
    assert "market order for the next open: -10 – the drawdown lock closed it" in lines
    assert one.outcome[0] == "entries are locked by a loss limit"
    assert told(result, 3).order is None


def test_a_day_lock_is_said_to_be() -> None:
    falling: list[Row] = [(100.0,) * 4, (100.0,) * 4, (100.0, 100.0, 80.0, 80.0), (80.0,) * 4]
    one = told(run(falling, [1.0] * 4, loss={"daily": 0.1}), 2)
    assert one.account.lock is Lock.LOCKED_FOR_DAY
    assert LOCK_WORDS[Lock.LOCKED_FOR_DAY][1] in one.lines("ko")


def test_drawdown_stages_are_told() -> None:
    falling: list[Row] = [(100.0,) * 4, (100.0,) * 4, (100.0, 100.0, 85.0, 85.0), (85.0,) * 4]
    loss = {"drawdown": 0.2, "reduce_at": 0.5, "reduce_only_at": 0.7, "reduced_size": 0.25}
    lines = told(run(falling, [1.0] * 4, loss=loss), 2).lines()
    assert "drawdown stage: positions may only shrink" in lines
    assert "drawdown stage: sizes × 0.25" in lines


def test_an_order_that_is_not_reached_says_so() -> None:
    one = told(run(STEADY, [0.5] * 6, orders={"type": "limit", "offset_bps": 100.0}), 1)
    assert one.order is not None
    assert (one.order.kind, one.order.price) == (OrderKind.LIMIT, 99.0)
    assert one.lines()[-3:] == [
        "limit order: +5 at 99",
        "nothing was filled up to the next decision",
        "on the way: the limit or stop price was not reached [UNREACHED]",
    ]


def test_an_order_that_a_masked_bar_leaves_working_is_said_to_be_older() -> None:
    bars = flat_bars(100.0, 6)
    panel = panel_of(bars, masked=[(3, 0), (4, 0)])
    result = simulate(panel, forecasts_of([1.0, 1.0, 0.0, 0.0, 0.0, 0.0]), [instrument()], spec_of())
    one = told(result, 3)
    assert one.explanation.reasons == (Reason.MASKED,)
    assert one.order is not None
    assert one.order.is_older
    assert "market order for the next open: -10 (placed before, goes on working)" in one.lines()


def test_held_positions_and_the_end_of_the_run_are_told() -> None:
    lines = told(run(STEADY, [0.5] * 6), 5).lines()
    assert "held: 5 at 100, +50.00% of equity" in lines
    assert lines[-2:] == ["no order works", "the run ends here: nothing followed"]


def test_no_belief_is_told_as_none() -> None:
    one = told(run(STEADY, [None] * 6), 1)
    assert "forecast: none" in one.lines()
    assert one.explanation.reasons == (Reason.NO_FORECAST,)
    assert one.outcome == ("stay out", "진입하지 않음")


def test_parts_are_those_that_reached_the_decision() -> None:
    result = run(STEADY, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], orders={"delay_bars": 2})
    parts = {"one": result.forecasts * 0.25, "two": result.forecasts * 0.75}
    late = explain(result, close(result, 3), parts).of("AUSDT")
    assert late.explanation.forecast == 0.2
    assert late.parts == pytest.approx({"one": 0.05, "two": 0.15})
    assert "of it: one +0.050 · two +0.150" in late.lines()
    assert "the forecast was 2 bars old (orders.delay_bars)" in late.lines()
    assert explain(result, close(result, 1), parts).of("AUSDT").parts == {}


def test_instants_are_told_in_the_venues_time() -> None:
    result = run(STEADY, [0.5] * 6, utc_offset_ns=9 * NS_PER_HOUR)
    assert told(result, 0).account.lines()[0].startswith("decision of 2023-01-01 11:00 KST")


def test_a_row_lists_every_instrument() -> None:
    panel = panel_of(STEADY, STEADY)
    result = simulate(panel, forecasts_of([0.5] * 6, [0.0] * 6), [instrument("AUSDT"), instrument("BUSDT")], spec_of())
    row = explain(result, close(result, 0))
    assert row.lines()[-2:] == ["AUSDT: enter: +2.5 to 2.5", "BUSDT: stay out"]
    assert [len(one.fills) for one in row.decisions] == [1, 0]


@pytest.mark.parametrize("words", [*REGIME_WORDS.values(), *LOCK_WORDS.values(), *ORDER_WORDS.values(), *SAID.values()])
def test_each_text_is_written_in_both_languages(words: tuple[str, str]) -> None:
    assert all(text.strip() for text in words)
    assert not any("가" <= letter <= "힣" for letter in words[0])


def test_explaining_changes_nothing() -> None:
    result = run(STEADY, [0.8] * 6)
    before = result.hashes["result"], result.refusals.copy()
    explain(result)
    assert replace(result).hashes["result"] == before[0]
    np.testing.assert_array_equal(result.refusals, before[1])


@pytest.mark.parametrize("delay_bars", [0, 1])
def test_a_run_with_regimes_is_taken_again_with_them(delay_bars: int) -> None:
    bear = int(Regime.BEAR) + HIGH_VOLATILITY
    codes = np.array([bear, bear, bear, int(Regime.BULL), int(Regime.BULL), int(Regime.BULL)])
    spec = spec_of(limits={"max_weight": 1.0}, orders={"delay_bars": delay_bars})
    result = simulate(panel_of(STEADY), forecasts_of([0.8] * 6), [instrument()], spec, regimes=codes)
    for row in range(delay_bars, 5):
        one = told(result, row)
        known = int(codes[row - delay_bars])
        assert one.account.regime == known
        assert one.account.equity == result.equity[row]
        assert one.explanation.held == result.position[row, 0]
        assert sum(fill.quantity for fill in one.fills) == result.position[row + 1, 0] - result.position[row, 0]
        assert (Reason.SCALED_REGIME in one.explanation.reasons) == (known == bear)
    assert result.position[delay_bars + 1, 0] == 2.0  # 0.8 of 1,000 at 100, halved against BEAR and by volatility
    assert result.position[-1, 0] == 8.0
