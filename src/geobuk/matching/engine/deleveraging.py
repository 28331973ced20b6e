"""Who takes what the book did not: the insurance fund while it can, then accounts that profit from the other side."""

from collections.abc import Callable
from decimal import Decimal

from geobuk.domain.order import PositionSide, Side
from geobuk.matching.engine import forcing
from geobuk.matching.engine.floor import ZERO, Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.matching import record
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import Cause
from geobuk.matching.engine.reports import ExecutionType
from geobuk.matching.refusals import Refusal, RefusedError

CloseOut = Callable[[Floor, LiveOrder, int, int, int], None]


def cover(floor: Floor, order: LiveOrder, price: int, close_out: CloseOut) -> None:
    """Find takers at ``price`` (units) for what is left of a liquidation."""
    listing = order.listing
    if not _can_bear(floor, order, price, order.left):
        for member, position_side, held in _ranked(floor, order):
            quantity = min(order.left, held)
            trade_id = floor.number_print(listing, price, quantity, order.side)
            close_out(floor, order, price, quantity, trade_id)
            deleverage(floor, member, listing, position_side, (quantity, price), trade_id)
            if not order.is_open:
                return
    floor.insurance_fund += _gain(floor, order, price, order.left)
    trade_id = floor.number_print(listing, price, order.left, order.side)
    close_out(floor, order, price, order.left, trade_id)


def _can_bear(floor: Floor, order: LiveOrder, price: int, quantity: int) -> bool:
    gain = _gain(floor, order, price, quantity)
    return gain >= 0 or floor.insurance_fund + gain >= 0


def _gain(floor: Floor, order: LiveOrder, price: int, quantity: int) -> Decimal:
    """What the fund makes by taking a quantity at a price and closing it at the mark."""
    listing = order.listing
    mark = floor.marks.get(listing.name, listing.scale.price(price))
    return -order.side * (mark - listing.scale.price(price)) * listing.scale.quantity(quantity)


def _ranked(floor: Floor, order: LiveOrder) -> list[tuple[Member, PositionSide, int]]:
    """Accounts in profit on the other side, first who profits most at the highest effective leverage; units held."""
    listing = order.listing
    rows = []
    for member in floor.members.values():
        for leg in member.account.state(floor.marks).legs if member is not order.member else ():
            if leg.instrument != listing.name or leg.quantity * order.side <= 0 or leg.unrealized <= 0:
                continue
            state = member.account.state(floor.marks)
            balance = leg.isolated_margin if leg.is_isolated else state.cross_margin_balance
            cost = abs(leg.notional) - leg.unrealized if leg.quantity > 0 else abs(leg.notional) + leg.unrealized
            rank = leg.unrealized / cost * abs(leg.notional) / balance if cost > 0 and balance > 0 else ZERO
            rows.append((-rank, member.number, member, leg.position_side, leg.quantity))
    rows.sort(key=lambda row: row[:2])
    return [(member, side, listing.scale.quantity_units(abs(held)) or 0) for _, _, member, side, held in rows]


def force(
    floor: Floor, member: Member, listing: Listing, position_side: PositionSide, wanted: tuple[Decimal, Decimal]
) -> None:
    """Close a part (quantity, price) of a position as if it had been chosen. Refused: REDUCE_ONLY beyond it."""
    quantity, price = listing.scale.quantity_units(wanted[0]), listing.scale.price_units(wanted[1])
    held = listing.scale.quantity_units(abs(member.account.position(listing.name, position_side).quantity)) or 0
    if not quantity or not price or quantity > held or quantity < 0 or price < 0:
        raise RefusedError(
            Refusal.REDUCE_ONLY,
            f"can't close {wanted[0]} at {wanted[1]} of {listing.scale.quantity(held)} {listing.name} held",
            value=str(wanted[0]),
        )
    side = Side.SELL if member.account.position(listing.name, position_side).quantity > 0 else Side.BUY
    trade_id = floor.number_print(listing, price, quantity, -side)
    deleverage(floor, member, listing, position_side, (quantity, price), trade_id)


def deleverage(
    floor: Floor,
    member: Member,
    listing: Listing,
    position_side: PositionSide,
    units: tuple[int, int],
    trade_id: int,
) -> None:
    """Close ``units`` (quantity, price) of a position without a fee."""
    scale, account = listing.scale, member.account
    side = Side.SELL if account.position(listing.name, position_side).quantity > 0 else Side.BUY
    amount, paid = scale.quantity(units[0]), scale.price(units[1])
    order = forcing.place(floor, member, listing, (side, position_side), units, Cause.DELEVERAGING)
    outcome = account.deleverage(listing.name, position_side, amount, paid, floor.at_ns, trade_id)
    record(floor, order, (units[1], units[0]), trade_id, outcome, ExecutionType.CALCULATED)
