"""How an order leaves the book without being filled, and what else ends with it."""

from decimal import Decimal

from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import ConditionalStatus, ExpireReason, Status
from geobuk.matching.engine.reports import ConditionalReport, ExecutionType
from geobuk.matching.engine.waiting import Waiting


def cancel(floor: Floor, order: LiveOrder, modify_id: str = "") -> None:
    """End an order because it was asked for."""
    end(floor, order, Status.CANCELED, ExpireReason.NONE)
    floor.tell_order(order, ExecutionType.CANCELED, modify_id)
    finish_origin(floor, order)


def expire(floor: Floor, order: LiveOrder, reason: ExpireReason, status: Status = Status.EXPIRED) -> None:
    """End an order because of a rule."""
    end(floor, order, status, reason)
    floor.tell_order(order, ExecutionType.EXPIRED)
    finish_origin(floor, order)


def end(floor: Floor, order: LiveOrder, status: Status, reason: ExpireReason) -> None:
    """Take an order out of the book and out of the open ones."""
    order.listing.lift(order)
    order.status = status
    order.expire_reason = reason
    order.touch(floor.at_ns)
    release(order, order.reserved)
    order.member.orders.close(order)


def release(order: LiveOrder, notional: Decimal) -> None:
    """Take what was filled or ended off what the open orders may cost."""
    if notional:
        order.reserved -= notional
        order.member.count((order.listing.name, order.position_side), order.side, -notional)


def reserve(order: LiveOrder) -> None:
    """Count an order's open quantity among what the open orders may cost; closing and market orders cost nothing."""
    if order.shown_price is None or order.is_closing:
        return
    left = order.listing.scale.quantity(order.left) if order.filled else order.shown_quantity
    order.reserved = order.shown_price * left
    order.member.count((order.listing.name, order.position_side), order.side, order.reserved)


def cancel_all(floor: Floor, member: Member, listing: Listing) -> list[LiveOrder]:
    """Cancel an instrument's open orders; conditional ones stay."""
    orders = member.orders.open(listing.name)
    for order in orders:
        cancel(floor, order)
    return orders


def finish_origin(floor: Floor, order: LiveOrder) -> None:
    """A conditional order is finished when what it became has ended."""
    waiting = order.origin
    if waiting is not None and waiting.status is ConditionalStatus.TRIGGERED:
        waiting.set_status(ConditionalStatus.FINISHED, floor.at_ns)
        tell_conditional(floor, waiting)


def end_waiting(floor: Floor, waiting: Waiting, status: ConditionalStatus) -> None:
    """Watch no longer."""
    waiting.listing.lines.drop(waiting)
    waiting.set_status(status, floor.at_ns)
    waiting.member.waiting.close(waiting)
    tell_conditional(floor, waiting)


def tell_conditional(floor: Floor, waiting: Waiting) -> None:
    order = waiting.order.view() if waiting.order is not None else None
    floor.outbox.put(ConditionalReport(floor.at_ns, waiting.member.name, waiting.view(), order))
