"""Serves parts of an emulator on a port of the system's choice, and talks to them as a client would."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

WAIT_S = 5.0


class Client:
    """A WebSocket client that answers nothing by itself."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._heard: deque[Any] = deque()

    async def next(self, wait_s: float = WAIT_S) -> Any:
        """The next text frame as JSON."""
        return self._heard.popleft() if self._heard else await self._received(wait_s)

    async def _received(self, wait_s: float = WAIT_S) -> Any:
        message = await self.socket.receive(timeout=wait_s)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    async def raw(self, wait_s: float = WAIT_S) -> aiohttp.WSMessage:
        return await self.socket.receive(timeout=wait_s)

    async def ask(self, method: str, *params: Any, request_id: Any = 1) -> Any:
        """The answer to a control message; events that came before it are kept for ``next``."""
        await self.socket.send_json({"method": method, "params": params, "id": request_id})
        while not ({"id", "code"} & (told := await self._received()).keys()):
            self._heard.append(told)
        return told

    async def call(self, method: str, params: dict[str, Any] | None = None, request_id: Any = "1") -> Any:
        await self.socket.send_json({"id": request_id, "method": method, "params": params or {}})
        return await self.next()

    async def hears_nothing(self) -> bool:
        """Whether a question is answered and nothing came before the answer."""
        answer = await self.ask("GET_PROPERTY", "combined", request_id="silence")
        return answer["id"] == "silence" and not self._heard

    async def end(self) -> int | None:
        """Wait for the end; the closing code, None where the connection was cut."""
        while True:
            message = await self.socket.receive(timeout=WAIT_S)
            if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}:
                return self.socket.close_code if message.type is aiohttp.WSMsgType.CLOSE else None


class Door:
    """The address of what is served."""

    def __init__(self, session: aiohttp.ClientSession, host: str, port: int) -> None:
        self.session = session
        self.host, self.port = host, port

    @asynccontextmanager
    async def connected(self, path: str, **options: Any) -> AsyncIterator[Client]:
        async with self.session.ws_connect(f"http://{self.host}:{self.port}{path}", **options) as socket:
            yield Client(socket)


@asynccontextmanager
async def served(parts: Sequence[Any]) -> AsyncIterator[Door]:
    """Serve parts that have ``add_routes``."""
    app = web.Application()
    for part in parts:
        part.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession() as session:
            yield Door(session, "127.0.0.1", port)
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], Any], wait_s: float = WAIT_S) -> None:
    """Wait until something holds; fails when it does not in time."""
    async with asyncio.timeout(wait_s):
        while not condition():
            await asyncio.sleep(0.005)
