"""The paper venue: an account on a matching engine, reached through the Venue port. It knows no network.

Time comes from the clock it is given. ``pump`` brings market and engine up to it; every call does so first. In trade,
``run`` pumps by itself; in a rehearsal whoever moves the clock pumps.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from geobuk.domain.account import Account, MarginMode
from geobuk.domain.bar import MarketEvent
from geobuk.domain.capabilities import Capabilities
from geobuk.domain.errors import OrderRefusedError, SettingsError, UnsupportedError
from geobuk.domain.instrument import Instrument
from geobuk.domain.order import (
    Fill,
    OrderRequest,
    OrderState,
    OrderType,
    Position,
    SelfTradePrevention,
    TimeInForce,
    TriggerSource,
)
from geobuk.domain.times import NS_PER_SECOND
from geobuk.domain.updates import VenueSnapshot, VenueUpdate
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import Conditional
from geobuk.matching.engine.reports import Report, TradeReport
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.market import Market
from geobuk.matching.refusals import Refusal, RefusedError
from geobuk.ports import Clock
from geobuk.venues.paper.feed import PaperFeed
from geobuk.venues.paper.live_prices import LivePrices
from geobuk.venues.paper.reading import AccountReader
from geobuk.venues.paper.refusals import refused
from geobuk.venues.paper.spec import PaperSpec
from geobuk.venues.paper.stream import Stream
from geobuk.venues.paper.translate import (
    new_conditional,
    new_order,
    state_of,
    state_of_conditional,
    updates_of,
)
from geobuk.venues.paper.wire import Wire

_CLAIMS_KEPT = 100_000
_STRIDE_NS = NS_PER_SECOND
_STRIDE_READ_NS = NS_PER_SECOND // 10
T = TypeVar("T")


class PaperVenue:
    """Virtual money on a generated, recorded or live market. Its ``engine`` may be looked into; its ``feed`` is the
    market that it trades on.

    Give a ``market``, or ``rules`` alone for live prices, which then come through ``feed_market``.
    """

    def __init__(
        self,
        clock: Clock,
        spec: PaperSpec | None = None,
        *,
        market: Market | None = None,
        rules: Sequence[MarketRules] = (),
    ) -> None:
        self.spec = spec or PaperSpec()
        self._clock = clock
        self._market = market
        self._claimed: dict[str, None] = {}
        listed = market.rules if market is not None else tuple(rules)
        if not listed:
            raise SettingsError("paper venue: it has no instrument", cure="give a market, or rules for live prices")
        self._end_ns = None if market is None else market.end_ns
        now = clock.now_ns()
        start = now if market is None else min(now, market.start_ns)
        self._wire = Wire(self.spec.request_latency(), self.spec.reply_latency())
        self._updates: Stream[VenueUpdate] = Stream(f"the updates of {self.spec.name}")
        self.engine = MatchingEngine(listed, self.spec.engine, at_ns=start, listener=self._heard)
        self.engine.open_account(self.spec.account_name, self.spec.deposits, self.spec.account)
        self.feed = PaperFeed(self.spec.name, self.engine)
        self._reader = AccountReader(self.engine, self.spec)
        self._live = LivePrices(listed)
        self._capabilities = capabilities(self.spec.name)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    # time

    async def pump(self, at_ns: int | None = None) -> None:
        """Bring market and engine up to ``at_ns`` (None: the clock), do what is due, and let readers read."""
        self._advance(self._clock.now_ns() if at_ns is None else at_ns)
        await asyncio.sleep(0)

    def next_due_ns(self) -> int | None:
        """When something of ours is due next, prints of the market aside: where a moved clock should stop."""
        due = (self._wire.next_due_ns(), self.engine.next_due_ns())
        return min((at for at in due if at is not None), default=None)

    async def run(self) -> None:
        """Pump until cancelled. What goes wrong ends the readers with the error, and this call too."""
        try:
            while True:
                await self.pump()
                await asyncio.sleep(self.spec.poll_s)
        except Exception as error:
            self._updates.close(error)
            self.feed.close(error)
            raise

    def feed_market(self, events: Iterable[MarketEvent]) -> None:
        """Let live prices happen: at their time, or now where that is over already or still to come."""
        now = max(self._clock.now_ns(), self.engine.at_ns)
        for name, rows in self._live.rows(events, self.engine.at_ns, now):
            self.engine.apply(name, rows)
        self._advance(now)

    def close(self) -> None:
        """End updates and feed; requests under way end with OutcomeUnknownError."""
        self._wire.cut()
        self._updates.close()
        self.feed.close()

    # reading

    async def instruments(self) -> Sequence[Instrument]:
        return self._now().instruments()

    async def account(self) -> Account:
        return self._now().account()

    async def positions(self) -> Sequence[Position]:
        return self._now().positions()

    async def open_orders(self, instrument: str | None = None) -> Sequence[OrderState]:
        return self._now().open_orders(instrument)

    async def snapshot(self) -> VenueSnapshot:
        return self._now().snapshot()

    async def order(self, instrument: str, client_order_id: str) -> OrderState | None:
        return self._now().order(instrument, client_order_id)

    async def fills_since(self, instrument: str, from_ns: int) -> Sequence[Fill]:
        return self._now().fills_since(instrument, from_ns)

    def updates(self) -> AsyncIterator[VenueUpdate]:
        """See :class:`~geobuk.ports.Venue`; what happened before the first reader came is kept for it."""
        return self._updates.read()

    # trading

    async def submit(self, order: OrderRequest) -> OrderState:
        self._require_possible(order)
        what = f"order {order.client_order_id} ({order.side.name} {order.quantity} {order.instrument})"

        def do() -> OrderState:
            if order.type.is_conditional:
                conditional = self.engine.submit_conditional(self.spec.account_name, new_conditional(order))
                return state_of_conditional(self.spec.name, conditional)
            return state_of(self.spec.name, self.engine.submit(self.spec.account_name, new_order(order)))

        self._claim(order.client_order_id)
        try:
            return await self._ask(what, order.instrument, do)
        except OrderRefusedError:
            self._claimed.pop(order.client_order_id, None)
            raise

    def _claim(self, client_order_id: str) -> None:
        """An id is sent once, unless it was refused: an order that is sent again by mistake must not fill again."""
        if client_order_id in self._claimed:
            raise OrderRefusedError(
                f"order {client_order_id} was not sent: an order with this client order id was sent before",
                cure="ask for that order, or use another id",
            )
        self._claimed[client_order_id] = None
        if len(self._claimed) > _CLAIMS_KEPT:
            self._claimed.pop(next(iter(self._claimed)))

    async def cancel(self, instrument: str, client_order_id: str) -> OrderState:
        def do() -> OrderState:
            if self._waiting(instrument, client_order_id) is not None:
                ended = self.engine.cancel_conditional(self.spec.account_name, client_order_id)
                return state_of_conditional(self.spec.name, ended)
            return state_of(self.spec.name, self.engine.cancel(self.spec.account_name, instrument, client_order_id))

        return await self._ask(f"cancel of {client_order_id}", instrument, do)

    async def cancel_all(self, instrument: str) -> None:
        def do() -> None:
            self.engine.cancel_all(self.spec.account_name, instrument)
            self.engine.cancel_all_conditional(self.spec.account_name, instrument)

        await self._ask("cancel of all orders", instrument, do)

    async def amend(self, instrument: str, client_order_id: str, quantity: Decimal, price: Decimal) -> OrderState:
        def do() -> OrderState:
            if self._waiting(instrument, client_order_id) is not None:
                raise OrderRefusedError(
                    f"change of {client_order_id}: a conditional order can't be changed", cure="cancel it and send anew"
                )
            changed = self.engine.modify(self.spec.account_name, instrument, client_order_id, quantity, price)
            return state_of(self.spec.name, changed)

        return await self._ask(f"change of {client_order_id} to {quantity} at {price}", instrument, do)

    async def set_leverage(self, instrument: str, leverage: int) -> None:
        def do() -> None:
            if self.engine.account(self.spec.account_name).settings(instrument).leverage != leverage:
                self.engine.set_leverage(self.spec.account_name, instrument, leverage)

        await self._ask(f"leverage {leverage} of {instrument}", instrument, do)

    async def set_margin_mode(self, instrument: str, mode: MarginMode) -> None:
        if mode is MarginMode.CASH:
            raise UnsupportedError(f"{self.spec.name} has no {mode} account", cure="use cross or isolated")

        def do() -> None:
            try:
                self.engine.set_margin_mode(self.spec.account_name, instrument, mode)
            except RefusedError as error:
                if error.reason is not Refusal.MARGIN_MODE_SAME:
                    raise

        await self._ask(f"margin mode {mode} of {instrument}", instrument, do)

    async def set_hedged(self, is_hedged: bool) -> None:
        def do() -> None:
            try:
                self.engine.set_hedged(self.spec.account_name, is_hedged)
            except RefusedError as error:
                if error.reason is not Refusal.POSITION_MODE_SAME:
                    raise

        await self._ask(f"{'hedge' if is_hedged else 'one-way'} mode", None, do)

    async def set_dead_man_switch(self, instrument: str, seconds: float | None) -> None:
        if seconds is not None and not 0 < seconds <= 86_400:
            raise OrderRefusedError(f"dead-man switch of {seconds} s", cure="give more than 0, at most a day, or None")
        duration_ns = round((seconds or 0) * NS_PER_SECOND)

        def do() -> None:
            self.engine.set_countdown(self.spec.account_name, instrument, duration_ns)

        await self._ask("dead-man switch", instrument, do)

    # inside

    def _now(self) -> AccountReader:
        self._advance(self._clock.now_ns())
        return self._reader

    async def _ask(self, what: str, instrument: str | None, do: Callable[[], T]) -> T:
        """Do something at the engine, after the delay to it; told after the delay back. None: every instrument."""
        if instrument is not None and instrument not in self.engine.instruments:
            known = ", ".join(self.engine.instruments[:12])
            raise OrderRefusedError(f"{what}: {self.spec.name} does not list {instrument}", cure=f"it lists {known}")

        def named() -> T:
            try:
                return do()
            except RefusedError as error:
                raise refused(what, error) from error

        now = self._clock.now_ns()
        self._advance(now)
        future = self._wire.send(now, named)
        self._advance(now)
        return await future

    def _advance(self, to_ns: int) -> None:
        """Strides keep instruments abreast of each other; they stop where a request arrives and where something falls
        due."""
        to_ns = max(to_ns, self.engine.at_ns)
        while True:
            stride = _STRIDE_READ_NS if self.feed.is_read else _STRIDE_NS
            arrival = self._wire.next_arrival_ns()
            stop = min(to_ns, self.engine.at_ns + stride)
            if arrival is not None:
                stop = max(self.engine.at_ns, min(stop, arrival))
            stop = self.engine.stop_before(stop)
            self._move(stop)
            self._wire.arrive(self.engine.at_ns)
            if stop >= to_ns:
                break
        self._wire.deliver(to_ns)
        if self._end_ns is not None and to_ns > self._end_ns:
            self.feed.close()

    def _move(self, at_ns: int) -> None:
        if self._market is not None:
            for name, rows in self._market.until(at_ns):
                self.engine.apply(name, rows)
        self.engine.advance(max(at_ns, self.engine.at_ns))
        if self.feed.is_read:
            self.feed.step(self.engine.at_ns)

    def _heard(self, report: Report) -> None:
        if isinstance(report, TradeReport):
            self.feed.print_(report)
            return
        for update in updates_of(self.spec.name, self.spec.account_name, report):
            self._wire.tell(report.at_ns, _putting(self._updates, update))

    def _waiting(self, instrument: str, client_order_id: str) -> Conditional | None:
        """The open conditional order of that id, None where there is none."""
        try:
            found = self.engine.find_conditional(self.spec.account_name, client_order_id)
        except RefusedError:
            return None
        return found if found.status.is_open and found.request.instrument == instrument else None

    def _require_possible(self, order: OrderRequest) -> None:
        can = self.capabilities
        if order.time_in_force not in can.times_in_force:
            raise UnsupportedError(
                f"{self.spec.name} has no time in force {order.time_in_force.value}",
                cure=f"use {', '.join(sorted(can.times_in_force))}",
            )


def _putting(stream: Stream[VenueUpdate], update: VenueUpdate) -> Callable[[], None]:
    return lambda: stream.put(update)


def capabilities(name: str = "paper") -> Capabilities:
    """What a paper venue can be asked for."""
    return Capabilities(
        venue=name,
        order_types=frozenset(OrderType),
        times_in_force=frozenset(TimeInForce) - {TimeInForce.DAY},
        trigger_sources=frozenset(TriggerSource),
        self_trade_prevention=frozenset(SelfTradePrevention),
        can_reduce_only=True,
        can_close_position=True,
        can_amend=True,
        can_hedge=True,
        can_isolate_margin=True,
        can_set_leverage=True,
        can_short=True,
        has_dead_man_switch=True,
        pays_funding=True,
    )
