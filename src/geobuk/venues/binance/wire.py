"""One open WebSocket: the seam behind which a library stands. What it means to stay connected is not known here."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import picows

from geobuk.domain.errors import NetworkError


class Wire(Protocol):
    """An open WebSocket."""

    def send(self, text: str) -> None:
        """Send one text frame; nothing happens if the socket is gone."""
        ...

    def close(self) -> None:
        """Say goodbye and drop the socket; the listener hears ``on_end``."""
        ...


class WireListener(Protocol):
    """Who hears what comes over a wire. None of the calls may block."""

    def on_messages(self, messages: list[bytes]) -> None:
        """Whole text or binary messages, those that one read of the socket brought."""
        ...

    def on_ping(self) -> None:
        """The other end asked whether we live; it has been answered."""
        ...

    def on_end(self, reason: str) -> None:
        """The wire is gone. Called once, last."""
        ...


Dial = Callable[[str, WireListener, float], Awaitable[Wire]]
"""Open a wire to an address within some seconds; raises NetworkError."""


_LARGEST_CONTROL = 125
"""Bytes. A longer frame carries data (RFC 6455, 5.5); to ask a frame for its kind costs more than all else here."""


class _PicowsListener(picows.WSListener):
    """Puts fragments together, answers pings with their own payload, and tells the rest to a WireListener."""

    __slots__ = ("_listener", "_parts", "_read")  # looked up thrice a frame

    def __init__(self, listener: WireListener) -> None:
        self._listener = listener
        self._read: list[bytes] = []
        self._parts: list[bytes] = []

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.payload_size > _LARGEST_CONTROL and frame.fin and not self._parts:
            self._read.append(frame.get_payload_as_bytes())
        else:
            self._on_any(transport, frame)
        if frame.last_in_buffer:
            self._deliver()

    def _on_any(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        kind = frame.msg_type
        if kind is picows.WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
            self._listener.on_ping()
        elif kind is picows.WSMsgType.CLOSE:
            if not transport.is_close_frame_sent:
                transport.send_close(frame.get_close_code())
                transport.disconnect()
        elif kind is not picows.WSMsgType.PONG:
            self._parts.append(frame.get_payload_as_bytes())
            if frame.fin:
                self._read.append(b"".join(self._parts))
                self._parts.clear()

    def _deliver(self) -> None:
        if self._read:
            messages, self._read = self._read, []
            self._listener.on_messages(messages)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self._deliver()
        handshake = transport.close_handshake
        if handshake is None or handshake.recv is None:
            self._listener.on_end("the connection broke off")
        else:
            code = handshake.recv.code
            self._listener.on_end(f"closed by the venue ({getattr(code, 'value', code)} {handshake.recv.reason})")


class _PicowsWire:
    def __init__(self, transport: picows.WSTransport) -> None:
        self._transport = transport

    def send(self, text: str) -> None:
        if not self._transport.is_disconnected:
            self._transport.send(picows.WSMsgType.TEXT, text)

    def close(self) -> None:
        if not self._transport.is_disconnected:
            self._transport.send_close(picows.WSCloseCode.OK)
            self._transport.disconnect(graceful=False)


async def dial(url: str, listener: WireListener, timeout_s: float) -> Wire:
    """Open a WebSocket. Raises NetworkError if the server can't be reached, is silent, or refuses."""
    try:
        transport, _ = await picows.ws_connect(
            lambda: _PicowsListener(listener),
            url,
            websocket_handshake_timeout=timeout_s,
            enable_auto_pong=False,
            max_frame_size=64 * 2**20,
            read_buffer_init_size=256 * 1024,
        )
    except (OSError, TimeoutError, picows.WSError) as error:
        raise NetworkError(
            f"no WebSocket to {url.partition('?')[0]} ({type(error).__name__}: {error})",
            cure="check the address and the network",
        ) from error
    return _PicowsWire(transport)
