"""SMA pairs over one instrument in vectorbt, as many pairs a call as memory allows. Run it in a fresh process."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import vectorbt as vbt
from tables import array, series


def measure(folder: str, pairs: int, fee: float, capital: float) -> dict[str, float]:
    """Seconds for the first ``pairs`` pairs, from prices to figures, and the process's peak memory in bytes.

    A run over two pairs and few bars compiles first and is not timed.
    """
    close, open_ = series(folder, "close"), series(folder, "open")
    grid = array(folder, "pairs")
    figures(close[:2000], open_[:2000], grid[:2], fee, capital)
    start = perf_counter()
    result = figures(close, open_, grid[:pairs], fee, capital)
    seconds = perf_counter() - start
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024
    return {"seconds": seconds, "peak_bytes": peak, "best": float(result["total_return"].max())}


def figures(close: pd.Series, open_: pd.Series, grid: np.ndarray, fee: float, capital: float) -> pd.DataFrame:
    """Total return, Sharpe ratio and maximum drawdown of each (fast, slow) pair, long and short."""
    fast = vbt.MA.run(close, window=grid[:, 0].tolist(), short_name="fast")
    slow = vbt.MA.run(close, window=grid[:, 1].tolist(), short_name="slow")
    up = fast.ma_crossed_above(slow).shift(1, fill_value=False)
    down = fast.ma_crossed_below(slow).shift(1, fill_value=False)
    portfolio = vbt.Portfolio.from_signals(
        close, up, None, down, None, size=1.0, price=open_, fees=fee, init_cash=capital, freq="1min"
    )
    return pd.DataFrame(
        {
            "total_return": portfolio.total_return(),
            "sharpe": portfolio.sharpe_ratio(),
            "max_drawdown": portfolio.max_drawdown(),
        }
    )
