"""SMA crossover of one instrument in backtesting.py: market orders, filled at the next open, long and short."""

from time import perf_counter

import pandas as pd
from backtesting import Backtest, Strategy
from tables import index, series


def measure(folder: str, bars: int, fast: int, slow: int, fee: float, capital: float, share: float) -> dict[str, float]:
    """Seconds from prices to the equity curve of the first ``bars`` bars, and the number of round trips."""
    table = pd.DataFrame(
        {name.capitalize(): series(folder, name).to_numpy() for name in ("open", "high", "low", "close", "volume")},
        index=index(folder),
    )[:bars]

    class Crossover(Strategy):
        def init(self) -> None:
            close = self.data.Close.s
            self.fast = self.I(lambda: close.rolling(fast).mean().to_numpy())
            self.slow = self.I(lambda: close.rolling(slow).mean().to_numpy())

        def next(self) -> None:
            if self.fast[-1] > self.slow[-1] and self.fast[-2] <= self.slow[-2]:
                self.position.close()
                self.buy(size=share)
            elif self.fast[-1] < self.slow[-1] and self.fast[-2] >= self.slow[-2]:
                self.position.close()
                self.sell(size=share)

    backtest = Backtest(table, Crossover, cash=capital, commission=fee, finalize_trades=True)
    start = perf_counter()
    statistics = backtest.run()
    seconds = perf_counter() - start
    return {"seconds": seconds, "trades": int(statistics["# Trades"])}
