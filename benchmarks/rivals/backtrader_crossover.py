"""SMA crossover of one instrument in backtrader: market orders, filled at the next open, long and short."""

from time import perf_counter

import backtrader as bt
import pandas as pd
from tables import index, series


class Crossover(bt.Strategy):
    """Reverses at each crossing of two simple moving averages to a fixed share of the account."""

    params = (("fast", 20), ("slow", 50), ("share", 0.9))

    def __init__(self) -> None:
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(period=self.p.slow))
        self.orders_filled = 0

    def next(self) -> None:
        if self.cross[0] > 0:
            self.order_target_percent(target=self.p.share)
        elif self.cross[0] < 0:
            self.order_target_percent(target=-self.p.share)

    def notify_order(self, order: bt.Order) -> None:
        self.orders_filled += order.status == order.Completed


def measure(folder: str, bars: int, fast: int, slow: int, fee: float, capital: float, share: float) -> dict[str, float]:
    """Seconds from prices to the final account value of the first ``bars`` bars, and the number of filled orders."""
    names = ("open", "high", "low", "close", "volume")
    table = pd.DataFrame({name: series(folder, name).to_numpy() for name in names}, index=index(folder))[:bars]
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=table, timeframe=bt.TimeFrame.Minutes, compression=1))
    cerebro.addstrategy(Crossover, fast=fast, slow=slow, share=share)
    cerebro.broker.setcash(capital)
    cerebro.broker.setcommission(commission=fee)
    start = perf_counter()
    strategy = cerebro.run()[0]
    return {"seconds": perf_counter() - start, "trades": int(strategy.orders_filled)}
