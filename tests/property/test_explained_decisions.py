"""Laws of an explanation: it tells what the run did, to the bit, and knows nothing of what came later."""

from dataclasses import replace
from decimal import Decimal
from math import isnan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markets import flat_tiers, instrument, random_forecasts, random_walk, spec_of

from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray, Panel, RecordArray
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import OrderKind, new_book, new_log
from geobuk.simulate.explain import explain
from geobuk.simulate.inputs import Inputs, inputs_of
from geobuk.simulate.loop import advance
from geobuk.simulate.replay import replay
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

BARS, INSTRUMENTS = 160, 3
SEEDS = st.integers(0, 2**31)
SHARES = st.floats(0.0, 1.0)


@st.composite
def specs(draw: st.DrawFn) -> BacktestSpec:
    """Settings that refuse, shrink, lock, stop and rest."""
    return spec_of(
        account={"capital": draw(st.sampled_from([230.0, 7_700.0])), "leverage": draw(st.sampled_from([1, 5]))},
        sizing={
            "method": draw(st.sampled_from(["notional", "volatility"])),
            "volatility_days": 1.0,
            "diversification": draw(st.sampled_from([1.0, 6.0])),
            "risk_per_trade": draw(st.sampled_from([0.0, 0.02])),
            "rebalance_band": draw(st.sampled_from([0.0, 0.2])),
        },
        limits={"max_weight": draw(st.sampled_from([0.2, 5.0])), "max_gross": draw(st.sampled_from([0.5, 5.0]))},
        stops={
            "fixed": draw(st.sampled_from([0.0, 0.03])),
            "box_days": draw(st.sampled_from([0.0, 0.5])),
            "cooldown_hours": draw(st.sampled_from([0.0, 5.0])),
        },
        loss={"daily": draw(st.sampled_from([1.0, 0.02])), "drawdown": draw(st.sampled_from([1.0, 0.1]))},
        costs={"half_spread_bps": 2.0, "participation": draw(st.sampled_from([0.05, 1.0]))},
        orders={
            "type": draw(st.sampled_from(["market", "limit", "stop"])),
            "offset_bps": 20.0,
            "delay_bars": draw(st.sampled_from([0, 2])),
        },
        decide_every=draw(st.sampled_from(["", "4h"])),
    )


def rules_of(panel: Panel) -> list[Instrument]:
    fees = {"maker_fee": "0.0002", "taker_fee": "0.0005", "min_notional": "5"}
    changes = {name: Decimal(value) for name, value in fees.items()}
    return [instrument(name, brackets=flat_tiers("0.01"), **changes) for name in panel.instruments]


def market(seed: int) -> tuple[Panel, FloatArray]:
    panel = random_walk(seed, BARS, INSTRUMENTS, volatility=0.03)
    return panel, random_forecasts(seed, panel)


def assert_same(one: RecordArray, other: RecordArray) -> None:
    """Every field equal to the bit, NaN equal to NaN; what lies between the fields is nobody's."""
    for name in one.dtype.names or ():
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def a_decision(inputs: Inputs, share: float) -> int:
    rows = np.flatnonzero(inputs.bars.decides)
    return int(rows[int(share * (len(rows) - 1))])


@given(SEEDS, specs(), SHARES)
def test_the_replayed_decision_is_the_runs_own_to_the_bit(seed: int, spec: BacktestSpec, share: float) -> None:
    panel, beliefs = market(seed)
    inputs = inputs_of(panel, beliefs, rules_of(panel), spec)
    row = a_decision(inputs, share)
    found = replay(inputs, spec.account.capital, row)
    book, log = new_book(INSTRUMENTS, spec.account.capital), new_log(BARS, INSTRUMENTS, fills=0, detail=False)
    advance(inputs, book, log, row + 1)
    assert_same(found.states, book.states)
    assert_same(found.account, book.account)


@given(SEEDS, specs(), SHARES)
def test_the_fills_of_the_run_follow_from_the_order_that_is_told(seed: int, spec: BacktestSpec, share: float) -> None:
    panel, beliefs = market(seed)
    result = simulate(panel, beliefs, rules_of(panel), spec)
    row = a_decision(inputs_of(panel, beliefs, rules_of(panel), spec), share)
    told = explain(result, int(panel.at_ns[row]) + panel.interval_ns)
    assert told.account.row == row
    for n, one in enumerate(told.decisions):
        fills = [fill for fill in one.fills if fill.reason is Reason.ENTRY]
        asked = 0.0 if one.order is None else one.order.quantity
        assert sum(abs(fill.quantity) for fill in fills) <= abs(asked) + 1e-9
        assert all(fill.quantity * asked > 0.0 for fill in fills)
        assert one.explanation.held == result.position[row, n]
        if one.order is None or one.order.kind is not OrderKind.MARKET or one.order.reason is not Reason.ENTRY:
            continue
        assert one.order.is_older == isnan(one.explanation.target)
        if one.order.is_older:
            continue
        held, target, filled = one.explanation.held, one.explanation.target, sum(fill.quantity for fill in fills)
        is_leaving_first = spec.orders.type != "market" and held * target < 0.0
        assert abs(held + asked - (0.0 if is_leaving_first else target)) < 1e-9
        if len(one.fills) == 1 and not one.reasons_after:
            assert abs(filled - asked) < 1e-9


@given(SEEDS, specs(), SHARES)
def test_what_is_told_of_a_decision_does_not_depend_on_what_came_later(
    seed: int, spec: BacktestSpec, share: float
) -> None:
    panel, beliefs = market(seed)
    inputs = inputs_of(panel, beliefs, rules_of(panel), spec)
    row = a_decision(inputs, share)
    found = replay(inputs, spec.account.capital, row)
    later = np.random.default_rng(seed + 1).uniform(0.5, 2.0, panel.shape)
    later[: row + 1] = 1.0
    other = replace(panel, **{name: getattr(panel, name) * later for name in ("open", "high", "low", "close")})
    changed = beliefs.copy()
    changed[row + 1 :] = -changed[row + 1 :]
    again = replay(inputs_of(other, changed, rules_of(panel), spec), spec.account.capital, row)
    assert_same(found.states, again.states)
    assert_same(found.account, again.account)
    np.testing.assert_array_equal(found.trace, again.trace)
    np.testing.assert_array_equal(found.counted, again.counted)


@given(SEEDS, specs())
def test_the_reasons_of_all_decisions_and_of_what_lies_between_are_those_of_the_run(
    seed: int, spec: BacktestSpec
) -> None:
    panel, beliefs = market(seed)
    panel, beliefs = panel.rows(0, 48), beliefs[:48]
    result = simulate(panel, beliefs, rules_of(panel), spec)
    inputs = inputs_of(panel, beliefs, rules_of(panel), spec)
    told = [replay(inputs, spec.account.capital, row) for row in np.flatnonzero(inputs.bars.decides).tolist()]
    counted = sum(one.counted + one.counted_after for one in told)
    before = int(np.flatnonzero(inputs.bars.decides)[0])  # nothing can be counted before the first decision
    assert before <= 3
    np.testing.assert_array_equal(counted, result.refusals.T)
