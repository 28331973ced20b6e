"""Many instruments on one cash account in vectorbt, with the rules it has: fees, slippage, shared cash, and stops.

It has no funding, margin, liquidation, impact, volume limit, minimum notional, exposure limits or loss locks.
"""

from time import perf_counter

import numpy as np
import vectorbt as vbt
from tables import array, frame


def measure_orders(folder: str, fee: float, slippage: float, capital: float) -> dict[str, float]:
    """Seconds until the equity curve of ``from_orders``: the wanted share of equity at decisions, NaN in between."""
    close, open_ = frame(folder, "close"), frame(folder, "open")
    weights = np.asfortranarray(array(folder, "weights"))
    start = perf_counter()
    portfolio = vbt.Portfolio.from_orders(
        close,
        size=weights,
        size_type="targetpercent",
        price=open_,
        fees=fee,
        slippage=slippage,
        init_cash=capital,
        cash_sharing=True,
        group_by=True,
        freq="1h",
    )
    portfolio.value()
    return {"seconds": perf_counter() - start, "orders": int(portfolio.orders.count())}


def measure_signals(folder: str, fee: float, slippage: float, capital: float, stop: float) -> dict[str, float]:
    """Seconds until the equity curve of ``from_signals`` with a trailing stop: long and short by the weights' sign."""
    close, open_ = frame(folder, "close"), frame(folder, "open")
    high, low = frame(folder, "high"), frame(folder, "low")
    side = held_side(array(folder, "weights"))
    before = np.vstack([np.zeros_like(side[:1]), side[:-1]])
    longs = np.asfortranarray((side > 0) & (before <= 0))
    shorts = np.asfortranarray((side < 0) & (before >= 0))
    start = perf_counter()
    portfolio = vbt.Portfolio.from_signals(
        close,
        longs,
        None,
        shorts,
        None,
        size=capital / close.shape[1] / 2.0,
        size_type="value",
        price=open_,
        fees=fee,
        slippage=slippage,
        init_cash=capital,
        cash_sharing=True,
        group_by=True,
        open=open_,
        high=high,
        low=low,
        sl_stop=stop,
        sl_trail=True,
        freq="1h",
    )
    portfolio.value()
    return {"seconds": perf_counter() - start, "orders": int(portfolio.orders.count())}


def held_side(weights: np.ndarray) -> np.ndarray:
    """Sign of the last weight that was given, carried over the bars without a decision."""
    given = np.where(np.isnan(weights), 0, np.arange(len(weights))[:, None])
    rows = np.maximum.accumulate(given, axis=0)
    return np.sign(np.nan_to_num(np.take_along_axis(weights, rows, axis=0)))
