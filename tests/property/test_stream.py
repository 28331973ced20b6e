"""A history in chunks gives what it gives whole, however it is cut."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.markets import instrument, spec_of

from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.errors import DataError, SettingsError
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import FloatArray, Panel
from geobuk.quant.drawdown import max_drawdown
from geobuk.quant.returns import sampled_daily
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.simulate.stream import Believer, StreamedResult, simulate_stream
from geobuk.simulate.windows import windows

BARS = 400
LOOK = 6


def market() -> Panel:
    """Holes, masked bars, late starters, funding, marks in one half only."""
    panel = synthetic_panel(MarketSpec(seed=11, instruments=3, bars=BARS))
    late = panel.close.copy()
    late[:90, 2] = np.nan
    late[200:230, 1] = np.nan
    mark = panel.mark.copy()
    mark[:210] = np.nan
    tradable = panel.tradable & np.isfinite(late)
    tradable[300:303, 0] = False
    return replace(panel, close=late, mark=mark, tradable=tradable)


def momentum(panel: Panel) -> FloatArray:
    """Which way the close went over LOOK bars: needs LOOK rows before its own."""
    forecast = np.full(panel.shape, np.nan)
    with np.errstate(invalid="ignore"):
        forecast[LOOK:] = np.sign(panel.close[LOOK:] - panel.close[:-LOOK]) * 0.8
    return forecast


PANEL = market()
RULES = tuple(instrument(name) for name in PANEL.instruments)
SPECS = {
    "plain": spec_of(account={"capital": 5_000.0, "leverage": 3}, sizing={"diversification": 1.5}),
    "everything": BacktestSpec(),
    "daily decisions": spec_of(decide_every="1d", stops={"fixed": 0.02}),
    "late": spec_of(orders={"delay_bars": 3}, loss={"daily": 0.01, "drawdown": 0.02}),
    "exits": spec_of(
        stops={
            "volatility": 1.5,
            "break_even": 0.5,
            "trail_from": (0.5, 1.5),
            "trail_by": (0.7, 0.4),
            "take_profit": (0.4, 1.0),
            "take_share": (0.3, 0.3),
            "time_hours": 9.0,
            "time_profit": 0.2,
            "rebuy": "after_stop",
        },
        loss={"losses_in_row": 2, "pause_hours": 7.0},
    ),
    "isolated limit orders": spec_of(
        account={"leverage": 5, "margin": "isolated"}, orders={"type": "limit", "offset_bps": 20.0}
    ),
}


def pieces(*cuts: int) -> list[Panel]:
    edges = [0, *sorted(cuts), BARS]
    return [PANEL.rows(a, b) for a, b in pairwise(edges)]


def streamed(spec: BacktestSpec, *cuts: int, block_bars: int, **options: Any) -> StreamedResult:
    believer = Believer(momentum, LOOK)
    return simulate_stream(pieces(*cuts), believer, RULES, spec, block_bars=block_bars, **options)


@pytest.mark.parametrize("name", SPECS)
@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(0, BARS), max_size=5), block_bars=st.integers(1, BARS + 9))
def test_any_cut_gives_the_whole(name: str, cuts: list[int], block_bars: int) -> None:
    spec = SPECS[name]
    whole = simulate(PANEL, momentum(PANEL), RULES, spec)
    fills: list[tuple[int, int, float, float]] = []
    r = streamed(
        spec,
        *cuts,
        block_bars=block_bars,
        on_fills=lambda panel, rows: fills.extend(
            (int(panel.at_ns[f["bar"]]), int(f["instrument"]), float(f["quantity"]), float(f["price"])) for f in rows
        ),
    )
    capital = spec.account.capital
    sampled = sampled_daily(whole.equity, PANEL.at_ns, PANEL.interval_ns, capital)
    assert r.final_equity == whole.equity[-1]
    assert (r.bars, r.fills, r.decisions, r.daily_locks) == (BARS, len(whole.fills), whole.decisions, whole.daily_locks)
    np.testing.assert_array_equal(r.daily.equity, sampled.equity)
    np.testing.assert_array_equal(r.daily.at_ns, sampled.at_ns)
    assert r.max_drawdown == pytest.approx(max_drawdown(np.append(capital, whole.equity)), rel=1e-12)
    np.testing.assert_array_equal(r.refusals, whole.refusals)
    for cost in ("fees", "slippage", "funding", "liquidation_fees"):
        np.testing.assert_array_equal(getattr(r, cost), getattr(whole, cost))
    assert r.halted_at_ns == (int(PANEL.at_ns[whole.halted_at]) if whole.halted_at >= 0 else -1)
    assert (r.notes, r.insurance) == (whole.notes, whole.insurance)
    assert fills == [
        (int(PANEL.at_ns[f["bar"]]), int(f["instrument"]), float(f["quantity"]), float(f["price"])) for f in whole.fills
    ]


def test_the_cases_do_meet_locks_halts_and_fills() -> None:
    late = simulate(PANEL, momentum(PANEL), RULES, SPECS["late"])
    assert late.halted_at >= 0
    assert late.daily_locks > 0
    assert all(len(simulate(PANEL, momentum(PANEL), RULES, spec).fills) > 20 for spec in SPECS.values())


def test_windows_hold_as_many_new_rows_as_asked_for_behind_those_seen_before() -> None:
    seen = 0
    for window, fresh in windows(pieces(3, 50, 51, 300), 64, 10):
        assert fresh == min(64, BARS - seen)
        begin = max(0, seen - 10)
        seen += fresh
        np.testing.assert_array_equal(window.at_ns, PANEL.at_ns[begin:seen])
        np.testing.assert_array_equal(window.close, PANEL.close[begin:seen])
        np.testing.assert_array_equal(window.tradable, PANEL.tradable[begin:seen])
    assert seen == BARS


def test_chunks_must_follow_each_other() -> None:
    with pytest.raises(DataError, match="begins before"):
        list(windows([PANEL.rows(0, 100), PANEL.rows(99, 200)], 1000, 0))
    with pytest.raises(DataError, match="not of the same instruments"):
        list(windows([PANEL.rows(0, 100), PANEL.select(["SYN1USDT"]).rows(100, 200)], 1000, 0))


def test_box_stops_are_refused() -> None:
    with pytest.raises(SettingsError, match="box_days 2 can't be used on a history that is streamed"):
        streamed(spec_of(stops={"box_days": 2.0}), block_bars=50)


@pytest.mark.parametrize("bars", [0, 1])
def test_a_history_too_short_is_refused(bars: int) -> None:
    with pytest.raises(DataError, match="bar"):
        simulate_stream([PANEL.rows(0, bars)], Believer(momentum, LOOK), RULES)


def test_a_ruined_account_ends_its_path() -> None:
    spec = spec_of(account={"leverage": 100}, sizing={"diversification": 25.0})
    fall = replace(PANEL, low=PANEL.low * 0.2)
    r = simulate_stream([fall], Believer(momentum, LOOK), RULES, spec, block_bars=50)
    assert r.daily.equity[-1] >= 0.0
    assert r.daily.at_ns[-1] - r.daily.at_ns[0] <= BARS // 24 * NS_PER_DAY + NS_PER_DAY
