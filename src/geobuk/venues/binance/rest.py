"""One call to the venue: budget, signature, sending, judgement, and those repeats that can't have two effects."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from geobuk.domain.errors import DataError, SettingsError
from geobuk.ports import Clock
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.clock_offset import ClockOffset
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.endpoints import Endpoint, Lane, Security
from geobuk.venues.binance.errors import Action, FailedCallError, Failure, UnknownOutcomeError, judge
from geobuk.venues.binance.messages.rules import ServerTime
from geobuk.venues.binance.rate_budget import RateBudget
from geobuk.venues.binance.signing import signer
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.transport import NoReplyError, NotSentError, Reply, Transport

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

_ASK_ABOUT_ORDER = frozenset({-2011, -2012, -4116, -4117})
"""REQUERY answers that name the state of an order: the caller asks, knowing which answer it was."""
_LONGEST_WAIT_S = {Lane.RISK: 70.0, Lane.TRADE: 12.0, Lane.ACCOUNT: 70.0, Lane.DATA: 130.0}
"""An order that waits longer is stale; a cancel is not."""


class BinanceRest:
    """Calls by :class:`Endpoint`. Knows no orders; raises FailedCallError or UnknownOutcomeError."""

    def __init__(
        self,
        spec: BinanceSpec,
        transport: Transport,
        clock: Clock,
        credentials: ApiCredentials | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.spec = spec
        self.budget = RateBudget(reserved_share=spec.reserved_share)
        self.offset = ClockOffset(alarm_ms=spec.drift_alarm_ms)
        self._transport = transport
        self._clock = clock
        self._sleep = sleep
        self._sign = None if credentials is None else signer(credentials)
        self._headers: Mapping[str, str] = {} if credentials is None else {"X-MBX-APIKEY": credentials.key}
        self._window = f"recvWindow={spec.recv_window_ms}&timestamp="
        self._addresses: dict[tuple[str, str], str] = {}
        self._background = asyncio.Semaphore(spec.background_calls)
        self._resync: asyncio.Task[None] | None = None
        self.last_headers: Mapping[str, str] = {}

    def venue_ms(self) -> int:
        """The venue's present time in milliseconds, as far as we know."""
        return self.offset.venue_ms(self._clock.now_ns())

    async def ask(self, endpoint: Endpoint, kind: type[T], params: str = "", *, what: str) -> T:
        """A call whose reply has a shape. Raises DataError where it has another one."""
        body = await self.call(endpoint, params, what=what)
        try:
            return decoder(kind).decode(body)
        except msgspec.MsgspecError as error:
            raise DataError(
                f"{what}: Binance replied in a shape that is not known ({error})", cure="update Geobuk"
            ) from error

    async def call(self, endpoint: Endpoint, params: str = "", *, what: str, base: str = "") -> bytes:
        """The body of a successful reply. ``params`` are percent-encoded already.

        Repeated only where nothing can come of it twice: what was not executed, and calls that are repeatable.
        """
        attempt = resyncs = 0
        timeout_s = self.spec.request_timeout_s if endpoint.is_repeatable else self.spec.order_timeout_s
        while True:
            wait_ms = self.budget.try_spend(endpoint, self.venue_ms())
            if wait_ms:
                await self._await_turn(endpoint, wait_ms, what)
                continue
            sent_ms = self.venue_ms()
            failure = None
            try:
                url = self._address(endpoint, params, base)
                if endpoint.lane > Lane.TRADE:
                    async with self._background:
                        reply = await self._transport.send(endpoint.method, url, self._headers, timeout_s)
                else:
                    reply = await self._transport.send(endpoint.method, url, self._headers, timeout_s)
                failure = self._judge(reply, endpoint)
                if failure is None:
                    return reply.body
                action = failure.action
            except NotSentError as error:
                failure = Failure(0, 0, f"not connected ({error})", Action.RETRY, "check the network")
                action = Action.RETRY
            except NoReplyError as error:
                failure = Failure(0, 0, f"no reply ({error})", Action.REQUERY, "ask what became of it")
                action = Action.REQUERY
            attempt += 1
            if action is Action.RESYNC_CLOCK and resyncs < 1:
                resyncs += 1
                await self.resync_clock()
                continue
            if action is Action.REQUERY and not endpoint.is_repeatable and failure.code not in _ASK_ABOUT_ORDER:
                raise UnknownOutcomeError(f"{what}: {failure.message}", sent_ms)
            if not self._may_repeat(action, failure, endpoint) or attempt > self.spec.retries:
                raise FailedCallError(failure, what)
            await self._back_off(failure, attempt)

    def _may_repeat(self, action: Action, failure: Failure, endpoint: Endpoint) -> bool:
        if action is Action.REQUERY:
            return endpoint.is_repeatable and failure.code not in _ASK_ABOUT_ORDER
        return action is Action.RETRY or (action is Action.WAIT and failure.status != 403)

    async def _back_off(self, failure: Failure, attempt: int) -> None:
        if failure.action is Action.WAIT and failure.status in {418, 429}:
            return  # the budget is blocked by now: the next round waits there
        await self._sleep(min(self.spec.retry_first_s * 2 ** (attempt - 1), 5.0))

    async def _await_turn(self, endpoint: Endpoint, wait_ms: int, what: str) -> None:
        longest_s = _LONGEST_WAIT_S[endpoint.lane]
        if wait_ms > longest_s * 1000:
            why = "banned" if self.budget.is_banned else "at the limit of requests"
            text = f"{why} for another {wait_ms / 1000:.0f} s; nothing was sent"
            raise FailedCallError(Failure(0, -1003, text, Action.WAIT, "ask less and wait until it has passed"), what)
        await self._sleep(wait_ms / 1000)

    def _judge(self, reply: Reply, endpoint: Endpoint) -> Failure | None:
        now_ms = self.venue_ms()
        self.last_headers = reply.headers
        self.budget.observe(reply.headers, now_ms)
        failure = judge(reply)
        if failure is None or failure.action is not Action.WAIT:
            return failure
        if failure.code == -1015 and endpoint.orders_1m:
            self.budget.exhaust_orders(now_ms)
        elif failure.status in {418, 429, 403} or failure.code == -1003:
            next_minute = (now_ms // 60_000 + 1) * 60_000
            until = failure.banned_until_ms or next_minute
            if failure.wait_s is not None:
                until = now_ms + int(failure.wait_s * 1000)
            self.budget.block(until, is_ban=failure.status == 418 or failure.banned_until_ms is not None)
        return failure

    def _address(self, endpoint: Endpoint, params: str, base: str) -> str:
        key = (endpoint.path, base)
        address = self._addresses.get(key)
        if address is None:
            address = self._addresses[key] = f"{(base or self.spec.rest_url).rstrip('/')}{endpoint.path}"
        if endpoint.security is not Security.SIGNED:
            return f"{address}?{params}" if params else address
        if self._sign is None:
            raise SettingsError("no API key is set, and this call needs one", cure="set the key and secret of Binance")
        stamp = self._window + str(self.venue_ms())
        query = f"{params}&{stamp}" if params else stamp
        return f"{address}?{query}&signature={self._sign(query)}"

    async def resync_clock(self) -> None:
        """Measure the venue's clock again; calls that need it at the same time share one measurement."""
        if self._resync is None or self._resync.done():
            self._resync = asyncio.get_running_loop().create_task(self._measure(forget=True))
        await asyncio.shield(self._resync)

    async def sync_clock(self) -> None:
        """Add samples to what is known of the venue's clock."""
        await self._measure(forget=False)

    async def _measure(self, *, forget: bool) -> None:
        rounds: list[tuple[int, int, int]] = []
        for _ in range(self.spec.clock_samples):
            sent_ns = self._clock.now_ns()
            server = await self.ask(endpoints.TIME, ServerTime, what="asking for the venue's time")
            rounds.append((sent_ns, server.server_time, self._clock.now_ns()))
        if forget:
            self.offset.forget()
        for sent_ns, server_ms, received_ns in rounds:
            self.offset.add(sent_ns, server_ms, received_ns)

    async def close(self) -> None:
        """Drop the connections."""
        if self._resync is not None and not self._resync.done():
            self._resync.cancel()
            await asyncio.gather(self._resync, return_exceptions=True)
        await self._transport.close()


_decoders: dict[object, msgspec.json.Decoder[object]] = {}


def decoder(kind: type[T]) -> "msgspec.json.Decoder[T]":
    """The decoder of a shape, made once."""
    made = _decoders.get(kind)
    if made is None:
        made = _decoders[kind] = msgspec.json.Decoder(kind)
    return made  # type: ignore[return-value]
