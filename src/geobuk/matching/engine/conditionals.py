"""Conditional orders: taken in without a look at the margin, watched, and turned into ordinary orders."""

from dataclasses import replace
from decimal import Decimal

from geobuk.domain.order import OrderType, TimeInForce
from geobuk.matching.engine import admission, filters, reducing
from geobuk.matching.engine.client_ids import require_allowed
from geobuk.matching.engine.ending import end_waiting, tell_conditional
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.matching import match
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import ConditionalStatus, NewConditional, NewOrder
from geobuk.matching.engine.reports import ExecutionType
from geobuk.matching.engine.submitting import enter, plan_end
from geobuk.matching.engine.triggers import Prices, is_beyond, look, watched_price
from geobuk.matching.engine.waiting import Waiting, rises_to_trigger
from geobuk.matching.refusals import Refusal, RefusedError

_SMALLEST_CALLBACK, _LARGEST_CALLBACK = Decimal("0.001"), Decimal("0.2")


def prices_of(listing: Listing) -> Prices:
    return Prices(listing.book.last, listing.book.mark)


def submit(floor: Floor, member: Member, request: NewConditional) -> Waiting:
    """Check a conditional order, then watch for its trigger."""
    listing = floor.listing(request.instrument)
    trigger = _admit(floor, member, listing, request)
    if not request.client_order_id:
        request = replace(request, client_order_id=floor.client_ids.new())
    waiting = Waiting(floor.next_conditional_id, member, listing, request, trigger, floor.at_ns)
    floor.next_conditional_id += 1
    member.waiting.add(waiting)
    look(waiting, prices_of(listing), listing.rules.trigger_protect)
    tell_conditional(floor, waiting)
    if request.time_in_force is TimeInForce.GTD and request.good_till_ns is not None:
        floor.deadlines.plan(
            request.good_till_ns,
            lambda: not waiting.status.is_open,
            lambda: end_waiting(floor, waiting, ConditionalStatus.EXPIRED),
        )
    return waiting


def cancel(floor: Floor, member: Member, key: int | str) -> Waiting:
    """Refused: UNKNOWN_ORDER, ORDER_NOT_OPEN."""
    waiting = member.waiting.find_open(key)
    filters.require_cancelling(waiting.listing.rules)
    end_waiting(floor, waiting, ConditionalStatus.CANCELED)
    return waiting


def cancel_all(floor: Floor, member: Member, listing: Listing) -> list[Waiting]:
    filters.require_cancelling(listing.rules)
    waiting = member.waiting.open(listing.name)
    for one in waiting:
        end_waiting(floor, one, ConditionalStatus.CANCELED)
    return waiting


def consider(floor: Floor, waiting: Waiting) -> None:
    """Look at a waiting order whose line was reached; it may fire."""
    listing = waiting.listing
    seen = look(waiting, prices_of(listing), listing.rules.trigger_protect)
    if seen.was_activated:
        waiting.updated_ns = floor.at_ns
        tell_conditional(floor, waiting)
    if seen.fires:
        _fire(floor, waiting)


def end_unprotecting(floor: Floor, member: Member, listing: Listing) -> None:
    """End what protects a position that is gone, or has turned."""
    for position_side in member.legs:
        for waiting in member.waiting.protecting(listing.name, position_side):
            if not reducing.closable(member, listing, position_side, waiting.request.side):
                end_waiting(floor, waiting, ConditionalStatus.EXPIRED)


def _fire(floor: Floor, waiting: Waiting) -> None:
    member, listing = waiting.member, waiting.listing
    listing.lines.drop(waiting)
    member.waiting.close(waiting)
    waiting.triggered_ns = floor.at_ns
    waiting.set_status(ConditionalStatus.TRIGGERING, floor.at_ns)
    tell_conditional(floor, waiting)
    request = _as_order(waiting)
    try:
        units = admission.admit(floor, member, listing, request)
    except RefusedError as refused:
        waiting.reject_reason = refused.reason.value
        waiting.set_status(ConditionalStatus.REJECTED, floor.at_ns)
        tell_conditional(floor, waiting)
        return
    order = enter(floor, member, listing, request, units, waiting)
    waiting.set_status(ConditionalStatus.TRIGGERED, floor.at_ns)
    tell_conditional(floor, waiting)
    floor.tell_order(order, ExecutionType.NEW)
    match(floor, order)
    plan_end(floor, order)


def _as_order(waiting: Waiting) -> NewOrder:
    """The ordinary order that it becomes."""
    request, listing = waiting.request, waiting.listing
    quantity = request.quantity
    if request.is_close_position:
        held = reducing.closable(waiting.member, listing, request.position_side, request.side)
        quantity = listing.scale.quantity(held)
    has_limit = request.type.has_limit
    return NewOrder(
        instrument=request.instrument,
        side=request.side,
        type=OrderType.LIMIT if has_limit else OrderType.MARKET,
        quantity=quantity,
        price=request.price if has_limit else None,
        time_in_force=request.time_in_force,
        client_order_id=waiting.client_order_id,
        is_reduce_only=request.is_reduce_only or (request.is_close_position and not waiting.member.account.is_hedged),
        position_side=request.position_side,
        self_trade_prevention=request.self_trade_prevention,
        good_till_ns=request.good_till_ns,
    )


def _admit(floor: Floor, member: Member, listing: Listing, request: NewConditional) -> int:
    """The trigger (or activation) price in units, 0 if none. Raises RefusedError."""
    filters.require_trading(listing.rules)
    _require_parameters(floor, member, request)
    trigger = _checked_trigger(listing, request)
    _require_units(listing, request, trigger)
    if len(member.waiting) >= floor.spec.max_conditional_orders:
        raise RefusedError(
            Refusal.TOO_MANY_CONDITIONAL_ORDERS,
            f"{len(member.waiting)} conditional orders wait already: cancel some",
            value=str(len(member.waiting) + 1),
            limit=str(floor.spec.max_conditional_orders),
        )
    _require_not_reached(listing, request, trigger)
    if request.is_close_position and member.waiting.closes_already(request):
        raise RefusedError(
            Refusal.CLOSE_POSITION_TAKEN, f"an order waits already to close {listing.name} in this direction"
        )
    if request.needs_position and not reducing.closable(member, listing, request.position_side, request.side):
        raise RefusedError(Refusal.NO_POSITION_TO_PROTECT, f"there is no {listing.name} position to protect")
    return trigger


def _require_parameters(floor: Floor, member: Member, request: NewConditional) -> None:
    kind = request.type
    is_trailing = kind is OrderType.TRAILING_STOP
    _require(kind.is_conditional, "type", "a conditional type")
    _require((request.trigger_price is None) is is_trailing, "trigger_price", "stops and take-profits have one")
    _require((request.price is not None) is kind.has_limit, "price", "limit types have one")
    _require(is_trailing or request.activation_price is None, "activation_price", "trailing stops only")
    _require(is_trailing or request.callback_rate is None, "callback_rate", "trailing stops only")
    if request.is_close_position:
        fits = kind in {OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET}
        _require(fits, "is_close_position", "market stops and take-profits only")
        _require(not request.quantity, "quantity", "none beside is_close_position")
        _require(not request.is_reduce_only, "is_reduce_only", "none beside is_close_position")
    if request.client_order_id:
        require_allowed(request.client_order_id)
        if member.waiting.has_open(request.client_order_id):
            raise RefusedError(
                Refusal.CLIENT_ID_TAKEN,
                f"a waiting order has the client id {request.client_order_id}: use another",
                value=request.client_order_id,
            )
    admission.require_position_side(member, request.position_side, is_reduce_only=request.is_reduce_only)
    if request.time_in_force is TimeInForce.GTD:
        admission.require_good_till(floor, request.good_till_ns)
    if is_trailing:
        rate = request.callback_rate
        if rate is None or not _SMALLEST_CALLBACK <= rate <= _LARGEST_CALLBACK:
            raise RefusedError(
                Refusal.CALLBACK_RATE,
                f"callback rate {rate} is not between {_SMALLEST_CALLBACK} and {_LARGEST_CALLBACK}",
                value=str(rate),
            )


def _require(fits: bool, name: str, allowed: str) -> None:
    if not fits:
        raise RefusedError(Refusal.PARAMETERS, f"{name} does not fit: {allowed}", value=name)


def _checked_trigger(listing: Listing, request: NewConditional) -> int:
    price = request.activation_price if request.type is OrderType.TRAILING_STOP else request.trigger_price
    if price is None:
        return 0
    units = filters.price_units(listing.scale, price)
    filters.require_price(listing.scale, units)
    return units


def _require_units(listing: Listing, request: NewConditional, trigger: int) -> None:
    """Precision and filters of price and quantity; bands and margin are looked at once it has triggered."""
    scale = listing.scale
    price = 0 if request.price is None else filters.price_units(scale, request.price)
    if request.price is not None:
        filters.require_price(scale, price)
    if request.is_close_position:
        return
    quantity = filters.quantity_units(scale, request.quantity)
    filters.require_quantity(scale, quantity, is_market=not request.type.has_limit)
    if not request.is_reduce_only:
        filters.require_notional(scale, price or trigger or listing.mark_units, quantity)


def _require_not_reached(listing: Listing, request: NewConditional, trigger: int) -> None:
    price = watched_price(request, prices_of(listing))
    rises = rises_to_trigger(request)
    if request.type is OrderType.TRAILING_STOP:
        rises = not rises
    if trigger and price and is_beyond(rises, price, trigger):
        raise RefusedError(
            Refusal.WOULD_TRIGGER,
            f"the price is {listing.scale.price(price)}, past {listing.scale.price(trigger)}: it would trigger at once",
            value=str(listing.scale.price(trigger)),
            limit=str(listing.scale.price(price)),
        )
