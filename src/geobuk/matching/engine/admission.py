"""Whether an order may come in: instrument, parameters, precision, filters, position, margin, then the book itself.

Pure questions: each raises RefusedError and changes nothing.
"""

from decimal import Decimal

from geobuk.domain.order import OrderType, PositionSide, Side, TimeInForce
from geobuk.matching.engine import filters, reducing
from geobuk.matching.engine.client_ids import require_allowed
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import is_closing
from geobuk.matching.engine.matching import market_limit
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import NewOrder
from geobuk.matching.margin.account import OrderCost
from geobuk.matching.refusals import Refusal, RefusedError

_NOBODY = -1
"""Every order counts: nobody's are left out."""
LATEST_GOOD_TILL_NS = 253_402_300_799 * 10**9
_MARKET_SLIPPAGE = Decimal("1.0005")
_TIMES = frozenset({TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX, TimeInForce.GTD})


def admit(
    floor: Floor, member: Member, listing: Listing, request: NewOrder, *, is_open: bool = False
) -> tuple[int, int]:
    """Quantity and limit price (0: none) in units. ``is_open``: its client id is taken by itself."""
    filters.require_trading(listing.rules)
    require_parameters(floor, member, request)
    if not is_open:
        require_free_client_id(member, request)
    units = checked_units(listing, request)
    limit = listing.rules.max_orders
    if not is_open and member.orders.open_count(listing.name) >= limit:
        raise RefusedError(
            Refusal.TOO_MANY_ORDERS,
            f"{listing.name} has {limit} open orders already: cancel some",
            value=str(limit + 1),
            limit=str(limit),
        )
    require_money(floor, member, listing, request, units)
    require_book(member, listing, request, units)
    return units


def require_parameters(floor: Floor, member: Member, request: NewOrder) -> None:
    """The parts of an order must go together."""
    is_limit = request.type is OrderType.LIMIT
    if request.type.is_conditional:
        _refuse_parameter("type", str(request.type), "a market or a limit order")
    if is_limit is (request.price is None):
        _refuse_parameter("price", str(request.price), "a price for a limit order and none for a market order")
    if is_limit and request.time_in_force not in _TIMES:
        _refuse_parameter("time_in_force", request.time_in_force, "gtc, ioc, fok, gtx or gtd")
    if request.client_order_id:
        require_allowed(request.client_order_id)
    require_position_side(member, request.position_side, is_reduce_only=request.is_reduce_only)
    if is_limit and request.time_in_force is TimeInForce.GTD:
        require_good_till(floor, request.good_till_ns)


def require_position_side(member: Member, position_side: PositionSide, *, is_reduce_only: bool) -> None:
    """A leg of the account's position mode; in hedge mode the leg says already what reduces."""
    if position_side not in member.legs:
        raise RefusedError(
            Refusal.POSITION_SIDE,
            f"position side {position_side} is none of this account's: {', '.join(member.legs)}",
            value=position_side,
        )
    if is_reduce_only and position_side is not PositionSide.BOTH:
        _refuse_parameter("is_reduce_only", "true", "no reduce-only order in hedge mode")


def require_good_till(floor: Floor, good_till_ns: int | None) -> None:
    earliest = floor.at_ns + floor.spec.min_good_till_ns
    if good_till_ns is None or not earliest < good_till_ns < LATEST_GOOD_TILL_NS:
        raise RefusedError(
            Refusal.GOOD_TILL_INVALID,
            f"good till {good_till_ns} ns is not after {earliest} ns: give a later time",
            value=str(good_till_ns),
            limit=str(earliest),
        )


def require_free_client_id(member: Member, request: NewOrder) -> None:
    if request.client_order_id and member.orders.has_open(request.instrument, request.client_order_id):
        raise RefusedError(
            Refusal.CLIENT_ID_TAKEN,
            f"an open order has the client id {request.client_order_id}: use another",
            value=request.client_order_id,
        )


def checked_units(listing: Listing, request: NewOrder, *, skips_notional: bool | None = None) -> tuple[int, int]:
    """Precision, then filters. ``skips_notional`` defaults to reduce-only orders."""
    scale, rules = listing.scale, listing.rules
    price = 0 if request.price is None else filters.price_units(scale, request.price)
    quantity = filters.quantity_units(scale, request.quantity)
    if request.price is not None:
        filters.require_price(scale, price)
    filters.require_quantity(scale, quantity, is_market=request.type is OrderType.MARKET)
    if request.price is not None:
        filters.require_in_band(rules, request.side, request.price, listing.mark)
    if not (request.is_reduce_only if skips_notional is None else skips_notional):
        filters.require_notional(scale, price or listing.mark_units, quantity)
    return quantity, price


def require_money(floor: Floor, member: Member, listing: Listing, request: NewOrder, units: tuple[int, int]) -> None:
    """Reduce-only orders need a position to reduce, all others margin."""
    if is_closing(request):
        require_closable(member, listing, request, units[1])
        return
    floor.refresh_mark(listing)
    price = request.price if request.price is not None else assumed_price(listing, request.side)
    cost = OrderCost(listing.name, request.side, request.quantity, price, request.position_side)
    member.account.can_open(cost, floor.marks, member.open_orders)


def require_closable(member: Member, listing: Listing, request: NewOrder, price: int) -> None:
    held = reducing.closable(member, listing, request.position_side, request.side)
    if not held:
        raise RefusedError(
            Refusal.REDUCE_ONLY,
            f"there is no {listing.name} position that a {request.side.name} order reduces",
            value=request.side.name,
        )
    if not price or listing.crosses(request.side, price):
        return
    if not reducing.room_at(member, listing, request.position_side, request.side, price):
        raise RefusedError(
            Refusal.REDUCE_ONLY_CONFLICT,
            f"open orders at {request.price} or better close the {listing.name} position already: cancel them first",
            value=str(request.price),
        )


def assumed_price(listing: Listing, side: Side) -> Decimal:
    """What a market order is assumed to pay: 0.05 % above the best ask, or the best bid."""
    best = listing.book.best(-side)[0]
    if not best:
        if not listing.mark_units:
            raise RefusedError(Refusal.NO_LIQUIDITY, f"{listing.name} has no price yet")
        return listing.mark
    price = listing.scale.price(best)
    return price * _MARKET_SLIPPAGE if side is Side.BUY else price


def require_book(member: Member, listing: Listing, request: NewOrder, units: tuple[int, int]) -> None:
    """What the book itself must allow: market, post-only and fill-or-kill orders."""
    quantity, price = units
    if request.type is OrderType.MARKET:
        best = listing.book.best(-request.side)[0]
        if not best:
            raise RefusedError(Refusal.NO_LIQUIDITY, f"nobody offers the other side of {listing.name} now")
        filters.require_market_in_band(listing.rules, request.side, listing.scale.price(best), listing.mark)
    elif request.time_in_force is TimeInForce.GTX:
        if listing.crosses(request.side, price):
            raise RefusedError(
                Refusal.WOULD_TAKE, f"a post-only order at {request.price} would take", value=str(request.price)
            )
    elif request.time_in_force is TimeInForce.FOK:
        if is_closing(request):
            quantity = min(quantity, reducing.closable(member, listing, request.position_side, request.side))
        there = listing.book.available(int(request.side), price or market_limit(listing, request.side), _NOBODY)
        if there < quantity:
            raise RefusedError(
                Refusal.WOULD_NOT_FILL,
                f"only {listing.scale.quantity(there)} of {request.quantity} could be filled at once",
                value=str(request.quantity),
                limit=str(listing.scale.quantity(there)),
            )


def _refuse_parameter(name: str, value: str, allowed: str) -> None:
    raise RefusedError(Refusal.PARAMETERS, f"{name} {value} does not fit: {allowed}", value=name, limit=value)
