"""What the venue does with positions whose margin is gone: orders end, then the positions are taken over.

First the book, down to the price at which nothing of the margin is left; then the insurance fund takes the rest at that
price while it can bear the loss against the mark; then accounts that profit from the other side give theirs up.
"""

from collections.abc import Sequence

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide, Side
from geobuk.matching.book.book import Prevention
from geobuk.matching.engine import deleveraging, ending, forcing, matching
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import Cause, ExpireReason
from geobuk.matching.engine.reports import ExecutionType, LiquidationReport
from geobuk.matching.margin.account import LegKey
from geobuk.matching.refusals import Refusal, RefusedError


def force(floor: Floor, member: Member, listing: Listing) -> None:
    """Liquidate the positions in one instrument whatever the margin says. Refused: REDUCE_ONLY without one."""
    legs = [(listing.name, side) for side in member.legs if member.account.position(listing.name, side).quantity]
    if not legs:
        raise RefusedError(Refusal.REDUCE_ONLY, f"{member.name} has no {listing.name} position to liquidate")
    floor.refresh_mark(listing)
    liquidate(floor, member, legs)


def liquidate(floor: Floor, member: Member, legs: Sequence[LegKey]) -> None:
    """End the orders that stand on the same margin, then take the legs over."""
    modes = {instrument: member.account.settings(instrument).mode for instrument, _ in legs}
    is_cross = MarginMode.CROSS in modes.values()
    for order in member.orders.open():
        name = order.listing.name
        if name in modes or (is_cross and member.account.settings(name).mode is MarginMode.CROSS):
            ending.expire(floor, order, ExpireReason.LIQUIDATED)
    for instrument, position_side in legs:
        if member.account.position(instrument, position_side).quantity:
            _take_over(floor, member, floor.listings[instrument], position_side)


def _take_over(floor: Floor, member: Member, listing: Listing, position_side: PositionSide) -> None:
    held = member.account.position(listing.name, position_side).quantity
    side = Side.SELL if held > 0 else Side.BUY
    quantity = listing.scale.quantity_units(abs(held)) or 0
    price = _bankruptcy_units(floor, member, listing, position_side, side)
    order = forcing.place(floor, member, listing, (side, position_side), (quantity, price), Cause.LIQUIDATION)
    taken = listing.book.take(int(side), price, quantity, member.number, int(Prevention.EXPIRE_MAKER))
    for slot, owner, paid, amount, left in taken.fills:
        trade_id = floor.number_print(listing, paid, amount, side)
        close_out(floor, order, paid, amount, trade_id)
        if owner:
            matching.fill_maker(floor, listing.resting[slot], paid, amount, left, trade_id)
    if order.is_open:
        deleveraging.cover(floor, order, price, close_out)
    floor.outbox.put(LiquidationReport(floor.at_ns, order.view()))


def _bankruptcy_units(floor: Floor, member: Member, listing: Listing, position_side: PositionSide, side: Side) -> int:
    """The price that leaves nothing of the margin, on a tick that does not leave less."""
    price = member.account.bankruptcy_price(listing.name, position_side, floor.marks)
    tick = listing.scale.tick
    if side is Side.SELL:
        return max(tick, -(-listing.scale.price_up(price) // tick) * tick)
    return max(tick, listing.scale.price_down(price) // tick * tick)


def close_out(floor: Floor, order: LiveOrder, price: int, quantity: int, trade_id: int) -> None:
    """Settle a part of a liquidation; the clearance fee is the insurance fund's."""
    listing, member, scale = order.listing, order.member, order.listing.scale
    paid, amount = scale.price(price), scale.quantity(quantity)
    outcome = member.account.close_out(listing.name, order.position_side, amount, paid, floor.at_ns, trade_id)
    floor.insurance_fund += outcome.clearance_fee
    matching.record(floor, order, (price, quantity), trade_id, outcome, ExecutionType.CALCULATED)
