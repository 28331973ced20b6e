"""Where a venue under test stands: the venue, its market, its time, and what it has told so far."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from geobuk.domain.bar import MarketEvent
from geobuk.domain.order import Fill, OrderRequest, OrderState, OrderType, Position, Side, TimeInForce
from geobuk.domain.times import NS_PER_SECOND
from geobuk.domain.updates import Notice, VenueUpdate
from geobuk.ports import Feed, Venue
from tests.support.clocks import HandClock
from tests.support.scripted_market import ScriptedMarket

T = TypeVar("T")
_PATIENCE_S = 10.0


@dataclass
class Stage:
    """One venue, ready to trade ``instrument`` with ``deposit`` in its wallet.

    ``pump`` has the venue (or the emulator behind it) look at the market now.
    """

    venue: Venue
    feed: Feed
    market: ScriptedMarket
    clock: HandClock
    instrument: str
    tick: Decimal
    step: Decimal
    deposit: Decimal
    pump: Callable[[], Awaitable[None]]
    updates: list[VenueUpdate] = field(default_factory=list)
    events: list[MarketEvent] = field(default_factory=list)
    _numbers: int = 0

    async def listen(self) -> None:
        """Keep what the venue tells, until cancelled."""
        async for update in self.venue.updates():
            self.updates.append(update)

    async def watch(self) -> "asyncio.Task[None]":
        """Keep what the feed tells; returns, once it tells something, the task that keeps it."""

        async def keep() -> None:
            async for event in self.feed.events([self.instrument]):
                self.events.append(event)

        keeping = asyncio.create_task(keep())
        await self.until_async(self._is_fed)
        return keeping

    async def _is_fed(self) -> bool:
        await self.wait(0.25)
        return bool(self.events)

    async def quote(self, bid: str, ask: str, quantity: str = "10", mark: str = "") -> None:
        """A book of two levels a side around a bid and an ask."""
        deeper = (str(Decimal(bid) - 10 * self.tick), str(Decimal(ask) + 10 * self.tick))
        self.market.quote(
            self.instrument,
            self.clock.at_ns,
            [(bid, quantity), (deeper[0], quantity)],
            [(ask, quantity), (deeper[1], quantity)],
            mark or str((Decimal(bid) + Decimal(ask)) / 2),
        )
        await self.pump()

    async def trade(self, price: str, quantity: str, aggressor: Side) -> None:
        """A print of the market."""
        self.market.trade(self.instrument, self.clock.at_ns, price, quantity, aggressor)
        await self.pump()

    async def wait(self, seconds: float) -> None:
        """Let the venue's time pass."""
        self.clock.at_ns += int(seconds * NS_PER_SECOND)
        await self.pump()

    def request(
        self,
        side: Side,
        quantity: str,
        price: str | None = None,
        *,
        type: OrderType | None = None,  # noqa: A002 - the field's own name
        time_in_force: TimeInForce = TimeInForce.GTC,
        stop_price: str | None = None,
        **more: object,
    ) -> OrderRequest:
        """An order of ours with a client order id of its own; LIMIT where a price is given."""
        self._numbers += 1
        kind = type or (OrderType.LIMIT if price is not None else OrderType.MARKET)
        return OrderRequest(
            client_order_id=str(more.pop("client_order_id", f"duty-{self._numbers}")),
            venue=self.venue.capabilities.venue,
            instrument=self.instrument,
            side=side,
            type=kind,
            quantity=Decimal(quantity),
            time_in_force=time_in_force,
            reason="a duty of every venue",
            price=Decimal(price) if price is not None else None,
            stop_price=Decimal(stop_price) if stop_price is not None else None,
            **more,  # type: ignore[arg-type]
        )

    async def open_long(self, quantity: str = "0.1") -> OrderRequest:
        """Buy at the market and wait until the fill was told."""
        order = self.request(Side.BUY, quantity)
        await self.venue.submit(order)
        await self.until(lambda: sum(fill.quantity for fill in self.fills(order.client_order_id)) == Decimal(quantity))
        return order

    def fills(self, client_order_id: str | None = None) -> list[Fill]:
        """Fills told so far, of one order or of all."""
        told = [update for update in self.updates if isinstance(update, Fill)]
        return [f for f in told if client_order_id in {None, f.client_order_id}]

    def states(self, client_order_id: str) -> list[OrderState]:
        """States told so far of one order."""
        return [u for u in self.updates if isinstance(u, OrderState) and u.client_order_id == client_order_id]

    def notices(self) -> list[Notice]:
        """Notices told so far."""
        return [update for update in self.updates if isinstance(update, Notice)]

    async def position(self) -> Position | None:
        """What is held of the instrument, as the venue sees it."""
        held = [position for position in await self.venue.positions() if position.instrument == self.instrument]
        return held[0] if held else None

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds of what was told; fails after ten seconds."""
        await self.until_async(_as_async(holds))

    async def until_async(self, holds: Callable[[], Awaitable[object]]) -> None:
        """Wait until something holds of what the venue answers; fails after ten seconds."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + _PATIENCE_S
        while not await holds():
            if loop.time() > ends:
                raise AssertionError(f"it did not come true in {_PATIENCE_S} s; told so far: {_told(self.updates)}")
            await self.pump()
            await asyncio.sleep(0.005)


def _as_async(holds: Callable[[], T]) -> Callable[[], Awaitable[T]]:
    async def ask() -> T:
        return holds()

    return ask


def _told(updates: Sequence[VenueUpdate]) -> str:
    return "\n".join(str(update) for update in updates[-20:])
