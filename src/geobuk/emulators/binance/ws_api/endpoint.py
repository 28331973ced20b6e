"""The path of the WebSocket API, and its sockets."""

import asyncio
import contextlib
from collections.abc import Callable

from aiohttp import WSMsgType, web

from geobuk.emulators.binance.errors import VenueError
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import OperationTable
from geobuk.emulators.binance.perform import error_response
from geobuk.emulators.binance.request_facts import Faults
from geobuk.emulators.binance.streams.limits import SocketLimits
from geobuk.emulators.binance.streams.socket import Socket
from geobuk.emulators.binance.ws_api.session import ApiSession

PATH = "/ws-fapi/v1"
_HANDSHAKE_WEIGHT = 5
_MOST_AT_ONCE = 100


class ApiEndpoint:
    """Upgrades requests to the WebSocket API. ``now_ns`` is the clock that sockets live by."""

    def __init__(
        self,
        exchange: Exchange,
        operations: OperationTable,
        faults: Faults,
        now_ns: Callable[[], int],
        limits: SocketLimits | None = None,
    ) -> None:
        self._exchange = exchange
        self._operations = operations
        self._faults = faults
        self._now_ns = now_ns
        self._limits = limits or SocketLimits()
        self.sockets: set[Socket] = set()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get(PATH, self.handle)

    def tend(self, now_ns: int) -> None:
        """Pings, pongs and lives of all sockets."""
        for socket in tuple(self.sockets):
            socket.tend(now_ns)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One socket from its opening to its end."""
        ip = request.remote or "unknown"
        try:
            now = self._exchange.clock.now_ms()
            self._exchange.limits.check_ban(ip, now)
            self._exchange.limits.charge(ip, _HANDSHAKE_WEIGHT, now)
        except VenueError as error:
            return error_response(error)
        response = web.WebSocketResponse(
            autoping=False, compress=False, max_msg_size=self._limits.most_message_bytes, decode_text=False
        )
        if not response.can_prepare(request).ok:
            return error_response(VenueError(400, -1000, "a WebSocket handshake is expected here"))
        await response.prepare(request)
        socket = Socket(response, request, self._limits, self._now_ns())
        hides = request.query.get("returnRateLimits", "").lower() == "false"
        session = ApiSession(self._exchange, self._operations, self._faults, ip, returns_rate_limits=not hides)
        self.sockets.add(socket)
        writing = asyncio.create_task(socket.write())
        try:
            await self._listen(socket, session)
        finally:
            self.sockets.discard(socket)
            socket.cut("the client has gone")
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
        return response

    async def _listen(self, socket: Socket, session: ApiSession) -> None:
        answering: set[asyncio.Task[None]] = set()
        try:
            while True:
                message = await socket.response.receive()
                if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                    return
                if message.type is WSMsgType.PING:
                    socket.pong(message.data)
                elif message.type is WSMsgType.PONG:
                    socket.saw_pong()
                else:
                    if len(answering) >= _MOST_AT_ONCE:
                        await asyncio.wait(answering, return_when=asyncio.FIRST_COMPLETED)
                    task = asyncio.create_task(_answer(socket, session, message.data))
                    answering.add(task)
                    task.add_done_callback(answering.discard)
        finally:
            for task in answering:
                task.cancel()
            await asyncio.gather(*answering, return_exceptions=True)


async def _answer(socket: Socket, session: ApiSession, frame: bytes) -> None:
    reply = await session.answer(frame)
    if reply is None:
        socket.cut("a fault cut the reply")
    else:
        socket.push(reply)
