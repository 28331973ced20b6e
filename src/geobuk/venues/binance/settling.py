"""What became of a call that may have been executed: the venue is asked, and the user stream heard, until one knows."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.errors import NetworkError, OutcomeUnknownError, UserError
from geobuk.domain.order import OrderRequest, OrderState
from geobuk.venues.binance.errors import FailedCallError, UnknownOutcomeError
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.rest import BinanceRest

Look = Callable[[str, str], Awaitable[OrderState | None]]


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

        async def ask() -> OrderState | bool | None:
            asked_ms = self.rest.venue_ms()
            state = await self.look(instrument, key)
            return state if state is not None else asked_ms < too_late_ms

        answer = await self._until_known(instrument, key, ask)
        return answer if isinstance(answer, OrderState) else None

    async def ended(self, instrument: str, key: str) -> OrderState | None:
        """An order after a cancel of unknown outcome; None where the venue does not know it."""

        async def ask() -> OrderState | bool | None:
            return await self.look(instrument, key)

        answer = await self._until_known(instrument, key, ask, hears=False)
        return answer if isinstance(answer, OrderState) else None

    async def amended(
        self, instrument: str, key: str, wanted: tuple[Decimal, Decimal], sent_ms: int
    ) -> OrderState | None:
        """An order after a change of unknown outcome: once it has the wanted (quantity, price), has ended, or can't
        be changed by that call any more; None where the venue does not know it."""
        spec = self.rest.spec
        too_late_ms = sent_ms + spec.recv_window_ms + spec.settle_margin_ms

        async def ask() -> OrderState | bool | None:
            asked_ms = self.rest.venue_ms()
            state = await self.look(instrument, key)
            if state is None or not state.status.is_open or (state.quantity, state.price) == wanted:
                return state
            return state if asked_ms >= too_late_ms else True

        answer = await self._until_known(instrument, key, ask, hears=False)
        return answer if isinstance(answer, OrderState) else None

    async def _until_known(
        self, instrument: str, key: str, ask: Callable[[], Awaitable[OrderState | bool | None]], hears: bool = True
    ) -> OrderState | None:
        """``ask`` returns a state, None or False where that is the answer, True where it is too early to say."""
        spec = self.rest.spec
        loop = asyncio.get_running_loop()
        deadline = loop.time() + spec.settle_timeout_s
        pause, last = spec.settle_first_s, "nobody answered"
        while loop.time() < deadline:
            try:
                answer = await ask()
                if answer is not True:
                    return answer if isinstance(answer, OrderState) else None
                last = "the venue does not know it yet"
            except FailedCallError as error:
                last = str(error)
            except (UnknownOutcomeError, NetworkError) as error:
                last = str(error)
            except UserError as error:
                raise OutcomeUnknownError(
                    f"order {key!r} in {instrument}: its outcome is unknown ({error})", cure="ask for it again later"
                ) from error
            if hears:
                heard = await self.known.hear(instrument, key, pause)
                if heard is not None:
                    return heard
            else:
                await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        raise OutcomeUnknownError(
            f"order {key!r} in {instrument}: its outcome is unknown after {spec.settle_timeout_s:g} s ({last})",
            cure="ask for it by its client order id; don't send it again before the venue says that it knows none",
        )
