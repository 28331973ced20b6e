"""An account's orders: the open ones and the newest of those that ended, by number and by client id."""

from collections import deque

from geobuk.domain.order import PositionSide
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.refusals import Refusal, RefusedError

OrderKey = int | str
"""The engine's number of an order, or its client order id."""


class OrderStore:
    """Numbers rise, so every list is in the order of time. ``closing`` are the open ones that only reduce.

    Of the orders that have ended, the ``keep`` newest are remembered.
    """

    __slots__ = (
        "_by_client_id",
        "_by_id",
        "_by_instrument",
        "_closing",
        "_ended",
        "_keep",
        "_open",
        "_open_by_client_id",
    )

    def __init__(self, keep: int = 100_000) -> None:
        self._keep = keep
        self._ended: deque[LiveOrder] = deque()
        self._by_id: dict[int, LiveOrder] = {}
        self._by_instrument: dict[str, dict[int, LiveOrder]] = {}
        self._by_client_id: dict[tuple[str, str], LiveOrder] = {}
        self._open: dict[str, dict[int, LiveOrder]] = {}
        self._open_by_client_id: dict[tuple[str, str], LiveOrder] = {}
        self._closing: dict[str, dict[int, LiveOrder]] = {}

    def add(self, order: LiveOrder) -> None:
        name, client_key = order.listing.name, (order.listing.name, order.client_order_id)
        self._by_id[order.id] = order
        self._by_instrument.setdefault(name, {})[order.id] = order
        self._by_client_id[client_key] = order
        self._open.setdefault(name, {})[order.id] = order
        self._open_by_client_id[client_key] = order
        if order.is_closing:
            self._closing.setdefault(name, {})[order.id] = order

    def close(self, order: LiveOrder) -> None:
        """It has ended: history keeps it for a while."""
        name = order.listing.name
        del self._open[name][order.id]
        if self._open_by_client_id.get((name, order.client_order_id)) is order:  # the venue's own may share an id
            del self._open_by_client_id[name, order.client_order_id]
        if order.is_closing:
            del self._closing[name][order.id]
        self._ended.append(order)
        if len(self._ended) > self._keep:
            self._forget(self._ended.popleft())

    def _forget(self, order: LiveOrder) -> None:
        name, client_key = order.listing.name, (order.listing.name, order.client_order_id)
        del self._by_id[order.id]
        del self._by_instrument[name][order.id]
        if self._by_client_id.get(client_key) is order:
            del self._by_client_id[client_key]

    def find(self, instrument: str, key: OrderKey) -> LiveOrder:
        """Raises RefusedError UNKNOWN_ORDER."""
        found: LiveOrder | None
        if isinstance(key, str):
            found = self._open_by_client_id.get((instrument, key)) or self._by_client_id.get((instrument, key))
        else:
            found = self._by_id.get(key)
        if found is None or found.listing.name != instrument:
            raise RefusedError(Refusal.UNKNOWN_ORDER, f"there is no {instrument} order {key}", value=str(key))
        return found

    def find_open(self, instrument: str, key: OrderKey) -> LiveOrder:
        """Raises RefusedError UNKNOWN_ORDER or ORDER_NOT_OPEN."""
        found = self.find(instrument, key)
        if not found.is_open:
            raise RefusedError(
                Refusal.ORDER_NOT_OPEN, f"{instrument} order {key} has ended: {found.status}", value=str(key)
            )
        return found

    def has_open(self, instrument: str, client_order_id: str) -> bool:
        return (instrument, client_order_id) in self._open_by_client_id

    def open_count(self, instrument: str) -> int:
        return len(self._open.get(instrument, ()))

    def open(self, instrument: str | None = None) -> list[LiveOrder]:
        """In the order of their numbers."""
        if instrument is not None:
            return list(self._open.get(instrument, {}).values())
        return sorted((order for orders in self._open.values() for order in orders.values()), key=_number)

    def all(self, instrument: str | None = None) -> list[LiveOrder]:
        """In the order of their numbers."""
        return list((self._by_id if instrument is None else self._by_instrument.get(instrument, {})).values())

    def has_closing(self, instrument: str) -> bool:
        return bool(self._closing.get(instrument))

    def closing(self, instrument: str, position_side: PositionSide) -> list[LiveOrder]:
        """The open orders of a leg that may only make it smaller."""
        return [order for order in self._closing.get(instrument, {}).values() if order.position_side is position_side]


def _number(order: LiveOrder) -> int:
    return order.id
