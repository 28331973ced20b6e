"""One WebSocket of a client: what waits to be sent, what it said, when it last showed life."""

import asyncio
import contextlib
from collections import deque

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web

from geobuk.domain.times import NS_PER_MS, NS_PER_SECOND
from geobuk.emulators.binance.streams.limits import SocketLimits

_LAST_WORDS_S = 2.0
"""How long a client has to answer a closing frame."""


class Socket:
    """Frames go out in order from a bounded queue; a reader too slow for it is dropped.

    ``is_silent`` makes it look alive and say nothing: frames are thrown away, pings and pongs included.
    """

    def __init__(self, response: web.WebSocketResponse, request: web.Request, limits: SocketLimits, now_ns: int):
        self.response = response
        self.remote = request.remote or ""
        self.path = request.path_qs
        self.opened_ns = now_ns
        self.is_silent = False
        self.sent = 0
        self.close_reason = ""
        self._transport = request.transport
        self._limits = limits
        self._waiting: deque[tuple[bytes, WSMsgType]] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._due = 0.0
        self._last_ping_ns = now_ns
        self._unanswered_ns: int | None = None
        self._second, self._messages = -1, 0

    def push(self, frame: bytes, delay_s: float = 0.0) -> None:
        """Send after what was pushed before; ``delay_s`` holds back this frame and all behind it."""
        now = self._loop.time()
        if delay_s <= 0 and self._due <= now:
            self._queue(frame, WSMsgType.TEXT)
            return
        self._due = max(self._due + 1e-6, now + delay_s)
        self._loop.call_at(self._due, self._queue, frame, WSMsgType.TEXT)

    def _queue(self, frame: bytes, kind: WSMsgType) -> None:
        if self.is_silent or self.close_reason:
            return
        self._waiting.append((frame, kind))
        self._waiting_bytes += len(frame)
        if len(self._waiting) > self._limits.queue_frames or self._waiting_bytes > self._limits.queue_bytes:
            self.cut("too slow: more waits to be sent than a socket may hold")
        self._wake.set()

    def pong(self, payload: bytes) -> None:
        self._queue(payload, WSMsgType.PONG)

    def saw_pong(self) -> None:
        """Any pong shows life, one that was not asked for too."""
        self._unanswered_ns = None

    def may_speak(self, now_ns: int) -> bool:
        """Count a message that came in; False when it is one too many for this second."""
        second = now_ns // NS_PER_SECOND
        if second != self._second:
            self._second, self._messages = second, 0
        self._messages += 1
        return self._messages <= self._limits.messages_per_s

    def tend(self, now_ns: int) -> None:
        """Ping when it is time; close a socket that has not answered or has lived its day."""
        limits = self._limits
        if now_ns - self.opened_ns >= limits.life_s * NS_PER_SECOND:
            self.close(WSCloseCode.GOING_AWAY, "24 hours are over")
        elif self._unanswered_ns is not None and now_ns - self._unanswered_ns >= limits.pong_within_s * NS_PER_SECOND:
            self.cut("no pong")
        elif now_ns - self._last_ping_ns >= limits.ping_every_s * NS_PER_SECOND:
            self._last_ping_ns = now_ns
            self._unanswered_ns = now_ns if self._unanswered_ns is None else self._unanswered_ns
            self._queue(str(now_ns // NS_PER_MS).encode(), WSMsgType.PING)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye after what waits; the client has a moment to answer."""
        if not self.close_reason:
            self._waiting.append((code.to_bytes(2, "big"), WSMsgType.CLOSE))
            self.close_reason = reason
            self._wake.set()
            self._loop.call_later(_LAST_WORDS_S, self._abort)

    def cut(self, reason: str) -> None:
        """End the connection without a word."""
        self.close_reason = self.close_reason or reason
        self._waiting.clear()
        self._abort()
        self._wake.set()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Send what waits until the socket ends."""
        while True:
            while self._waiting:
                frame, kind = self._waiting.popleft()
                self._waiting_bytes -= len(frame)
                try:
                    if kind is WSMsgType.CLOSE:
                        await self._say_goodbye(frame)
                        return
                    await self.response.send_frame(frame, kind)
                except (ClientConnectionResetError, ConnectionError, RuntimeError):
                    self.close_reason = self.close_reason or "the client has gone"
                    return
                self.sent += 1
            if self.close_reason:
                return
            self._wake.clear()
            await self._wake.wait()

    async def _say_goodbye(self, code: bytes) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(
                self.response.close(code=int.from_bytes(code, "big"), message=self.close_reason.encode()[:100]),
                _LAST_WORDS_S,
            )
        self._abort()

    @property
    def waiting(self) -> int:
        return len(self._waiting)
