"""Candles and trades of every instrument, as the price chart draws them."""

from typing import Any

import numpy as np

from geobuk.domain.times import NS_PER_DAY, NS_PER_SECOND
from geobuk.panel import FloatArray, IntArray
from geobuk.reports.sampling import candles, seconds, shortened, significant
from geobuk.simulate.result import BacktestResult

CANDLES = 1_200
ALL_CANDLES = 24_000
TRADES = 300
ALL_TRADES = 6_000


def price_data(result: BacktestResult) -> dict[str, Any]:
    """Candles and the largest trades of every instrument; fewer of each where there are many instruments."""
    panel = result.panel
    instruments = max(len(panel.instruments), 1)
    merged = candles(panel, max(min(CANDLES, ALL_CANDLES // instruments), 60))
    bars = significant(merged.bars, 6)
    limit = max(min(TRADES, ALL_TRADES // instruments), 20)
    marks = fill_prices(result)
    return {
        "start": int(panel.at_ns[0] // NS_PER_SECOND),
        "step": merged.size * panel.interval_ns // NS_PER_SECOND,
        "is_intraday": merged.size * panel.interval_ns < NS_PER_DAY,
        "instruments": [
            {
                "name": name,
                "candles": bars[:, :, n].tolist(),
                **_trades(result, marks, _largest(result, n, limit), merged.size),
            }
            | {"all": int((result.trades.instrument == n).sum())}
            for n, name in enumerate(panel.instruments)
        ],
    }


def fill_prices(result: BacktestResult) -> tuple[FloatArray, FloatArray]:
    """(M,) price of the first fill in each trade's entry bar and of the last one in its exit bar.

    A trade's own prices are averages over all its fills and may lie far from the candle on which it began. One that is
    still open has its mark as exit; where no fill is found the average stands in.
    """
    trades, fills, bars = result.trades, result.fills, len(result.panel.at_ns)
    if not len(fills):
        return trades.entry_price, trades.exit_price
    keys = fills["instrument"].astype(np.int64) * bars + fills["bar"]
    order = np.argsort(keys, kind="stable")
    keys, prices = keys[order], fills["price"][order]
    entry, leave = trades.instrument * bars + trades.entry_bar, trades.instrument * bars + trades.exit_bar
    first = np.minimum(np.searchsorted(keys, entry, side="left"), len(keys) - 1)
    last = np.maximum(np.searchsorted(keys, leave, side="right") - 1, 0)
    return (
        np.where(keys[first] == entry, prices[first], trades.entry_price),
        np.where((keys[last] == leave) & ~trades.is_open, prices[last], trades.exit_price),
    )


def _largest(result: BacktestResult, instrument: int, limit: int) -> IntArray:
    """Rows of an instrument's ``limit`` trades with the largest profit or loss, in order of exit."""
    own = np.flatnonzero(result.trades.instrument == instrument)
    return np.sort(own[np.argsort(-np.abs(result.trades.pnl[own]), kind="stable")[:limit]])


def _trades(result: BacktestResult, marks: tuple[FloatArray, FloatArray], rows: IntArray, size: int) -> dict[str, Any]:
    """Columns by name: ``entry`` and ``exit`` are candles, ``entered`` and ``left`` seconds; prices are the fills'."""
    trades, opens = result.trades, result.panel.at_ns
    entry, leave = trades.entry_bar[rows], trades.exit_bar[rows]
    return {
        "trades": {
            "side": trades.side[rows].tolist(),
            "entry": (entry // size).tolist(),
            "exit": (leave // size).tolist(),
            "entered": seconds(opens[entry]),
            "left": seconds(opens[leave]),
            "entry_price": shortened(marks[0][rows]),
            "exit_price": shortened(marks[1][rows]),
            "average_entry": shortened(trades.entry_price[rows]),
            "average_exit": shortened(trades.exit_price[rows]),
            "quantity": shortened(trades.quantity[rows], 5),
            "pnl": shortened(trades.pnl[rows], 5),
            "reason": trades.exit_reason[rows].tolist(),
            "is_open": trades.is_open[rows].tolist(),
        }
    }
