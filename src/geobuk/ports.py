"""The six seams where the outside world plugs in. Protocols only: no implementation lives here."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from geobuk.domain.account import Account
from geobuk.domain.bar import MarketEvent
from geobuk.domain.instrument import Instrument
from geobuk.domain.order import Fill, OrderRequest, Position
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
    """Where orders go. A margin venue and a cash venue differ in what Account and Instrument say, not in calls."""

    async def instruments(self) -> Sequence[Instrument]:
        """Today's trading rules."""
        ...

    async def account(self) -> Account:
        """Cash and margin, as the venue sees them."""
        ...

    async def positions(self) -> Sequence[Position]:
        """What is held, as the venue sees it."""
        ...

    async def submit(self, order: OrderRequest) -> str:
        """Send once; returns the venue's order id. A time-out leaves the order UNKNOWN: ask, never resend."""
        ...

    async def cancel(self, client_order_id: str) -> None:
        """Ask for the end of an order; raises if the venue does not know it."""
        ...

    async def amend(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        """Change a resting limit order; loses its place in the queue."""
        ...

    def fills(self) -> AsyncIterator[Fill]:
        """Our executions, each exactly once, in the venue's order."""
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
