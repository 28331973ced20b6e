"""A conditional order while the engine watches for its trigger, and an account's store of them."""

from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING

from geobuk.domain.order import OrderType, PositionSide, Side
from geobuk.matching.engine.orders import Conditional, ConditionalStatus, NewConditional
from geobuk.matching.refusals import Refusal, RefusedError

if TYPE_CHECKING:
    from geobuk.matching.engine.listing import Listing
    from geobuk.matching.engine.live_order import LiveOrder
    from geobuk.matching.engine.member import Member

STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})


def rises_to_trigger(request: NewConditional) -> bool:
    """Whether the price must come up to the trigger: a buy stop, or a sale at a profit."""
    is_buy = request.side is Side.BUY
    return is_buy is (request.type in STOPS or request.type is OrderType.TRAILING_STOP)


class Waiting:
    """``trigger`` (of a trailing stop: its activation price, 0 for none) and ``extreme`` are in price units.

    ``lines`` are where it stands in the instrument's trigger lines: (list, key).
    """

    __slots__ = (
        "client_order_id",
        "created_ns",
        "extreme",
        "id",
        "is_activated",
        "lines",
        "listing",
        "member",
        "order",
        "reject_reason",
        "request",
        "rises",
        "status",
        "trigger",
        "triggered_ns",
        "updated_ns",
    )

    def __init__(
        self,
        conditional_id: int,
        member: "Member",
        listing: "Listing",
        request: NewConditional,
        trigger: int,
        at_ns: int,
    ) -> None:
        self.id = conditional_id
        self.member = member
        self.listing = listing
        self.request = request
        self.client_order_id = request.client_order_id
        self.trigger = trigger
        self.rises = rises_to_trigger(request)
        self.status = ConditionalStatus.NEW
        self.created_ns = self.updated_ns = at_ns
        self.triggered_ns: int | None = None
        self.order: LiveOrder | None = None
        self.is_activated = request.type is OrderType.TRAILING_STOP and not trigger
        self.extreme = 0
        self.reject_reason = ""
        self.lines: list[tuple[int, int]] = []

    @property
    def callback(self) -> Decimal:
        return self.request.callback_rate or Decimal(0)

    def set_status(self, status: ConditionalStatus, at_ns: int) -> None:
        self.status = status
        self.updated_ns = at_ns

    def view(self) -> Conditional:
        """As it stands."""
        return Conditional(
            id=self.id,
            account=self.member.name,
            status=self.status,
            request=self.request,
            client_order_id=self.client_order_id,
            created_ns=self.created_ns,
            updated_ns=self.updated_ns,
            triggered_ns=self.triggered_ns,
            order_id=self.order.id if self.order is not None else None,
            is_activated=self.is_activated,
            extreme=self.listing.scale.price(self.extreme) if self.extreme else None,
            reject_reason=self.reject_reason,
        )


class WaitingStore:
    """An account's conditional orders: numbers rise, client ids are unique among those that wait.

    Of those that wait no more, the ``keep`` newest are remembered.
    """

    __slots__ = ("_all", "_by_client_id", "_ended", "_keep", "_open")

    def __init__(self, keep: int = 100_000) -> None:
        self._keep = keep
        self._ended: deque[Waiting] = deque()
        self._all: dict[int, Waiting] = {}
        self._open: dict[int, Waiting] = {}
        self._by_client_id: dict[str, Waiting] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._open)

    def add(self, waiting: Waiting) -> None:
        self._all[waiting.id] = self._open[waiting.id] = self._by_client_id[waiting.client_order_id] = waiting

    def close(self, waiting: Waiting) -> None:
        """It waits no more: history keeps it for a while."""
        del self._open[waiting.id]
        self._ended.append(waiting)
        if len(self._ended) > self._keep:
            old = self._ended.popleft()
            del self._all[old.id]
            if self._by_client_id.get(old.client_order_id) is old:
                del self._by_client_id[old.client_order_id]

    def has_open(self, client_order_id: str) -> bool:
        found = self._by_client_id.get(client_order_id)
        return found is not None and found.status.is_open

    def find(self, key: int | str) -> Waiting:
        """Raises RefusedError UNKNOWN_ORDER. By client id the newest is meant."""
        found = self._by_client_id.get(key) if isinstance(key, str) else self._all.get(key)
        if found is None:
            raise RefusedError(Refusal.UNKNOWN_ORDER, f"there is no conditional order {key}", value=str(key))
        return found

    def find_open(self, key: int | str) -> Waiting:
        """Raises RefusedError UNKNOWN_ORDER or ORDER_NOT_OPEN."""
        found = self.find(key)
        if not found.status.is_open:
            raise RefusedError(
                Refusal.ORDER_NOT_OPEN, f"conditional order {key} has ended: {found.status}", value=str(key)
            )
        return found

    def open(self, instrument: str | None = None) -> list[Waiting]:
        return [w for w in self._open.values() if instrument is None or w.listing.name == instrument]

    def all(self, instrument: str | None = None) -> list[Waiting]:
        return [w for w in self._all.values() if instrument is None or w.listing.name == instrument]

    def closes_already(self, request: NewConditional) -> bool:
        """Whether an order waits that closes the same leg in the same direction for the same kind of reason."""
        return any(
            w.request.is_close_position
            and (w.listing.name, w.request.side, w.request.position_side)
            == (request.instrument, request.side, request.position_side)
            and (w.request.type in STOPS) is (request.type in STOPS)
            for w in self._open.values()
        )

    def protecting(self, instrument: str, position_side: PositionSide) -> list[Waiting]:
        """Those that end with the leg they protect."""
        return [
            w
            for w in self._open.values()
            if w.request.needs_position and w.listing.name == instrument and w.request.position_side is position_side
        ]
