"""A WebSocket server on a loopback port that does what a test says: greets, is silent, hangs up, refuses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import picows


class SocketServer:
    """``on_open`` is called for each connection; ``paths``, ``texts`` and ``pongs`` say what clients asked and sent."""

    def __init__(self) -> None:
        self.on_open: Callable[[Client], None] = lambda client: None
        self.on_text: Callable[[Client, str], None] = lambda client, text: None
        self.clients: list[Client] = []
        self.paths: list[str] = []
        self.texts: list[str] = []
        self.pongs: list[bytes] = []
        self.refusals = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def open_clients(self) -> "list[Client]":
        return [client for client in self.clients if not client.is_gone]

    def accept(self, request: picows.WSUpgradeRequest) -> Any:
        self.paths.append(request.path.decode())
        if self.refusals > 0:
            self.refusals -= 1
            response = picows.WSUpgradeResponse.create_error_response(503)
            return picows.WSUpgradeResponseWithListener(response, None)
        return Client(self, request.path.decode())


class Client(picows.WSListener):
    """The server's end of one connection."""

    def __init__(self, server: SocketServer, path: str) -> None:
        self.server = server
        self.path = path
        self.is_gone = False
        self.transport: picows.WSTransport | None = None

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport
        self.server.clients.append(self)
        self.server.on_open(self)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.TEXT:
            text = frame.get_payload_as_utf8_text()
            self.server.texts.append(text)
            self.server.on_text(self, text)
        elif frame.msg_type == picows.WSMsgType.PONG:
            self.server.pongs.append(frame.get_payload_as_bytes())
        elif frame.msg_type == picows.WSMsgType.CLOSE:
            if not transport.is_close_frame_sent:
                transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self.is_gone = True

    def send(self, text: str | bytes) -> None:
        self._open.send(picows.WSMsgType.TEXT, text)

    def send_in_parts(self, *parts: str) -> None:
        for number, part in enumerate(parts):
            kind = picows.WSMsgType.TEXT if number == 0 else picows.WSMsgType.CONTINUATION
            self._open.send(kind, part, fin=number == len(parts) - 1)

    def ping(self, payload: bytes) -> None:
        self._open.send_ping(payload)

    def close(self, code: picows.WSCloseCode = picows.WSCloseCode.GOING_AWAY) -> None:
        self._open.send_close(code, b"going away")

    def cut(self) -> None:
        self._open.disconnect(graceful=False)

    @property
    def _open(self) -> picows.WSTransport:
        assert self.transport is not None
        return self.transport


@asynccontextmanager
async def socket_server() -> AsyncIterator[SocketServer]:
    server = SocketServer()
    listening = await picows.ws_create_server(server.accept, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for client in server.open_clients:
            client.cut()
        await until(lambda: not server.open_clients)
        await listening.wait_closed()


async def until(is_so: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait for something to become true; fails loudly if it does not."""
    async with asyncio.timeout(within_s):
        while not is_so():
            await asyncio.sleep(0.002)
