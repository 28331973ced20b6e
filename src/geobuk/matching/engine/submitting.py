"""New orders, changes and cancels as requests: they are checked whole before anything moves."""

from decimal import Decimal
from typing import NamedTuple

from geobuk.domain.order import OrderType, SelfTradePrevention, TimeInForce
from geobuk.matching.engine import admission, ending, filters
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.matching import match
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.order_store import OrderKey
from geobuk.matching.engine.orders import ExpireReason, NewOrder
from geobuk.matching.engine.reports import ExecutionType
from geobuk.matching.engine.waiting import Waiting
from geobuk.matching.refusals import Refusal, RefusedError


def submit(floor: Floor, member: Member, request: NewOrder) -> LiveOrder:
    """Check an order, then place it."""
    listing = floor.listing(request.instrument)
    units = admission.admit(floor, member, listing, request)
    return place(floor, member, listing, request, units)


def place(floor: Floor, member: Member, listing: Listing, request: NewOrder, units: tuple[int, int]) -> LiveOrder:
    """Place an order that was admitted."""
    order = enter(floor, member, listing, request, units)
    floor.tell_order(order, ExecutionType.NEW)
    match(floor, order)
    plan_end(floor, order)
    return order


def enter(
    floor: Floor,
    member: Member,
    listing: Listing,
    request: NewOrder,
    units: tuple[int, int],
    origin: Waiting | None = None,
) -> LiveOrder:
    """Give an order its number and keep it; the book does not know it yet."""
    client_order_id = request.client_order_id or floor.client_ids.new()
    order = LiveOrder(floor.next_order_id, member, listing, request, client_order_id, units, floor.at_ns)
    floor.next_order_id += 1
    if origin is not None:
        order.origin = origin
        order.is_close_position = origin.request.is_close_position
        origin.order = order
    member.orders.add(order)
    ending.reserve(order)
    return order


def plan_end(floor: Floor, order: LiveOrder) -> None:
    """Have a good-till-date order end at its time."""
    if not order.is_open or order.time_in_force is not TimeInForce.GTD or order.good_till_ns is None:
        return
    floor.deadlines.plan(
        order.good_till_ns,
        lambda: not order.is_open,
        lambda: ending.expire(floor, order, ExpireReason.GOOD_TILL_DATE),
    )


def cancel(floor: Floor, member: Member, instrument: str, key: OrderKey) -> LiveOrder:
    """Refused: NOT_TRADING, UNKNOWN_ORDER, ORDER_NOT_OPEN."""
    listing = floor.listing(instrument)
    filters.require_cancelling(listing.rules)
    order = member.orders.find_open(instrument, key)
    ending.cancel(floor, order)
    return order


def cancel_all(floor: Floor, member: Member, instrument: str) -> list[LiveOrder]:
    """Refused: NOT_TRADING."""
    listing = floor.listing(instrument)
    filters.require_cancelling(listing.rules)
    return ending.cancel_all(floor, member, listing)


class Change(NamedTuple):
    """What an open order is to become. ``is_reduce_only`` only says that the least notional does not count."""

    quantity: Decimal
    price: Decimal
    is_reduce_only: bool | None = None
    id: str = ""


def modify(floor: Floor, member: Member, order: LiveOrder, change: Change) -> None:
    """Change an open limit order, or cancel it where the change leaves it nothing to do."""
    listing = order.listing
    units = _checked_change(floor, member, order, change)
    if units[0] <= order.filled or (order.time_in_force is TimeInForce.GTX and listing.crosses(order.side, units[1])):
        ending.cancel(floor, order, change.id)
        return
    listing.lift(order)
    ending.release(order, order.reserved)
    order.quantity, order.price = units
    order.shown_quantity, order.shown_price = change.quantity, change.price
    ending.reserve(order)
    order.changes += 1
    order.self_trade_prevention = SelfTradePrevention.NONE
    order.touch(floor.at_ns)
    floor.tell_order(order, ExecutionType.AMENDMENT, change.id)
    match(floor, order)


def _checked_change(floor: Floor, member: Member, order: LiveOrder, change: Change) -> tuple[int, int]:
    """Quantity and price in units; raises RefusedError."""
    listing = order.listing
    filters.require_trading(listing.rules)
    if order.type is not OrderType.LIMIT:
        raise RefusedError(Refusal.NOT_A_LIMIT_ORDER, f"order {order.id} is no limit order: it can't be changed")
    if change.is_reduce_only and not order.is_reduce_only:
        raise RefusedError(Refusal.NOT_REDUCE_ONLY, f"order {order.id} is not a reduce-only order")
    if order.changes >= floor.spec.max_changes:
        raise RefusedError(
            Refusal.TOO_MANY_CHANGES,
            f"order {order.id} was changed {order.changes} times: place a new one",
            value=str(order.changes),
            limit=str(floor.spec.max_changes),
        )
    request = _as_request(order, change.quantity, change.price)
    units = admission.checked_units(listing, request, skips_notional=bool(change.is_reduce_only))
    if units == (order.quantity, order.price):
        raise RefusedError(Refusal.NOTHING_TO_CHANGE, f"order {order.id} has this quantity and price already")
    if units[0] > order.filled and not order.is_closing:
        _require_margin_of_change(floor, member, order, units)
    return units


def _as_request(order: LiveOrder, quantity: Decimal, price: Decimal) -> NewOrder:
    return NewOrder(
        instrument=order.listing.name,
        side=order.side,
        type=order.type,
        quantity=quantity,
        price=price,
        time_in_force=order.time_in_force,
        client_order_id=order.client_order_id,
        is_reduce_only=order.is_reduce_only,
        position_side=order.position_side,
    )


def _require_margin_of_change(floor: Floor, member: Member, order: LiveOrder, units: tuple[int, int]) -> None:
    """The new rest must be affordable once the old rest is out of the way."""
    scale = order.listing.scale
    request = _as_request(order, scale.quantity(units[0] - order.filled), scale.price(units[1]))
    ending.release(order, order.reserved)
    try:
        admission.require_money(floor, member, order.listing, request, units)
    finally:
        ending.reserve(order)
