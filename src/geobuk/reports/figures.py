"""Trade, cost and exposure figures of a backtest: sums and shares over its fills, trades and positions.

Owns their conventions (docs/report.md); the statistics of the equity path are the quant room's.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import BoolArray, FloatArray
from geobuk.simulate.result import BacktestResult, Trades


@dataclass(frozen=True, slots=True)
class CostFigures:
    """What trading cost, account currency, positive = paid. Funding may be negative: received."""

    fees: float
    slippage: float
    funding: float
    liquidation_fees: float

    @property
    def total(self) -> float:
        """All four together."""
        return self.fees + self.slippage + self.funding + self.liquidation_fees


@dataclass(frozen=True, slots=True)
class TradeFigures:
    """Round trips. Averages and rates are over closed ones, after all costs; NaN where there is none to average.

    A trade wins where its profit is above 0. ``profit_factor`` is the sum of gains by the sum of losses, infinite
    without losses. ``average_hours`` is from the entry bar's open to the exit bar's open.
    """

    closed: int
    still_open: int
    win_rate: float
    profit_factor: float
    average: float
    average_win: float
    average_loss: float
    best: float
    worst: float
    average_hours: float


@dataclass(frozen=True, slots=True)
class InstrumentFigures:
    """One instrument's part: ``pnl`` after costs, account currency; ``exposure`` the share of bars with a position."""

    instrument: str
    pnl: float
    costs: CostFigures
    traded: float
    exposure: float
    trades: TradeFigures


@dataclass(frozen=True, slots=True)
class Figures:
    """A backtest's trading in numbers.

    ``traded`` is the notional of all fills, buys and sells; ``turnover_per_year`` divides it by mean equity and
    years. ``exposure`` is the share of bars that close with a position; leverages are notional by equity at the
    close, NaN bars (no equity left) left out. ``cost_bps`` is all costs by ``traded``. ``profit_before_costs`` adds the
    costs back to the net profit.
    """

    costs: CostFigures
    trades: TradeFigures
    instruments: tuple[InstrumentFigures, ...]
    strategies: dict[str, float]
    fills: int
    traded: float
    turnover_per_year: float
    exposure: float
    mean_gross_leverage: float
    max_gross_leverage: float
    mean_net_leverage: float
    cost_bps: float
    profit_before_costs: float


def figures(result: BacktestResult) -> Figures:
    """All figures of one backtest."""
    notional = np.abs(result.fills["quantity"] * result.fills["price"])
    traded = float(notional.sum())
    costs = CostFigures(
        *(float(part.sum()) for part in (result.fees, result.slippage, result.funding, result.liquidation_fees))
    )
    years = len(result.panel.at_ns) / result.panel.year.per_year(result.panel.interval_ns)
    mean_equity = float(result.equity.mean())
    gross, net = leverage(result)
    return Figures(
        costs=costs,
        trades=trade_figures(result.trades, np.ones(len(result.trades.pnl), dtype=np.bool_), result.panel.interval_ns),
        instruments=_by_instrument(result, notional),
        strategies={name: float(path.sum()) for name, path in result.strategy_pnl.items()},
        fills=len(result.fills),
        traded=traded,
        turnover_per_year=_ratio(traded, mean_equity * years),
        exposure=float(np.mean((result.position != 0.0).any(axis=1))),
        mean_gross_leverage=_mean(gross[np.isfinite(gross)]),
        max_gross_leverage=float(np.nan_to_num(gross).max()),
        mean_net_leverage=_mean(net[np.isfinite(net)]),
        cost_bps=_ratio(costs.total, traded) * 1e4,
        profit_before_costs=float(result.pnl.sum()) + costs.total,
    )


def leverage(result: BacktestResult) -> tuple[FloatArray, FloatArray]:
    """(T,) gross and net notional by equity at each close; NaN where no equity is left."""
    equity = np.where(result.equity > 0.0, result.equity, np.nan)
    return result.gross / equity, result.net / equity


def trade_figures(trades: Trades, chosen: BoolArray, interval_ns: int) -> TradeFigures:
    """Figures of the chosen round trips; ``chosen`` is (M,)."""
    closed = chosen & ~trades.is_open
    pnl = trades.pnl[closed]
    gains, losses = pnl[pnl > 0.0], pnl[pnl < 0.0]
    held = (trades.exit_bar[closed] - trades.entry_bar[closed]) * (interval_ns / NS_PER_HOUR)
    return TradeFigures(
        closed=len(pnl),
        still_open=int((chosen & trades.is_open).sum()),
        win_rate=_ratio(len(gains), len(pnl)),
        profit_factor=_ratio(float(gains.sum()), -float(losses.sum())),
        average=_mean(pnl),
        average_win=_mean(gains),
        average_loss=_mean(losses),
        best=float(pnl.max()) if len(pnl) else math.nan,
        worst=float(pnl.min()) if len(pnl) else math.nan,
        average_hours=_mean(held),
    )


def _by_instrument(result: BacktestResult, notional: FloatArray) -> tuple[InstrumentFigures, ...]:
    traded = np.bincount(result.fills["instrument"], weights=notional, minlength=len(result.panel.instruments))
    pnl, exposure = result.pnl.sum(axis=0), np.mean(result.position != 0.0, axis=0)
    parts = (result.fees, result.slippage, result.funding, result.liquidation_fees)
    return tuple(
        InstrumentFigures(
            instrument=name,
            pnl=float(pnl[n]),
            costs=CostFigures(*(float(part[n]) for part in parts)),
            traded=float(traded[n]),
            exposure=float(exposure[n]),
            trades=trade_figures(result.trades, result.trades.instrument == n, result.panel.interval_ns),
        )
        for n, name in enumerate(result.panel.instruments)
    )


def _ratio(part: float, whole: float) -> float:
    if whole > 0.0:
        return part / whole
    return math.inf if part > 0.0 else math.nan


def _mean(values: npt.NDArray[np.floating[Any]]) -> float:
    return float(values.mean()) if len(values) else math.nan
