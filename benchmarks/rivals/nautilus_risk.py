"""nautilus_trader's RiskEngine, driven alone: orders go in by its message bus, what it lets through ends in nothing.

It judges one order at a time: price and quantity on the instrument's grid, its smallest and largest order, a largest
notional, reduce-only, the trading state, the rate of orders; on a cash account the free balance too. It knows no
value at risk, exposure, drawdown or leverage. Orders and commands are made beforehand; only ``execute`` is timed.
"""

from decimal import Decimal
from time import perf_counter_ns

import numpy as np
from nautilus_trader.accounting.factory import AccountFactory
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.enums import AccountType, OrderSide
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    StrategyId,
    Symbol,
    TraderId,
    Venue,
)
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import AccountBalance, Money, Price, Quantity
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.risk.config import RiskEngineConfig
from nautilus_trader.risk.engine import RiskEngine

TRADER, STRATEGY, VENUE = TraderId("BENCH-001"), StrategyId("S-001"), Venue("BINANCE")
SECOND = 1_000_000_000


def measure(instruments: int, rows: int, is_cash: bool) -> dict[str, float]:
    """Median and 99th percentile in seconds of judging one order for each instrument, over ``rows`` rows."""
    clock, passed = TestClock(), []
    bus = MessageBus(trader_id=TRADER, clock=clock)
    cache = Cache()
    portfolio = Portfolio(bus, cache, clock)
    perpetuals = [perpetual(f"SYN{n + 1}USDT") for n in range(instruments)]
    for one in perpetuals:
        cache.add_instrument(one)
    cache.add_account(AccountFactory.create(account_state(is_cash)))
    most = {str(one.id): 1_000_000 for one in perpetuals}
    engine = RiskEngine(portfolio, bus, cache, clock, RiskEngineConfig(max_notional_per_order=most))
    bus.register(endpoint="ExecEngine.execute", handler=passed.append)
    engine.start()
    commands = [[command(one, number, k) for k, one in enumerate(perpetuals)] for number in range(20)]
    spent = np.empty(rows)
    for row in range(rows):
        clock.set_time(row * SECOND)
        orders = commands[row % len(commands)]
        start = perf_counter_ns()
        for order in orders:
            engine.execute(order)
        spent[row] = perf_counter_ns() - start
        if len(passed) != instruments:
            raise RuntimeError(f"the engine let {len(passed)} of {instruments} orders pass")
        passed.clear()
    median, slow = np.percentile(spent * 1e-9, [50.0, 99.0])
    return {"seconds": float(median), "p99": float(slow)}


def command(perpetual: CryptoPerpetual, number: int, k: int) -> SubmitOrder:
    """A limit order near the price, another for each number."""
    order = LimitOrder(
        trader_id=TRADER,
        strategy_id=STRATEGY,
        instrument_id=perpetual.id,
        client_order_id=ClientOrderId(f"O-{number}-{k}"),
        order_side=OrderSide.BUY,
        quantity=Quantity(0.5 + 0.001 * number, 3),
        price=Price(100.0 + 0.1 * number, 4),
        init_id=UUID4(),
        ts_init=0,
    )
    return SubmitOrder(trader_id=TRADER, strategy_id=STRATEGY, order=order, command_id=UUID4(), ts_init=0)


def perpetual(name: str) -> CryptoPerpetual:
    """Rules like those that the other side trades by."""
    return CryptoPerpetual(
        instrument_id=InstrumentId(Symbol(name), VENUE),
        raw_symbol=Symbol(name),
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=4,
        size_precision=3,
        price_increment=Price(0.0001, 4),
        size_increment=Quantity(0.001, 3),
        max_quantity=Quantity(1_000_000, 3),
        min_quantity=Quantity(0.001, 3),
        max_notional=None,
        min_notional=Money(5, USDT),
        max_price=Price(1_000_000, 4),
        min_price=Price(0.0001, 4),
        margin_init=Decimal("0.05"),
        margin_maint=Decimal("0.004"),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        ts_event=0,
        ts_init=0,
    )


def account_state(is_cash: bool) -> AccountState:
    """An account with a million."""
    million = Money(1_000_000, USDT)
    return AccountState(
        account_id=AccountId("BINANCE-001"),
        account_type=AccountType.CASH if is_cash else AccountType.MARGIN,
        base_currency=USDT,
        reported=True,
        balances=[AccountBalance(million, Money(0, USDT), million)],
        margins=[],
        info={},
        event_id=UUID4(),
        ts_event=0,
        ts_init=0,
    )
