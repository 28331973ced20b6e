"""Whether an account can carry one more order: the largest position at its leverage, then the margin."""

from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.order import PositionSide, Side
from geobuk.matching.margin.money import ZERO, rounded
from geobuk.matching.margin.position import Position
from geobuk.matching.margin.requirements import LegTerms, OpenOrders, order_margin
from geobuk.matching.refusals import Refusal, RefusedError


@dataclass(frozen=True, slots=True)
class OrderCost:
    """An order to be judged. ``price`` is its limit, or what a market order is assumed to pay."""

    instrument: str
    side: Side
    quantity: Decimal
    price: Decimal
    position_side: PositionSide = PositionSide.BOTH
    is_reduce_only: bool = False

    @property
    def notional(self) -> Decimal:
        return self.quantity * self.price


def exposure(notional: Decimal, orders: OpenOrders) -> Decimal:
    """The most that a leg can come to hold, either way, if all its open orders fill."""
    return max(abs(notional + orders.bid), abs(notional - orders.ask))


def with_order(orders: OpenOrders, cost: OrderCost) -> OpenOrders:
    """Open orders with one more."""
    if cost.side is Side.BUY:
        return OpenOrders(orders.bid + cost.notional, orders.ask)
    return OpenOrders(orders.bid, orders.ask + cost.notional)


def required_margin(cost: OrderCost, position: Position, mark: Decimal, terms: LegTerms, orders: OpenOrders) -> Decimal:
    """What an order adds to the margin of the open orders, plus the loss it opens with against the mark.

    Only what it opens can lose: what closes the position it finds is free.
    """
    held = position.quantity * mark
    more = order_margin(held, with_order(orders, cost), terms.leverage) - order_margin(held, orders, terms.leverage)
    gap = cost.side * (cost.price - mark)
    if gap <= 0:
        return more
    before = orders.bid if cost.side is Side.BUY else orders.ask
    closable = max(ZERO, -cost.side * position.quantity - before / cost.price)
    return rounded(more + max(ZERO, cost.quantity - closable) * gap)


def require_position(cost: OrderCost, position: Position, terms: LegTerms, orders: OpenOrders) -> None:
    """Refuse (MAX_POSITION) an order that could bring the leg, at entry prices, past the most at its leverage."""
    added = with_order(orders, cost)
    reached = abs(position.cost + added.bid) if cost.side is Side.BUY else abs(position.cost - added.ask)
    most = terms.brackets.max_notional(terms.leverage)
    if reached > most and reached > abs(position.cost):
        raise RefusedError(
            Refusal.MAX_POSITION,
            f"{cost.instrument} would reach a position of {reached}, above {most}, the most at leverage "
            f"{terms.leverage}: order less or lower the leverage",
            value=str(reached),
            limit=str(most),
        )


def require_margin(required: Decimal, spare: Decimal) -> None:
    """Refuse (MARGIN) what the available balance can't carry; what needs nothing always passes."""
    if required > 0 and required > spare:
        raise RefusedError(
            Refusal.MARGIN,
            f"the order needs a margin of {required}, available are {max(ZERO, spare)}: order less or deposit more",
            value=str(required),
            limit=str(spare),
        )
