"""However long the exchange stood still, what fell due meanwhile comes after what happened before it."""

from decimal import Decimal

from tests.support.clocks import START_NS, HandClock
from tests.support.scripted_market import ScriptedMarket

from geobuk.domain.order import OrderType, Side, TimeInForce
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT
from geobuk.matching.engine.orders import NewOrder, Status
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.markets.rules import starting_rules

MS = 1_000_000
FUNDING_NS = 1_791_360_000_000 * MS


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


def test_the_funding_history_tells_the_mark_and_rate_that_were_paid() -> None:
    base = HandClock(FUNDING_NS - 1_000 * MS)
    market = ScriptedMarket(starting_rules(("ETHUSDT",)), base.at_ns)
    market.rate("ETHUSDT", base.at_ns, "0.0001")
    market.quote("ETHUSDT", base.at_ns, [("3000", "10")], [("3001", "10")], mark="3000")
    exchange = Exchange(market, SpeedClock(base, base.at_ns))
    exchange.pump()
    buy = NewOrder(
        instrument="ETHUSDT", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(1), time_in_force=TimeInForce.GTC
    )
    exchange.engine.submit(DEFAULT_ACCOUNT, buy)
    market.mark("ETHUSDT", FUNDING_NS, "3100")  # of that very moment, and so after it
    market.rate("ETHUSDT", FUNDING_NS, "0.0009")
    base.at_ns = FUNDING_NS + 1_000 * MS
    exchange.pump()
    told = exchange.memory["ETHUSDT"].funding[-1]
    assert (told.mark_price, told.rate) == (Decimal(3_000), Decimal("0.0001"))
    ledger = exchange.engine.account(DEFAULT_ACCOUNT).ledger
    assert [one.amount for one in ledger if one.kind is EntryKind.FUNDING] == [Decimal("-0.3")]
