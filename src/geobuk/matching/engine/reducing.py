"""Orders that may only make a position smaller: how much of each may be in the book.

By price-time priority, all orders of the leg's closing side together never rest for more than is held because of a
closing order: one that has nothing left to close behind better ones is pushed out.
"""

from geobuk.domain.order import PositionSide, Side
from geobuk.matching.engine import ending
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import NOT_RESTING, LiveOrder
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import ExpireReason


def closable(member: Member, listing: Listing, position_side: PositionSide, side: Side) -> int:
    """What an order of this side could close of a leg, in units; 0 on the wrong side."""
    held = member.account.position(listing.name, position_side).quantity
    units = listing.scale.quantity_units(held) or 0
    return max(0, -units * side)


def room_at(member: Member, listing: Listing, position_side: PositionSide, side: Side, price: int) -> int:
    """What a new closing order at a price would find left to close behind the orders before it."""
    held = closable(member, listing, position_side, side)
    ahead = [
        o
        for o in member.orders.open(listing.name)
        if o.side is side and o.position_side is position_side and o.price * side >= price * side
    ]
    return max(0, held - sum(order.resting or order.left for order in ahead))


def bring_in_line(floor: Floor, member: Member, listing: Listing) -> LiveOrder | None:
    """Trim, rest again or expire the closing orders of an account in an instrument.

    Answers one that can't rest because it would take: to be matched, then ask again.
    """
    if not member.orders.has_closing(listing.name):
        return None
    for position_side in PositionSide:
        closing = member.orders.closing(listing.name, position_side)
        for side in Side:
            if any(order.side is side for order in closing):
                crossing = _bring_side_in_line(floor, member, listing, position_side, side)
                if crossing is not None:
                    return crossing
    return None


def _bring_side_in_line(
    floor: Floor, member: Member, listing: Listing, position_side: PositionSide, side: Side
) -> LiveOrder | None:
    room = closable(member, listing, position_side, side)
    for order in _queue(member, listing, position_side, side):
        if not order.is_closing:
            room -= order.left
            continue
        allowed = min(order.left, max(0, room))
        if not allowed:
            ending.expire(floor, order, ExpireReason.REDUCE_ONLY_PUSHED_OUT)
            continue
        if order.slot == NOT_RESTING and listing.crosses(side, order.price):
            return order
        _set_resting(listing, order, allowed)
        room -= order.resting
    return None


def _queue(member: Member, listing: Listing, position_side: PositionSide, side: Side) -> list[LiveOrder]:
    """The leg's open orders of a side, best price first, then by time."""
    orders = [o for o in member.orders.open(listing.name) if o.side is side and o.position_side is position_side]
    return sorted(orders, key=lambda order: (-order.price * side, order.place))


def _set_resting(listing: Listing, order: LiveOrder, allowed: int) -> None:
    """An entry shrinks in its place; it never grows, but one that was used up may queue again."""
    if order.slot == NOT_RESTING:
        listing.rest(order, allowed)
    elif allowed < order.resting:
        listing.book.reduce(order.slot, allowed)
        order.resting = allowed
