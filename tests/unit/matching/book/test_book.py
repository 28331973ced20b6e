"""The order book: priority, takers, self-trade prevention, what the market does to resting orders."""

import numpy as np
import pytest

from geobuk.matching.book.book import Book, Prevention, QueueModel
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray

BID, ASK = 1, -1
ME, YOU = 1, 2


def rows(*events: tuple[Happening, int, int, int]) -> MarketArray:
    """Rows of (kind, side, price, quantity), one nanosecond apart from 1, numbered from 1."""
    made = np.zeros(len(events), MARKET_EVENT)
    for k, (kind, side, price, quantity) in enumerate(events):
        made[k] = (k + 1, price, quantity, k + 1, kind, side)
    return made


def quoted() -> Book:
    """Others bid 10 at 99 and ask 10 at 101, 20 at 102."""
    book = Book()
    book.set_level(BID, 99, 10)
    book.set_level(ASK, 101, 10)
    book.set_level(ASK, 102, 20)
    return book


def test_best_and_levels_show_the_best_price_first() -> None:
    book = quoted()
    assert book.best(BID) == (99, 10)
    assert book.best(ASK) == (101, 10)
    assert book.levels(ASK, 5).tolist() == [[101, 10], [102, 20]]
    assert book.levels(ASK, 1).tolist() == [[101, 10]]
    assert book.levels(BID, 0).shape == (0, 2)


def test_an_empty_side_has_no_best_price() -> None:
    assert Book().best(BID) == (0, 0)
    assert Book().quantity_at(ASK, 100) == 0


def test_prices_below_zero_are_prices_too() -> None:
    book = Book()
    book.set_level(BID, -12, 5)
    book.set_level(BID, -10, 4)
    book.set_level(ASK, -9, 3)
    assert book.levels(BID, 5).tolist() == [[-10, 4], [-12, 5]]
    assert book.take(ASK, -10, 9, ME).left == 5


def test_a_taker_gets_the_best_price_first_and_the_first_in_time_there() -> None:
    book = quoted()
    mine = book.add(ASK, 101, 5, ME)
    taken = book.take(BID, 102, 18, YOU)
    assert taken.fills == [(-1, 0, 101, 10, 0), (mine, ME, 101, 5, 0), (-1, 0, 102, 3, 17)]
    assert (taken.left, taken.expired, taken.stopped) == (0, [], False)
    assert book.last == 102


def test_a_taker_stops_at_its_limit() -> None:
    taken = quoted().take(BID, 101, 18, ME)
    assert (sum(fill[3] for fill in taken.fills), taken.left) == (10, 8)


def test_a_taker_without_a_limit_takes_what_there_is() -> None:
    book = quoted()
    assert book.take(BID, None, 100, ME).left == 70
    assert book.best(ASK) == (0, 0)


def test_an_order_that_would_cross_is_not_rested() -> None:
    with pytest.raises(ValueError, match="price 101 crosses 101 on the other side"):
        quoted().add(BID, 101, 1, ME)


@pytest.mark.parametrize(("quantity", "owner"), [(0, ME), (-1, ME), (1, 0)])
def test_an_order_of_nothing_or_of_nobody_is_refused(quantity: int, owner: int) -> None:
    with pytest.raises(ValueError, match="more than 0 of both"):
        quoted().add(BID, 98, quantity, owner)


def test_self_trade_prevention_expires_the_taker() -> None:
    book = quoted()
    mine = book.add(ASK, 101, 5, ME)
    taken = book.take(BID, None, 30, ME, Prevention.EXPIRE_TAKER)
    assert (len(taken.fills), taken.left, taken.expired, taken.stopped) == (1, 20, [], True)
    assert book.remaining(mine) == 5


def test_self_trade_prevention_expires_the_maker_and_goes_on() -> None:
    book = quoted()
    mine = book.add(ASK, 101, 5, ME)
    taken = book.take(BID, None, 30, ME, Prevention.EXPIRE_MAKER)
    assert ([fill[2:4] for fill in taken.fills], taken.left) == ([(101, 10), (102, 20)], 0)
    assert (taken.expired, taken.stopped) == ([mine], False)


def test_self_trade_prevention_expires_both() -> None:
    book = quoted()
    mine = book.add(ASK, 101, 5, ME)
    taken = book.take(BID, None, 30, ME, Prevention.EXPIRE_BOTH)
    assert (len(taken.fills), taken.left, taken.expired, taken.stopped) == (1, 20, [mine], True)
    assert book.best(ASK) == (102, 20)


def test_self_trade_prevention_leaves_other_accounts_alone() -> None:
    book = quoted()
    yours = book.add(ASK, 100, 5, YOU)
    assert book.take(BID, 100, 5, ME, Prevention.EXPIRE_BOTH).fills == [(yours, YOU, 100, 5, 0)]


def test_available_excludes_own_orders_and_prices_past_the_limit() -> None:
    book = quoted()
    book.add(ASK, 101, 5, ME)
    assert book.available(BID, 101, ME) == 10
    assert book.available(BID, 101, YOU) == 15
    assert book.available(BID, None, ME) == 30


def test_a_slot_is_gone_once_its_order_is() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    assert book.remove(mine) == 5
    for ask in (book.remove, book.remaining, book.quantity_ahead, lambda slot: book.reduce(slot, 1)):
        with pytest.raises(ValueError, match=f"slot {mine} holds no order"):
            ask(mine)
    with pytest.raises(ValueError, match="holds no order"):
        book.remove(10**9)


def test_a_reduced_order_keeps_its_place() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    yours = book.add(BID, 99, 5, YOU)
    assert book.reduce(mine, 2) == 5
    assert (book.quantity_ahead(mine), book.quantity_ahead(yours)) == (10, 12)
    with pytest.raises(ValueError, match="no order of 3 or more"):
        book.reduce(mine, 3)
    with pytest.raises(ValueError, match="can't be reduced to 0"):
        book.reduce(mine, 0)


def test_others_who_come_later_stand_behind() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    book.set_level(BID, 99, 30)
    assert (book.quantity_ahead(mine), book.quantity_at(BID, 99)) == (10, 35)


@pytest.mark.parametrize(
    ("model", "ahead"),
    [(QueueModel.CANCELS_BEHIND, 10), (QueueModel.PROPORTIONAL, 6), (QueueModel.CANCELS_AHEAD, 0)],
)
def test_who_cancels_is_the_queue_models_guess(model: QueueModel, ahead: int) -> None:
    book = Book(model)
    book.set_level(BID, 99, 10)
    mine = book.add(BID, 99, 5, ME)
    book.set_level(BID, 99, 25)  # 10 ahead, 15 behind
    book.set_level(BID, 99, 15)
    assert book.quantity_ahead(mine) == ahead


def test_a_print_at_the_price_eats_the_queue_before_the_order() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    book.run(rows((Happening.TRADE, ASK, 99, 7)))
    assert (book.quantity_ahead(mine), book.touched) == (3, [])
    book.run(rows((Happening.TRADE, ASK, 99, 6)))
    assert book.touched == [(mine, ME, 99, 3, 2, 1)]
    assert book.best(BID) == (99, 2)


def test_a_print_past_the_price_fills_the_better_order_at_its_own_price() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    book.run(rows((Happening.TRADE, ASK, 98, 7)))
    assert book.touched == [(mine, ME, 99, 5, 0, 1)]
    assert book.best(BID) == (99, 10)  # others' quantity there goes when a LEVEL row says so


def test_a_print_fills_no_more_than_its_quantity() -> None:
    book = Book()
    first, second = book.add(BID, 99, 5, ME), book.add(BID, 98, 5, ME)
    book.run(rows((Happening.TRADE, ASK, 97, 7)))
    assert [fill[:5] for fill in book.touched] == [(first, ME, 99, 5, 0), (second, ME, 98, 2, 3)]


def test_a_print_by_a_buyer_leaves_the_bids_alone() -> None:
    book = quoted()
    book.add(BID, 99, 5, ME)
    book.run(rows((Happening.TRADE, BID, 99, 50)))
    assert (book.touched, book.best(BID), book.last) == ([], (99, 15), 99)


def test_a_quote_that_crosses_an_own_order_fills_it() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    book.set_level(ASK, 98, 3)
    assert book.touched == [(mine, ME, 99, 3, 2, 0)]
    assert (book.best(BID), book.best(ASK)) == ((99, 2), (101, 10))


def test_a_quote_clears_the_stale_quotes_it_crosses() -> None:
    book = quoted()
    book.set_level(BID, 101, 4)
    assert (book.best(BID), book.best(ASK)) == ((101, 4), (102, 20))


def test_run_stops_after_the_row_that_fills_an_own_order() -> None:
    book = quoted()
    book.add(BID, 100, 5, ME)
    events = rows(
        (Happening.LEVEL, BID, 98, 3),
        (Happening.TRADE, ASK, 100, 2),
        (Happening.TRADE, ASK, 100, 2),
        (Happening.LEVEL, BID, 98, 4),
    )
    stops, at = [], 0
    while at < len(events):
        at = book.run(events, at)
        stops.append((at, [fill.id for fill in book.touched]))
    assert stops == [(2, [2]), (3, [3]), (4, [])]
    assert book.at_ns == 4


def test_run_stops_after_a_row_past_a_watch_line() -> None:
    book = quoted()
    events = rows(
        (Happening.TRADE, ASK, 100, 1),
        (Happening.TRADE, ASK, 99, 1),
        (Happening.MARK, 0, 105, 0),
        (Happening.MARK, 0, 110, 0),
        (Happening.INDEX, 0, 104, 0),
        (Happening.RATE, 0, -7, 0),
    )
    book.watch(99, None, None, 110)
    assert book.run(events, 0) == 2
    assert book.run(events, 2) == 4
    assert book.run(events, 4) == 6
    assert (book.last, book.mark, book.index, book.rate) == (99, 110, 104, -7)
    book.watch(None, 100, 105, None)
    assert [book.run(events, start) for start in (0, 2)] == [1, 3]


def test_others_count_as_ahead_after_a_clear() -> None:
    book = quoted()
    mine = book.add(BID, 99, 5, ME)
    book.run(rows((Happening.CLEAR, 0, 0, 0)))
    assert (book.levels(BID, 9).tolist(), book.levels(ASK, 9).tolist()) == ([[99, 5]], [])
    book.run(rows((Happening.LEVEL, BID, 99, 8), (Happening.LEVEL, BID, 99, 12)))
    assert (book.quantity_ahead(mine), book.quantity_at(BID, 99)) == (8, 17)


def test_rows_that_can_not_be_written_or_lie_apart_are_read_too() -> None:
    events = rows((Happening.LEVEL, BID, 99, 4), (Happening.LEVEL, BID, 98, 3), (Happening.LEVEL, BID, 97, 2))
    events.flags.writeable = False
    book = Book()
    assert book.run(events[::2], 0) == 2
    assert book.levels(BID, 9).tolist() == [[99, 4], [97, 2]]
