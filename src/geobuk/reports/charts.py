"""The numbers behind the charts of the HTML report, thinned to what an eye can see.

Times are seconds since the epoch, UTC. NaN becomes null. Colours, axes and words are the page's.
"""

from typing import Any

import numpy as np

from geobuk.panel import IntArray
from geobuk.quant.drawdown import drawdown
from geobuk.quant.ratios import rolling_sharpe
from geobuk.quant.returns import sampled_daily
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.figures import Figures, leverage
from geobuk.reports.prices import price_data
from geobuk.reports.sampling import extremes, last_of, seconds, shortened
from geobuk.simulate.result import BacktestResult

PATH_POINTS = 3_000
STRATEGY_POINTS = 600
SHARPE_WINDOW = 90


def chart_data(report: BacktestReport, found: Figures) -> dict[str, Any]:
    """Everything that the charts draw, as one JSON object."""
    result = report.result
    return {
        "capital": report.statistics.capital,
        "limit": result.spec.limits.max_gross,
        "path": _path(result),
        "leverage": _leverage(result),
        "sharpe": _sharpe(result),
        "costs": _costs(found),
        "instruments": _instruments(found),
        "strategies": _strategies(result),
        "prices": price_data(result),
    }


def sharpe_window(periods: int) -> int:
    """Periods of the rolling Sharpe ratio: 90, a third of a shorter history, 0 where that is below 20."""
    window = min(SHARPE_WINDOW, periods // 3)
    return window if window >= 20 else 0


def _closes(result: BacktestResult) -> IntArray:
    return result.panel.at_ns + result.panel.interval_ns


def _path(result: BacktestResult) -> dict[str, Any]:
    equity = np.concatenate(([result.spec.account.capital], result.equity))
    at_ns = np.concatenate((result.panel.at_ns[:1], _closes(result)))
    rows = extremes(equity, PATH_POINTS)
    return {
        "at": seconds(at_ns[rows]),
        "equity": shortened(equity[rows], 7),
        "drawdown": shortened(drawdown(equity)[rows], 4),
    }


def _leverage(result: BacktestResult) -> dict[str, Any]:
    gross, net = leverage(result)
    rows = extremes(np.nan_to_num(gross), PATH_POINTS)
    return {"at": seconds(_closes(result)[rows]), "gross": shortened(gross[rows], 4), "net": shortened(net[rows], 4)}


def _sharpe(result: BacktestResult) -> dict[str, Any] | None:
    sampled = sampled_daily(
        result.equity,
        result.panel.at_ns,
        result.panel.interval_ns,
        result.spec.account.capital,
        result.panel.year,
    )
    window = sharpe_window(len(sampled.returns))
    if not window:
        return None
    rolled = rolling_sharpe(sampled.returns, window, sampled.periods_per_year)[window - 1 :]
    if not np.isfinite(rolled).any():
        return None
    rows = last_of(len(rolled), PATH_POINTS)
    return {"at": seconds(sampled.at_ns[window:][rows]), "value": shortened(rolled[rows], 4), "window": window}


def _costs(found: Figures) -> dict[str, float]:
    costs = found.costs
    values = {
        "before_costs": found.profit_before_costs,
        "fees": -costs.fees,
        "slippage": -costs.slippage,
        "funding": -costs.funding,
        "liquidation_fees": -costs.liquidation_fees,
        "net_profit": found.profit_before_costs - costs.total,
    }
    return {name: round(value, 4) for name, value in values.items()}


def _instruments(found: Figures) -> list[dict[str, Any]]:
    return [
        {
            "name": part.instrument,
            "pnl": round(part.pnl, 4),
            "costs": round(part.costs.total, 4),
            "trades": part.trades.closed + part.trades.still_open,
            "win_rate": part.trades.win_rate,
            "exposure": round(part.exposure, 4),
        }
        for part in sorted(found.instruments, key=lambda part: part.pnl, reverse=True)
    ]


def _strategies(result: BacktestResult) -> dict[str, Any]:
    rows = last_of(len(result.panel.at_ns), STRATEGY_POINTS)
    return {
        "at": seconds(_closes(result)[rows]),
        "paths": {name: shortened(np.cumsum(pnl)[rows]) for name, pnl in result.strategy_pnl.items()},
    }
