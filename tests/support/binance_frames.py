"""Frames as Binance sends them, made by hand or from recorded ticks."""

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

Levels = Sequence[tuple[str, str]]


def depth_update(
    ids: tuple[int, int, int], bids: Levels = (), asks: Levels = (), symbol: str = "BTCUSDT", at_ms: int = 1000
) -> bytes:
    """A depthUpdate in a combined frame; ``ids`` are U, u and pu."""
    first, last, previous = ids
    data = {"e": "depthUpdate", "E": at_ms, "T": at_ms, "s": symbol, "U": first, "u": last, "pu": previous}
    return combined(f"{symbol.lower()}@depth@100ms", data | {"b": list(bids), "a": list(asks), "st": 1})


def depth_reply(last_id: int, bids: Levels, asks: Levels) -> bytes:
    """The reply to a depth request."""
    return packed({"lastUpdateId": last_id, "E": 1000, "T": 1000, "bids": list(bids), "asks": list(asks)})


def aggregate_trade(
    number: int, price: str = "84141.10", quantity: str = "0.120", symbol: str = "BTCUSDT", at_ms: int = 1791354000050
) -> bytes:
    return combined(f"{symbol.lower()}@aggTrade", trade_fields(number, price, quantity, symbol, at_ms))


def trade_fields(number: int, price: str, quantity: str, symbol: str, at_ms: int) -> dict[str, object]:
    told = {"e": "aggTrade", "E": at_ms + 50, "s": symbol, "a": number, "p": price, "q": quantity, "nq": quantity}
    return told | {"f": number * 10, "l": number * 10 + 5, "T": at_ms, "m": number % 2 == 0, "st": 1}


def book_ticker(update_id: int, bid: str, ask: str, symbol: str = "BTCUSDT", at_ms: int = 1791354000008) -> bytes:
    told = {"e": "bookTicker", "u": update_id, "E": at_ms + 2, "T": at_ms, "s": symbol, "ps": symbol}
    told |= {"b": bid, "B": "14.663", "a": ask, "A": "3.021", "st": 1}
    return combined(f"{symbol.lower()}@bookTicker", told)


def mark_price(price: str, rate: str, next_ms: int, symbol: str = "BTCUSDT", at_ms: int = 1791354000000) -> bytes:
    told = {"e": "markPriceUpdate", "E": at_ms, "s": symbol, "p": price, "ap": price, "i": "84150.11000000"}
    return combined(f"{symbol.lower()}@markPrice@1s", told | {"P": price, "r": rate, "T": next_ms, "st": 1})


def kline(open_ms: int, close: str, *, is_closed: bool, symbol: str = "BTCUSDT") -> bytes:
    candle = {"t": open_ms, "T": open_ms + 59_999, "s": symbol, "i": "1m", "f": 100, "L": 200, "o": "84125.70"}
    candle |= {"c": close, "h": "84125.70", "l": "84099.90", "v": "214.561", "n": 2912, "x": is_closed}
    candle |= {"q": "18046628.85200", "V": "38.078", "Q": "3202701.86390", "B": "0"}
    return combined(f"{symbol.lower()}@kline_1m", {"e": "kline", "E": open_ms + 250, "s": symbol, "k": candle})


def combined(stream: str, data: object) -> bytes:
    return packed({"stream": stream, "data": data})


def packed(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class RecordedDepth:
    """Six minutes of BTCUSDT on 2024-08-08 at the highest stream speed: changes, snapshot and best quotes."""

    def __init__(self, folder: Path) -> None:
        base = folder / "binance_um_btcusdt_20240808_"
        changes = pl.read_parquet(f"{base}depth_updates.parquet")
        told = pl.read_parquet(f"{base}depth_snapshot.parquet")
        self.updates: list[tuple[int, bytes]] = []
        self.level_changes = len(changes)
        columns = ("side", "price", "qty")
        for _, rows in changes.group_by("final_update_id", maintain_order=True):
            first = rows.row(0, named=True)
            ids = (first["first_update_id"], first["final_update_id"], first["prev_final_update_id"])
            sides = _sides(rows.select(columns).rows())
            self.updates.append((ids[1], depth_update(ids, *sides, at_ms=first["transaction_time_ms"])))
        self.snapshot_id = int(told["last_update_id"][0])
        self.snapshot = depth_reply(self.snapshot_id, *_sides(told.select(columns).rows()))
        quotes = pl.read_parquet(f"{base}book_ticker.parquet")
        self.quote_ids: list[int] = quotes["update_id"].to_list()
        self.quotes = quotes.select("bid_price", "bid_qty", "ask_price", "ask_qty").rows()


def _sides(rows: list[tuple[str, float, float]]) -> tuple[Levels, Levels]:
    texts = [(side, (f"{price:.2f}", f"{quantity:.3f}")) for side, price, quantity in rows]
    return [level for side, level in texts if side == "b"], [level for side, level in texts if side == "a"]
