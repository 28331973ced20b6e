"""Results as data frames: every array finds its column, every number its instrument and its time."""

import polars as pl
import pytest
from tests.support.markets import START_NS, flat_bars, forecasts_of, panel_of, run

from geobuk.app.frames import equity_frame, fills_frame, position_frame, trades_frame
from geobuk.domain.times import NS_PER_HOUR
from geobuk.simulate.result import BacktestResult


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    """BUSDT is bought, then sold and shorted until the end; AUSDT is left alone."""
    panel = panel_of(flat_bars(100.0, 6), flat_bars(50.0, 6))
    return run(panel, forecasts_of([0.0] * 6, [1.0, 1.0, -1.0, -1.0, -1.0, -1.0]))


def moments(column: pl.Series) -> list[int]:
    assert column.dtype == pl.Datetime("ns", "UTC")
    return [int(value) for value in column.cast(pl.Int64)]


def test_equity_and_positions_are_as_of_each_close(result: BacktestResult) -> None:
    equity, position = equity_frame(result), position_frame(result)
    assert moments(equity["at"]) == moments(position["at"]) == [START_NS + (t + 1) * NS_PER_HOUR for t in range(6)]
    assert equity.columns[:6] == ["at", "equity", "cash", "gross", "net", "initial_margin"]
    assert equity["equity"].to_list() == result.equity.tolist()
    assert position["AUSDT"].to_list() == [0.0] * 6
    assert position["BUSDT"].to_list() == result.position[:, 1].tolist()


def test_fills_are_as_of_the_opening_of_their_bar(result: BacktestResult) -> None:
    fills = fills_frame(result)
    assert moments(fills["at"]) == [START_NS + bar * NS_PER_HOUR for bar in result.fills["bar"]]
    assert set(fills["instrument"]) == {"BUSDT"}
    assert set(fills["reason"]) == {"entry"}
    assert fills["quantity"].to_list() == result.fills["quantity"].tolist()
    assert {"price", "reference", "fee", "slippage", "position", "is_maker"} <= set(fills.columns)


def test_trades_name_side_times_and_reason(result: BacktestResult) -> None:
    trades = trades_frame(result)
    assert trades["side"].to_list() == ["long", "short"]
    assert trades["is_open"].to_list() == [False, True]
    assert moments(trades["entry_at"]) == [START_NS + NS_PER_HOUR, START_NS + 3 * NS_PER_HOUR]
    assert trades["exit_reason"][0] == "entry"
    assert trades["pnl"].to_list() == result.trades.pnl.tolist()
