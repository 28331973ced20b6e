"""A book grows by itself, and tells which levels changed without ever losing one."""

import numpy as np

from geobuk.matching.book.book import Book
from geobuk.matching.book.market_event import MARKET_EVENT, Happening

BID, ASK = 1, -1


def test_a_book_grows_and_keeps_every_order() -> None:
    book = Book(capacity=2)
    slots = [book.add(BID, 1_000 - k % 50, k + 1, 1) for k in range(500)]
    assert len(set(slots)) == 500
    assert [book.remaining(slot) for slot in slots] == list(range(1, 501))
    assert book.quantity_ahead(slots[100]) == 1 + 51
    assert book.levels(BID, 100)[:, 0].tolist() == list(range(1_000, 950, -1))


def test_a_run_that_needs_room_goes_on_where_it_stood() -> None:
    rows = np.zeros(9_000, MARKET_EVENT)
    rows["price"], rows["quantity"], rows["side"] = np.arange(9_000), 1, BID
    book = Book(capacity=4)
    assert book.run(rows, 0) == 9_000
    assert book.levels(BID, 10_000)[:, 0].tolist() == list(range(8_999, -1, -1))


def test_changes_are_told_once_with_their_newest_quantity() -> None:
    book = Book()
    book.set_level(BID, 99, 10)
    book.set_level(ASK, 101, 5)
    book.set_level(BID, 99, 12)
    assert book.drain_changes().tolist() == [[ASK, 101, 5, 2], [BID, 99, 12, 3]]
    assert book.drain_changes().shape == (0, 4)
    assert book.update_id == 3


def test_a_level_that_is_gone_is_told_with_nothing() -> None:
    book = Book()
    book.set_level(BID, 99, 10)
    book.drain_changes()
    book.take(ASK, None, 10, 1)
    assert book.drain_changes().tolist() == [[BID, 99, 0, 2]]


def test_a_level_that_went_and_came_is_told_once() -> None:
    book = Book()
    for _ in range(5_000):
        book.set_level(BID, 99, 10)
        book.set_level(BID, 99, 0)
    book.set_level(BID, 99, 7)
    assert book.drain_changes().tolist() == [[BID, 99, 7, 10_001]]


def test_what_does_not_change_a_level_is_no_change() -> None:
    book = Book()
    book.set_level(BID, 99, 10)
    book.set_level(BID, 99, 10)
    book.set_level(BID, 98, 0)
    assert book.update_id == 1


def test_changes_that_nobody_drains_stay_bounded_and_none_is_lost() -> None:
    rng = np.random.default_rng(3)
    book, told = Book(capacity=8, longest_log=500), {}

    def read() -> None:
        told.update({(side, price): quantity for side, price, quantity, _ in book.drain_changes().tolist()})

    for count in (200, 30_000, 200):
        rows = np.zeros(count, MARKET_EVENT)
        rows["kind"] = Happening.LEVEL
        rows["side"] = rng.choice([BID, ASK], count)
        rows["price"] = rng.integers(0, 100_000, count) * rows["side"] * -1
        rows["quantity"] = rng.integers(0, 3, count)
        book.run(rows, 0)
        read()
        there = {(side, price): left for side in (BID, ASK) for price, left in book.levels(side, 10**6).tolist()}
        assert {key: left for key, left in told.items() if left} == there
    assert len(there) > 5_000
