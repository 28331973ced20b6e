"""Round trips from fills: from flat (or flipped) to flat (or flipped)."""

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray, Record, RecordArray
from geobuk.simulate.result import Trades

# Columns of the table that the kernel writes, one row a trade.
INSTRUMENT, SIDE, ENTRY_BAR, EXIT_BAR, LARGEST, IN_UNITS, IN_NOTIONAL, OUT_UNITS, OUT_NOTIONAL = range(9)
CASH, FEES, FUNDING, REASON, IS_OPEN, COLUMNS = 9, 10, 11, 12, 13, 14


def trades_of(fills: RecordArray, states: RecordArray, bars: int) -> Trades:
    """Pair fills into trades, in order of exit; those still open at the end are marked at the last price.

    ``pnl`` contains fees, slippage and funding; a fill that flips a position is split by size.
    """
    table = np.zeros((2 * len(fills) + 1, COLUMNS))
    open_row = np.full(len(states), -1, dtype=np.int64)
    count = pair_fills(fills, table, open_row)
    mark_open(table, open_row, states, bars - 1)
    rows = table[:count]
    rows = rows[np.argsort(rows[:, EXIT_BAR], kind="stable")]
    return Trades(
        instrument=_ints(rows, INSTRUMENT),
        side=_ints(rows, SIDE),
        entry_bar=_ints(rows, ENTRY_BAR),
        exit_bar=_ints(rows, EXIT_BAR),
        quantity=rows[:, LARGEST].copy(),
        entry_price=rows[:, IN_NOTIONAL] / rows[:, IN_UNITS],
        exit_price=rows[:, OUT_NOTIONAL] / rows[:, OUT_UNITS],
        pnl=rows[:, CASH] - rows[:, FUNDING],
        fees=rows[:, FEES].copy(),
        funding=rows[:, FUNDING].copy(),
        exit_reason=_ints(rows, REASON),
        is_open=rows[:, IS_OPEN] > 0,
    )


def _ints(rows: FloatArray, column: int) -> IntArray:
    return rows[:, column].astype(np.int64)


@kernel
def pair_fills(fills: RecordArray, table: FloatArray, open_row: IntArray) -> int:
    """Write the trades of a log into ``table``; returns their number. ``open_row`` (N,) holds each one's unfinished
    row.
    """
    count = 0
    for k in range(fills.shape[0]):
        fill = fills[k]
        i = fill.instrument
        before = fill.position - fill.quantity
        is_closing = before * fill.quantity < 0.0 and open_row[i] >= 0
        share = min(abs(before) / abs(fill.quantity), 1.0) if is_closing else 0.0
        if is_closing:
            row = open_row[i]
            add_exit(table[row], fill, share)
            if abs(fill.position) < 1e-12 or fill.position * before < 0.0:
                finish(table[row], fill)
                open_row[i] = -1
        if share < 1.0 and abs(fill.position) >= 1e-12:
            if open_row[i] < 0:
                open_row[i] = count
                start(table[count], fill)
                count += 1
            add_entry(table[open_row[i]], fill, 1.0 - share)
    return count


@kernel
def start(row: FloatArray, fill: Record) -> None:
    """A trade begins with this fill."""
    row[INSTRUMENT] = fill.instrument
    row[SIDE] = 1.0 if fill.position > 0.0 else -1.0
    row[ENTRY_BAR] = fill.bar
    row[FUNDING] = -fill.funding


@kernel
def add_entry(row: FloatArray, fill: Record, share: float) -> None:
    """``share`` of a fill enlarges the position; costs go with the share, realised profit with the exit."""
    units = abs(fill.quantity) * share
    row[IN_UNITS] += units
    row[IN_NOTIONAL] += units * fill.price
    row[FEES] += fill.fee * share
    row[CASH] += (fill.cash - fill.realized) * share
    row[LARGEST] = max(row[LARGEST], abs(fill.position))


@kernel
def add_exit(row: FloatArray, fill: Record, share: float) -> None:
    """``share`` of a fill reduces the position."""
    units = abs(fill.quantity) * share
    row[OUT_UNITS] += units
    row[OUT_NOTIONAL] += units * fill.price
    row[FEES] += fill.fee * share
    row[CASH] += fill.realized + (fill.cash - fill.realized) * share


@kernel
def finish(row: FloatArray, fill: Record) -> None:
    """The trade ends with this fill."""
    row[EXIT_BAR] = fill.bar
    row[REASON] = fill.reason
    row[FUNDING] += fill.funding


def mark_open(table: FloatArray, open_row: IntArray, states: RecordArray, last_bar: int) -> None:
    """Value what is still held at the last price."""
    for i in np.flatnonzero(open_row >= 0):
        row = table[open_row[i]]
        units = abs(states["quantity"][i])
        row[OUT_UNITS] += units
        row[OUT_NOTIONAL] += units * states["last"][i]
        row[CASH] += states["quantity"][i] * (states["last"][i] - states["entry"][i])
        row[FUNDING] += states["funding"][i]
        row[EXIT_BAR] = last_bar
        row[IS_OPEN] = 1.0
