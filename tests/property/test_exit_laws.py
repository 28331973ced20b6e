"""Laws of exits, whatever the settings and the market: they only shrink, stops only tighten, nothing is taken twice."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markets import flat_tiers, instrument, random_forecasts, random_walk, spec_of

from geobuk.panel import Panel
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Status, new_book, new_log
from geobuk.simulate.inputs import inputs_of
from geobuk.simulate.loop import advance
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

BARS, INSTRUMENTS = 160, 3
SEEDS = st.integers(0, 2**31)
EXITS = [int(reason) for reason in (Reason.STOP, Reason.TAKE_PROFIT, Reason.TIME_STOP)]


@st.composite
def stops(draw: st.DrawFn) -> dict[str, Any]:
    """Exits of every kind, tight enough to act within a few bars."""
    stages = draw(st.sampled_from([(), ((0.5, 0.4),), ((0.3, 1.0), (1.0, 0.2), (2.0, 0.6))]))
    rungs = draw(st.sampled_from([(), ((0.5, 0.5),), ((0.2, 0.1), (0.6, 0.33), (1.1, 0.27), (2.0, 0.3))]))
    return {
        "fixed": draw(st.sampled_from([0.03, 0.1])),
        "trailing": draw(st.sampled_from([0.0, 0.08])),
        "atr": draw(st.sampled_from([0.0, 2.0])),
        "atr_days": 1.0,
        "volatility": draw(st.sampled_from([0.0, 0.5])),
        "box_days": draw(st.sampled_from([0.0, 0.25])),
        "break_even": draw(st.sampled_from([0.0, 0.6])),
        "trail_from": tuple(at for at, _ in stages),
        "trail_by": tuple(by for _, by in stages),
        "take_profit": tuple(at for at, _ in rungs),
        "take_share": tuple(share for _, share in rungs),
        "time_hours": draw(st.sampled_from([0.0, 6.0])),
        "time_profit": draw(st.sampled_from([0.0, 0.5])),
        "cooldown_hours": draw(st.sampled_from([0.0, 3.0])),
        "rebuy": draw(st.sampled_from(["always", "after_stop", "after_exit"])),
    }


@st.composite
def specs(draw: st.DrawFn) -> BacktestSpec:
    return spec_of(
        account={
            "capital": draw(st.sampled_from([230.0, 7_700.0])),
            "margin": draw(st.sampled_from(["cross", "isolated"])),
            "leverage": draw(st.sampled_from([1, 10])),
        },
        sizing={"volatility_days": 1.0, "rebalance_band": draw(st.sampled_from([0.0, 0.2, 1.0]))},
        stops=draw(stops()),
        loss={"losses_in_row": draw(st.sampled_from([0, 2])), "pause_hours": 5.0},
        costs={"half_spread_bps": 3.0, "participation": draw(st.sampled_from([0.02, 1.0]))},
        orders={"type": draw(st.sampled_from(["market", "limit", "stop"])), "offset_bps": 30.0},
    )


def rules_of(panel: Panel) -> list[Any]:
    from decimal import Decimal

    fees = {"maker_fee": "0.0002", "taker_fee": "0.0005", "min_notional": "5"}
    return [
        instrument(name, brackets=flat_tiers("0.01"), **{k: Decimal(v) for k, v in fees.items()})
        for name in panel.instruments
    ]


def market(seed: int, *, holes: bool = True) -> Panel:
    return random_walk(seed, BARS, INSTRUMENTS, volatility=0.03, holes=holes)


def traded(seed: int, spec: BacktestSpec) -> BacktestResult:
    panel = market(seed)
    return simulate(panel, random_forecasts(seed, panel), rules_of(panel), spec)


@given(SEEDS, specs())
def test_not_a_cent_appears_or_vanishes(seed: int, spec: BacktestSpec) -> None:
    result = traded(seed, spec)
    capital, scale = spec.account.capital, spec.account.capital * 1e-9
    np.testing.assert_allclose(result.equity, capital + np.cumsum(result.pnl.sum(axis=1)), rtol=1e-9, atol=scale)
    assert result.cash[-1] == pytest.approx(capital + result.fills["cash"].sum() - result.funding.sum(), abs=scale)
    assert result.trades.pnl.sum() == pytest.approx(result.pnl.sum(), abs=scale * 10)


@given(SEEDS, specs())
def test_an_exit_never_enlarges_or_turns_a_position(seed: int, spec: BacktestSpec) -> None:
    fills = traded(seed, spec).fills
    exits = fills[np.isin(fills["reason"], EXITS)]
    before = exits["position"] - exits["quantity"]
    assert (np.abs(exits["position"]) < np.abs(before)).all()
    assert (exits["position"] * before >= 0.0).all()


@given(SEEDS, specs())
def test_a_ladder_takes_no_more_than_the_largest_size_of_its_trade(seed: int, spec: BacktestSpec) -> None:
    fills = traded(seed, spec).fills
    for n in range(INSTRUMENTS):
        largest = taken = 0.0
        for fill in fills[fills["instrument"] == n]:
            before = fill["position"] - fill["quantity"]
            if abs(before) < 1e-9 or before * fill["position"] < 0.0:
                largest = taken = 0.0
            largest = max(largest, abs(fill["position"]))
            taken += abs(fill["quantity"]) if fill["reason"] == Reason.TAKE_PROFIT else 0.0
            assert taken <= largest + 1e-9


@given(SEEDS, specs())
def test_what_a_ladder_took_is_not_bought_back_in_its_trade(seed: int, spec: BacktestSpec) -> None:
    fills = traded(seed, spec).fills
    for n in range(INSTRUMENTS):
        largest = taken = 0.0
        for fill in fills[fills["instrument"] == n]:
            before = fill["position"] - fill["quantity"]
            if abs(before) < 1e-9 or before * fill["position"] < 0.0:
                largest = taken = 0.0
            largest = max(largest, abs(fill["position"]))
            taken += abs(fill["quantity"]) if fill["reason"] == Reason.TAKE_PROFIT else 0.0
            assert abs(fill["position"]) <= largest - taken + 1e-9


@given(SEEDS, specs())
def test_every_rung_fills_inside_its_bar_and_all_within_its_volume(seed: int, spec: BacktestSpec) -> None:
    result = traded(seed, spec)
    panel = result.panel
    rungs = result.fills[result.fills["reason"] == Reason.TAKE_PROFIT]
    at = (rungs["bar"], rungs["instrument"])
    assert panel.tradable[at].all()
    assert (rungs["price"] >= panel.low[at] - 1e-9).all()
    assert (rungs["price"] <= panel.high[at] + 1e-9).all()
    assert (rungs["realized"] > 0.0).all()
    assert rungs["is_maker"].all()
    sums = np.zeros(panel.shape)
    np.add.at(sums, at, np.abs(rungs["quantity"]))
    assert (sums <= np.nan_to_num(panel.volume) * spec.costs.participation + 1e-6).all()


@given(SEEDS, specs())
def test_a_stop_never_moves_away_while_its_trade_lasts(seed: int, spec: BacktestSpec) -> None:
    panel = market(seed)
    inputs = inputs_of(panel, random_forecasts(seed, panel), rules_of(panel), spec)
    book, log = new_book(INSTRUMENTS, spec.account.capital), new_log(BARS, INSTRUMENTS, 0, detail=False)
    before = book.states.copy()
    for bar in range(1, BARS + 1):
        assert advance(inputs, book, log, bar) == Status.FINE
        after = book.states
        same = (
            (before["quantity"] * after["quantity"] > 0.0)
            & (before["entered_ns"] == after["entered_ns"])
            & (before["stop"] > 0.0)
            & (after["stop"] > 0.0)
        )
        side = np.sign(after["quantity"])
        assert (side * (after["stop"] - before["stop"]))[same].min(initial=0.0) >= 0.0
        assert (after["first_risk"] == before["first_risk"])[same].all()
        before = after.copy()


@given(SEEDS, specs(), st.integers(20, BARS - 1))
def test_adding_bars_never_changes_the_past(seed: int, spec: BacktestSpec, cut: int) -> None:
    panel = market(seed, holes=False)
    beliefs, rules = random_forecasts(seed, panel), rules_of(panel)
    whole = simulate(panel, beliefs, rules, spec)
    part = simulate(panel.rows(0, cut), beliefs[:cut], rules, spec)
    np.testing.assert_array_equal(part.equity, whole.equity[:cut])
    np.testing.assert_array_equal(part.fills, whole.fills[whole.fills["bar"] < cut])


def test_the_cases_do_meet_every_exit() -> None:
    spec = spec_of(
        sizing={"rebalance_band": 1.0},
        stops={
            "fixed": 0.05,
            "take_profit": (0.5, 1.0),
            "take_share": (0.4, 0.4),
            "trail_from": (0.5,),
            "trail_by": (0.5,),
            "time_hours": 3.0,
            "time_profit": 0.5,
        },
    )
    reasons = traded(1, spec).fills["reason"]
    assert all((reasons == reason).sum() > 10 for reason in EXITS)
