"""The six seams where the outside world plugs in. Protocols only: no implementation lives here."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from geobuk.domain.account import Account, MarginMode
from geobuk.domain.bar import MarketEvent
from geobuk.domain.capabilities import Capabilities
from geobuk.domain.instrument import Instrument
from geobuk.domain.order import Fill, OrderRequest, OrderState, Position
from geobuk.domain.updates import VenueSnapshot, VenueUpdate
from geobuk.panel import Panel


@runtime_checkable
class Clock(Protocol):
    """The only source of the present moment."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        ...


class Catalog(Protocol):
    """History that has passed the quality gate."""

    def panel(self, venue: str, instruments: Sequence[str], interval: str, from_ns: int, to_ns: int) -> Panel:
        """Bars that open in [from_ns, to_ns); raises DataError or UnknownNameError."""
        ...


class Feed(Protocol):
    """Market events in order of their time, as they happen or as they happened."""

    def events(self, instruments: Sequence[str]) -> AsyncIterator[MarketEvent]:
        """Events until the feed ends; a break in the feed raises, it is never silent."""
        ...


class Venue(Protocol):
    """Where orders go. A margin venue and a cash venue differ in what Account and Instrument say, not in calls.

    What a venue can't do raises UnsupportedError; ``capabilities`` says so beforehand. Every call that changes
    something raises OrderRefusedError when the venue refused (final), OutcomeUnknownError when nobody knows (query),
    TradingBlockedError when our own guards forbid it.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What can be asked of this venue."""
        ...

    async def instruments(self) -> Sequence[Instrument]:
        """Today's trading rules."""
        ...

    async def account(self) -> Account:
        """Cash and margin, as the venue sees them."""
        ...

    async def positions(self) -> Sequence[Position]:
        """What is held, as the venue sees it; flat positions are left out."""
        ...

    async def open_orders(self, instrument: str | None = None) -> Sequence[OrderState]:
        """Orders that can still fill, conditional ones included."""
        ...

    async def snapshot(self) -> VenueSnapshot:
        """Account, positions and open orders for reconciliation."""
        ...

    async def order(self, instrument: str, client_order_id: str) -> OrderState | None:
        """What became of an order; None where the venue does not know it."""
        ...

    async def fills_since(self, instrument: str, from_ns: int) -> Sequence[Fill]:
        """Our executions at or after a moment, oldest first: what a broken stream may have missed."""
        ...

    async def submit(self, order: OrderRequest) -> OrderState:
        """Send once. A time-out leaves the order UNKNOWN: ask, never resend."""
        ...

    async def cancel(self, instrument: str, client_order_id: str) -> OrderState:
        """End an open order; raises OrderRefusedError if the venue does not know it as open."""
        ...

    async def cancel_all(self, instrument: str) -> None:
        """End every open order of an instrument, conditional ones included."""
        ...

    async def amend(self, instrument: str, client_order_id: str, quantity: Decimal, price: Decimal) -> OrderState:
        """Change a resting limit order; it loses its place in the queue."""
        ...

    async def set_leverage(self, instrument: str, leverage: int) -> None:
        """Set the leverage of an instrument; setting what is set is no error."""
        ...

    async def set_margin_mode(self, instrument: str, mode: MarginMode) -> None:
        """Cross or isolated; setting what is set is no error."""
        ...

    async def set_hedged(self, is_hedged: bool) -> None:
        """Two legs an instrument, LONG and SHORT, or one position BOTH; setting what is set is no error.

        Refused while anything is held or ordered.
        """
        ...

    async def set_dead_man_switch(self, instrument: str, seconds: float | None) -> None:
        """Have the venue cancel an instrument's orders unless called again in time; None ends it."""
        ...

    def updates(self) -> AsyncIterator[VenueUpdate]:
        """Everything about our orders and money, each fill exactly once, in the venue's order."""
        ...


class Journal(Protocol):
    """What must survive a crash. ``append`` returns after the record is durable."""

    async def append(self, kind: str, record: bytes) -> int:
        """Store a record; returns its sequence number."""
        ...

    def replay(self, after: int = 0) -> AsyncIterator[tuple[int, str, bytes]]:
        """Every record after a sequence number, in order."""
        ...


class Channel(Protocol):
    """Where a person is told something."""

    async def send(self, text: str, *, urgent: bool) -> None:
        """Deliver, or raise: an alert is never dropped in silence."""
        ...
