"""Orders: placed, changed, ended. Every call ends in knowledge, or says that nobody knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, repeat

import msgspec

from geobuk.domain.errors import GeobukError, OrderRefusedError, OutcomeUnknownError, VenueError
from geobuk.domain.order import OrderRequest, OrderState, OrderStatus
from geobuk.domain.times import NS_PER_MS
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.endpoints import Endpoint
from geobuk.venues.binance.errors import (
    Action,
    FailedCallError,
    UnknownOutcomeError,
    element_failure,
    house_error,
)
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.orders import AlgoReply, BatchRefusal, OrderReply
from geobuk.venues.binance.order_states import is_reducing, is_tamed, state_of_algo, state_of_reply
from geobuk.venues.binance.order_words import SIDES
from geobuk.venues.binance.orders import amend_params, batch_params, limits_for, place_params
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.rest import BinanceRest, decoder
from geobuk.venues.binance.rules import OrderLimits
from geobuk.venues.binance.settling import Settler
from geobuk.venues.binance.trading_guard import TradingGuard

_MOST_IN_BATCH = 5
_CANCEL_ATTEMPTS = 3
_NOT_OPEN = frozenset({-2011, -2013})
_decode_order = decoder(OrderReply).decode
_decode_algo = decoder(AlgoReply).decode

Limits = Callable[[], Mapping[str, OrderLimits]]


class OrderDesk:
    """One account's orders."""

    def __init__(
        self, rest: BinanceRest, known: KnownOrders, reader: AccountReader, guard: TradingGuard, limits: Limits
    ) -> None:
        self._rest = rest
        self._known = known
        self._reader = reader
        self._guard = guard
        self._limits = limits
        self._venue = rest.spec.name
        self._settler = Settler(rest, known, reader.order)

    async def submit(self, request: OrderRequest, *, passes: str = "") -> OrderState:
        """Send once; whatever happens on the way, find out what became of it. ``passes`` names a block to overlook.

        Raises OrderRefusedError (nothing came of it), OutcomeUnknownError (the id stays taken), TradingBlockedError.
        """
        params = self._prepare(request, passes)
        try:
            body = await self._rest.call(_endpoint(request), params, what=f"order {request.client_order_id!r}")
        except FailedCallError as error:
            if error.failure.code == -4116:
                return await self._settle(request, self._rest.venue_ms(), "the venue knows its id already")
            self._known.release(request)
            raise house_error(error) from error
        except UnknownOutcomeError as error:
            return await self._settle(request, error.sent_ms, str(error))
        return await self._read(request, body)

    async def submit_batch(self, requests: Sequence[OrderRequest]) -> list[OrderState | VenueError]:
        """Up to five orders in one call, none of them conditional: for each its state or the error it met."""
        if not 1 <= len(requests) <= _MOST_IN_BATCH or any(request.type.is_conditional for request in requests):
            raise OrderRefusedError(
                f"a batch of {len(requests)} orders was not sent: it takes 1 to {_MOST_IN_BATCH}, none conditional",
                cure="send the others one by one",
            )
        prepared: list[str] = []
        try:
            prepared.extend(self._prepare(request) for request in requests)
            body = await self._rest.call(
                endpoints.PLACE_BATCH, batch_params(prepared), what=f"a batch of {len(requests)} orders"
            )
        except UnknownOutcomeError as error:
            return [await self._outcome(request, error.sent_ms, str(error)) for request in requests]
        except FailedCallError as error:
            for request in requests:
                self._known.release(request)
            raise house_error(error) from error
        except GeobukError:
            for request in requests[: len(prepared)]:
                self._known.release(request)
            raise
        try:
            rows = msgspec.json.decode(body, type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            rows = []
        told = chain(map(bytes, rows), repeat(b""))  # what the reply leaves out is asked for
        return [await self._element(request, row) for request, row in zip(requests, told, strict=False)]

    async def _element(self, request: OrderRequest, row: bytes) -> OrderState | VenueError:
        try:
            refused = msgspec.json.decode(row, type=BatchRefusal)
        except msgspec.MsgspecError:
            try:
                return await self._read(request, row)
            except VenueError as unsettled:
                return unsettled
        failure = element_failure(refused.code, refused.msg)
        error = FailedCallError(failure, f"order {request.client_order_id!r}")
        if failure.action in {Action.REQUERY, Action.RETRY, Action.RESYNC_CLOCK}:
            return await self._outcome(request, self._rest.venue_ms(), str(error))
        self._known.release(request)
        said = house_error(error)
        assert isinstance(said, VenueError)
        return said

    async def _outcome(self, request: OrderRequest, sent_ms: int, why: str) -> OrderState | VenueError:
        try:
            return await self._settle(request, sent_ms, why)
        except VenueError as error:
            return error

    def _prepare(self, request: OrderRequest, passes: str = "") -> str:
        limits = limits_for(request.instrument, self._limits())
        self._guard.check(f"order {request.client_order_id!r}", is_reducing=is_reducing(request), passes=passes)
        params = place_params(request, limits, self._rest.venue_ms())
        self._known.claim(request)
        return params

    async def _read(self, request: OrderRequest, body: bytes) -> OrderState:
        """The state in a reply. An order was accepted even where its reply can't be read: then it is asked for."""
        try:
            if request.type.is_conditional:
                return self._known.learn(state_of_algo(self._venue, _decode_algo(body)))
            return self._known.learn(state_of_reply(self._venue, _decode_order(body)))
        except (msgspec.MsgspecError, KeyError, UnicodeDecodeError, GeobukError) as error:
            return await self._settle(request, self._rest.venue_ms(), f"the reply can't be read: {error}")

    async def _settle(self, request: OrderRequest, sent_ms: int, why: str) -> OrderState:
        state = await self._settler.placed(request, sent_ms)
        if state is not None:
            return state
        self._known.release(request)
        raise OrderRefusedError(
            f"order {request.client_order_id!r} never arrived at Binance ({why}): nothing came of it",
            cure="send it again with the same client order id if it is still wanted",
            code=-2013,
        )

    async def cancel(self, instrument: str, client_order_id: str) -> OrderState:
        """End an order, wherever the venue keeps it. Raises OrderRefusedError where it is not open."""
        is_conditional = bool(self._known.is_conditional(instrument, client_order_id))
        for _ in range(_CANCEL_ATTEMPTS):
            try:
                for kind in (is_conditional, not is_conditional):
                    state = await self._cancel_one(instrument, client_order_id, is_conditional=kind)
                    if state is not None:
                        return state
                found = await self._look(instrument, client_order_id)
            except UnknownOutcomeError:
                found = await self._settler.ended(instrument, client_order_id)
                if found is not None and found.status is OrderStatus.CANCELED:
                    return found
            if found is None or not found.status.is_open:
                raise self._not_open(instrument, client_order_id, found)
        raise OutcomeUnknownError(
            f"order {client_order_id!r} in {instrument} is open after {_CANCEL_ATTEMPTS} doubtful cancels",
            cure="cancel it again",
        )

    async def _look(self, instrument: str, client_order_id: str) -> OrderState | None:
        try:
            return await self._reader.order(instrument, client_order_id)
        except FailedCallError as error:
            raise house_error(error) from error

    async def _cancel_one(self, instrument: str, key: str, *, is_conditional: bool) -> OrderState | None:
        """The cancelled order, or None where that part of the venue does not know it as open."""
        limits = limits_for(instrument, self._limits())
        what = f"cancel of {key!r}"
        try:
            if is_conditional:
                await self._rest.call(endpoints.CANCEL_ALGO, f"{limits.symbol_param}&clientAlgoId={key}", what=what)
                return await self._cancelled_conditional(instrument, key)
            body = await self._rest.call(endpoints.CANCEL, f"{limits.symbol_param}&origClientOrderId={key}", what=what)
        except FailedCallError as error:
            if error.failure.code in _NOT_OPEN:
                return None
            if error.failure.action is Action.REQUERY:
                raise UnknownOutcomeError(str(error), self._rest.venue_ms()) from error
            raise house_error(error) from error
        try:
            return self._known.learn(state_of_reply(self._venue, _decode_order(body)))
        except (msgspec.MsgspecError, KeyError) as error:
            raise UnknownOutcomeError(f"{what}: the reply can't be read ({error})", self._rest.venue_ms()) from error

    async def _cancelled_conditional(self, instrument: str, key: str) -> OrderState:
        """The reply to this cancel tells no order, so what is known of it is told."""
        known = self._known.get(instrument, key) or await self._look(instrument, key)
        if known is None:
            raise OutcomeUnknownError(
                f"conditional order {key!r} in {instrument} was cancelled, but the venue does not show it",
                cure="ask for the open orders",
            )
        if not known.status.is_open:
            return known
        ended = replace(known, status=OrderStatus.CANCELED, at_ns=max(known.at_ns, self._rest.venue_ms() * NS_PER_MS))
        return self._known.learn(ended)

    @staticmethod
    def _not_open(instrument: str, key: str, found: OrderState | None) -> OrderRefusedError:
        said = "the venue does not know it" if found is None else f"it is {found.status}, {found.filled} filled"
        return OrderRefusedError(
            f"order {key!r} in {instrument} can't be cancelled: {said}",
            cure="nothing is left to cancel",
            code=-2013 if found is None else -2011,
        )

    async def cancel_all(self, instrument: str) -> None:
        """End every open order of an instrument, those that wait for a trigger first; repeatable.

        Where one kind can't be ended, the other is all the same, and then the error is raised.
        """
        param = limits_for(instrument, self._limits()).symbol_param
        failed: FailedCallError | None = None
        for endpoint in (endpoints.CANCEL_ALL_ALGO, endpoints.CANCEL_ALL):
            try:
                await self._rest.call(endpoint, param, what=f"cancel of all orders in {instrument}")
            except FailedCallError as error:
                failed = failed or error
        if failed is not None:
            if failed.failure.action is Action.REQUERY:
                raise OutcomeUnknownError(str(failed), cure="ask for the open orders and cancel again") from failed
            raise house_error(failed) from failed

    async def amend(self, instrument: str, key: str, quantity: Decimal, price: Decimal) -> OrderState:
        """Change quantity and price of a resting limit order; what is so already is no error."""
        limits = limits_for(instrument, self._limits())
        known = self._known.get(instrument, key)
        if known is None:
            known = await self._look(instrument, key)
        if known is None or not known.status.is_open:
            said = "the venue does not know it" if known is None else f"it is {known.status}"
            raise OrderRefusedError(f"order {key!r} in {instrument} can't be changed: {said}", cure="send a new order")
        if known.status is OrderStatus.WAITING:
            raise OrderRefusedError(
                f"order {key!r} in {instrument} can't be changed: it waits for its trigger",
                cure="cancel it and send another",
            )
        self._guard.check(f"change of {key!r}", is_reducing=is_tamed(known, quantity, price))
        params = amend_params(limits, key, SIDES[known.side], quantity, price)
        try:
            body = await self._rest.call(endpoints.AMEND, params, what=f"change of {key!r}")
            return self._known.learn(state_of_reply(self._venue, _decode_order(body)))
        except FailedCallError as error:
            if error.failure.action is Action.SUCCESS:
                return await self._look(instrument, key) or known
            raise house_error(error) from error
        except (UnknownOutcomeError, msgspec.MsgspecError) as error:
            sent_ms = error.sent_ms if isinstance(error, UnknownOutcomeError) else self._rest.venue_ms()
            return await self._amended(instrument, key, (quantity, price), sent_ms)

    async def _amended(self, instrument: str, key: str, wanted: tuple[Decimal, Decimal], sent_ms: int) -> OrderState:
        found = await self._settler.amended(instrument, key, wanted, sent_ms)
        if found is not None and ((found.quantity, found.price) == wanted or not found.status.is_open):
            return found
        said = "the venue does not know the order" if found is None else "the change never arrived"
        raise OrderRefusedError(
            f"order {key!r} in {instrument} was not changed: {said}", cure="change it again if still wanted"
        )


def _endpoint(request: OrderRequest) -> Endpoint:
    if request.type.is_conditional:
        return endpoints.PLACE_ALGO_REDUCING if is_reducing(request) else endpoints.PLACE_ALGO
    return endpoints.PLACE_REDUCING if is_reducing(request) else endpoints.PLACE
