"""The same backtest in a worse world: twice the costs and one bar late, and the costs at which nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan

import msgspec
import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray
from geobuk.quant.drawdown import max_drawdown
from geobuk.quant.ratios import sharpe
from geobuk.quant.returns import sampled_daily
from geobuk.simulate.book import Book, Status, new_book, new_log
from geobuk.simulate.inputs import inputs_of
from geobuk.simulate.loop import advance
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import raise_funding_missing
from geobuk.simulate.spec import BacktestSpec

HARSH_MULTIPLIER = 2.0
HARSH_DELAY_BARS = 1
_MOST = 256.0
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Pessimism:
    """Returns and drawdowns are fractions, ``harsh_sharpe`` is annual from daily returns; the harsh run doubles fees and slippage and acts one bar later.

    ``break_even_multiplier``: fees and slippage times this leave a return of zero; 0 when even free trading loses,
    infinite when more than 256-fold costs still leave a profit, NaN when nothing was traded. ``break_even_bps``: the
    same as cost per traded notional, in basis points.
    """

    base_return: float
    harsh_return: float
    harsh_sharpe: float
    harsh_max_drawdown: float
    break_even_multiplier: float
    break_even_bps: float


def pessimism(result: BacktestResult, instruments: Sequence[Instrument]) -> Pessimism:
    """Run the result's inputs again under harsh costs, and search its break-even cost by bisection."""
    base = result.equity[-1] / result.spec.account.capital - 1.0
    delay = result.spec.orders.delay_bars + HARSH_DELAY_BARS
    capital, panel = result.spec.account.capital, result.panel
    harsh = _equity(result, instruments, _at(result.spec, HARSH_MULTIPLIER, delay))
    daily = sampled_daily(harsh, panel.at_ns, panel.interval_ns, capital)
    multiplier = _break_even(result, instruments) if len(result.fills) else nan
    return Pessimism(
        base_return=float(base),
        harsh_return=float(harsh[-1] / capital - 1.0),
        harsh_sharpe=sharpe(daily.returns, daily.periods_per_year),
        harsh_max_drawdown=max_drawdown(np.append(capital, harsh)),
        break_even_multiplier=multiplier,
        break_even_bps=multiplier * cost_bps(result),
    )


def cost_bps(result: BacktestResult) -> float:
    """Fees and slippage per traded notional, basis points; NaN when nothing was traded."""
    traded = float(np.sum(np.abs(result.fills["quantity"]) * result.fills["price"]))
    return float(result.fees.sum() + result.slippage.sum()) / traded * 1e4 if traded > 0.0 else nan


def _at(spec: BacktestSpec, multiplier: float, delay_bars: int) -> BacktestSpec:
    costs = msgspec.structs.replace(spec.costs, multiplier=spec.costs.multiplier * multiplier)
    orders = msgspec.structs.replace(spec.orders, delay_bars=delay_bars)
    return msgspec.structs.replace(spec, costs=costs, orders=orders)


def _equity(result: BacktestResult, instruments: Sequence[Instrument], spec: BacktestSpec) -> FloatArray:
    bars, count = result.panel.shape
    inputs = inputs_of(result.panel, result.forecasts, instruments, spec)
    book: Book = new_book(count, spec.account.capital)
    log = new_log(bars, count, fills=0, detail=False)
    if advance(inputs, book, log, bars) == Status.FUNDING_UNKNOWN:
        raise_funding_missing(result.panel, book)
    return np.ascontiguousarray(log.curve["equity"])


def _break_even(result: BacktestResult, instruments: Sequence[Instrument]) -> float:
    def leaves_profit(multiplier: float) -> bool:
        spec = _at(result.spec, multiplier, result.spec.orders.delay_bars)
        return bool(_equity(result, instruments, spec)[-1] > spec.account.capital)

    if not leaves_profit(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while leaves_profit(high):
        low, high = high, high * 4.0
        if high > _MOST:
            return inf
    for _ in range(_ROUNDS):
        middle = 0.5 * (low + high)
        if leaves_profit(middle):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
