"""nautilus_trader's simulated exchange inside its backtest engine: risk engine, margin account, matching engine.

``orders``: at each quote one limit order is sent and, once 10 rest, the oldest is cancelled. ``market``: changes of
levels run past 100 resting orders. Data and engine are made beforehand; only ``run`` is timed.
"""

from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BookOrder, OrderBookDelta, QuoteTick
from nautilus_trader.model.enums import AccountType, BookAction, BookType, OmsType, OrderSide, RecordFlag
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TraderId, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.risk.config import RiskEngineConfig
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("BINANCE")
RESTING_WHILE_SENDING, RESTING_IN_MARKET = 10, 100


class Churning(Strategy):
    """One order at each quote, the oldest cancelled once enough rest."""

    def __init__(self, instrument: CryptoPerpetual) -> None:
        super().__init__()
        self.instrument, self.count, self.resting = instrument, 0, []

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self.instrument.id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        is_buy = self.count % 2 == 0
        away = 100.0 + self.count % 400 * 0.1
        order = self.order_factory.limit(
            self.instrument.id,
            OrderSide.BUY if is_buy else OrderSide.SELL,
            Quantity(0.01 + self.count % 100 * 0.001, 3),
            Price(60_000.0 - away if is_buy else 60_000.0 + away, 1),
        )
        self.count += 1
        self.submit_order(order)
        self.resting.append(order)
        if len(self.resting) > RESTING_WHILE_SENDING:
            self.cancel_order(self.resting.pop(0))


class Waiting(Strategy):
    """Orders far from the market on both sides, from the first change on."""

    def __init__(self, instrument: CryptoPerpetual, middle: float) -> None:
        super().__init__()
        self.instrument, self.middle, self.placed, self.seen = instrument, middle, False, 0

    def on_start(self) -> None:
        self.subscribe_order_book_deltas(self.instrument.id, BookType.L2_MBP)

    def on_order_book_deltas(self, deltas: Any) -> None:
        self.seen += 1
        if self.placed:
            return
        self.placed = True
        for number in range(RESTING_IN_MARKET):
            is_buy = number % 2 == 0
            away = 1_000.0 + number
            price = self.middle - away if is_buy else self.middle + away
            side = OrderSide.BUY if is_buy else OrderSide.SELL
            order = self.order_factory.limit(self.instrument.id, side, Quantity(0.01, 3), Price(price, 1))
            self.submit_order(order)


def orders(count: int) -> dict[str, float]:
    """Seconds for ``count`` quotes, as many orders, and nearly as many cancels."""
    instrument = perpetual()
    engine = started(instrument, BookType.L1_MBP)
    ticks = [
        QuoteTick(
            instrument.id, Price(59_999.9, 1), Price(60_000.1, 1), Quantity(5 + n % 2, 3), Quantity(5, 3), n + 1, n + 1
        )
        for n in range(count)
    ]
    strategy = Churning(instrument)
    return timed(engine, ticks, strategy) | {"orders": float(strategy.count)}


def market(folder: str) -> dict[str, float]:
    """Seconds for the stored changes of levels."""
    instrument = perpetual()
    engine = started(instrument, BookType.L2_MBP)
    rows = np.load(Path(folder) / "levels.npy")
    deltas = []
    for number, (side, price, quantity) in enumerate(rows.tolist()):
        order = BookOrder(
            OrderSide.BUY if side > 0 else OrderSide.SELL, Price(price / 10, 1), Quantity(quantity / 1000, 3), 0
        )
        action = BookAction.UPDATE if quantity else BookAction.DELETE
        deltas.append(OrderBookDelta(instrument.id, action, order, RecordFlag.F_LAST, number, number + 1, number + 1))
    strategy = Waiting(instrument, float(rows[0, 1]) / 10)
    return timed(engine, deltas, strategy) | {"seen": float(strategy.seen)}


def timed(engine: BacktestEngine, data: list[Any], strategy: Strategy) -> dict[str, float]:
    engine.add_data(data)
    engine.add_strategy(strategy)
    start = perf_counter()
    engine.run()
    spent = perf_counter() - start
    open_orders = len(engine.cache.orders_open())
    engine.dispose()
    return {"seconds": spent, "open": float(open_orders)}


def started(instrument: CryptoPerpetual, book_type: BookType) -> BacktestEngine:
    """An engine with one venue and one margin account."""
    logging = LoggingConfig(bypass_logging=True)
    risk = RiskEngineConfig(max_order_submit_rate="100000000/00:00:01", max_order_modify_rate="100000000/00:00:01")
    trader = TraderId("BENCH-001")
    engine = BacktestEngine(
        BacktestEngineConfig(trader_id=trader, logging=logging, risk_engine=risk, run_analysis=False)
    )
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=USDT,
        starting_balances=[Money(10_000_000, USDT)],
        default_leverage=Decimal(20),
        book_type=book_type,
    )
    engine.add_instrument(instrument)
    return engine


def perpetual() -> CryptoPerpetual:
    """A tick of 0.1 and a step of 0.001."""
    return CryptoPerpetual(
        instrument_id=InstrumentId(Symbol("BTCUSDT-PERP"), VENUE),
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=1,
        size_precision=3,
        price_increment=Price(0.1, 1),
        size_increment=Quantity(0.001, 3),
        margin_init=Decimal("0.05"),
        margin_maint=Decimal("0.004"),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        ts_event=0,
        ts_init=0,
    )
