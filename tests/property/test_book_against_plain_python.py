"""The compiled book does what a plain one does, whatever is asked of it in whatever order."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.plain_book import PlainBook, PlainEntry

from geobuk.matching.book.book import Book, QueueModel
from geobuk.matching.book.market_event import MARKET_EVENT, Happening

SIDES = st.sampled_from([1, -1])
PRICES = st.integers(90, 110)
QUANTITIES = st.integers(1, 40)
OWNERS = st.integers(1, 3)
CODES = st.integers(0, 3)
KINDS = st.sampled_from([Happening.LEVEL] * 6 + [Happening.TRADE] * 4 + [Happening.CLEAR])
EVENTS = st.lists(st.tuples(KINDS, SIDES, PRICES, st.integers(0, 40)), min_size=1, max_size=30)


class TwoBooks(RuleBasedStateMachine):
    """Both get the same; ``names`` says which entry of the plain book a slot is; ``told`` is what a reader knows."""

    model = QueueModel.PROPORTIONAL

    def __init__(self) -> None:
        super().__init__()
        self.book, self.plain = self.small_book(), PlainBook(int(self.model))
        self.names: dict[int, PlainEntry] = {}
        self.told: dict[tuple[int, int], int] = {}
        self.update_id = 0

    def small_book(self) -> Book:
        return Book(self.model, capacity=2)

    @rule(side=SIDES, price=PRICES, quantity=QUANTITIES, owner=OWNERS)
    def add(self, side: int, price: int, quantity: int, owner: int) -> None:
        if self.plain.would_cross(side, price):
            with pytest.raises(ValueError, match="crosses"):
                self.book.add(side, price, quantity, owner)
            return
        slot = self.book.add(side, price, quantity, owner)
        assert slot not in self.names
        self.names[slot] = self.plain.add(side, price, quantity, owner)

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        slot = data.draw(st.sampled_from(sorted(self.names)))
        assert self.book.remove(slot) == self.plain.remove(self.names.pop(slot))
        for gone in (self.book.remove, self.book.remaining, self.book.quantity_ahead):
            with pytest.raises(ValueError, match="holds no order"):
                gone(slot)

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def reduce(self, data: st.DataObject) -> None:
        slot = data.draw(st.sampled_from(sorted(self.names)))
        to_quantity = data.draw(st.integers(1, self.names[slot].quantity))
        self.book.reduce(slot, to_quantity)
        self.names[slot].quantity = to_quantity

    @rule(side=SIDES, limit=st.none() | PRICES, quantity=st.integers(1, 120), owner=st.integers(0, 3), stp=CODES)
    def take(self, side: int, limit: int | None, quantity: int, owner: int, stp: int) -> None:
        assert self.book.available(side, limit, owner) == self.plain.available(side, limit, owner)
        taken = self.book.take(side, limit, quantity, owner, stp)
        fills, left, expired, stopped = self.plain.take(side, limit, quantity, owner, stp)
        assert (taken.left, taken.stopped) == (left, stopped)
        assert taken.left + sum(fill[3] for fill in taken.fills) == quantity
        assert [self.named(fill) for fill in taken.fills] == fills
        assert [self.names.pop(slot) for slot in taken.expired] == expired
        self.forget(taken.fills)

    @rule(side=SIDES, price=PRICES, quantity=st.integers(0, 40))
    def set_level(self, side: int, price: int, quantity: int) -> None:
        self.book.set_level(side, price, quantity)
        assert [self.named(fill) for fill in self.book.touched] == self.plain.set_level(side, price, quantity)
        self.forget(self.book.touched)

    @rule(events=EVENTS)
    def run_market(self, events: list[tuple[Happening, int, int, int]]) -> None:
        rows = np.zeros(len(events), MARKET_EVENT)
        for k, (kind, side, price, quantity) in enumerate(events):
            rows[k] = (k, price, quantity, k + 1, kind, side)
        at = 0
        while at < len(rows):
            stop = self.book.run(rows, at)
            assert stop == len(rows) or self.book.touched
            for k in range(at, stop):
                fills = self.plain_row(*events[k], k + 1)
                assert [self.named(fill) for fill in self.book.touched if k == stop - 1] == fills
            self.forget(self.book.touched)
            assert self.book.at_ns == stop - 1
            at = stop

    def plain_row(self, kind: Happening, side: int, price: int, quantity: int, number: int) -> list:
        if kind is Happening.CLEAR:
            self.plain.clear()
            return []
        if kind is Happening.LEVEL:
            return self.plain.set_level(side, price, quantity)
        return self.plain.trade(side, price, quantity, number)

    @rule()
    def drain(self) -> None:
        rows = self.book.drain_changes()
        assert len({(side, price) for side, price, _, _ in rows.tolist()}) == len(rows)
        assert (np.diff(rows[:, 3]) >= 0).all()
        assert all(self.update_id < row[3] <= self.book.update_id for row in rows)
        self.update_id = self.book.update_id
        for side, price, quantity, _ in rows.tolist():
            self.told[side, price] = quantity
        there = {(side, price): left for side in (1, -1) for price, left in self.plain.levels(side)}
        assert {key: left for key, left in self.told.items() if left} == there

    @invariant()
    def both_are_alike(self) -> None:
        for side in (1, -1):
            levels = self.plain.levels(side)
            assert self.book.levels(side, 100).tolist() == levels
            assert self.book.levels(side, 2).tolist() == levels[:2]
            assert self.book.best(side) == (tuple(levels[0]) if levels else (0, 0))
            for price in range(89, 112):
                assert self.book.quantity_at(side, price) == self.plain.quantity_at(side, price)
        for slot, entry in self.names.items():
            assert self.book.remaining(slot) == entry.quantity
            assert self.book.quantity_ahead(slot) == self.plain.ahead(entry)
        assert self.book.last == self.plain.last

    @invariant()
    def sides_never_cross(self) -> None:
        (bid, has_bid), (ask, has_ask) = self.book.best(1), self.book.best(-1)
        assert not (has_bid and has_ask) or bid < ask

    def named(self, fill: tuple) -> tuple:
        """A fill with the plain book's entry for the slot."""
        return (self.names[fill[0]] if fill[0] >= 0 else None, *fill[1:])

    def forget(self, fills: list) -> None:
        """Slots that were filled whole are free again."""
        for fill in fills:
            if fill[0] >= 0 and fill[4] == 0:
                del self.names[fill[0]]


class WithCancelsBehind(TwoBooks):
    """Others cancel behind us first."""

    model = QueueModel.CANCELS_BEHIND


class WithCancelsAhead(TwoBooks):
    """Others cancel ahead of us first."""

    model = QueueModel.CANCELS_AHEAD


TestProportional = TwoBooks.TestCase
TestCancelsBehind = WithCancelsBehind.TestCase
TestCancelsAhead = WithCancelsAhead.TestCase
for case in (TestProportional, TestCancelsBehind, TestCancelsAhead):
    case.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
