"""Puts an emulator together: exchange, REST, streams, WebSocket API, faults and control page on one port."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, web

from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.control.api import ControlApi
from geobuk.emulators.binance.exchange import Exchange, ExchangeSpec
from geobuk.emulators.binance.faults.desk import FaultDesk
from geobuk.emulators.binance.faults.movable_market import MovableMarket
from geobuk.emulators.binance.routes import every_operation
from geobuk.emulators.binance.server import BinanceEmulator
from geobuk.emulators.binance.streams.endpoint import StreamEndpoint
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.emulators.binance.streams.limits import SocketLimits
from geobuk.emulators.binance.streams.market_stream import MarketStream
from geobuk.emulators.binance.streams.user_stream import UserStream
from geobuk.emulators.binance.ws_api.endpoint import ApiEndpoint
from geobuk.matching.markets.market import Market

TEND_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class AssemblySpec:
    """How to put it together. Sockets live by the wall's time unless ``sockets_age_with_market``."""

    exchange: ExchangeSpec = field(default_factory=ExchangeSpec)
    sockets: SocketLimits = field(default_factory=SocketLimits)
    sockets_age_with_market: bool = False
    seed: int = 1
    host: str = "127.0.0.1"
    port: int = 0


class Emulation:
    """A whole emulator. ``server`` is started and stopped with ``async with``."""

    def __init__(
        self, market: Market, clock: SpeedClock, spec: AssemblySpec | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        spec = spec or AssemblySpec()
        movable = MovableMarket(market)
        self.exchange = Exchange(movable, clock, spec.exchange)
        self.hub = Hub()
        self.faults = FaultDesk(self.exchange, self.hub, movable, spec.seed)
        self.market_stream = MarketStream(self.exchange, self.hub)
        self.user_stream = UserStream(self.exchange, self.hub)
        now_ns = clock.now_ns if spec.sockets_age_with_market else time.monotonic_ns
        streams = StreamEndpoint(self.hub, now_ns, spec.sockets, self.faults.sockets)
        self.ws_api = ApiEndpoint(self.exchange, every_operation(), self.faults.replies, now_ns, spec.sockets)
        self.control = ControlApi(self.exchange, self.hub, self.faults)
        self.server = BinanceEmulator(
            self.exchange,
            spec.host,
            spec.port,
            faults=self.faults.replies,
            parts=(streams, self.ws_api, self.control, _Caretaker(self.hub, self.ws_api, now_ns)),
            tls=tls,
        )

    @property
    def base_url(self) -> str:
        return self.server.base_url

    async def __aenter__(self) -> "Emulation":
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()


class _Caretaker:
    """Tends the sockets from the server's start to its end, and says goodbye to all of them."""

    def __init__(self, hub: Hub, ws_api: ApiEndpoint, now_ns: Callable[[], int]) -> None:
        self._hub = hub
        self._ws_api = ws_api
        self._now_ns = now_ns

    def add_routes(self, app: web.Application) -> None:
        app.cleanup_ctx.append(self._tending)
        app.on_shutdown.append(self._goodbye)

    async def _tending(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._tend())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _tend(self) -> None:
        while True:
            now = self._now_ns()
            self._hub.tend(now)
            self._ws_api.tend(now)
            await asyncio.sleep(TEND_SECONDS)

    async def _goodbye(self, _: web.Application) -> None:
        for subscriber in self._hub.subscribers:
            subscriber.socket.close(WSCloseCode.GOING_AWAY, "the emulator ends")
        for socket in tuple(self._ws_api.sockets):
            socket.close(WSCloseCode.GOING_AWAY, "the emulator ends")
