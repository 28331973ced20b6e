"""What became of a call that may have been executed: the venue is asked, and the user stream heard, until one knows."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.errors import NetworkError, OutcomeUnknownError, UserError
from geobuk.domain.order import OrderRequest, OrderState
from geobuk.domain.times import NS_PER_MS
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.errors import FailedCallError, UnknownOutcomeError
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.rules import ServerTime
from geobuk.venues.binance.rest import BinanceRest

Look = Callable[[str, str], Awaitable[OrderState | None]]
_Answer = OrderState | bool | None


@dataclass(frozen=True, slots=True)
class Settler:
    """Asks with growing pauses. ``look`` is the question for one order; None says that the venue does not know it."""

    rest: BinanceRest
    known: KnownOrders
    look: Look

    async def placed(self, request: OrderRequest, sent_ms: int) -> OrderState | None:
        """The order, or None where it never arrived.

        It never arrived if the venue does not know it later than its receive window allows it to be accepted. Raises
        OutcomeUnknownError where nobody could tell in time.
        """
        spec = self.rest.spec
        too_late_ms = sent_ms + spec.recv_window_ms + spec.settle_margin_ms
        instrument, key = request.instrument, request.client_order_id

        async def ask() -> _Answer:
            asked_ms = await self._now_ms(too_late_ms)
            state = await self.look(instrument, key)
            return state if state is not None else asked_ms < too_late_ms

        told = self.known.get(instrument, key)
        if told is not None and told.at_ns // NS_PER_MS >= sent_ms - spec.settle_margin_ms:
            return told  # the stream was quicker than the reply
        answer = await self._first_word(instrument, key, self._until_known(instrument, key, ask))
        return answer if isinstance(answer, OrderState) else None

    async def ended(self, instrument: str, key: str) -> OrderState | None:
        """An order after a cancel of unknown outcome; None where the venue does not know it."""

        async def ask() -> _Answer:
            return await self.look(instrument, key)

        answer = await self._until_known(instrument, key, ask)
        return answer if isinstance(answer, OrderState) else None

    async def amended(
        self, instrument: str, key: str, wanted: tuple[Decimal, Decimal], sent_ms: int
    ) -> OrderState | None:
        """An order after a change of unknown outcome: once it has the wanted (quantity, price), has ended, or can't
        be changed by that call any more; None where the venue does not know it."""
        spec = self.rest.spec
        too_late_ms = sent_ms + spec.recv_window_ms + spec.settle_margin_ms

        async def ask() -> _Answer:
            asked_ms = await self._now_ms(too_late_ms)
            state = await self.look(instrument, key)
            if state is None or not state.status.is_open or (state.quantity, state.price) == wanted:
                return state
            return state if asked_ms >= too_late_ms else True

        answer = await self._until_known(instrument, key, ask)
        return answer if isinstance(answer, OrderState) else None

    async def _now_ms(self, too_late_ms: int) -> int:
        """The venue's time. Ours is wrong for a while after our clock was set, so "too late" needs the venue's word."""
        now_ms = self.rest.venue_ms()
        if now_ms < too_late_ms:
            return now_ms
        told = await self.rest.ask(endpoints.TIME, ServerTime, what="asking for the venue's time")
        return min(now_ms, told.server_time)

    async def _first_word(self, instrument: str, key: str, asking: Coroutine[None, None, _Answer]) -> _Answer:
        """The answer to the questions, or what the user stream says, whichever comes first."""
        loop = asyncio.get_running_loop()
        asked = loop.create_task(asking)
        heard = loop.create_task(self.known.hear(instrument, key, self.rest.spec.settle_timeout_s))
        try:
            await asyncio.wait([asked, heard], return_when=asyncio.FIRST_COMPLETED)
            word = heard.result() if heard.done() else None
            return word if word is not None else await asked
        finally:
            for task in (asked, heard):
                task.cancel()
            await asyncio.gather(asked, heard, return_exceptions=True)

    async def _until_known(self, instrument: str, key: str, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """``ask`` returns a state, None or False where that is the answer, True where it is too early to say."""
        spec = self.rest.spec
        loop = asyncio.get_running_loop()
        deadline = loop.time() + spec.settle_timeout_s
        pause, last = spec.settle_first_s, "nobody answered"
        while loop.time() < deadline:
            try:
                answer = await ask()
                if answer is not True:
                    return answer
                last = "the venue does not know it yet"
            except (FailedCallError, UnknownOutcomeError, NetworkError) as error:
                last = str(error)
            except UserError as error:
                raise OutcomeUnknownError(
                    f"order {key!r} in {instrument}: its outcome is unknown ({error})", cure="ask for it again later"
                ) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        raise OutcomeUnknownError(
            f"order {key!r} in {instrument}: its outcome is unknown after {spec.settle_timeout_s:g} s ({last})",
            cure="ask for it by its client order id; don't send it again before the venue says that it knows none",
        )
