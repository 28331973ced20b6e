"""However long the exchange stood still, what fell due meanwhile comes after what happened before it."""

from decimal import Decimal

from tests.support.clocks import START_NS, HandClock
from tests.support.scripted_market import ScriptedMarket

from geobuk.domain.order import OrderType, Side, TimeInForce
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT
from geobuk.matching.engine.orders import NewOrder, Status
from geobuk.matching.markets.rules import starting_rules

MS = 1_000_000


def test_a_fill_before_a_countdown_ends_counts_though_another_instrument_is_ahead() -> None:
    base = HandClock(START_NS)
    market = ScriptedMarket(starting_rules(("BTCUSDT", "ETHUSDT")), START_NS)
    market.quote("BTCUSDT", START_NS, [("60000", "10")], [("60001", "10")], mark="60000")
    market.quote("ETHUSDT", START_NS, [("3000", "10")], [("3001", "10")], mark="3000")
    exchange = Exchange(market, SpeedClock(base, START_NS))
    exchange.pump()
    request = NewOrder(
        instrument="ETHUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal(1),
        price=Decimal(2_990),
        time_in_force=TimeInForce.GTC,
    )
    placed = exchange.engine.submit(DEFAULT_ACCOUNT, request)
    exchange.engine.set_countdown(DEFAULT_ACCOUNT, "ETHUSDT", 500 * MS)
    market.mark("BTCUSDT", START_NS + 900 * MS, "60000")
    market.trade("ETHUSDT", START_NS + 300 * MS, "2980", "20", Side.SELL)
    base.at_ns += 1_000 * MS
    exchange.pump()
    assert exchange.engine.find_order(DEFAULT_ACCOUNT, "ETHUSDT", placed.id).status is Status.FILLED
