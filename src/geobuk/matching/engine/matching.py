"""Orders meet: a taker walks the book, fills are settled with both accounts, and the rest queues or ends."""

from decimal import Decimal

from geobuk.domain.order import OrderType, SelfTradePrevention, Side, TimeInForce
from geobuk.matching.book.book import Prevention, Taken
from geobuk.matching.engine import ending, reducing
from geobuk.matching.engine.floor import ZERO, Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import Execution, ExpireReason, Status
from geobuk.matching.engine.reports import AccountReason, ExecutionType
from geobuk.matching.margin.account import Outcome

_PREVENTION = {
    SelfTradePrevention.NONE: Prevention.NONE,
    SelfTradePrevention.EXPIRE_TAKER: Prevention.EXPIRE_TAKER,
    SelfTradePrevention.EXPIRE_MAKER: Prevention.EXPIRE_MAKER,
    SelfTradePrevention.EXPIRE_BOTH: Prevention.EXPIRE_BOTH,
}
_NOT_RESTING = frozenset({TimeInForce.IOC, TimeInForce.FOK})


def match(floor: Floor, order: LiveOrder) -> None:
    """Send an order that was checked, and told of, to the book."""
    listing = order.listing
    room = order.left
    if order.is_closing:
        room = min(room, reducing.closable(order.member, listing, order.position_side, order.side))
    limit = order.price or market_limit(listing, order.side)
    if order.price and not listing.crosses(order.side, order.price):
        _rest_or_end(floor, order, was_stopped=False)
        return
    taken = listing.book.take(int(order.side), limit, room, order.member.number, prevention_of(order))
    _settle(floor, order, taken)
    for slot in taken.expired:
        maker = listing.resting[slot]
        listing.forget(maker)
        ending.expire(floor, maker, ExpireReason.SELF_TRADE, Status.EXPIRED_IN_MATCH)
    if order.is_open:
        _rest_or_end(floor, order, taken.stopped)


def prevention_of(order: LiveOrder) -> int:
    """Neither a fill-or-kill nor a post-only order is kept from meeting its own account's."""
    if order.time_in_force in {TimeInForce.FOK, TimeInForce.GTX}:
        return 0
    return int(_PREVENTION[order.self_trade_prevention])


def market_limit(listing: Listing, side: Side) -> int | None:
    """How far a market order may walk, None while there is no mark to measure it by."""
    mark, bound = listing.mark, listing.rules.market_take_bound
    if not mark or not bound:
        return None
    if side is Side.BUY:
        return listing.scale.price_down(mark * (1 + bound))
    return max(1, listing.scale.price_up(mark * (1 - bound)))


def fill(floor: Floor, order: LiveOrder, price: int, quantity: int, trade_id: int, *, is_maker: bool) -> None:
    """Settle an order's side of a trade and tell of it."""
    listing, member = order.listing, order.member
    scale = listing.scale
    paid, amount = scale.price(price), scale.quantity(quantity)
    outcome = member.account.execute(
        listing.name, order.position_side, order.side, amount, paid, is_maker, floor.at_ns, trade_id
    )
    record(floor, order, (price, quantity), trade_id, outcome, ExecutionType.TRADE, is_maker=is_maker)


def record(
    floor: Floor,
    order: LiveOrder,
    units: tuple[int, int],
    trade_id: int,
    outcome: Outcome,
    what: ExecutionType,
    *,
    is_maker: bool = False,
) -> None:
    """Count what the account has settled (``units``: price, quantity) and tell of it: account first, then order."""
    listing, member = order.listing, order.member
    execution = _execution(floor, order, units, trade_id, outcome, is_maker)
    member.keep(execution)
    if order.reserved and order.shown_price is not None:
        ending.release(order, order.shown_price * execution.quantity)
    order.fill(units[1], units[0], floor.at_ns)
    if not order.is_open:
        member.orders.close(order)
    changes = {member.account.spec.margin_asset: ZERO, execution.fee_currency: ZERO}
    floor.tell_account(member, AccountReason.ORDER, changes, ((listing.name, order.position_side),))
    floor.tell_execution(order, what, execution)
    if not order.is_open:
        ending.finish_origin(floor, order)
    if member.holds(listing.name):
        listing.holders[member] = None
    else:
        listing.holders.pop(member, None)
    floor.changed[member, listing] = None
    floor.moved[listing] = None
    _clear(floor, member, outcome.covered)


def _execution(
    floor: Floor, order: LiveOrder, units: tuple[int, int], trade_id: int, outcome: Outcome, is_maker: bool
) -> Execution:
    scale = order.listing.scale
    return Execution(
        trade_id=trade_id,
        account=order.member.name,
        instrument=order.listing.name,
        order_id=order.id,
        client_order_id=order.client_order_id,
        side=order.side,
        position_side=order.position_side,
        quantity=scale.quantity(units[1]),
        price=scale.price(units[0]),
        fee=outcome.fee + outcome.clearance_fee,
        fee_currency=outcome.fee_asset,
        realized=outcome.realized,
        is_maker=is_maker,
        at_ns=floor.at_ns,
    )


def _clear(floor: Floor, member: Member, covered: Decimal) -> None:
    """Have the insurance fund pay what a wallet lacked when its last position was gone."""
    if covered:
        floor.insurance_fund -= covered
        floor.tell_account(member, AccountReason.INSURANCE_CLEAR, {member.account.spec.margin_asset: covered})


def fill_maker(floor: Floor, order: LiveOrder, price: int, quantity: int, left: int, trade_id: int) -> None:
    """Settle a fill that the book has already taken off the order's entry, which has ``left`` units now."""
    if left:
        order.resting = left
    else:
        order.listing.forget(order)
    fill(floor, order, price, quantity, trade_id, is_maker=True)


def _settle(floor: Floor, order: LiveOrder, taken: Taken) -> None:
    listing = order.listing
    for slot, owner, price, quantity, left in taken.fills:
        trade_id = floor.number_print(listing, price, quantity, order.side)
        fill(floor, order, price, quantity, trade_id, is_maker=False)
        if owner:
            fill_maker(floor, listing.resting[slot], price, quantity, left, trade_id)


def _rest_or_end(floor: Floor, order: LiveOrder, was_stopped: bool) -> None:
    """What is left of an order after it has taken what it could."""
    if was_stopped:
        is_ioc = order.time_in_force is TimeInForce.IOC
        reason = ExpireReason.IOC_SELF_TRADE if is_ioc else ExpireReason.SELF_TRADE
        ending.expire(floor, order, reason, Status.EXPIRED_IN_MATCH)
    elif order.type is OrderType.MARKET:
        ending.expire(floor, order, _unless_pushed_out(order, ExpireReason.MARKET_REMAINDER))
    elif order.time_in_force in _NOT_RESTING:
        ending.expire(floor, order, _unless_pushed_out(order, ExpireReason.IOC_REMAINDER))
    elif order.is_closing:
        floor.changed[order.member, order.listing] = None
        order.place = order.listing.next_place()
    else:
        order.listing.rest(order, order.left)
        if order.member.orders.has_closing(order.listing.name):
            floor.changed[order.member, order.listing] = None


def _unless_pushed_out(order: LiveOrder, reason: ExpireReason) -> ExpireReason:
    """The reason, unless what was left of a closing order had nothing more to close."""
    if order.is_closing and not reducing.closable(order.member, order.listing, order.position_side, order.side):
        return ExpireReason.REDUCE_ONLY_PUSHED_OUT
    return reason
