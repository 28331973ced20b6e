"""Round trips out of fills."""

import numpy as np
import pytest
from tests.support.markets import START_NS, Row, flat_bars, forecasts_of, panel_of, run, spec_of

from geobuk.domain.times import NS_PER_HOUR
from geobuk.risk.reasons import Reason


def steps(*prices: float) -> list[Row]:
    return [(p,) * 4 for p in prices]


def test_a_round_trip_from_flat_to_flat() -> None:
    # in 10 at 100, out at 110, fee 0.1 % each: 100 - 1 - 1.1
    trades = run(
        panel_of(steps(100, 100, 110, 110)),
        forecasts_of([1, 0, 0, 0]),
        spec_of(costs={"taker_fee": 0.001}, sizing={"diversification": 0.99}),
    )
    assert len(trades.trades.pnl) == 1
    t = trades.trades
    assert (t.side[0], t.entry_bar[0], t.exit_bar[0], t.quantity[0]) == (1, 1, 2, 9.9)
    assert (t.entry_price[0], t.exit_price[0]) == (100.0, 110.0)
    assert t.fees[0] == pytest.approx(0.99 + 1.089)
    assert t.pnl[0] == pytest.approx(99 - 0.99 - 1.089)
    assert not t.is_open[0]


def test_entries_and_exits_in_parts_are_averaged() -> None:
    # 5 at 100, 5 more at 120 (to 10, no rebalancing of the rest), 5 out at 130, 5 out at 110
    panel = panel_of(steps(100, 100, 120, 130, 110, 110))
    result = run(panel, forecasts_of([0.5, 1, 0.5, 0, 0, 0]), spec_of(account={"leverage": 3}))
    t = result.trades
    assert len(t.pnl) == 1
    assert t.quantity[0] == pytest.approx(float(np.abs(result.position).max()))
    assert t.pnl[0] == pytest.approx(result.equity[-1] - 1_000.0)
    assert 100 < t.entry_price[0] < 120


def test_a_flip_ends_one_trade_and_begins_another() -> None:
    panel = panel_of(steps(100, 100, 110, 110, 100, 100))
    result = run(
        panel,
        forecasts_of([1, 1, -1, -1, 0, 0]),
        spec_of(sizing={"rebalance_band": 1.0}, costs={"taker_fee": 0.0001, "participation": 1.0}),
    )
    t = result.trades
    assert t.side.tolist() == [1, -1]
    assert t.exit_bar[0] == t.entry_bar[1]
    assert t.pnl.sum() == pytest.approx(result.equity[-1] - 1_000.0)
    assert t.fees.sum() == pytest.approx(result.fees.sum())


def test_what_is_still_held_is_marked_and_said_to_be_open() -> None:
    result = run(panel_of(steps(100, 100, 130)), forecasts_of([1, 1, 1]), spec_of(sizing={"rebalance_band": 1.0}))
    t = result.trades
    assert t.is_open.tolist() == [True]
    assert (t.exit_price[0], t.exit_bar[0], t.pnl[0]) == (130.0, 2, 300.0)


def test_funding_belongs_to_the_trade_that_paid_it() -> None:
    rates = np.full(12, np.nan)
    rates[8] = 0.002
    panel = panel_of(flat_bars(100, 12), start_ns=START_NS - NS_PER_HOUR, funding_hours=[8], funding=rates)
    result = run(panel, forecasts_of([1, 0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0]), spec_of(sizing={"rebalance_band": 1.0}))
    assert result.trades.side.tolist() == [1, -1]
    assert result.trades.funding == pytest.approx([0.0, -2.0])
    assert result.trades.pnl == pytest.approx([0.0, 2.0])


def test_the_reason_is_that_of_the_last_fill() -> None:
    panel = panel_of([*flat_bars(100, 2), (100, 100, 90, 90), (90,) * 4])
    result = run(panel, forecasts_of([1] * 4), spec_of(stops={"fixed": 0.05, "cooldown_hours": 9.0}))
    assert result.trades.exit_reason.tolist() == [Reason.STOP]


def test_trades_come_in_order_of_exit() -> None:
    panel = panel_of(flat_bars(100, 8), flat_bars(100, 8))
    result = run(panel, forecasts_of([1, 1, 1, 1, 0, 0, 0, 0], [None, 1, 0, None, None, None, None, None]))
    assert result.trades.instrument.tolist() == [1, 0]
    assert (np.diff(result.trades.exit_bar) >= 0).all()
