"""The whole emulator on a socket: REST, streams, WebSocket API, faults and control, market and clock moved by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from tests.support.clocks import START_NS, HandClock
from tests.support.emulated_venue import Desk, Reply
from tests.support.scripted_market import ScriptedMarket
from tests.support.sockets import Client, until

from geobuk.emulators.binance.assembly import AssemblySpec, Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import ExchangeSpec
from geobuk.emulators.binance.faults.desk import read_fault
from geobuk.emulators.binance.streams.limits import SocketLimits
from geobuk.matching.markets.rules import starting_rules


@dataclass
class Scene(Desk):
    """A desk that also listens, asks for trouble, and steers."""

    emulation: Emulation = None  # type: ignore[assignment]

    @asynccontextmanager
    async def listening(self, path: str, **options: Any) -> AsyncIterator[Client]:
        hub, api = self.emulation.hub, self.emulation.ws_api
        before = len(hub.subscribers) + len(api.sockets)
        async with self.session.ws_connect(self.base_url + path, max_msg_size=0, **options) as socket:
            await until(lambda: len(hub.subscribers) + len(api.sockets) > before)
            yield Client(socket)

    async def listen_key(self) -> str:
        return str((await self.keyed("POST", "/fapi/v1/listenKey")).body["listenKey"])

    def fault(self, kind: str, **fields: Any) -> int | None:
        """Ask for a fault by its name on the wire."""
        return self.emulation.faults.add(read_fault({"fault": kind, **fields}))

    async def control(self, method: str, path: str, content: Any = None, **headers: str) -> Reply:
        body = None if content is None else json.dumps(content).encode()
        return await self.send(method, f"/control/api/{path}", body, {"Content-Type": "application/json", **headers})


@asynccontextmanager
async def emulation(
    names: tuple[str, ...] = ("BTCUSDT", "DOTUSDT"), sockets: SocketLimits | None = None
) -> AsyncIterator[Scene]:
    """A venue with BTCUSDT around 84,000 and DOTUSDT around 1.1359; socket limits are loose unless given."""
    clock = HandClock()
    market = ScriptedMarket(starting_rules(names), START_NS)
    exchange = ExchangeSpec(has_made_up_past=False)
    spec = AssemblySpec(exchange, sockets or SocketLimits(messages_per_s=1_000), sockets_age_with_market=True)
    async with Emulation(market, SpeedClock(clock), spec) as whole, aiohttp.ClientSession() as session:
        scene = Scene(clock, market, whole.exchange, session, whole.base_url, emulation=whole)
        scene.quote("83999.90", "84000.00", "83990.00")
        if "DOTUSDT" in names:
            scene.quote("1.135800", "1.135900", "1.135850", "DOTUSDT", "5000.0")
        yield scene


def in_emulation(act: Callable[[Scene], Awaitable[None]], **options: Any) -> None:
    """Run what a client does at a fresh emulator."""

    async def run() -> None:
        async with emulation(**options) as scene:
            await act(scene)

    asyncio.run(run())
