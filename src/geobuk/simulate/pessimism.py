"""The same backtest in a worse world: twice the costs and one bar late, and the costs at which nothing is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan

import msgspec
import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray
from geobuk.quant.drawdown import max_drawdown
from geobuk.quant.ratios import sharpe
from geobuk.quant.returns import sampled_daily
from geobuk.simulate.book import EQUITY, new_book, new_log
from geobuk.simulate.inputs import inputs_of, with_forecasts, with_regimes, with_spec
from geobuk.simulate.loop import advance
from geobuk.simulate.result import BacktestResult

HARSH_MULTIPLIER = 2.0
HARSH_DELAY_BARS = 1
_MOST = 256.0
_ROUNDS = 10
_PRECISION = 3e-3


@dataclass(frozen=True, slots=True)
class Pessimism:
    """Returns and drawdowns are fractions, ``harsh_sharpe`` is annual from daily returns; the harsh run doubles fees
    and slippage and acts one bar later.

    ``break_even_multiplier``: fees and slippage times this leave a return of zero; 0 when even free trading loses,
    infinite when 256-fold costs still leave a profit, NaN when nothing was traded. ``break_even_bps``: the same as cost
    per traded notional, in basis points. Where ``costs.multiplier`` is 0, the harsh run and the multiplier speak of the
    costs at 1.
    """

    base_return: float
    harsh_return: float
    harsh_sharpe: float
    harsh_max_drawdown: float
    break_even_multiplier: float
    break_even_bps: float


def pessimism(result: BacktestResult, instruments: Sequence[Instrument]) -> Pessimism:
    """Run the result's inputs again under harsh costs, and search its break-even cost."""
    capital, panel = result.spec.account.capital, result.panel
    again = _Again(result, instruments)
    harsh = again.equity(HARSH_MULTIPLIER, result.spec.orders.delay_bars + HARSH_DELAY_BARS)
    daily = sampled_daily(harsh, panel.at_ns, panel.interval_ns, capital, panel.year)
    multiplier = break_even(again.profit) if len(result.fills) else nan
    return Pessimism(
        base_return=float(result.equity[-1] / capital - 1.0),
        harsh_return=float(harsh[-1] / capital - 1.0),
        harsh_sharpe=sharpe(daily.returns, daily.periods_per_year),
        harsh_max_drawdown=max_drawdown(np.append(capital, harsh)),
        break_even_multiplier=multiplier,
        break_even_bps=multiplier if multiplier == inf else multiplier * fee_and_slippage_bps(result),
    )


def fee_and_slippage_bps(result: BacktestResult) -> float:
    """Fees and slippage per traded notional, basis points; NaN when nothing was traded."""
    traded = float(np.sum(np.abs(result.fills["quantity"]) * result.fills["price"]))
    return float(result.fees.sum() + result.slippage.sum()) / traded * 1e4 if traded > 0.0 else nan


class _Again:
    """Runs a result's inputs again with other costs; bars and funding stamps are arranged once.

    Another path may hold over stamps that the result never did: where their rates are not known, the worst case counts.
    """

    def __init__(self, result: BacktestResult, instruments: Sequence[Instrument]) -> None:
        self.result = result
        self.instruments = instruments
        lenient = msgspec.structs.replace(result.spec.funding, missing="worst_case")
        self.spec = msgspec.structs.replace(result.spec, funding=lenient)
        self.inputs = inputs_of(result.panel, result.forecasts, instruments, self.spec, regimes=result.regimes)
        self.log = new_log(*result.panel.shape, fills=0, detail=False)

    def equity(self, multiplier: float, delay_bars: int) -> FloatArray:
        """(T,) equity with fees and slippage times ``multiplier``, forecasts and regimes ``delay_bars`` late."""
        spec, panel = self.spec, self.result.panel
        costs = msgspec.structs.replace(spec.costs, multiplier=(spec.costs.multiplier or 1.0) * multiplier)
        inputs = with_spec(self.inputs, panel, self.instruments, msgspec.structs.replace(spec, costs=costs))
        if delay_bars != spec.orders.delay_bars:
            inputs = with_forecasts(inputs, panel, self.result.forecasts, delay_bars)
            inputs = with_regimes(inputs, panel, self.result.regimes, delay_bars)
        book = new_book(panel.shape[1], spec.account.capital)
        advance(inputs, book, self.log, panel.shape[0])
        return self.log.curve[EQUITY].copy()

    def profit(self, multiplier: float) -> float:
        """Final profit with fees and slippage times ``multiplier``, nothing later than it was."""
        return float(self.equity(multiplier, self.result.spec.orders.delay_bars)[-1] - self.result.spec.account.capital)


def break_even(profit_at: Callable[[float], float]) -> float:
    """Multiplier of costs at which ``profit_at`` crosses zero, by false position (Illinois); see Pessimism for 0 and
    inf.

    Profit need not be monotone in costs (a stop can save a bad trade); one crossing is found.
    """
    low, low_profit = 0.0, profit_at(0.0)
    if low_profit <= 0.0:
        return 0.0
    high, at_one = 1.0, profit_at(1.0)
    high_profit = at_one
    while high_profit > 0.0:
        low, low_profit = high, high_profit
        high *= 4.0
        if high > _MOST:
            return inf
        high_profit = profit_at(high)
    for _ in range(_ROUNDS):
        middle = low + (high - low) * low_profit / (low_profit - high_profit)
        profit = profit_at(middle)
        if profit > 0.0:
            low, low_profit, high_profit = middle, profit, 0.5 * high_profit
        else:
            high, high_profit, low_profit = middle, profit, 0.5 * low_profit
        if high - low < _PRECISION * high or abs(profit) < _PRECISION * abs(at_one):
            return middle
    return low + (high - low) * low_profit / (low_profit - high_profit)
