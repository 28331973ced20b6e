"""Faults of requests and their replies, REST and WebSocket API alike."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import errors
from geobuk.emulators.binance.errors import VenueError
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.faults import kinds
from geobuk.emulators.binance.faults.board import FaultBoard, Subject
from geobuk.emulators.binance.faults.delays import delay_s
from geobuk.emulators.binance.faults.event_faults import with_field
from geobuk.emulators.binance.faults.market_rows import Row, apply_rows, others_levels
from geobuk.emulators.binance.perform import error_response
from geobuk.emulators.binance.request_facts import RequestFacts
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.orders import Order
from geobuk.matching.refusals import RefusedError

_TRADING = frozenset(
    {
        "/fapi/v1/order",
        "/fapi/v1/batchOrders",
        "/fapi/v1/allOpenOrders",
        "/fapi/v1/algoOrder",
        "/fapi/v1/algoOpenOrders",
    }
)
_PLACES = frozenset({"/fapi/v1/order", "/fapi/v1/batchOrders", "/fapi/v1/algoOrder"})
_UNKNOWN = VenueError(503, -1000, "Unknown error, please check your request or try again later.")
_UNAVAILABLE = VenueError(503, -1000, "Service Unavailable.")
_INTERNAL = VenueError(503, -1001, "Internal error; unable to process your request. Please try again.")
_TIMEOUT = VenueError(
    408, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
)
_THROTTLED = VenueError(
    503,
    -1008,
    "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.",
)
_MAINTENANCE = VenueError(503, -1016, "This service is no longer available.")
_OUTCOMES = (kinds.UnknownOutcome, kinds.BackendTimeout, kinds.ErrorReply, kinds.CutReply)
Outcome = kinds.UnknownOutcome | kinds.BackendTimeout | kinds.ErrorReply | kinds.CutReply


class CutResponse(web.Response):
    """No reply: the connection is cut where the reply would begin."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("a fault cut the reply")


class BoardReplyFaults:
    """Asks the board about each request that passed the security checks. Late ones ``sleep`` (seconds)."""

    def __init__(self, board: FaultBoard, exchange: Exchange, seed: int = 1) -> None:
        self._board = board
        self._exchange = exchange
        self._chance = random.Random(seed)  # noqa: S311  chance that repeats, not secrecy
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def before(self, request: RequestFacts) -> web.Response | None:
        """Delay, refuse, or prepare the market for what is asked."""
        if not len(self._board):
            return None
        subject = _subject(request)
        late = self._board.striking(kinds.Latency, subject, lambda fault: fault.stage == "request")
        if late is not None:
            await self.sleep(delay_s(late, self._chance))
        refused = self._refusal(request, subject)
        if refused is not None:
            return error_response(refused)
        instead = self._outcome(request, subject, is_executed=False)
        if instead is None:
            self._meddle(request, subject)
        return instead

    async def after(self, request: RequestFacts, response: web.Response) -> web.Response | None:
        """Hide, change or delay the reply to what was executed."""
        if not len(self._board):
            return None
        subject = _subject(request)
        instead = self._outcome(request, subject, is_executed=True)
        field = self._board.striking(kinds.ReplyField, subject) if instead is None else None
        if field is not None and isinstance(response.body, bytes) and response.status == 200:
            instead = web.Response(
                body=with_field(response.body, field.name, field.value),
                headers={name: text for name, text in response.headers.items() if name.startswith("X-")},
                content_type="application/json",
            )
        late = self._board.striking(kinds.Latency, subject, lambda fault: fault.stage == "reply")
        if late is not None:
            await self.sleep(delay_s(late, self._chance))
        return instead

    def _refusal(self, request: RequestFacts, subject: Subject) -> VenueError | None:
        board = self._board
        if board.in_force(kinds.Maintenance, subject) is not None:
            return _MAINTENANCE
        waiting = self._limited(subject)
        if waiting is not None:
            return waiting
        for kind, error, is_meant in _REFUSALS:
            if is_meant(request) and board.striking(kind, subject) is not None:
                return error
        return self._not_visible(request, subject)

    def _limited(self, subject: Subject) -> VenueError | None:
        banned = self._board.striking(kinds.Banned, subject)
        if banned is not None:
            until = self._exchange.clock.server_ms() + banned.retry_after_s * 1_000
            return _waiting(errors.banned("127.0.0.1", until), banned.retry_after_s)
        limited = self._board.striking(kinds.RateLimited, subject)
        if limited is None:
            return None
        return _waiting(errors.too_much_weight(self._exchange.limits.spec.weight_per_minute), limited.retry_after_s)

    def _not_visible(self, request: RequestFacts, subject: Subject) -> VenueError | None:
        if (request.method, request.path) not in {("GET", "/fapi/v1/order"), ("GET", "/fapi/v1/openOrder")}:
            return None
        order = self._order(request)
        fault = None if order is None else self._board.in_force(kinds.NotVisible, subject)
        if order is None or fault is None:
            return None
        age_ms = (self._exchange.clock.now_ns() - order.created_ns) / NS_PER_MS
        return errors.no_such_order() if age_ms < fault.lag_ms else None

    def _outcome(self, request: RequestFacts, subject: Subject, *, is_executed: bool) -> web.Response | None:
        for kind in _OUTCOMES:
            fault = self._board.striking(kind, subject, lambda one: _is_meant(one, request, is_executed))
            if isinstance(fault, _OUTCOMES):
                return _reply(fault)
        return None

    def _meddle(self, request: RequestFacts, subject: Subject) -> None:
        if (request.method, request.path) == ("DELETE", "/fapi/v1/order"):
            order = self._order(request)
            is_open = order is not None and order.status.is_open
            if order is not None and is_open and self._board.striking(kinds.CancelRace, subject) is not None:
                fill_before_cancel(self._exchange, order)
        elif (request.method, request.path) == ("POST", "/fapi/v1/order"):
            dry = self._board.striking(kinds.DryBook, subject)
            if dry is not None:
                _dry(self._exchange, request, dry.fraction)

    def _order(self, request: RequestFacts) -> Order | None:
        name, params = request.params.get("symbol", ""), request.params
        number = params.get("orderId", "")
        key = int(number) if number.isdecimal() else params.get("origClientOrderId", "")
        if request.account is None or name not in self._exchange.memory:
            return None
        try:
            return self._exchange.engine.find_order(request.account, name, key)
        except RefusedError:
            return None


def _subject(request: RequestFacts) -> Subject:
    return Subject(path=f"{request.method} {request.path}", instrument=request.params.get("symbol", ""))


def _is_meant(fault: kinds.Fault, request: RequestFacts, is_executed: bool) -> bool:
    """Unless a path is named, these faults are about trading requests."""
    changes = request.method != "GET" and request.path in _TRADING
    return isinstance(fault, _OUTCOMES) and fault.is_executed is is_executed and (bool(fault.where.path) or changes)


def _reply(fault: Outcome) -> web.Response:
    if isinstance(fault, kinds.CutReply):
        return CutResponse()
    if isinstance(fault, kinds.UnknownOutcome):
        return error_response(_UNKNOWN)
    if isinstance(fault, kinds.BackendTimeout):
        return error_response(_TIMEOUT)
    return error_response(VenueError(fault.status, fault.code, fault.msg))


def _waiting(error: VenueError, seconds: int) -> VenueError:
    error.retry_after = seconds
    return error


def _adds_risk(request: RequestFacts) -> bool:
    if request.method not in {"POST", "PUT"} or request.path not in _PLACES:
        return False
    if request.path.endswith("batchOrders"):
        return not _all_reduce(request.params.get("batchOrders", ""))
    params = request.params
    return params.get("reduceOnly", "").lower() != "true" and params.get("closePosition", "").lower() != "true"


def _all_reduce(text: str) -> bool:
    try:
        rows = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return False
    return bool(rows) and all(isinstance(row, dict) and str(row.get("reduceOnly")).lower() == "true" for row in rows)


_REFUSALS: tuple[tuple[type[kinds.Fault], VenueError, Callable[[RequestFacts], bool]], ...] = (
    (kinds.Unavailable, _UNAVAILABLE, lambda _: True),
    (kinds.InternalError, _INTERNAL, lambda _: True),
    (kinds.BadTimestamp, errors.outside_window(), lambda request: "timestamp" in request.params),
    (kinds.Throttled, _THROTTLED, _adds_risk),
)


def fill_before_cancel(exchange: Exchange, order: Order) -> None:
    """Let a taker come that eats the order, with all of our accounts' that stand before it."""
    if order.price is None:
        return
    engine, side = exchange.engine, order.side
    resting = [one for account in engine.accounts for one in engine.open_orders(account, order.instrument)]
    reached = [one for one in resting if one.side is side and one.price is not None]
    reached = [one for one in reached if (one.price or Decimal(0)) * side >= order.price * side]
    budget = sum((one.quantity - one.filled for one in reached), Decimal(0))
    through = order.price - side * exchange.rules(order.instrument).tick
    apply_rows(exchange, order.instrument, [(Happening.TRADE, -int(side), through, budget)])


def _dry(exchange: Exchange, request: RequestFacts, fraction: float) -> None:
    """Leave only a part of what an order wants on the other side, at its best price."""
    name, text = request.params.get("symbol", ""), request.params.get("quantity", "")
    if name not in exchange.memory or not text.replace(".", "", 1).isdecimal():
        return
    side = Side.BUY if request.params.get("side") == "BUY" else Side.SELL
    bids, asks = others_levels(exchange, name)
    offered = asks if side is Side.BUY else bids
    step = exchange.rules(name).instrument.step
    left = Decimal(text) * Decimal(str(fraction)) // step * step
    rows: list[Row] = [(Happening.LEVEL, -int(side), at, Decimal(0)) for at, _ in offered[1:]]
    rows += [(Happening.LEVEL, -int(side), at, left) for at, _ in offered[:1]]
    apply_rows(exchange, name, rows)
