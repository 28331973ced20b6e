"""An order while the engine works with it: whole numbers that change. What is shown of it is an Order."""

from decimal import Decimal
from typing import TYPE_CHECKING

from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce, TriggerSource
from geobuk.matching.engine.orders import Cause, ExpireReason, NewOrder, Order, Status

if TYPE_CHECKING:
    from geobuk.matching.engine.listing import Listing
    from geobuk.matching.engine.member import Member
    from geobuk.matching.engine.waiting import Waiting

NOT_RESTING = -1
ZERO = Decimal(0)


def is_closing(request: NewOrder) -> bool:
    """Reduce-only, or on a hedge leg's other side."""
    return (
        request.is_reduce_only
        or (request.position_side is PositionSide.LONG and request.side is Side.SELL)
        or (request.position_side is PositionSide.SHORT and request.side is Side.BUY)
    )


class LiveOrder:
    """``quantity``, ``filled``, ``price`` and ``quote`` (price * quantity of the fills) are in the book's units;
    ``price`` is 0 for a market order. ``slot`` is its entry in the book, which holds ``resting`` units: fewer than are
    left where a reduce-only order is larger than what it may close. ``place`` rises with each time it queues.
    ``is_closing``: it may only make its leg smaller. ``reserved`` is what of its notional the open orders count.
    ``shown_quantity`` and ``shown_price`` are as they were asked for.
    """

    __slots__ = (
        "cause",
        "changes",
        "client_order_id",
        "created_ns",
        "expire_reason",
        "filled",
        "good_till_ns",
        "id",
        "is_close_position",
        "is_closing",
        "is_reduce_only",
        "listing",
        "member",
        "origin",
        "place",
        "position_side",
        "price",
        "quantity",
        "quote",
        "reserved",
        "resting",
        "self_trade_prevention",
        "shown_price",
        "shown_quantity",
        "side",
        "slot",
        "status",
        "time_in_force",
        "type",
        "updated_ns",
        "view_cache",
    )

    def __init__(
        self,
        order_id: int,
        member: "Member",
        listing: "Listing",
        request: NewOrder,
        client_order_id: str,
        units: tuple[int, int],
        at_ns: int,
    ) -> None:
        """``units`` are the quantity and the limit price."""
        self.id = order_id
        self.member = member
        self.listing = listing
        self.client_order_id = client_order_id
        self.side: Side = request.side
        self.type: OrderType = request.type
        self.time_in_force: TimeInForce = request.time_in_force
        self.is_reduce_only = request.is_reduce_only
        self.is_close_position = False
        self.position_side: PositionSide = request.position_side
        self.is_closing = is_closing(request)
        self.self_trade_prevention: SelfTradePrevention = request.self_trade_prevention
        self.good_till_ns = request.good_till_ns
        self.origin: Waiting | None = None
        self.quantity, self.price = units
        self.shown_quantity, self.shown_price = request.quantity, request.price
        self.reserved = ZERO
        self.filled = 0
        self.quote = 0
        self.status = Status.NEW
        self.expire_reason = ExpireReason.NONE
        self.cause = Cause.NONE
        self.slot = NOT_RESTING
        self.resting = 0
        self.place = 0
        self.changes = 0
        self.created_ns = self.updated_ns = at_ns
        self.view_cache: Order | None = None

    @property
    def left(self) -> int:
        return self.quantity - self.filled

    @property
    def is_open(self) -> bool:
        return self.status is Status.NEW or self.status is Status.PARTIALLY_FILLED

    def fill(self, quantity: int, price: int, at_ns: int) -> None:
        """Count an execution."""
        self.filled += quantity
        self.quote += quantity * price
        self.status = Status.FILLED if self.filled >= self.quantity else Status.PARTIALLY_FILLED
        self.touch(at_ns)

    def touch(self, at_ns: int) -> None:
        """Something else than a fill changed."""
        self.updated_ns = at_ns
        self.view_cache = None

    def view(self) -> Order:
        """As it stands."""
        if self.view_cache is None:
            self.view_cache = self._seen()
        return self.view_cache

    def _seen(self) -> Order:
        scale = self.listing.scale
        origin = self.origin.request if self.origin is not None else None
        return Order(
            id=self.id,
            account=self.member.name,
            instrument=self.listing.name,
            client_order_id=self.client_order_id,
            side=self.side,
            type=self.type,
            original_type=self.type if origin is None else origin.type,
            time_in_force=self.time_in_force,
            status=self.status,
            quantity=self.shown_quantity,
            price=self.shown_price,
            filled=scale.quantity(self.filled) if self.filled else ZERO,
            quote_filled=scale.notional(self.quote) if self.filled else ZERO,
            is_reduce_only=self.is_reduce_only,
            is_close_position=self.is_close_position,
            position_side=self.position_side,
            self_trade_prevention=self.self_trade_prevention,
            good_till_ns=self.good_till_ns,
            trigger_price=None if origin is None else origin.trigger_price,
            trigger_source=TriggerSource.LAST if origin is None else origin.trigger_source,
            is_price_protected=origin is not None and origin.is_price_protected,
            changes=self.changes,
            created_ns=self.created_ns,
            updated_ns=self.updated_ns,
            expire_reason=self.expire_reason,
            cause=self.cause,
        )
