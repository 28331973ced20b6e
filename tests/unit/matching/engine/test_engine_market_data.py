"""What the engine shows of a market: depth, changes, quotes, prices."""

from decimal import Decimal

import pytest
from tests.support.engine_room import BTC, BUY, ETH, SELL, START_NS, Room, rows_of, rules_of

from geobuk.matching.book.market_event import Happening
from geobuk.matching.refusals import Refusal, RefusedError

D = Decimal


def test_depth_sums_all_owners_best_first() -> None:
    room = Room()
    room.limit("a", BUY, 1, "59999.9")
    room.limit("b", BUY, 2, "59995")
    depth = room.engine.depth(BTC, 2)
    assert depth.bids == [(D("59999.9"), D(6)), (D(59995), D(2))]
    assert depth.asks == [(D("60000.1"), D(5)), (D(60010), D(10))]
    assert depth.update_id == room.engine._floor.listings[BTC].book.update_id


def test_changes_hold_the_newest_quantity_of_each_level_and_chain_their_ids() -> None:
    room = Room()
    first = room.engine.drain_changes(BTC)
    assert first.first_id == 1
    assert len(first.bids) == len(first.asks) == 2
    room.limit("a", BUY, 1, "59995", client_order_id="x")
    room.engine.cancel("a", BTC, "x")
    room.market("a", SELL, 1)
    changes = room.engine.drain_changes(BTC)
    assert (changes.bids, changes.asks) == ([(D(59995), D(0)), (D("59999.9"), D(4))], [])
    assert changes.first_id == first.last_id + 1
    assert changes.last_id == room.engine.depth(BTC, 1).update_id
    nothing = room.engine.drain_changes(BTC)
    assert (nothing.first_id, nothing.last_id, nothing.bids) == (changes.last_id, changes.last_id, [])


def test_a_quote_is_none_until_somebody_quotes() -> None:
    room = Room(is_empty=True)
    assert room.engine.quote(BTC) is None
    assert room.engine.mark_price(BTC) is room.engine.last_price(BTC) is room.engine.index_price(BTC) is None
    room.book(bids={"59000": 1})
    quote = room.engine.quote(BTC)
    assert quote is not None
    assert (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity) == (D(59000), D(1), D(0), D(0))
    assert room.engine.mark_price(BTC) == D(59000)


def test_prices_are_those_of_the_last_rows_and_of_our_own_trades() -> None:
    room = Room()
    room.rows((Happening.INDEX, 0, 59990, 0), (Happening.TRADE, 1, 60001, 1))
    assert (room.engine.index_price(BTC), room.engine.mark_price(BTC)) == (D(59990), D(60000))
    assert room.engine.last_price(BTC) == D(60001)
    room.market("a", SELL, 1)
    assert room.engine.last_price(BTC) == D("59999.9")


def test_time_is_that_of_the_last_row_and_never_falls() -> None:
    room = Room(is_empty=True)
    room.engine.apply(BTC, rows_of(START_NS + 100, (Happening.MARK, 0, 60000, 0)))
    assert room.engine.at_ns == START_NS + 100
    room.engine.advance(START_NS + 50)
    assert room.engine.at_ns == START_NS + 100
    room.engine.apply(BTC, rows_of(0))
    assert room.engine.at_ns == START_NS + 100


def test_an_unknown_instrument_is_refused_everywhere() -> None:
    room = Room()
    for ask in (room.engine.quote, room.engine.rules, room.engine.mark_price, room.engine.drain_changes):
        with pytest.raises(RefusedError) as refused:
            ask("XUSDT")
        assert refused.value.reason is Refusal.UNKNOWN_INSTRUMENT


def test_instruments_have_books_of_their_own() -> None:
    room = Room(rules_of(), rules_of(ETH))
    room.book(bids={"3000": 1}, instrument=ETH)
    assert room.engine.depth(ETH, 5).bids == [(D(3000), D(1))]
    assert len(room.engine.depth(BTC, 5).bids) == 2
