"""What is shown of a book: whole numbers become prices and quantities."""

from decimal import Decimal

from geobuk.domain.order import Side
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.views import BestQuote, Changes, Depth, Level


def depth(listing: Listing, levels: int) -> Depth:
    """The best levels of both sides."""
    book = listing.book
    return Depth(book.update_id, _levels(listing, Side.BUY, levels), _levels(listing, Side.SELL, levels))


def quote(listing: Listing, at_ns: int) -> BestQuote | None:
    """The best of each side, None while both are empty."""
    book, scale = listing.book, listing.scale
    (bid, bid_quantity), (ask, ask_quantity) = book.best(Side.BUY), book.best(Side.SELL)
    if not bid and not ask:
        return None
    return BestQuote(
        at_ns,
        book.update_id,
        scale.price(bid),
        scale.quantity(bid_quantity),
        scale.price(ask),
        scale.quantity(ask_quantity),
    )


def drain_changes(listing: Listing) -> Changes:
    """Levels that changed since the last call."""
    bids: list[Level] = []
    asks: list[Level] = []
    for side, price, quantity, _ in listing.book.drain_changes().tolist():
        (bids if side > 0 else asks).append(_level(listing, price, quantity))
    last_id = listing.book.update_id
    first_id = min(listing.drained_id + 1, last_id)
    listing.drained_id = last_id
    return Changes(first_id, last_id, bids, asks)


def _levels(listing: Listing, side: Side, count: int) -> list[Level]:
    return [_level(listing, price, quantity) for price, quantity in listing.book.levels(side, count).tolist()]


def _level(listing: Listing, price: int, quantity: int) -> tuple[Decimal, Decimal]:
    return listing.scale.price(price), listing.scale.quantity(quantity)
