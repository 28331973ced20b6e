"""The local order book: the venue's rules of joining snapshot and changes, and what recorded days say of it."""

from bisect import bisect_right
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.binance_frames import RecordedDepth, depth_reply, depth_update

from geobuk.domain.errors import DataError
from geobuk.domain.order import Side
from geobuk.venues.binance.local_book import BookOutcome, LocalBook

BIDS = [("100.0", "1.5"), ("99.9", "2.0")]
ASKS = [("100.1", "3.0"), ("100.2", "4.0")]


@pytest.fixture
def book() -> LocalBook:
    book = LocalBook("BTCUSDT", price_decimals=1, quantity_decimals=3)
    assert book.on_snapshot(depth_reply(160, BIDS, ASKS))
    return book


def exact(*levels: tuple[str, str]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(quantity)) for price, quantity in levels]


def test_snapshot_gives_levels_best_first(book: LocalBook) -> None:
    assert book.levels(Side.BUY, 10) == exact(*BIDS)
    assert book.levels(Side.SELL, 10) == exact(*ASKS)
    assert book.levels(Side.SELL, 1) == exact(ASKS[0])
    assert book.update_id == 160


def test_changes_set_insert_and_delete_levels(book: LocalBook) -> None:
    update = depth_update((157, 165, 150), [("100.0", "0.000"), ("99.95", "7")], [("100.1", "0.25"), ("100.15", "1")])
    with pytest.raises(DataError, match="1 and 3 decimals"):
        book.on_update(update)
    update = depth_update((157, 165, 150), [("100.0", "0.000"), ("99.8", "7")], [("100.1", "0.25"), ("100.3", "1")])
    assert book.on_update(update) is BookOutcome.APPLIED
    assert book.levels(Side.BUY, 9) == exact(("99.9", "2"), ("99.8", "7"))
    assert book.levels(Side.SELL, 9) == exact(("100.1", "0.25"), ("100.2", "4"), ("100.3", "1"))
    quote = book.quote()
    assert quote is not None
    assert (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity) == tuple(
        map(Decimal, ("99.9", "2", "100.1", "0.25"))
    )
    assert quote.at_ns == 1000 * 1_000_000


def test_deleting_an_unknown_level_is_normal(book: LocalBook) -> None:
    assert book.on_update(depth_update((161, 161, 160), [("42.0", "0")])) is BookOutcome.APPLIED
    assert book.levels(Side.BUY, 9) == exact(*BIDS)


def test_changes_older_than_the_snapshot_are_dropped(book: LocalBook) -> None:
    assert book.on_update(depth_update((150, 159, 149), [("100.0", "9")])) is BookOutcome.OLD
    assert book.best(Side.BUY) == exact(BIDS[0])[0]


def test_first_change_must_reach_over_the_snapshot(book: LocalBook) -> None:
    assert book.on_update(depth_update((162, 170, 161))) is BookOutcome.GAP
    assert not book.is_synced
    assert book.quote() is None


def test_first_change_may_begin_where_the_snapshot_ends(book: LocalBook) -> None:
    assert book.on_update(depth_update((163, 170, 160))) is BookOutcome.APPLIED


def test_chain_is_by_previous_id_and_not_by_consecutive_ids(book: LocalBook) -> None:
    assert book.on_update(depth_update((157, 165, 150))) is BookOutcome.APPLIED
    assert book.on_update(depth_update((180, 190, 165))) is BookOutcome.APPLIED
    assert book.on_update(depth_update((191, 195, 189))) is BookOutcome.GAP


def test_gap_waits_for_a_snapshot_and_goes_on_with_what_came_meanwhile(book: LocalBook) -> None:
    book.on_update(depth_update((157, 165, 150)))
    assert book.on_update(depth_update((171, 175, 170), [("99.0", "1")])) is BookOutcome.GAP
    assert book.on_update(depth_update((176, 180, 175), [("98.0", "1")])) is BookOutcome.WAITING
    assert not book.on_snapshot(depth_reply(168, BIDS, ASKS)), "older than the changes that wait"
    assert book.on_snapshot(depth_reply(173, BIDS, ASKS))
    assert book.update_id == 180
    assert book.levels(Side.BUY, 9) == exact(*BIDS, ("99.0", "1"), ("98.0", "1"))
    assert book.resyncs == 2


def test_crossed_book_is_void(book: LocalBook) -> None:
    assert book.on_update(depth_update((157, 165, 150), [("100.1", "1")])) is BookOutcome.CROSSED
    assert not book.is_synced
    assert book.levels(Side.BUY, 5) == []
    assert book.on_snapshot(depth_reply(170, BIDS, ASKS))
    assert book.quote() is not None


def test_repeated_change_is_old_and_harms_nothing(book: LocalBook) -> None:
    update = depth_update((157, 165, 150), [("100.0", "8")])
    assert book.on_update(update) is BookOutcome.APPLIED
    assert book.on_update(update) is BookOutcome.OLD
    assert book.is_synced


@pytest.mark.parametrize(
    "frame",
    [
        b"{}",
        b"hello",
        b'{"e":"depthUpdate","U":1,"u":2,"pu":0,"b":[["1"]],"a":[]}',
        b'{"e":"depthUpdate","U":1,"u":2,"pu":0,"b":[["1","-2"]],"a":[]}',
        b'{"e":"depthUpdate","U":1,"u":2,"pu":0,"b":[["1","2"',
        b'{"e":"depthUpdate","U":1,"u":2,"pu":0,"b":[["x","2"]],"a":[]}',
        b'{"e":"depthUpdate","U":1,"u":2,"pu":0,"b":[["99999999999999999999","2"]],"a":[]}',
        b'{"e":"aggTrade","p":"1","q":"2"}',
    ],
)
def test_what_is_no_depth_message_raises(book: LocalBook, frame: bytes) -> None:
    with pytest.raises(DataError):
        book.on_update(frame)


def test_raw_frames_and_spaces_are_read(book: LocalBook) -> None:
    frame = b'{ "e": "depthUpdate", "s": "a", "U": 157, "u": 165, "pu": 150, "b": [ ["100.0", "9"] ], "a": [ ] }'
    assert book.on_update(frame) is BookOutcome.APPLIED
    assert book.best(Side.BUY) == exact(("100.0", "9"))[0]


def test_message_larger_than_any_before_is_taken_whole(book: LocalBook) -> None:
    many = [(f"{n}.0", "1") for n in range(1, 100)]
    wide = [(f"{n}.0", "1") for n in range(101, 9000)]
    wider = LocalBook("BTCUSDT", capacity=10_000)
    wider.on_snapshot(depth_reply(160, BIDS, ASKS))
    assert wider.on_update(depth_update((157, 165, 150), many, wide)) is BookOutcome.APPLIED
    assert len(wider.levels(Side.SELL, 10_000)) == len(wide) + 2


def test_full_side_forgets_its_worst_quarter() -> None:
    book = LocalBook("BTCUSDT", capacity=16)
    book.on_snapshot(depth_reply(1, [(f"{100 - n}", "1") for n in range(16)], []))
    book.on_update(depth_update((1, 2, 0), [("101", "5"), ("1", "5")]))
    levels = book.levels(Side.BUY, 99)
    assert levels[0] == (Decimal(101), Decimal(5))
    assert [price for price, _ in levels] == [Decimal(n) for n in [*range(101, 88, -1), 1]]


@given(
    changes=st.lists(
        st.lists(st.tuples(st.booleans(), st.integers(1, 40), st.integers(0, 3)), max_size=12), min_size=1, max_size=20
    )
)
def test_book_equals_a_dictionary_of_levels(changes: list[list[tuple[bool, int, int]]]) -> None:
    book = LocalBook("BTCUSDT", price_decimals=2, quantity_decimals=0, capacity=64)
    assert book.on_snapshot(depth_reply(0, [], []))
    truth: dict[bool, dict[Decimal, Decimal]] = {True: {}, False: {}}
    for number, levels in enumerate(changes, start=1):
        said: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        for is_bid, place, quantity in levels:
            price = f"{place / 4 if is_bid else 100 + place / 4:.2f}"
            said[is_bid].append((price, str(quantity)))
        for is_bid in (True, False):
            for price, size in said[is_bid]:
                truth[is_bid][Decimal(price)] = Decimal(size)
        book.on_update(depth_update((number, number, number - 1), said[True], said[False]))
    for side, is_bid in ((Side.BUY, True), (Side.SELL, False)):
        held = sorted(((p, q) for p, q in truth[is_bid].items() if q), reverse=is_bid)
        assert book.levels(side, 99) == held


@pytest.mark.real_data
def test_replayed_depth_gives_the_venues_own_best_quotes(shared_data: Path) -> None:
    """After each change up to id u, best prices and quantities are those of the last bookTicker with an id <= u."""
    if not (shared_data / "ticks").is_dir():
        pytest.skip("no recorded ticks")
    day = RecordedDepth(shared_data / "ticks")
    book = LocalBook("BTCUSDT", price_decimals=2, quantity_decimals=3)
    compared = 0
    assert book.on_update(day.updates[0][1]) is BookOutcome.WAITING
    assert book.on_snapshot(day.snapshot)
    for last_id, frame in day.updates[1:]:
        outcome = book.on_update(frame)
        assert outcome is (BookOutcome.APPLIED if last_id >= day.snapshot_id else BookOutcome.OLD)
        if outcome is BookOutcome.APPLIED:
            told = day.quotes[bisect_right(day.quote_ids, last_id) - 1]
            quote = book.quote()
            assert quote is not None
            assert (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity) == tuple(
                Decimal(str(value)) for value in told
            ), last_id
            compared += 1
    assert (compared, book.resyncs) == (6547, 0)


@pytest.mark.real_data
def test_missing_message_of_a_recorded_day_is_noticed(shared_data: Path) -> None:
    if not (shared_data / "ticks").is_dir():
        pytest.skip("no recorded ticks")
    day = RecordedDepth(shared_data / "ticks")
    book = LocalBook("BTCUSDT")
    book.on_snapshot(day.snapshot)
    outcomes = [book.on_update(frame) for _, frame in [*day.updates[:100], *day.updates[101:110]]]
    assert outcomes[100] is BookOutcome.GAP
    assert outcomes[101:] == [BookOutcome.WAITING] * 8
