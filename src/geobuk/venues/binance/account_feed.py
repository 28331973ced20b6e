"""The account's updates: what the user stream tells, completed over REST wherever it may have missed something."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from geobuk.domain.errors import NetworkError
from geobuk.domain.times import NS_PER_MS
from geobuk.domain.updates import Notice, NoticeKind, VenueUpdate
from geobuk.venues.binance.account_ledger import AccountLedger
from geobuk.venues.binance.connection import StreamState
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.user_events import ConfigEvent, MultiAssetsBody, UserEvent
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.recovery import Recovery
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.update_queue import UpdateQueue
from geobuk.venues.binance.user_stream import UserStream

_TELLING = frozenset({"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE"})
"""Events that tell of orders, fills or money: one that can't be read is asked for."""
_MOST_HELD_BACK = 50_000
_LONGEST_PAUSE_S = 10.0


class AccountFeed:
    """While something is being recovered, events are held back, so that updates keep the venue's order."""

    def __init__(self, rest: BinanceRest, reader: AccountReader, known: KnownOrders) -> None:
        self._rest = rest
        self.queue = UpdateQueue(rest.spec.update_capacity)
        self._overflowed = 0
        self.ledger = AccountLedger(rest.spec.name, known, self._emit, rest.spec.remembered_orders)
        self._recovery = Recovery(rest, reader, known, self.ledger)
        self._stream = UserStream(rest, self._on_event, self._on_state, self._on_strange)
        self._held: deque[UserEvent] = deque()
        self.on_assets_mode: Callable[[bool], None] = lambda is_multi_assets: None
        """Hears at once when the account goes over to several margin assets, or back to one."""
        self._is_holding = True
        self._is_lost = False
        self._first_live = asyncio.Event()
        self._wanted = asyncio.Event()
        self._why = ""
        self._patience: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def taps(self) -> list[Callable[[bytes], None]]:
        """Who wants to see each frame as it came."""
        return self._stream.taps

    @property
    def is_live(self) -> bool:
        """Whether events arrive and nothing waits to be recovered."""
        return self._stream.is_live and not self._is_holding

    async def start(self) -> None:
        """Connect and learn what is there. Raises NetworkError where the stream does not come up in time."""
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self._stream.run()))
        timeout_s = 3 * self._rest.spec.connect_timeout_s
        live = loop.create_task(self._first_live.wait())
        try:
            await asyncio.wait([live, self._tasks[0]], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            live.cancel()
        if not self._first_live.is_set():
            raise NetworkError(
                f"the user stream did not connect within {timeout_s:g} s ({self._why})",
                cure="check the stream's address",
            )
        await self._recovery.baseline()
        self._release()
        self._tasks[0].add_done_callback(self._on_end)
        self._tasks.append(loop.create_task(self._recover()))

    async def stop(self) -> None:
        """Stop listening and end the readers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._end_patience()
        await self._stream.close_key()
        self.queue.close()

    def want_recovery(self, why: str) -> None:
        """Compare with the venue as soon as possible."""
        self._why = self._why or why
        self._wanted.set()

    def _emit(self, update: VenueUpdate) -> bool:
        if self.queue.put(update):
            return True
        if not self._overflowed:
            self._notice(
                NoticeKind.UNEXPECTED,
                f"{len(self.queue)} updates wait to be read and no more fit: those that follow are left out, "
                "fills and orders come again once there is room; take a snapshot",
            )
        self._overflowed += 1
        return False

    def _notice(self, kind: NoticeKind, text: str, instrument: str = "") -> None:
        at_ns = self._rest.venue_ms() * NS_PER_MS
        self.queue.put(Notice(self._rest.spec.name, kind, text, at_ns, instrument))

    def _on_event(self, event: UserEvent) -> None:
        if isinstance(event, ConfigEvent) and isinstance(event.multi_assets, MultiAssetsBody):
            self.on_assets_mode(event.multi_assets.is_joint)
        if self._is_holding and len(self._held) < _MOST_HELD_BACK:
            self._held.append(event)
            return
        self._take(event)
        if self.ledger.suspects:
            self.want_recovery("the stream seems to have missed something")

    def _take(self, event: UserEvent) -> None:
        try:
            self.ledger.take(event)
        except Exception as error:  # whatever the venue sent must not end the stream
            self._notice(
                NoticeKind.UNEXPECTED, f"an event can't be understood ({type(error).__name__}: {error}): {event}"
            )
            self.want_recovery("an event could not be understood")

    def _on_strange(self, name: str, text: str) -> None:
        self._notice(NoticeKind.UNEXPECTED, text)
        if name in _TELLING:
            self.want_recovery(f"{name} could not be read")

    def _on_state(self, state: StreamState, reason: str) -> None:
        if state is StreamState.LIVE:
            self._is_holding = True
            self._notice(NoticeKind.CONNECTED, f"user stream: {reason}")
            if self._first_live.is_set():
                self.want_recovery("the stream was connected again")
            self._first_live.set()
        elif state is StreamState.LOST:
            self._why = self._why or reason
            if not self._is_lost:
                self._notice(NoticeKind.DISCONNECTED, f"user stream: {reason}")
            self._is_lost = True
        elif state is StreamState.STALE:
            self._notice(NoticeKind.STALE, f"user stream: {reason}")

    def _on_end(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self._notice(NoticeKind.BLOCKED, f"the user stream ended by a defect: {task.exception()!r}")

    async def _recover(self) -> None:
        """Compare with the venue whenever wanted, and from time to time anyway: all the more while nothing is heard."""
        interval = self._rest.spec.audit_interval_s or None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(interval):
                    await self._wanted.wait()
            self._wanted.clear()
            why, self._why = self._why, ""
            pause = 0.2
            while not await self._recover_once(why):
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _recover_once(self, why: str) -> bool:
        is_reconnect = self._is_holding
        if self._overflowed and len(self.queue) * 2 > self._rest.spec.update_capacity:
            return False  # no room yet
        self._overflowed = 0
        if self._is_holding and self._patience is None:  # it runs on over attempts that fail
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(self._rest.spec.longest_hold_s, self._stop_holding)
        try:
            told = await self._recovery.run(is_wide=is_reconnect)
        except Exception as error:  # whatever went wrong, asking again is the cure
            self._notice(NoticeKind.UNEXPECTED, f"what the stream missed can't be asked for: {error}")
            return False
        if not self._stream.is_live or ((is_reconnect or self._is_holding) and self._wanted.is_set()):
            return True  # the next connection asks again
        was_lost, self._is_lost = self._is_lost, False
        self._release()
        if was_lost or is_reconnect:
            self._notice(NoticeKind.RECOVERED, f"user stream: complete again, {told} updates had been missed")
        elif told:
            self._notice(
                NoticeKind.UNEXPECTED, f"{told} updates came over REST and not by the stream ({why or 'audit'})"
            )
        return True

    def _stop_holding(self) -> None:
        """What happens now must not wait any longer for what was missed: late fills come out of order then."""
        self._patience = None
        if self._is_holding and self._stream.is_live:
            self._notice(
                NoticeKind.STALE, "user stream: what it missed is still being asked for; updates go on meanwhile"
            )
            self._is_lost = True
            self._release()

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _release(self) -> None:
        """Let the held events go, oldest first."""
        self._end_patience()
        self._is_holding = False
        while self._held:
            self._take(self._held.popleft())
        if self.ledger.suspects:
            self.want_recovery("the stream seems to have missed something")
