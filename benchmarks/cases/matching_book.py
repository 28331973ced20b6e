"""The order book: a recorded market run past resting own orders, and orders sent one by one from Python."""

from importlib.metadata import version
from time import perf_counter

import numpy as np
import polars as pl
from bench import Bench, CaseFailedError, shared_data
from measuring import Figure, Rival, in_turns, speed
from rivals.sorted_book import SortedBook

from geobuk.matching.book.book import Book
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray

RECORDING = "ticks/binance_um_btcusdt_20240808_"
PLAIN_ROWS, ORDERS_A_SIDE, ORDERS = 60_000, 50, 60_000
OWNER, TAKER, SIZE = 1, 2, 100

Fills = list[tuple[int, int]]


def run(bench: Bench) -> list[Figure]:
    """Market rows a second, the whole and as far as a plain book goes; order operations a second."""
    rows, snapshot = market(bench)
    part = rows[:PLAIN_ROWS]
    ours, theirs = compiled(part, snapshot), plain(part, snapshot)
    if ours[1] != theirs[1] or not ours[1]:
        raise CaseFailedError(f"we filled {len(ours[1])} times, a plain book {len(theirs[1])}: {ours[1][:3]}")
    if order_by_order(Book(capacity=4096))[1] != order_by_order(SortedBook())[1]:
        raise CaseFailedError("the two books did not fill the same of the orders sent")
    whole, own, other, own_orders, other_orders = in_turns(
        bench.repeats,
        lambda: compiled(rows, snapshot)[0],
        lambda: compiled(part, snapshot)[0],
        lambda: plain(part, snapshot)[0],
        lambda: order_by_order(Book(capacity=4096))[0],
        lambda: order_by_order(SortedBook())[0],
    )
    name, of = "sortedcontainers", version("sortedcontainers")
    bench.notes.append(
        f"matching_book: {len(rows):,} rows, {2 * ORDERS_A_SIDE} own orders resting and set anew when filled "
        f"({len(ours[1])} fills in the {len(part):,} rows of the plain book); orders: add, add, take, remove."
    )
    return [
        speed("matching_book_whole", "rows/s", len(rows), whole),
        speed("matching_book", "rows/s", len(part), own, Rival(name, of, other)),
        speed("matching_book_orders", "orders/s", ORDERS, own_orders, Rival(name, of, other_orders)),
    ]


def market(bench: Bench) -> tuple[MarketArray, MarketArray]:
    """Rows of updates and trades in time order, and the snapshot before them."""
    data = shared_data()
    if data is None or not (data / f"{RECORDING}trades.parquet").exists():
        bench.notes.append("matching_book: no recorded market was found, so it ran on a synthetic one.")
        return synthetic()
    snapshot, updates, trades = (
        pl.read_parquet(data / f"{RECORDING}{part}.parquet") for part in ("depth_snapshot", "depth_updates", "trades")
    )
    updates = updates.filter(pl.col("final_update_id") > snapshot["last_update_id"][0])
    first, later, printed = as_rows(snapshot), as_rows(updates), as_rows(trades)
    printed["kind"], printed["id"] = Happening.TRADE, trades["trade_id"]
    printed["side"] = np.where(trades["buyer_is_maker"], -1, 1)
    rows = np.concatenate([printed[printed["at_ns"] >= first["at_ns"][0]], later])
    return rows[np.argsort(rows["at_ns"], kind="stable")], first


def as_rows(table: pl.DataFrame) -> MarketArray:
    """Prices in tenths, quantities in thousandths."""
    rows = np.zeros(len(table), MARKET_EVENT)
    rows["at_ns"] = table["transaction_time_ms"] * 1_000_000
    rows["price"], rows["quantity"] = np.rint(table["price"] * 10), np.rint(table["qty"] * 1000)
    if "side" in table.columns:
        rows["side"] = np.where(table["side"] == "b", 1, -1)
    return rows


def synthetic() -> tuple[MarketArray, MarketArray]:
    """Levels around a price that walks, most changes near it; a print now and then."""
    rng, count = np.random.default_rng(5), 400_000
    rows = np.zeros(count + 2_000, MARKET_EVENT)
    price = 600_000 + np.cumsum(rng.integers(-1, 2, len(rows)) * (rng.random(len(rows)) < 0.2))
    price[:2_000] = 600_000
    rows["at_ns"], rows["side"] = np.arange(len(rows)), rng.choice([-1, 1], len(rows))
    away = 1 + rng.exponential(60, len(rows)).astype(np.int64)
    away[:2_000] = np.arange(2_000) // 2 + 1
    rows["side"][:2_000] = np.where(np.arange(2_000) % 2, 1, -1)
    is_print = (rng.random(len(rows)) < 0.05) & (np.arange(len(rows)) >= 2_000)
    rows["kind"] = np.where(is_print, Happening.TRADE, Happening.LEVEL)
    rows["price"] = np.where(is_print, price + rows["side"], price - rows["side"] * away)
    rows["quantity"] = rng.integers(0, 5_000, len(rows)) * ((rng.random(len(rows)) < 0.7) | is_print)
    rows["quantity"][:2_000] += 1
    return rows[2_000:], rows[:2_000]


def compiled(rows: MarketArray, snapshot: MarketArray) -> tuple[float, Fills]:
    """Seconds, and price and quantity of each fill."""
    book, fills, at = Book(), [], 0
    book.run(snapshot)
    place_orders(book)
    start = perf_counter()
    while at < len(rows):
        at = book.run(rows, at)
        for fill in book.touched:
            fills.append((fill.price, fill.quantity))
            if not fill.left:
                place_anew(book, fill.price)
    return perf_counter() - start, fills


def plain(rows: MarketArray, snapshot: MarketArray) -> tuple[float, Fills]:
    """The same with a plain book; rows are Python numbers before the clock starts."""
    book, fills = SortedBook(), []
    for side, price, quantity in snapshot[["side", "price", "quantity"]].tolist():
        book.set_level(side, price, quantity)
    place_orders(book)
    given = rows[["kind", "side", "price", "quantity"]].tolist()
    start = perf_counter()
    for kind, side, price, quantity in given:
        touched = book.set_level(side, price, quantity) if kind == 0 else book.trade(side, price, quantity)
        for entry, _, at_price, filled in touched:
            fills.append((at_price, filled))
            if not entry.quantity:
                place_anew(book, at_price)
    return perf_counter() - start, fills


def place_orders(book: Book | SortedBook) -> None:
    """Own orders at and behind the best prices."""
    for side in (1, -1):
        best = book.best(side)[0]
        for k in range(ORDERS_A_SIDE):
            book.add(side, best - side * 10 * k, SIZE, OWNER)


def place_anew(book: Book | SortedBook, price: int) -> None:
    """Join the best price of the side whose order was filled, which is the one nearer to where it was."""
    (bid, _), (ask, _) = book.best(1), book.best(-1)
    side = 1 if abs(price - bid) <= abs(price - ask) else -1
    book.add(side, bid if side > 0 else ask, SIZE, OWNER)


def order_by_order(book: Book | SortedBook) -> tuple[float, int]:
    """Seconds of ORDERS operations on a book of 1,000 levels a side, and the quantity that takers got."""
    for k in range(1_000):
        book.set_level(1, 100_000 - k, 1_000)
        book.set_level(-1, 100_010 + k, 1_000)
    away = np.random.default_rng(1).integers(0, 40, ORDERS // 4).tolist()
    got = 0
    start = perf_counter()
    for distance in away:
        resting = book.add(1, 100_000 - distance, 5, OWNER)
        book.add(-1, 100_009, 3, OWNER)
        fills, *_ = book.take(1, 100_009, 3, TAKER)
        got += sum(fill[3] for fill in fills)
        book.remove(resting)
    return perf_counter() - start, got
