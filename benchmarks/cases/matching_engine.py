"""The matching engine as its users meet it: orders with every filter and the margin, and market rows past orders."""

from datetime import date
from decimal import Decimal
from time import perf_counter

import numpy as np
from bench import Bench, CaseFailedError, RivalCall
from measuring import Figure, Timing, in_turns, speed

from cases.matching_book import market
from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.domain.order import OrderType, Side
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import NewOrder
from geobuk.matching.engine.reports import OrderReport, Report
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.market_rules import MarketRules

NAME, ACCOUNT = "BTCUSDT", "a"
ORDERS, RIVALS_ORDERS, RESTING = 20_000, 2_000, 10
ROWS_OF_RIVAL, RESTING_IN_MARKET = 40_000, 100
D = Decimal


def run(bench: Bench) -> list[Figure]:
    """Orders and cancels a second, a quote before each order; market rows a second."""
    rows, snapshot = market(bench)
    levels = rows[rows["kind"] == Happening.LEVEL][:ROWS_OF_RIVAL]
    folder = bench.store("engine_levels", levels=np.stack([levels[c] for c in ("side", "price", "quantity")], axis=1))
    orders, orders_rivals = bench.compare(
        lambda: send_orders(ORDERS),
        RivalCall("nautilus_trader", "nautilus_exchange:orders", {"count": RIVALS_ORDERS}, environment="judges"),
    )
    part, part_rivals = bench.compare(
        lambda: pass_market(levels, snapshot, away=10_000)[0],
        RivalCall("nautilus_trader", "nautilus_exchange:market", {"folder": folder}, environment="judges"),
    )
    whole, fills = filled_market(bench, rows, snapshot)
    work, rivals_work = 2 * ORDERS - RESTING, 2 * RIVALS_ORDERS - RESTING
    bench.notes.append(
        f"matching_engine: {RESTING} orders rest while others are sent and cancelled, {RESTING_IN_MARKET} while the "
        f"market passes; in the whole recording they lie near the price and were filled {fills} times. nautilus_trader "
        f"runs the same in its backtest engine, {RIVALS_ORDERS:,} orders and {len(levels):,} rows."
    )
    return [
        speed("matching_engine_orders", "orders/s", work, orders, next(iter(orders_rivals), None), rivals_work),
        speed("matching_engine_market", "rows/s", len(levels), part, next(iter(part_rivals), None)),
        speed("matching_engine_whole", "rows/s", len(rows), whole),
    ]


def send_orders(count: int) -> float:
    """Seconds for ``count`` quotes and orders and nearly as many cancels, in a margin account."""
    engine = started(lambda _: None)
    quotes = np.zeros(count, MARKET_EVENT)
    quotes["at_ns"], quotes["side"], quotes["price"] = np.arange(count), 1, 599_999
    quotes["quantity"] = 5_000 + np.arange(count) % 2
    requests = [request_of(number) for number in range(count)]
    resting: list[int] = []
    start = perf_counter()
    for number, request in enumerate(requests):
        engine.apply(NAME, quotes[number : number + 1])
        resting.append(engine.submit(ACCOUNT, request).id)
        if len(resting) > RESTING:
            engine.cancel(ACCOUNT, NAME, resting.pop(0))
    spent = perf_counter() - start
    if len(engine.open_orders(ACCOUNT)) != RESTING:
        raise CaseFailedError(f"{len(engine.open_orders(ACCOUNT))} orders are open, not {RESTING}")
    return spent


def request_of(number: int) -> NewOrder:
    """Bids and asks in turns, 100 and more away from 60,000."""
    is_buy = number % 2 == 0
    away = 1_000 + number % 400
    price = D(600_000 - away if is_buy else 600_000 + away).scaleb(-1)
    side = Side.BUY if is_buy else Side.SELL
    return NewOrder(NAME, side, OrderType.LIMIT, D(10 + number % 100).scaleb(-3), price)


def filled_market(bench: Bench, rows: MarketArray, snapshot: MarketArray) -> tuple[Timing, int]:
    """The whole recording past orders near the price, each set anew when filled."""
    fills = pass_market(rows, snapshot, away=5)[1]
    (whole,) = in_turns(bench.repeats, lambda: pass_market(rows, snapshot, away=5)[0])
    return whole, fills


def pass_market(rows: MarketArray, snapshot: MarketArray, away: int) -> tuple[float, int]:
    """Seconds, and fills; orders lie ``away`` ticks and more from the middle, and at the best price once filled."""
    filled: list[Side] = []
    fills = 0

    def listen(report: Report) -> None:
        nonlocal fills
        if isinstance(report, OrderReport) and report.execution is not None:
            fills += 1
            if not report.order.status.is_open:
                filled.append(report.order.side)

    first = snapshot.copy()
    first["at_ns"] = rows["at_ns"][0]
    engine = started(listen, at_ns=int(rows["at_ns"][0]), is_quoted=False)
    engine.apply(NAME, first)
    quote = engine.quote(NAME)
    if quote is None:
        raise CaseFailedError("the market has no prices")
    middle = int((quote.bid + quote.ask) * 5)
    for number in range(RESTING_IN_MARKET):
        side = Side.BUY if number % 2 == 0 else Side.SELL
        price = D(middle - side * (away + number)).scaleb(-1)
        engine.submit(ACCOUNT, NewOrder(NAME, side, OrderType.LIMIT, D("0.01"), price))
    start = perf_counter()
    for piece in np.array_split(rows, max(1, len(rows) // 1_000)):
        engine.apply(NAME, piece)
        while filled:
            join(engine, filled.pop())
    return perf_counter() - start, fills


def join(engine: MatchingEngine, side: Side) -> None:
    """Queue at the best price of a side."""
    quote = engine.quote(NAME)
    if quote is not None and (price := quote.bid if side is Side.BUY else quote.ask):
        engine.submit(ACCOUNT, NewOrder(NAME, side, OrderType.LIMIT, D("0.01"), price))


def started(listener: object, *, at_ns: int = 0, is_quoted: bool = True) -> MatchingEngine:
    """An engine with a margin account of ten million; a market of one bid and one ask if ``is_quoted``."""
    engine = MatchingEngine([rules()], EngineSpec(), at_ns=at_ns, listener=listener)  # type: ignore[arg-type]
    engine.open_account(ACCOUNT, {"USDT": D(10_000_000)}, AccountSpec())
    if is_quoted:
        rows = np.zeros(3, MARKET_EVENT)
        rows["kind"][0], rows["price"][0] = Happening.MARK, 600_000
        rows["side"][1:], rows["price"][1:], rows["quantity"][1:] = (1, -1), (599_999, 600_001), 5_000
        engine.apply(NAME, rows)
    return engine


def rules() -> MarketRules:
    """A tick of 0.1 and a step of 0.001, with the venue's filters."""
    instrument = Instrument(
        venue="bench",
        name=NAME,
        kind=InstrumentKind.PERPETUAL,
        base="BTC",
        quote="USDT",
        ticks=(TickBand(D(0), D("0.1")),),
        step=D("0.001"),
        min_quantity=D("0.001"),
        max_quantity=D(1000),
        min_notional=D(50),
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
        as_of=date(2026, 1, 1),
        source="made up",
        brackets=(LeverageBracket(D(0), D(100_000_000), 125, D("0.004"), D(0)),),
        funding_interval_hours=8,
        is_synthetic=True,
    )
    return MarketRules(instrument, 1, 3, D("0.1"), D(1_000_000), D("0.001"), D(120), max_orders=1_000)
