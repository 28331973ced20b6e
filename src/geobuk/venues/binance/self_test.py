"""A canary: small things that can't fill, done at the venue and undone, to see that what we rely on still holds.

Each check has a name. Where one fails, trading is blocked with its reason until a later run passes, or until what
changed in the venue's replies is acknowledged.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from geobuk.domain.errors import GeobukError, UserError
from geobuk.domain.order import OrderRequest, OrderStatus, OrderType, PositionSide, Side, TimeInForce
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.endpoints import Endpoint
from geobuk.venues.binance.errors import FailedCallError, UnknownOutcomeError
from geobuk.venues.binance.messages.rules import PremiumIndex
from geobuk.venues.binance.reply_fields import ReplyFields
from geobuk.venues.binance.rules import OrderLimits
from geobuk.venues.binance.trading_guard import Block
from geobuk.venues.binance.venue import BinanceVenue

_STREAM_PATIENCE_S = 5.0
_ORDER_EVENTS = frozenset({"ORDER_TRADE_UPDATE NEW NEW", "ORDER_TRADE_UPDATE CANCELED CANCELED"})
_ALGO_EVENTS = frozenset({"ALGO_UPDATE NEW", "ALGO_UPDATE CANCELED"})
BLOCK_NAME = "self-test"
PREFIX = "gbk-canary-"
_FAR = Decimal("0.03")
"""How far from the mark price the canary's orders are: inside the venue's price band, out of a second's reach."""


@dataclass(frozen=True, slots=True)
class Check:
    """One named check and what it found."""

    name: str
    is_ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """All checks of one run, in their order."""

    at_ms: int
    checks: tuple[Check, ...]

    @property
    def is_ok(self) -> bool:
        return all(check.is_ok for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.is_ok)


class SelfTest:
    """Runs the checks on one instrument of a started venue.

    ``fields`` is the stored expectation of the replies' fields; what it does not know yet it learns at the first run.
    """

    def __init__(self, venue: BinanceVenue, instrument: str, fields: ReplyFields, largest_offset_ms: int = 500) -> None:
        self._venue = venue
        self._rest = venue.rest
        self._instrument = instrument
        self._fields = fields
        self._largest_offset_ms = largest_offset_ms
        self._strange: list[str] = []
        self._heard: dict[str, bytes] = {}
        self._awaited: set[str] = set()
        self._leg: PositionSide | None = None

    async def run(self) -> SelfTestReport:
        """Run every check, leave nothing behind, block or unblock trading by the outcome."""
        self._strange, self._leg = [], None
        steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("clock", self._clock),
            ("limit headers", self._headers),
            ("trading rules", self._rules),
            ("account", self._account),
            ("post-only order", self._post_only),
            ("stop order", self._stop),
            ("user stream", self._user_stream),
            ("nothing left behind", self._leftovers),
            ("reply fields", self._reply_fields),
        ]
        self._heard, self._awaited = {}, set()
        self._venue.taps.append(self._hear)
        try:
            checks = tuple([await self._check(name, step) for name, step in steps])
        finally:
            self._venue.taps.remove(self._hear)
        report = SelfTestReport(self._rest.venue_ms(), checks)
        if report.is_ok:
            self._venue.guard.clear(BLOCK_NAME)
        else:
            reason = "; ".join(f"{check.name}: {check.detail}" for check in report.failures)
            self._venue.block(BLOCK_NAME, Block(reason, "look at it, then run the self-test again"))
        return report

    def acknowledge(self) -> None:
        """Expect from now on the fields that the last run saw; the next run judges."""
        self._fields.acknowledge()

    async def _check(self, name: str, step: Callable[[], Awaitable[str]]) -> Check:
        try:
            return Check(name, True, await step())
        except _FailedError as failed:
            return Check(name, False, str(failed))
        except (GeobukError, FailedCallError, UnknownOutcomeError, msgspec.MsgspecError) as error:
            return Check(name, False, str(error))

    async def _clock(self) -> str:
        await self._rest.sync_clock()
        offset = self._rest.offset
        if abs(offset.offset_ms) > self._largest_offset_ms:
            raise _FailedError(f"the machine's clock is {-offset.offset_ms:.0f} ms off the venue's")
        return f"offset {offset.offset_ms:.1f} ms ± {offset.error_ms:.1f} ms"

    async def _headers(self) -> str:
        used = self._rest.last_headers.get("x-mbx-used-weight-1m")
        if used is None or not used.isdigit():
            raise _FailedError(f"the used weight is told as {used!r}")
        return f"weight {used} used this minute"

    async def _rules(self) -> str:
        await self._raw("trading rules", endpoints.EXCHANGE_INFO, "")
        changed = await self._venue.reload_rules()
        if changed:
            raise _FailedError("changed since they were read: " + "; ".join(changed))
        limits = self._limits()
        if not limits.is_trading:
            raise _FailedError(f"{self._instrument} is {limits.status}")
        return f"{len(self._venue.rules.limits)} instruments unchanged"

    async def _account(self) -> str:
        await self._raw("account", endpoints.ACCOUNT, "")
        account = await self._venue.account()
        return f"wallet {account.wallet} {account.currency}"

    def _limits(self) -> OrderLimits:
        return self._venue.rules.limits[self._instrument]

    async def _order(self, kind: OrderType) -> OrderRequest:
        """The smallest buy far below the mark (post-only), or far above it (a stop)."""
        param = self._venue.rules.symbol_param(self._instrument)
        mark = (await self._rest.ask(endpoints.PREMIUM_INDEX, PremiumIndex, param, what="mark price")).mark_price
        if self._leg is None:
            self._leg = PositionSide.LONG if await self._venue.is_hedged() else PositionSide.BOTH
        limits, is_stop = self._limits(), kind is OrderType.STOP_MARKET
        price = _on_tick(mark * (1 + _FAR if is_stop else 1 - _FAR), limits)
        return OrderRequest(
            client_order_id=f"{PREFIX}{'stop' if is_stop else 'post'}-{self._rest.venue_ms()}",
            venue=self._venue.spec.name,
            instrument=self._instrument,
            side=Side.BUY,
            type=kind,
            quantity=_least_quantity(price, limits),
            time_in_force=TimeInForce.GTC if is_stop else TimeInForce.GTX,
            reason="self-test",
            price=None if is_stop else price,
            stop_price=price if is_stop else None,
            position_side=self._leg,
        )

    async def _post_only(self) -> str:
        return await self._place_and_cancel(
            await self._order(OrderType.LIMIT), OrderStatus.NEW, "order", endpoints.ORDER
        )

    async def _stop(self) -> str:
        order = await self._order(OrderType.STOP_MARKET)
        return await self._place_and_cancel(order, OrderStatus.WAITING, "conditional order", endpoints.OPEN_ALGO_ORDERS)

    async def _place_and_cancel(self, order: OrderRequest, wanted: OrderStatus, what: str, query: Endpoint) -> str:
        placed = await self._venue.submit_canary(order)
        self._awaited |= _ALGO_EVENTS if order.type.is_conditional else _ORDER_EVENTS
        try:
            if placed.status is not wanted:
                raise _FailedError(f"it was placed and is {placed.status}, not {wanted}")
            param = self._venue.rules.symbol_param(self._instrument)
            if query is endpoints.ORDER:
                param += f"&origClientOrderId={order.client_order_id}"
            await self._raw(what, query, param)
        finally:
            ended = await self._venue.cancel(self._instrument, order.client_order_id)
        if ended.status is not OrderStatus.CANCELED:
            raise _FailedError(f"it was cancelled and is {ended.status}")
        return f"{order.quantity} at {order.price or order.stop_price} placed and cancelled"

    def _hear(self, frame: bytes) -> None:
        if PREFIX.encode() in frame:
            event = msgspec.json.decode(frame, type=_Event)
            body = event.o if isinstance(event.o, _Body) else _Body()
            self._heard[" ".join(word for word in (event.e, body.x, body.X) if word)] = frame

    async def _user_stream(self) -> str:
        """The stream must have told of the canary's orders, placed and cancelled."""
        wanted = self._awaited
        deadline = asyncio.get_running_loop().time() + _STREAM_PATIENCE_S
        while not wanted <= self._heard.keys() and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        missing = sorted(wanted - self._heard.keys())
        if missing:
            raise _FailedError(f"nothing was heard of {', '.join(missing)} within {_STREAM_PATIENCE_S:g} s")
        for name in sorted(wanted):
            self._strange.extend(self._fields.compare(name, self._heard[name]))
        return f"{len(self._heard)} kinds of event heard"

    async def _leftovers(self) -> str:
        left = [
            state.client_order_id
            for state in await self._venue.open_orders(self._instrument)
            if state.client_order_id.startswith(PREFIX)
        ]
        for key in left:
            await self._venue.cancel(self._instrument, key)
        return f"{len(left)} left over and cancelled" if left else "none"

    async def _reply_fields(self) -> str:
        await self._raw("time", endpoints.TIME, "")
        await self._raw("position mode", endpoints.POSITION_MODE, "")
        if self._strange:
            raise _FailedError("; ".join(self._strange) + " (acknowledge it once Geobuk is known to cope)")
        return f"{len(self._fields.names)} kinds of reply as expected"

    async def _raw(self, name: str, endpoint: Endpoint, params: str) -> None:
        body = await self._rest.call(endpoint, params, what=f"looking at the fields of {name}")
        self._strange.extend(self._fields.compare(name, body))


class _Body(msgspec.Struct):
    x: str = ""
    X: str = ""


class _Event(msgspec.Struct):
    e: str = ""
    o: _Body | None = None


class _FailedError(UserError):
    """A check found what it must not find."""


def _on_tick(price: Decimal, limits: OrderLimits) -> Decimal:
    steps = (price - limits.min_price) // limits.tick
    return limits.min_price + steps * limits.tick


def _least_quantity(price: Decimal, limits: OrderLimits) -> Decimal:
    least, _, step = limits.lot
    needed = limits.min_notional * Decimal("1.1") / price
    steps = -(-max(needed - least, Decimal(0)) // step)
    return least + steps * step
