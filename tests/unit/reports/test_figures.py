"""Trade, cost and exposure figures add up and follow their stated conventions."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.figures import figures, leverage, trade_figures
from geobuk.simulate.result import BacktestResult, Trades


def trades_of(*pnl: float, is_open: tuple[bool, ...] | None = None) -> Trades:
    count = len(pnl)
    ints, ones = np.arange(count, dtype=np.int64), np.ones(count)
    return Trades(
        instrument=ints * 0,
        side=ints * 0 + 1,
        entry_bar=ints,
        exit_bar=ints + 12,
        quantity=ones,
        entry_price=ones,
        exit_price=ones,
        pnl=np.array(pnl, dtype=np.float64),
        fees=ones,
        funding=ones,
        exit_reason=ints * 0,
        is_open=np.array(is_open or (False,) * count, dtype=np.bool_),
    )


def of(*pnl: float, is_open: tuple[bool, ...] | None = None):  # type: ignore[no-untyped-def]
    return trade_figures(trades_of(*pnl, is_open=is_open), np.ones(len(pnl), dtype=np.bool_), 3_600 * 10**9)


def test_win_rate_and_profit_factor_of_known_trades() -> None:
    found = of(30.0, -10.0, 20.0, -15.0, 0.0)
    assert (found.closed, found.win_rate, found.profit_factor) == (5, 0.4, 2.0)
    assert (found.average, found.average_win, found.average_loss) == (5.0, 25.0, -12.5)
    assert (found.best, found.worst, found.average_hours) == (30.0, -15.0, 12.0)


def test_open_trades_are_counted_but_not_averaged() -> None:
    found = of(10.0, -500.0, is_open=(False, True))
    assert (found.closed, found.still_open, found.win_rate, found.worst) == (1, 1, 1.0, 10.0)


def test_profit_factor_without_losses_is_infinite() -> None:
    assert of(1.0, 2.0).profit_factor == math.inf


def test_no_trades_have_no_averages() -> None:
    found = of()
    assert found.closed == found.still_open == 0
    for name in ("win_rate", "profit_factor", "average", "best", "average_hours"):
        assert math.isnan(getattr(found, name)), name


def test_costs_and_profit_add_up_to_the_change_in_equity(report: BacktestReport) -> None:
    found = figures(report.result)
    change = report.result.equity[-1] - report.statistics.capital
    assert found.profit_before_costs - found.costs.total == pytest.approx(change)
    assert sum(part.pnl for part in found.instruments) == pytest.approx(change)
    assert sum(found.strategies.values()) == pytest.approx(change)
    for name in ("fees", "slippage", "funding", "liquidation_fees", "total"):
        parts = sum(getattr(part.costs, name) for part in found.instruments)
        assert parts == pytest.approx(getattr(found.costs, name)), name


def test_turnover_is_traded_notional_by_mean_equity_and_years(report: BacktestReport) -> None:
    result, found = report.result, figures(report.result)
    traded = sum(abs(fill["quantity"] * fill["price"]) for fill in result.fills)
    years = len(result.panel.at_ns) / (24 * 365)
    assert found.traded == pytest.approx(traded)
    assert found.turnover_per_year == pytest.approx(traded / result.equity.mean() / years)
    assert found.cost_bps == pytest.approx(found.costs.total / traded * 1e4)
    assert sum(part.traded for part in found.instruments) == pytest.approx(traded)


def test_exposure_is_the_share_of_bars_with_a_position(report: BacktestReport) -> None:
    position = np.zeros_like(report.result.position)
    position[:1_250, 0] = position[1_000:2_000, 1] = -1.0
    found = figures(replace(report.result, position=position))
    assert found.exposure == 0.4
    assert [part.exposure for part in found.instruments] == [0.25, 0.2, 0.0, 0.0, 0.0]


def test_leverage_leaves_out_bars_without_equity(make_result: Callable[..., BacktestResult]) -> None:
    result = make_result(600, 2)
    equity, gross = np.full(600, 100.0), np.full(600, 50.0)
    equity[300:] = 0.0
    ruined = replace(result, equity=equity, gross=gross, net=-gross)
    assert np.isnan(leverage(ruined)[0][300:]).all()
    found = figures(ruined)
    assert (found.mean_gross_leverage, found.max_gross_leverage, found.mean_net_leverage) == (0.5, 0.5, -0.5)


def test_nothing_traded_costs_nothing(report_without_trades: BacktestReport) -> None:
    found = figures(report_without_trades.result)
    assert found.traded == found.costs.total == found.turnover_per_year == found.exposure == 0.0
    assert math.isnan(found.cost_bps)
