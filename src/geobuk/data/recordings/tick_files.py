"""Reads recorded streams from Parquet files: trades, depth updates and a depth snapshot of one instrument."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.replayed import ReplayMarket, with_marks

if TYPE_CHECKING:
    import polars

_COLUMNS = {
    "trades": ("local_ts_ns", "trade_id", "price", "qty", "buyer_is_maker"),
    "depth_updates": ("local_ts_ns", "final_update_id", "side", "price", "qty"),
    "depth_snapshot": ("local_ts_ns", "last_update_id", "side", "price", "qty"),
}


def tick_market(prefix: Path, rules: MarketRules, start_ns: int, *, is_looped: bool = False) -> ReplayMarket:
    """A market from ``<prefix>_trades.parquet``, ``_depth_updates`` and ``_depth_snapshot``, times the receiver's.

    Raises DataError with the file of what is missing or off the instrument's grid.
    """
    return ReplayMarket((rules,), {rules.name: read_ticks(prefix, rules)}, start_ns, is_looped=is_looped)


def read_ticks(prefix: Path, rules: MarketRules) -> MarketArray:
    """All rows from the snapshot on. At equal times depth comes before trades, as it was received."""
    snapshot = _read(prefix, "depth_snapshot")
    updates = _read(prefix, "depth_updates")
    trades = _read(prefix, "trades")
    begin = int(snapshot["local_ts_ns"][0])
    # Updates that came before the snapshot, yet are newer than it, follow it at once.
    updates = updates.filter(updates["final_update_id"] >= int(snapshot["last_update_id"][0]))
    trades = trades.filter(trades["local_ts_ns"] >= begin)
    clear = np.zeros(1, MARKET_EVENT)
    clear["at_ns"], clear["kind"] = begin, Happening.CLEAR
    told = np.zeros(trades.height, MARKET_EVENT)
    told["at_ns"] = np.maximum.accumulate(trades["local_ts_ns"].to_numpy())
    told["kind"] = Happening.TRADE
    told["id"] = trades["trade_id"].to_numpy()
    told["side"] = np.where(trades["buyer_is_maker"].to_numpy(), -1, 1)
    _fill(told, trades, rules, prefix)
    parts = [
        clear,
        _levels(snapshot, rules, prefix, 0),
        _levels(updates, rules, prefix, begin),
        told[told["quantity"] > 0],
    ]
    rows = np.concatenate(parts)
    return with_marks(rows[np.argsort(rows["at_ns"], kind="stable")])


def _levels(frame: "polars.DataFrame", rules: MarketRules, prefix: Path, begin_ns: int) -> MarketArray:
    """Rows of levels, none before ``begin_ns``; within one message those that end come first."""
    rows = np.zeros(frame.height, MARKET_EVENT)
    rows["at_ns"] = np.maximum(np.maximum.accumulate(frame["local_ts_ns"].to_numpy()), begin_ns)
    rows["side"] = np.where(frame["side"].to_numpy() == "b", 1, -1)
    _fill(rows, frame, rules, prefix)
    frame_id = "final_update_id" if "final_update_id" in frame.columns else "last_update_id"
    event = np.cumsum(np.diff(frame[frame_id].to_numpy(), prepend=-1) != 0)
    return rows[np.lexsort((rows["quantity"] > 0, event))]


def _fill(rows: MarketArray, frame: "polars.DataFrame", rules: MarketRules, prefix: Path) -> None:
    """Prices and quantities in whole units; the files hold them as floats of few decimals."""
    for field, column, decimals in (
        ("price", "price", rules.price_decimals),
        ("quantity", "qty", rules.quantity_decimals),
    ):
        scaled = frame[column].to_numpy() * 10.0**decimals
        units = np.rint(scaled)
        off = np.flatnonzero(~(abs(scaled - units) < 1e-3))
        if off.size:
            value = frame[column][int(off[0])]
            raise DataError(
                f"{prefix.name}: {column} {value} in row {off[0]} has more than {decimals} decimals",
                cure=f"use the rules of {rules.name} that were in force when it was recorded",
            )
        rows[field] = units.astype(np.int64)


def _read(prefix: Path, what: str) -> "polars.DataFrame":
    import polars

    file = prefix.with_name(f"{prefix.name}_{what}.parquet")
    if not file.is_file():
        raise DataError(
            f"there is no {file.name} in {file.parent}", cure="give the prefix of a recording's three files"
        )
    try:
        frame = polars.read_parquet(file)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise DataError(f"{file.name} can't be read: {error}", cure="fetch or record it again") from error
    missing = [column for column in _COLUMNS[what] if column not in frame.columns]
    if missing or not frame.height:
        lack = f"has no column {', '.join(missing)}" if missing else "has no row"
        raise DataError(f"{file.name} {lack}", cure="fetch or record it again")
    return frame
