"""What the emulator remembers grows to its bounds and no further."""

from decimal import Decimal
from itertools import pairwise

from tests.support.clocks import START_NS, HandClock
from tests.support.scripted_market import ScriptedMarket

from geobuk.domain.order import Side
from geobuk.emulators.binance import candles
from geobuk.emulators.binance.account_notes import KEPT_MATCHES, AccountNotes
from geobuk.emulators.binance.candles import MINUTE_MS, Candle, CandleSeries
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import Exchange, ExchangeSpec
from geobuk.matching.markets.rules import starting_rules


def test_prints_are_kept_up_to_the_spec() -> None:
    clock = HandClock()
    market = ScriptedMarket(starting_rules(("BTCUSDT",)), START_NS)
    exchange = Exchange(market, SpeedClock(clock), ExchangeSpec(kept_trades=5, has_made_up_past=False))
    for number in range(20):
        clock.at_ns += 1_000_000_000
        market.trade("BTCUSDT", clock.at_ns, "60000", "0.1", Side.BUY if number % 2 else Side.SELL)
        exchange.pump()
    assert len(exchange.memory["BTCUSDT"].trades) == 5
    assert len(exchange.memory["BTCUSDT"].aggregates) == 5
    assert exchange.memory["BTCUSDT"].candles("last", "1h")[-1].count == 20


def test_candles_are_kept_for_two_weeks_and_more(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(candles, "KEPT_CANDLES", 10)
    series, one = CandleSeries(), Decimal(1)
    for minute in range(100):
        series.add(minute * MINUTE_MS, Candle(0, 0, one, one, one, one, count=1))
    kept = series.candles("1m")
    assert 10 <= len(kept) <= 21
    assert kept[-1].open_ms == 99 * MINUTE_MS
    assert [b.open_ms - a.open_ms for a, b in pairwise(kept)] == [MINUTE_MS] * (len(kept) - 1)


def test_price_matches_of_old_orders_are_forgotten() -> None:
    notes = AccountNotes()
    for order_id in range(KEPT_MATCHES + 5):
        notes.remember_match(order_id, "QUEUE")
    notes.remember_match(KEPT_MATCHES, "NONE")
    assert len(notes.price_match) == KEPT_MATCHES - 1
    assert 4 not in notes.price_match
    assert 5 in notes.price_match
