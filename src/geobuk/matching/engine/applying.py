"""Market rows and time as they pass: the book runs by itself and wakes Python only where something of ours happens."""

import numpy as np

from geobuk.domain.order import Side
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.engine import watching
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.following import follow
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.matching import fill_maker

_TRADE = bytes((Happening.TRADE,))


def advance(floor: Floor, at_ns: int) -> None:
    """Do what falls due up to and at a time, in its order."""
    while (due := floor.deadlines.next_ns()) is not None and due <= at_ns:
        floor.at_ns = max(floor.at_ns, due)
        floor.deadlines.pop()()
        follow(floor)
    floor.at_ns = max(floor.at_ns, at_ns)
    watching.look_at_margins(floor)
    follow(floor)


def apply(floor: Floor, listing: Listing, events: MarketArray) -> None:
    """Let rows happen; what falls due before a row comes before it."""
    if not len(events):
        return
    last_ns = int(events["at_ns"][-1])
    start, count = 0, len(events)
    while start < count:
        end = count
        due = floor.deadlines.next_ns()
        if due is not None and due <= last_ns:
            end = int(np.searchsorted(events["at_ns"], due))
            if end <= start:
                advance(floor, due)
                continue
        start = _run(floor, listing, events if end == count else events[:end], start)
    watching.note_mark(listing)


def _run(floor: Floor, listing: Listing, events: MarketArray, start: int) -> int:
    watching.watch(floor, listing)
    book = listing.book
    stop = book.run(events, start)
    floor.at_ns = max(floor.at_ns, book.at_ns)
    _number_prints(floor, listing, events, start, stop)
    floor.moved[listing] = None
    if floor.refresh_mark(listing):
        watching.look_at_margins(floor, listing)
    follow(floor)
    return stop


def _number_prints(floor: Floor, listing: Listing, events: MarketArray, start: int, stop: int) -> None:
    """Give every print that passed its number; the last row's may be several, one for each of our orders it filled."""
    touched = listing.book.touched
    kinds = events["kind"][start:stop].tobytes()
    count = kinds.count(_TRADE)
    if count and not listing.has_market_ids:
        _take_over_ids(listing, int(events["id"][start + kinds.index(_TRADE)]))
    whole = stop
    if touched and kinds[-1] == Happening.TRADE:
        whole, count = stop - 1, count - 1
    if floor.reports_trades and count:
        _report_prints(floor, listing, events[start:whole])
    else:
        listing.next_trade_id += count
    if touched:
        _settle_touched(floor, listing, events[stop - 1])


def _take_over_ids(listing: Listing, first: int) -> None:
    """Count on from the number of the market's first print, if it has one."""
    listing.has_market_ids = True
    listing.next_trade_id = max(listing.next_trade_id, first)


def _report_prints(floor: Floor, listing: Listing, rows: MarketArray) -> None:
    now = floor.at_ns
    prints = rows[rows["kind"] == Happening.TRADE]
    for at_ns, price, quantity, side in prints[["at_ns", "price", "quantity", "side"]].tolist():
        floor.at_ns = min(at_ns, now)
        floor.number_print(listing, price, quantity, side)
    floor.at_ns = now


def _settle_touched(floor: Floor, listing: Listing, row: np.void) -> None:
    """The row that filled orders of ours: each fill is a print of its own, then what others got of it."""
    rest = int(row["quantity"]) if row["kind"] == Happening.TRADE else 0
    for slot, _, price, quantity, left, _ in listing.book.touched:
        order = listing.resting[slot]
        trade_id = floor.number_print(listing, price, quantity, Side(-order.side))
        fill_maker(floor, order, price, quantity, left, trade_id)
        rest -= quantity
    if rest > 0:
        floor.number_print(listing, int(row["price"]), rest, int(row["side"]))
