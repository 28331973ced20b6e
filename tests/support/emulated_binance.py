"""The adapter against the emulator, over real sockets: one account, quick settings, everything closed at the end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tests.support.scripted_market import ScriptedMarket

from geobuk.domain.order import Fill, OrderRequest, OrderState, OrderType, Side, TimeInForce
from geobuk.domain.updates import Notice, NoticeKind, VenueUpdate
from geobuk.emulators.binance.assembly import Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET
from geobuk.matching.markets.rules import starting_rules
from geobuk.ops.clock import WallClock
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.venue import BinanceVenue

BTC = "BTCUSDT"
WAIT_S = 10.0
QUICK = BinanceSpec(
    recv_window_ms=400,
    settle_margin_ms=100,
    settle_first_s=0.02,
    settle_timeout_s=5.0,
    order_timeout_s=1.0,
    request_timeout_s=2.0,
    retry_first_s=0.02,
    audit_interval_s=0,
    allow_unrestricted_ip=True,
)


@dataclass
class Scene:
    """A running emulator with a venue on it. ``told`` is everything that the venue's updates told so far."""

    emulation: Emulation
    market: ScriptedMarket
    clock: SpeedClock
    venue: BinanceVenue
    told: list[VenueUpdate] = field(default_factory=list)

    def quote(self, bid: str = "60000.0", ask: str = "60000.1", size: str = "50", mark: str = "60000.0") -> None:
        """The book from now on."""
        self.market.quote(BTC, self.clock.now_ns(), [(bid, size)], [(ask, size)], mark)
        self.emulation.exchange.pump()

    def trade(self, price: str, quantity: str, aggressor: Side) -> None:
        """The market trades now."""
        self.market.trade(BTC, self.clock.now_ns(), price, quantity, aggressor)
        self.emulation.exchange.pump()

    def fault(self, content: Any) -> None:
        """Put a fault in force."""
        self.emulation.faults.add(content)

    def heal(self) -> None:
        """Take every fault back."""
        self.emulation.faults.clear()

    def fills(self) -> list[Fill]:
        return [one for one in self.told if isinstance(one, Fill)]

    def states(self, key: str) -> list[OrderState]:
        return [one for one in self.told if isinstance(one, OrderState) and one.client_order_id == key]

    def notices(self, kind: NoticeKind) -> list[Notice]:
        return [one for one in self.told if isinstance(one, Notice) and one.kind is kind]

    def venue_fills(self) -> list[tuple[str, Decimal]]:
        """What the engine itself executed for the account: (trade id, quantity) by trade."""
        executed = self.emulation.exchange.engine.executions(DEFAULT_ACCOUNT, BTC)
        return sorted((str(one.trade_id), one.quantity) for one in executed)

    def told_fills(self) -> list[tuple[str, Decimal]]:
        return sorted((one.trade_id, one.quantity) for one in self.fills())

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait for something to hold; fails after a while."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not holds():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"did not come to hold: {what}; told so far: {self.told[-12:]}") from None


def order(key: str, **changes: Any) -> OrderRequest:
    """A market buy of 0.010 BTC."""
    usual: dict[str, Any] = {
        "client_order_id": key, "venue": "binance", "instrument": BTC, "side": Side.BUY, "type": OrderType.MARKET,
        "quantity": Decimal("0.010"), "time_in_force": TimeInForce.GTC, "reason": "test",
    }  # fmt: skip
    return OrderRequest(**{**usual, **changes})


def limit(key: str, price: str, **changes: Any) -> OrderRequest:
    """A limit order."""
    return order(key, type=OrderType.LIMIT, price=Decimal(price), **changes)


@asynccontextmanager
async def emulated(**changes: Any) -> AsyncIterator[Scene]:
    """A scene with a deep book around 60,000."""
    clock = SpeedClock(WallClock())
    market = ScriptedMarket(starting_rules((BTC,)), clock.now_ns())
    async with Emulation(market, clock) as emulation:
        url = emulation.base_url
        spec = replace(QUICK, rest_url=url, stream_url=url.replace("http", "ws", 1), spot_url=url, **changes)
        market.quote(BTC, clock.now_ns(), [("60000.0", "50")], [("60000.1", "50")], "60000.0")
        emulation.exchange.pump()
        venue = BinanceVenue(ApiCredentials(DEFAULT_KEY, DEFAULT_SECRET), [BTC], spec)
        async with venue:
            scene = Scene(emulation, market, clock, venue)
            reader = asyncio.create_task(_read(scene))
            yield scene
        await reader


async def _read(scene: Scene) -> None:
    async for update in scene.venue.updates():
        scene.told.append(update)
