"""Orders of the venue's own: they close a position by force, and never rest."""

from geobuk.domain.order import OrderType, PositionSide, Side, TimeInForce
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import Cause, NewOrder
from geobuk.matching.engine.reports import ExecutionType
from geobuk.matching.engine.submitting import enter


def place(
    floor: Floor,
    member: Member,
    listing: Listing,
    leg: tuple[Side, PositionSide],
    units: tuple[int, int],
    cause: Cause,
) -> LiveOrder:
    """Enter an order that closes ``units`` (quantity, price) of a leg, and tell of it."""
    floor.forced[cause] += 1
    request = NewOrder(
        instrument=listing.name,
        side=leg[0],
        type=OrderType.LIMIT,
        quantity=listing.scale.quantity(units[0]),
        price=listing.scale.price(units[1]),
        time_in_force=TimeInForce.IOC,
        client_order_id=floor.spec.forced_id(cause, floor.at_ns, floor.forced[cause]),
        position_side=leg[1],
    )
    order = enter(floor, member, listing, request, units)
    order.cause = cause
    floor.tell_order(order, ExecutionType.NEW)
    return order
