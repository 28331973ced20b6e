"""What we know of our own orders, and in which order it became known. Client order ids are claimed here, once each."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterator

from geobuk.domain.errors import OrderRefusedError
from geobuk.domain.order import OrderRequest, OrderState, OrderStatus

_IN_BOOK = frozenset({OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED})


def is_news(old: OrderState | None, new: OrderState) -> bool:
    """Whether a state says more than the one before: late, repeated and overtaken words are no news."""
    if old is None:
        return True
    same_order = old.venue_order_id == new.venue_order_id or not old.venue_order_id
    if not same_order:
        if new.status is OrderStatus.WAITING and old.status in _IN_BOOK:
            return False  # the trigger's own words, overtaken by those of the order it became
        return new.at_ns >= old.at_ns
    if new.filled < old.filled or new.at_ns < old.at_ns:
        return False
    if not old.status.is_open:
        return new.filled > old.filled
    return (
        new.status is not old.status
        or new.filled != old.filled
        or new.quantity != old.quantity
        or new.price != old.price
        or new.stop_price != old.stop_price
        or new.venue_order_id != old.venue_order_id
    )


class KnownOrders:
    """Latest knowledge per instrument and client order id. ``keep`` bounds how many ended orders are remembered."""

    def __init__(self, keep: int = 100_000) -> None:
        self._keep = keep
        self._states: OrderedDict[tuple[str, str], OrderState] = OrderedDict()
        self._told: OrderedDict[tuple[str, str], OrderState] = OrderedDict()
        self._claims: OrderedDict[str, bool] = OrderedDict()
        self._by_number: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._waiting: defaultdict[tuple[str, str], list[asyncio.Future[OrderState]]] = defaultdict(list)
        self.instruments: set[str] = set()

    def claim(self, request: OrderRequest) -> None:
        """Reserve a client order id; raises OrderRefusedError where it was sent before and not refused."""
        if request.client_order_id in self._claims:
            raise OrderRefusedError(
                f"order {request.client_order_id!r} was not sent: an order with this client order id was sent before",
                cure="ask for that order, or use another id",
            )
        self._claims[request.client_order_id] = request.type.is_conditional
        self.instruments.add(request.instrument)
        if len(self._claims) > self._keep:
            self._claims.popitem(last=False)

    def release(self, request: OrderRequest) -> None:
        """Let a client order id be used again: nothing came of it."""
        self._claims.pop(request.client_order_id, None)

    def is_conditional(self, instrument: str, client_order_id: str) -> bool | None:
        """Whether an order waits for a trigger, as far as we know; None where we don't know the order."""
        key = (instrument, client_order_id)
        if key in self._states:
            return self._states[key].status is OrderStatus.WAITING
        return self._claims.get(client_order_id)

    def was_conditional(self, instrument: str, client_order_id: str) -> bool:
        """Whether an order ever waited for a trigger, or may have."""
        claim = self._claims.get(client_order_id)
        if claim is not None:
            return claim
        state = self._states.get((instrument, client_order_id))
        return state is None or state.type.is_conditional or not state.status.is_open

    def get(self, instrument: str, client_order_id: str) -> OrderState | None:
        return self._states.get((instrument, client_order_id))

    def learn(self, state: OrderState) -> OrderState:
        """Take a state from anywhere; returns the best that is known now, and wakes who waits for it."""
        key = (state.instrument, state.client_order_id)
        self.instruments.add(state.instrument)
        self._number(state)
        old = self._states.get(key)
        if is_news(old, state):
            self._states[key] = state
            self._states.move_to_end(key)
            self._forget_ended()
        best = self._states[key]
        for waiting in self._waiting.pop(key, ()):
            if not waiting.done():
                waiting.set_result(best)
        return best

    def is_untold(self, state: OrderState) -> bool:
        """Take a state, and say whether listeners are to hear of it: False where they know as much already."""
        self.learn(state)
        return is_news(self._told.get((state.instrument, state.client_order_id)), state)

    def tell(self, state: OrderState) -> bool:
        """Take a state that listeners heard of; False where they knew as much already."""
        if not self.is_untold(state):
            return False
        key = (state.instrument, state.client_order_id)
        self._told[key] = state
        self._told.move_to_end(key)
        return True

    def told(self, instrument: str, client_order_id: str) -> OrderState | None:
        """The last state that listeners heard of."""
        return self._told.get((instrument, client_order_id))

    def told_open(self) -> Iterator[OrderState]:
        """Orders that listeners believe to be open."""
        return (state for state in list(self._told.values()) if state.status.is_open)

    def untold(self) -> Iterator[OrderState]:
        """Orders that we sent and know more of than listeners heard."""
        return (
            state
            for key, state in list(self._states.items())
            if key[1] in self._claims and is_news(self._told.get(key), state)
        )

    def client_order_id(self, instrument: str, venue_order_id: str) -> str | None:
        """Whose number of the venue's this is."""
        return self._by_number.get((instrument, venue_order_id))

    async def hear(self, instrument: str, client_order_id: str, timeout_s: float) -> OrderState | None:
        """The next word about an order, or None after a while."""
        heard: asyncio.Future[OrderState] = asyncio.get_running_loop().create_future()
        self._waiting[instrument, client_order_id].append(heard)
        try:
            async with asyncio.timeout(timeout_s):
                return await heard
        except TimeoutError:
            return None
        finally:
            waiting = self._waiting.get((instrument, client_order_id))
            if waiting and heard in waiting:
                waiting.remove(heard)
                if not waiting:
                    del self._waiting[instrument, client_order_id]

    def _number(self, state: OrderState) -> None:
        key = (state.instrument, state.venue_order_id)
        if state.venue_order_id and key not in self._by_number:
            self._by_number[key] = state.client_order_id
            if len(self._by_number) > self._keep:
                self._by_number.popitem(last=False)

    def _forget_ended(self) -> None:
        while len(self._states) > self._keep:
            key = next((key for key, state in self._states.items() if not state.status.is_open), None)
            if key is None:
                return
            del self._states[key]
            self._told.pop(key, None)
