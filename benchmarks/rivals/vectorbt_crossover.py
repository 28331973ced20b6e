"""SMA crossover of one instrument in vectorbt: decided on the close, filled at the next open, fees only."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import vectorbt as vbt
from tables import array, series


def crossings(close: pd.Series, fast: int, slow: int) -> tuple[pd.Series, pd.Series]:
    """Bars on which the fast average is above the slow one for the first time, and below it for the first time."""
    fast_ma = vbt.MA.run(close, fast)
    slow_ma = vbt.MA.run(close, slow)
    up = fast_ma.ma_crossed_above(slow_ma)
    down = fast_ma.ma_crossed_below(slow_ma)
    return up.shift(1, fill_value=False), down.shift(1, fill_value=False)


def measure(folder: str, fast: int, slow: int, fee: float, capital: float, share: float) -> dict[str, float]:
    """Seconds from prices to the equity curve, seconds of ``from_signals`` alone, and the number of orders.

    The sizes are those of the run that the equity is compared on; making them is not timed.
    """
    close, open_ = series(folder, "close"), series(folder, "open")
    sizes = array(folder, "order_size")
    start = perf_counter()
    up, down = crossings(close, fast, slow)
    signalled = perf_counter()
    portfolio = vbt.Portfolio.from_signals(
        close, up, None, down, None, size=sizes, price=open_, fees=fee, init_cash=capital, freq="1min"
    )
    simulated = perf_counter()
    equity = portfolio.value()
    end = perf_counter()
    np.save(Path(folder) / "vectorbt_equity.npy", equity.to_numpy())
    return {
        "seconds": end - start,
        "from_signals_seconds": simulated - signalled,
        "simulation_seconds": end - signalled,
        "orders": int(portfolio.orders.count()),
    }


def size_orders(folder: str, fast: int, slow: int, fee: float, capital: float, share: float) -> dict[str, float]:
    """Store the quantity of each entry, as vectorbt itself finds it for a fixed share of equity.

    Target percent valued at the previous close is the rule "share of the equity at the decision's close, at its price".
    """
    close, open_ = series(folder, "close"), series(folder, "open")
    up, down = crossings(close, fast, slow)
    portfolio = by_target(close, open_, up, down, fee, capital, share)
    held = portfolio.assets().to_numpy()
    np.save(Path(folder) / "order_size.npy", np.abs(held))
    return {"orders": int(portfolio.orders.count())}


def by_target(
    close: pd.Series, open_: pd.Series, up: pd.Series, down: pd.Series, fee: float, capital: float, share: float
) -> vbt.Portfolio:
    """Long ``share`` of equity after ``up``, short as much after ``down``, held in between."""
    target = np.full(len(close), np.nan)
    target[up.to_numpy()] = share
    target[down.to_numpy()] = -share
    valued_at = close.shift(1).bfill()
    return vbt.Portfolio.from_orders(
        close, size=target, size_type="targetpercent", price=open_, val_price=valued_at, fees=fee, init_cash=capital
    )
