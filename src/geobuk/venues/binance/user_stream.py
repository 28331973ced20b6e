"""The user stream: its listen key is opened, kept alive and replaced, its frames are read once each and in order."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

import msgspec

from geobuk.domain.errors import GeobukError, UserError
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.connection import Stream, StreamSpec, StreamState
from geobuk.venues.binance.errors import FailedCallError, house_error
from geobuk.venues.binance.messages.account import ListenKey
from geobuk.venues.binance.messages.user_events import ListenKeyExpiredEvent, UserEvent
from geobuk.venues.binance.rest import BinanceRest

_INVALID_KEY = -1125
_REMEMBERED_FRAMES = 8_192


class _Named(msgspec.Struct):
    e: str = ""


class _Wrapped(msgspec.Struct):
    data: msgspec.Raw


class UserStream:
    """Calls back with each event; frames that were seen already and events of unknown kinds are sorted out.

    Parameters
    ----------
    on_event
        Each event, once, in the order of the socket.
    on_state
        Each change of the connection, with its reason.
    on_strange
        A frame that can't be understood: the name of its event, empty where it has none, and what it is in words.
    """

    def __init__(
        self,
        rest: BinanceRest,
        on_event: Callable[[UserEvent], None],
        on_state: Callable[[StreamState, str], None],
        on_strange: Callable[[str, str], None],
    ) -> None:
        self._rest = rest
        self._on_event = on_event
        self._on_strange = on_strange
        self._decode = msgspec.json.Decoder(UserEvent).decode
        self._remembered = min(_REMEMBERED_FRAMES, rest.spec.remembered_orders)
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._listen_key = ""
        self.taps: list[Callable[[bytes], None]] = []
        """Who wants to see each frame as it came."""
        self._stream = Stream(
            self._address,
            self._on_frame,
            on_state,
            StreamSpec(stale_after_s=None, silent_after_s=420.0, max_delay_s=10.0),
        )

    @property
    def is_live(self) -> bool:
        return self._stream.is_live

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._stream.run())
            tasks.create_task(self._keep_alive())

    async def close_key(self) -> None:
        """Tell the venue that nobody listens any more; failing is no harm, the key expires by itself."""
        if not self._listen_key:
            return
        with suppress(FailedCallError, UserError):
            await self._rest.call(endpoints.CLOSE_STREAM, what="closing the user stream")
        self._listen_key = ""

    async def _address(self) -> str:
        try:
            reply = await self._rest.ask(endpoints.OPEN_STREAM, ListenKey, what="opening the user stream")
        except FailedCallError as error:
            raise house_error(error) from error
        self._listen_key = reply.listen_key
        return f"{self._rest.spec.stream_url.rstrip('/')}/private/ws?listenKey={reply.listen_key}"

    async def _keep_alive(self) -> None:
        pause = self._rest.spec.listen_key_refresh_s
        while True:
            await asyncio.sleep(pause)
            pause = self._rest.spec.listen_key_refresh_s
            if not self._listen_key:
                continue
            try:
                kept = await self._rest.ask(endpoints.KEEP_STREAM, ListenKey, what="keeping the user stream")
                if kept.listen_key != self._listen_key:
                    self._stream.renew("the venue changed the listen key")
            except FailedCallError as error:
                if error.failure.code == _INVALID_KEY:
                    self._stream.renew("the venue does not know the listen key any more")
                else:
                    pause = min(pause, 60.0)
            except GeobukError:
                pause = min(pause, 60.0)

    def _on_frame(self, frame: bytes) -> None:
        if frame in self._seen:
            return
        self._seen[frame] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        for tap in self.taps:
            tap(frame)
        try:
            event = self._decode(frame)
        except msgspec.MsgspecError as error:
            self._on_undecodable(frame, error)
            return
        if isinstance(event, ListenKeyExpiredEvent):
            if event.listen_key in {self._listen_key, msgspec.UNSET}:
                self._stream.renew("the listen key expired")
            return
        self._on_event(event)

    def _on_undecodable(self, frame: bytes, error: msgspec.MsgspecError) -> None:
        """A frame in a wrapper, an event of a kind that is not known, or one whose shape changed."""
        try:
            if frame.startswith(b'{"stream"'):
                self._on_frame(bytes(msgspec.json.decode(frame, type=_Wrapped).data))
                return
            name = msgspec.json.decode(frame, type=_Named).e
        except msgspec.MsgspecError:
            name = ""
        text = frame[:300].decode(errors="replace")
        self._on_strange(name, f"user stream: {name or 'a frame'} can't be read ({error}): {text}")
