"""Markers stand where the fills were, not at a trade's averages."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from geobuk.reports.prices import fill_prices, price_data
from geobuk.simulate.result import BacktestResult


def test_markers_are_the_first_and_last_fill(make_result: Callable[..., BacktestResult]) -> None:
    result = make_result(2_000, 3)
    trades = result.trades
    averaged = replace(trades, entry_price=trades.entry_price * 1.5, exit_price=trades.exit_price * 0.5)
    entry, leave = fill_prices(replace(result, trades=averaged))
    closed = ~trades.is_open
    assert np.array_equal(entry, trades.entry_price)
    assert np.array_equal(leave[closed], trades.exit_price[closed])
    assert np.array_equal(leave[~closed], averaged.exit_price[~closed])


def test_averages_stand_in_where_there_are_no_fills(make_result: Callable[..., BacktestResult]) -> None:
    result = make_result(2_000, 3)
    entry, leave = fill_prices(replace(result, fills=result.fills[:0]))
    assert np.array_equal(entry, result.trades.entry_price)
    assert np.array_equal(leave, result.trades.exit_price)


def test_only_the_largest_trades_are_drawn_where_there_are_many(make_result: Callable[..., BacktestResult]) -> None:
    result = make_result(21_864, 30)
    for n, shown in enumerate(price_data(result)["instruments"]):
        own = np.abs(result.trades.pnl[result.trades.instrument == n])
        drawn = np.abs(shown["trades"]["pnl"])
        assert shown["all"] == len(own)
        assert len(drawn) == min(len(own), 200)
        assert drawn.min() >= np.sort(own)[-len(drawn)] * (1 - 1e-4)
