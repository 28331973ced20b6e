"""How fresh the emulator's answers are."""

from tests.support.clocks import START_NS, HandClock
from tests.support.scripted_market import ScriptedMarket

from geobuk.domain.order import Side
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import REFRESH_NS, Exchange, ExchangeSpec
from geobuk.matching.markets.rules import starting_rules


def test_a_refresh_moves_the_market_on_once_its_state_is_old_enough() -> None:
    clock = HandClock()
    market = ScriptedMarket(starting_rules(("BTCUSDT",)), START_NS)
    exchange = Exchange(market, SpeedClock(clock), ExchangeSpec(has_made_up_past=False))
    exchange.pump()
    market.trade("BTCUSDT", clock.at_ns, "60000", "0.1", Side.BUY)
    clock.at_ns += REFRESH_NS - 1
    exchange.refresh()
    assert not exchange.memory["BTCUSDT"].trades
    clock.at_ns += 1
    exchange.refresh()
    assert [one.price for one in exchange.memory["BTCUSDT"].trades] == [60000]
