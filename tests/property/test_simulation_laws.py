"""Laws that no market, belief or setting may break: money is conserved, the past stays, a mask holds, limits hold."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.markets import flat_tiers, instrument, random_forecasts, random_walk, spec_of

from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray, Panel
from geobuk.risk.reasons import Reason
from geobuk.simulate.inputs import delayed
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

BARS, INSTRUMENTS = 160, 3
SEEDS = st.integers(0, 2**31)


@st.composite
def specs(draw: st.DrawFn) -> BacktestSpec:
    """Settings of every kind, wild ones among them."""
    return spec_of(
        account={
            "capital": draw(st.sampled_from([230.0, 7_700.0, 1e6])),
            "margin": draw(st.sampled_from(["cross", "isolated"])),
            "leverage": draw(st.sampled_from([1, 3, 20])),
        },
        sizing={
            "method": draw(st.sampled_from(["notional", "volatility"])),
            "volatility_days": 1.0,
            "diversification": draw(st.sampled_from([1.0, 3.0, 15.0])),
            "risk_per_trade": draw(st.sampled_from([0.0, 0.02])),
            "rebalance_band": draw(st.sampled_from([0.0, 0.2, 1.0])),
        },
        stops={
            "fixed": draw(st.sampled_from([0.0, 0.03])),
            "atr": draw(st.sampled_from([0.0, 4.0])),
            "trailing": draw(st.sampled_from([0.0, 0.05])),
            "atr_days": 1.0,
            "cooldown_hours": draw(st.sampled_from([0.0, 5.0])),
        },
        loss={"daily": draw(st.sampled_from([1.0, 0.1])), "drawdown": draw(st.sampled_from([1.0, 0.5]))},
        costs={
            "half_spread_bps": draw(st.sampled_from([0.0, 5.0])),
            "impact": draw(st.sampled_from([0.0, 1.0])),
            "participation": draw(st.sampled_from([0.05, 1.0])),
        },
        orders={
            "type": draw(st.sampled_from(["market", "limit", "stop"])),
            "offset_bps": draw(st.sampled_from([0.0, 50.0])),
            "delay_bars": draw(st.sampled_from([0, 2])),
        },
        decide_every=draw(st.sampled_from(["", "4h"])),
    )


def rules_of(panel: Panel, **changes: str) -> list[Instrument]:
    """Everything that can cost, switched on."""
    fees = {"maker_fee": "0.0002", "taker_fee": "0.0005", "liquidation_fee": "0.01", "min_notional": "5"}
    return [
        instrument(name, brackets=flat_tiers("0.01"), **{k: Decimal(v) for k, v in {**fees, **changes}.items()})
        for name in panel.instruments
    ]


def traded(
    seed: int, spec: BacktestSpec, panel: Panel | None = None, beliefs: FloatArray | None = None, **rules: str
) -> BacktestResult:
    """A run over a market and beliefs of this seed, where they are not given."""
    market = random_walk(seed, BARS, INSTRUMENTS, volatility=0.03) if panel is None else panel
    wishes = random_forecasts(seed, market) if beliefs is None else beliefs
    return simulate(market, wishes, rules_of(market, **rules), spec)


@given(SEEDS, specs())
def test_not_a_cent_appears_or_vanishes(seed: int, spec: BacktestSpec) -> None:
    result = traded(seed, spec)
    capital, scale = spec.account.capital, spec.account.capital * 1e-9
    np.testing.assert_allclose(result.equity, capital + np.cumsum(result.pnl.sum(axis=1)), rtol=1e-9, atol=scale)
    assert result.cash[-1] == pytest.approx(capital + result.fills["cash"].sum() - result.funding.sum(), abs=scale)
    fills = result.fills
    costs = fills["fee"].sum() - result.fees.sum() - result.liquidation_fees.sum()
    assert costs == pytest.approx(0.0, abs=scale)
    assert fills["slippage"].sum() == pytest.approx(result.slippage.sum(), abs=scale)
    assert result.trades.pnl.sum() == pytest.approx(result.pnl.sum(), abs=scale * 10)
    assert result.trades.funding.sum() == pytest.approx(result.funding.sum(), abs=scale)
    for n in range(INSTRUMENTS):
        own = fills[fills["instrument"] == n]
        assert own["quantity"].sum() == pytest.approx(result.position[-1, n], abs=1e-9 * max(1.0, spec.account.capital))


@given(SEEDS, specs())
def test_equity_is_cash_plus_what_positions_are_worth(seed: int, spec: BacktestSpec) -> None:
    result = traded(seed, spec)
    panel = result.panel
    mark = np.where(np.isfinite(panel.mark), panel.mark, panel.close)
    for n in range(INSTRUMENTS):
        last = 0.0
        for t in range(BARS):
            last = mark[t, n] if panel.tradable[t, n] else last
            mark[t, n] = last
    assert result.gross == pytest.approx(np.abs(result.position * mark).sum(axis=1), rel=1e-9, abs=1e-6)
    assert result.net == pytest.approx((result.position * mark).sum(axis=1), rel=1e-9, abs=1e-6)


@given(SEEDS, specs())
def test_every_fill_lies_inside_its_bar_on_its_step_within_its_volume(seed: int, spec: BacktestSpec) -> None:
    result = traded(seed, spec)
    panel, fills = result.panel, result.fills[result.fills["reason"] != Reason.LIQUIDATION]
    at = (fills["bar"], fills["instrument"])
    assert panel.tradable[at].all()
    assert (fills["price"] >= panel.low[at] - 1e-9).all()
    assert (fills["price"] <= panel.high[at] + 1e-9).all()
    assert (np.abs(fills["quantity"]) <= panel.volume[at] * spec.costs.participation + 1e-6).all()
    steps = np.concatenate([fills["quantity"], result.position.ravel()]) / 0.001
    assert np.allclose(steps, np.round(steps), atol=1e-4)
    assert (fills["fee"] >= 0.0).all()
    assert (fills["slippage"] >= -1e-9).all()


@given(SEEDS, specs())
def test_a_fill_moves_the_position_it_says(seed: int, spec: BacktestSpec) -> None:
    result = traded(seed, spec)
    held = np.zeros(INSTRUMENTS)
    for fill in result.fills:
        held[fill["instrument"]] += fill["quantity"]
        assert held[fill["instrument"]] == pytest.approx(fill["position"], abs=1e-6)


@given(SEEDS, specs(), st.integers(20, BARS - 1))
def test_adding_bars_never_changes_the_past(seed: int, spec: BacktestSpec, cut: int) -> None:
    panel = random_walk(seed, BARS, INSTRUMENTS, volatility=0.03, holes=False)
    beliefs = random_forecasts(seed, panel)
    whole, part = traded(seed, spec, panel, beliefs), traded(seed, spec, panel.rows(0, cut), beliefs[:cut])
    np.testing.assert_array_equal(part.equity, whole.equity[:cut])
    np.testing.assert_array_equal(part.position, whole.position[:cut])
    np.testing.assert_array_equal(part.fills, whole.fills[whole.fills["bar"] < cut])


@given(SEEDS, specs(), st.integers(20, BARS - 2))
def test_another_future_never_changes_the_past(seed: int, spec: BacktestSpec, cut: int) -> None:
    panel = random_walk(seed, BARS, INSTRUMENTS, volatility=0.03)
    beliefs = random_forecasts(seed, panel)
    other = beliefs.copy()
    other[cut:] = 1.0
    one, two = traded(seed, spec, panel, beliefs), traded(seed, spec, panel, other)
    np.testing.assert_array_equal(one.equity[: cut + 1], two.equity[: cut + 1])


@given(SEEDS, specs())
def test_two_runs_are_bit_for_bit_the_same(seed: int, spec: BacktestSpec) -> None:
    assert traded(seed, spec).hashes == traded(seed, spec).hashes


@given(SEEDS, st.sampled_from([0.4, 1.0, 2.0]), st.sampled_from([0.3, 1.0]), st.sampled_from([0.2, 0.6]))
def test_a_decision_never_asks_for_more_than_the_limits(seed: int, gross: float, net: float, weight: float) -> None:
    """Without a band, a mask or a minimum order, what a decision leads to at an unmoved price obeys every limit."""
    panel = random_walk(seed, 60, INSTRUMENTS, holes=False)
    rising = random_forecasts(seed, panel, silent=0.0)
    calm = spec_of(limits={"max_gross": gross, "max_net": net, "max_weight": weight})
    still = still_after_each_close(panel)
    result = traded(seed, calm, still, rising, min_notional="0")
    weights = result.position[1:] * still.close[:-1] / result.equity[:-1, None]
    assert (np.abs(weights).sum(axis=1) <= gross + 1e-3).all()
    assert (np.abs(weights.sum(axis=1)) <= net + 1e-3).all()
    assert (np.abs(weights) <= weight + 1e-3).all()


def still_after_each_close(panel: Panel) -> Panel:
    """The same closes; each bar opens where the last closed, and there is volume for everything."""
    opened = np.vstack([panel.close[:1], panel.close[:-1]])
    return replace(
        panel,
        open=opened,
        high=np.maximum(opened, panel.close) * 1.0001,
        low=np.minimum(opened, panel.close) * 0.9999,
        volume=np.full(panel.shape, 1e12),
        mark=panel.close,
        funding=np.full(panel.shape, np.nan),
        funding_hours=np.zeros(panel.shape[1], dtype=np.int64),
    )


@given(SEEDS, st.permutations(range(INSTRUMENTS)))
def test_the_order_of_instruments_does_not_matter_while_margin_is_ample(seed: int, order: list[int]) -> None:
    panel = random_walk(seed, BARS, INSTRUMENTS)
    beliefs = random_forecasts(seed, panel)
    spec = spec_of(account={"leverage": 20}, costs={"half_spread_bps": 2.0})
    shuffled = panel.select([panel.instruments[n] for n in order])
    one, two = traded(seed, spec, panel, beliefs), traded(seed, spec, shuffled, np.ascontiguousarray(beliefs[:, order]))
    np.testing.assert_allclose(two.equity, one.equity, rtol=1e-9)
    np.testing.assert_allclose(two.position, one.position[:, order], atol=1e-9)
    assert len(two.fills) == len(one.fills)


@given(SEEDS, specs())
@settings(max_examples=25)
def test_an_isolated_position_loses_no_more_than_its_wallet(seed: int, spec: BacktestSpec) -> None:
    account = msgspec.structs.replace(spec.account, margin="isolated", leverage=20)
    result = traded(seed, msgspec.structs.replace(spec, account=account))
    closed = result.fills[result.fills["reason"] == Reason.LIQUIDATION]
    held = -closed["quantity"]
    entry = closed["price"] - closed["realized"] / held
    wallet = np.abs(held) * entry / 20.0
    assert (closed["cash"] >= -wallet * (1 + 1e-9)).all()


@given(SEEDS, specs())
def test_a_halt_is_for_good(seed: int, spec: BacktestSpec) -> None:
    tight = msgspec.structs.replace(spec, loss=msgspec.structs.replace(spec.loss, drawdown=0.05))
    result = traded(seed, tight)
    if result.halted_at < 0:
        return
    later = result.fills[result.fills["bar"] > result.halted_at]
    sizes = np.abs(result.position[result.halted_at :])
    assert (np.diff(sizes, axis=0) <= 1e-9).all()
    assert set(later["reason"]) <= {Reason.DRAWDOWN, Reason.STOP, Reason.LIQUIDATION}


@given(SEEDS, specs())
@settings(max_examples=25)
def test_nothing_trades_on_a_belief_that_has_not_arrived(seed: int, spec: BacktestSpec) -> None:
    panel = random_walk(seed, BARS, INSTRUMENTS)
    beliefs = np.full(panel.shape, np.nan)
    beliefs[40:] = 0.7
    result = traded(seed, spec, panel, beliefs)
    arrival = 41 + spec.orders.delay_bars
    assert (result.fills["bar"] >= arrival).all()
    assert np.isnan(delayed(beliefs, spec.orders.delay_bars)[: arrival - 1]).all()
