"""A WebSocket connection that stays: reconnects, renews itself before the venue's 24 hours, and distrusts silence.

It carries messages and knows none of them; after each LIVE whoever listens recovers what may have been missed.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from geobuk.domain.errors import NetworkError, UserError
from geobuk.venues.binance import wire as wires


class StreamState(StrEnum):
    """CONNECTING → LIVE → (STALE →) LOST → CONNECTING → …; CLOSED is final.

    A LIVE that follows a LIVE is a planned change of connection: frames may have been missed or come twice all the
    same.
    """

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """How patient a connection is; durations in seconds.

    ``stale_after_s`` bounds the silence between messages (None where silence is normal, as on user streams),
    ``silent_after_s`` the silence of everything, pings included (the venue pings every 180 s). ``life_s`` is when the
    connection is replaced (the venue ends it at 24 h), up to a tenth earlier. ``sends_per_s`` keeps below the venue's
    10 incoming messages a second, pongs included.
    """

    first_delay_s: float = 0.25
    max_delay_s: float = 30.0
    settled_after_s: float = 10.0
    connect_timeout_s: float = 10.0
    stale_after_s: float | None = 30.0
    silent_after_s: float = 420.0
    life_s: float = 23 * 3600.0
    sends_per_s: int = 5


class Stream:
    """One logical connection over as many sockets as it takes.

    Parameters
    ----------
    url
        Gives the address for each attempt; a UserError from it counts as a failed attempt.
    on_frame
        Called for each message, in order, in the event loop, never before its connection's LIVE. An exception it raises
        ends :meth:`run` with that exception.
    on_state
        Called at each change of state with its reason.
    on_frames
        Takes the place of ``on_frame`` for who can use all messages of one read of the socket at once.
    """

    def __init__(
        self,
        url: Callable[[], Awaitable[str]],
        on_frame: Callable[[bytes], None],
        on_state: Callable[[StreamState, str], None],
        spec: StreamSpec | None = None,
        seed: int = 0,
        dial: wires.Dial = wires.dial,
        on_frames: Callable[[list[bytes]], None] | None = None,
    ) -> None:
        self._url = url
        self._on_frames = on_frames or _each(on_frame)
        self._on_state = on_state
        self._spec = spec or StreamSpec()
        self._random = random.Random(seed)  # noqa: S311  jitter, not a secret
        self._dial = dial
        self._socket: _Socket | None = None
        self._failures = 0
        self._renewal = ""
        self._woken = asyncio.Event()
        self._sent_at: deque[float] = deque(maxlen=self._spec.sends_per_s)
        self._sending = asyncio.Lock()
        self.state = StreamState.CLOSED

    @property
    def is_live(self) -> bool:
        """True where a message could arrive now."""
        return self.state is StreamState.LIVE

    @property
    def messages(self) -> int:
        """Messages of the present socket so far."""
        return 0 if self._socket is None else self._socket.messages

    async def run(self) -> None:
        """Stay connected until cancelled. Raises what ``on_frame`` raised."""
        try:
            while True:
                await self._connect()
                await self._stay()
        finally:
            self._drop()
            self._become(StreamState.CLOSED, "")

    async def send(self, text: str) -> None:
        """Send a control message, waiting for its turn under ``sends_per_s``; raises NetworkError if not connected."""
        async with self._sending:
            loop = asyncio.get_running_loop()
            if len(self._sent_at) == self._spec.sends_per_s:
                await asyncio.sleep(self._sent_at[0] + 1.0 - loop.time())
            socket = self._socket
            if socket is None or socket.wire is None or socket.end is not None:
                raise NetworkError("not connected, so nothing can be sent", cure="wait until the stream is live again")
            self._sent_at.append(loop.time())
            socket.wire.send(text)

    def renew(self, reason: str) -> None:
        """Change to a fresh socket now, without a pause if one can be had."""
        self._renewal = reason
        self._woken.set()

    async def _connect(self) -> None:
        """Dial with growing, jittered pauses until a socket is open."""
        while True:
            if self._failures:
                await asyncio.sleep(self._pause_s())
            self._become(StreamState.CONNECTING, f"attempt {self._failures + 1}")
            try:
                self._socket = await self._open()
            except UserError as error:
                self._failures += 1
                self._become(StreamState.LOST, str(error))
            else:
                self._become(StreamState.LIVE, "connected")
                self._socket.begin()
                return

    async def _open(self) -> "_Socket":
        socket = _Socket(self._on_frames, self._woken)
        try:
            async with asyncio.timeout(self._spec.connect_timeout_s):
                url = await self._url()
                socket.wire = await self._dial(url, socket, self._spec.connect_timeout_s)
        except TimeoutError as error:
            raise NetworkError(
                f"no connection within {self._spec.connect_timeout_s:g} s", cure="check the network"
            ) from error
        return socket

    async def _stay(self) -> None:
        """Watch the socket until it ends, raises, or falls silent; replace it when its time has come."""
        spec, loop = self._spec, asyncio.get_running_loop()
        watch = _Watch(loop.time(), spec, self._random.uniform(0.9, 1.0) * spec.life_s)
        while True:
            socket = self._socket
            assert socket is not None
            if socket.failure is not None:
                raise socket.failure
            now = loop.time()
            if now - watch.opened_at >= spec.settled_after_s:
                self._failures = 0
            reason = watch.silence(now, socket)
            if reason:
                self._become(StreamState.STALE, reason)
            if reason or socket.end is not None:
                self._failures += 1
                self._drop()
                self._become(StreamState.LOST, reason or socket.end or "")
                return
            due = self._renewal or watch.is_too_old(now)
            if due and await self._replace(self._renewal or "planned, before the venue's 24 hours"):
                watch = _Watch(loop.time(), spec, self._random.uniform(0.9, 1.0) * spec.life_s)
                continue
            if due:
                watch.retry_life(now, spec.max_delay_s)
            self._woken.clear()
            if socket.end is None and socket.failure is None and not self._renewal:
                await _wait(self._woken, watch.check_s)

    async def _replace(self, reason: str) -> bool:
        """Open the next socket before the old one is closed; False leaves the old one in use."""
        self._renewal = ""
        try:
            fresh = await self._open()
        except UserError:
            return False
        self._drop()
        self._socket = fresh
        self._become(StreamState.LIVE, f"changed to a fresh socket: {reason}")
        fresh.begin()
        return True

    def _pause_s(self) -> float:
        longest = min(self._spec.max_delay_s, self._spec.first_delay_s * 2.0 ** min(self._failures - 1, 30))
        return self._random.uniform(0.5, 1.0) * longest

    def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.is_muted = True
            if socket.wire is not None:
                socket.wire.close()

    def _become(self, state: StreamState, reason: str) -> None:
        self.state = state
        self._on_state(state, reason)


class _Socket:
    """What has been heard over one wire."""

    def __init__(self, on_frames: Callable[[list[bytes]], None], woken: asyncio.Event) -> None:
        self._on_frames = on_frames
        self._woken = woken
        self.wire: wires.Wire | None = None
        self.messages = 0
        self.pings = 0
        self.end: str | None = None
        self.failure: Exception | None = None
        self.is_muted = False
        self._early: list[bytes] | None = []

    def begin(self) -> None:
        """Let messages through, those first that came while the connection was still being made."""
        early, self._early = self._early, None
        if early:
            self.on_messages(early)

    def on_messages(self, messages: list[bytes]) -> None:
        if self._early is not None:
            self._early += messages
            return
        if self.is_muted or self.failure is not None:
            return
        self.messages += len(messages)
        try:
            self._on_frames(messages)
        except Exception as error:
            self.failure = error
            self._woken.set()

    def on_ping(self) -> None:
        self.pings += 1

    def on_end(self, reason: str) -> None:
        self.end = reason
        self._woken.set()


class _Watch:
    """Judges the silence and the age of one socket by counting, so that a message costs no look at a clock."""

    def __init__(self, now: float, spec: StreamSpec, life_s: float) -> None:
        self.opened_at = now
        self._spec = spec
        self._ends_at = now + life_s
        self._messages, self._message_at = 0, now
        self._heard, self._heard_at = 0, now
        self.check_s = min(spec.silent_after_s, spec.stale_after_s or spec.silent_after_s, life_s) / 8

    def silence(self, now: float, socket: _Socket) -> str:
        """Why the silence is too long, or nothing."""
        if socket.messages != self._messages:
            self._messages, self._message_at = socket.messages, now
        heard = socket.messages + socket.pings
        if heard != self._heard:
            self._heard, self._heard_at = heard, now
        stale_s = self._spec.stale_after_s
        if stale_s is not None and now - self._message_at >= stale_s:
            return f"no message for {now - self._message_at:.1f} s on an open connection"
        if now - self._heard_at >= self._spec.silent_after_s:
            return f"not even a ping for {now - self._heard_at:.1f} s on an open connection"
        return ""

    def is_too_old(self, now: float) -> bool:
        return now >= self._ends_at

    def retry_life(self, now: float, pause_s: float) -> None:
        """Try again to replace the socket after a pause."""
        self._ends_at = max(self._ends_at, now + pause_s)


def _each(on_frame: Callable[[bytes], None]) -> Callable[[list[bytes]], None]:
    def on_frames(messages: list[bytes]) -> None:
        for message in messages:
            on_frame(message)

    return on_frames


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
