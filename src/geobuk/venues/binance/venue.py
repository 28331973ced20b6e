"""Binance USDⓈ-M behind the Venue port: the parts, put together, started and stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Self

from geobuk.domain.account import Account, MarginMode
from geobuk.domain.capabilities import Capabilities
from geobuk.domain.errors import TradingBlockedError, VenueError
from geobuk.domain.instrument import Instrument
from geobuk.domain.order import (
    Fill,
    OrderRequest,
    OrderState,
    OrderType,
    Position,
    PositionSide,
    TriggerSource,
)
from geobuk.domain.times import NS_PER_MS
from geobuk.domain.updates import Notice, NoticeKind, VenueSnapshot, VenueUpdate
from geobuk.ops.clock import WallClock
from geobuk.ports import Clock
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.account_feed import AccountFeed
from geobuk.venues.binance.account_settings import AccountSettings
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.dead_man_switch import DeadManSwitch
from geobuk.venues.binance.errors import housed
from geobuk.venues.binance.key_check import check_key
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.account import AccountConfig
from geobuk.venues.binance.order_words import SELF_TRADE, TIMES_IN_FORCE
from geobuk.venues.binance.orders import limits_for
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.rule_book import RuleBook
from geobuk.venues.binance.spec import LIVE, BinanceSpec
from geobuk.venues.binance.trading import OrderDesk
from geobuk.venues.binance.trading_guard import Block, TradingGuard
from geobuk.venues.binance.transport import HttpTransport, Transport

_RULES_INTERVAL_S = 3_600.0
_MULTI_ASSETS = Block(
    "the account is in multi-assets mode, in which no margin figure means what Geobuk takes it for",
    "switch it to single-asset mode",
)


def capabilities(venue: str = "binance") -> Capabilities:
    """What this adapter can be asked for."""
    return Capabilities(
        venue=venue,
        order_types=frozenset(OrderType),
        times_in_force=frozenset(TIMES_IN_FORCE),
        trigger_sources=frozenset(TriggerSource),
        self_trade_prevention=frozenset(SELF_TRADE),
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


class BinanceVenue:
    """One account on Binance USDⓈ-M; an async context manager.

    Parameters
    ----------
    credentials
        The account's key.
    instruments
        Those to trade; all perpetuals where none are named.
    spec
        Where the venue is and how patient we are.
    clock
        The present; the machine's clock where none is given.
    transport
        Makes the way to HTTP; connections of our own where none is given.
    """

    def __init__(
        self,
        credentials: ApiCredentials,
        instruments: Sequence[str] = (),
        spec: BinanceSpec = LIVE,
        clock: Clock | None = None,
        transport: Callable[[BinanceSpec], Transport] = HttpTransport,
    ) -> None:
        self.spec = spec
        self.guard = TradingGuard()
        self._credentials = credentials
        self._names = instruments
        self._clock = clock or WallClock()
        self._make_transport = transport
        self._capabilities = capabilities(spec.name)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_started = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Measure the clock, read the rules, check the key, open the user stream, learn what is open.

        An unsafe key does not end the start: it blocks trading, and everything else works. Raises NetworkError or
        VenueError where the venue can't be reached or used.
        """
        self.rest = BinanceRest(self.spec, self._make_transport(self.spec), self._clock, self._credentials)
        self.rules = RuleBook(self.rest, self._names)
        self._known = KnownOrders(self.spec.remembered_orders)
        self._reader = AccountReader(self.rest, self._known, self.rules.symbol_param)
        self._desk = OrderDesk(self.rest, self._known, self._reader, self.guard, lambda: self.rules.limits)
        self._settings = AccountSettings(self.rest)
        self._switch = DeadManSwitch(self.rest, self.rules.symbol_param, self._switch_failed)
        self._feed = AccountFeed(self.rest, self._reader, self._known)
        self._feed.on_assets_mode = self._assets_mode_changed
        try:
            with housed():
                await self.rest.sync_clock()
                await asyncio.gather(self.rules.load(), self.recheck_key(), self.recheck_account())
                self._known.instruments.update(self._names)
                await self._feed.start()
        except BaseException:
            await self._close()
            raise
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._every(self.spec.clock_sync_interval_s, self._sync_clock)),
            loop.create_task(self._every(_RULES_INTERVAL_S, self.reload_rules)),
        ]
        self._is_started = True

    async def stop(self) -> None:
        """Stop listening; open orders stay as they are. Readers of updates come to their end."""
        if self._is_started:
            self._is_started = False
            await self._close()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._switch.stop()
        await self._feed.stop()
        await self.rest.close()

    async def _every(self, seconds: float, work: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._told_of(work)

    async def _told_of(self, work: Callable[[], object]) -> None:
        """Do something in the background; what goes wrong with it is told."""
        try:
            with housed():
                await work()  # type: ignore[misc]
        except VenueError as error:
            self.notice(NoticeKind.UNEXPECTED, str(error))
        except Exception as error:
            self.notice(NoticeKind.UNEXPECTED, f"{type(error).__name__}: {error}")

    async def _sync_clock(self) -> None:
        await self.rest.sync_clock()
        alarm = self.rest.offset.alarm()
        if alarm:
            self.notice(NoticeKind.UNEXPECTED, alarm)

    async def recheck_key(self) -> None:
        """Block or unblock trading by what the key may do."""
        try:
            await check_key(self.rest)
        except TradingBlockedError as error:
            self.block("key", Block(error.message, error.cure, allows_reducing=False))
        else:
            self.guard.clear("key")

    async def recheck_account(self) -> None:
        """Block or unblock trading by what the account may do and how it counts its margin."""
        config = await self.rest.ask(endpoints.ACCOUNT_CONFIG, AccountConfig, what="asking what the account may do")
        if not config.can_trade:
            self.block("account", Block("the venue does not let the account trade", "ask the venue why"))
        elif config.multi_assets_margin:
            self.block("account", _MULTI_ASSETS)
        else:
            self.guard.clear("account")

    def _assets_mode_changed(self, is_multi_assets: bool) -> None:
        """Block at once; what clears the block is the venue's answer to a question."""
        if is_multi_assets:
            self.block("account", _MULTI_ASSETS)
        elif "account" in self.guard.blocks:
            self._tasks.append(asyncio.get_running_loop().create_task(self._told_of(self.recheck_account)))

    async def reload_rules(self) -> list[str]:
        """Read the trading rules again and tell what changed."""
        found = await self.rules.load()
        for text in found:
            self.notice(NoticeKind.RULES_CHANGED, text, text.partition(":")[0])
        return found

    def block(self, name: str, block: Block) -> None:
        """Forbid trading for a reason, and say so."""
        self.guard.block(name, block)
        self.notice(NoticeKind.BLOCKED, f"trading is blocked: {block.reason} ({name})")

    def notice(self, kind: NoticeKind, text: str, instrument: str = "") -> None:
        """Tell the readers of updates something."""
        at_ns = self.rest.venue_ms() * NS_PER_MS
        self._feed.queue.put(Notice(self.spec.name, kind, text, at_ns, instrument))

    def _switch_failed(self, instrument: str, text: str) -> None:
        self.notice(NoticeKind.UNEXPECTED, f"the dead-man switch could not be armed again: {text}", instrument)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def instruments(self) -> Sequence[Instrument]:
        return self.rules.instruments

    async def account(self) -> Account:
        with housed():
            return await self._reader.account()

    async def positions(self) -> Sequence[Position]:
        with housed():
            return await self._reader.positions()

    async def open_orders(self, instrument: str | None = None) -> Sequence[OrderState]:
        with housed():
            return await self._reader.open_orders(instrument)

    async def snapshot(self) -> VenueSnapshot:
        with housed():
            return await self._reader.snapshot()

    async def order(self, instrument: str, client_order_id: str) -> OrderState | None:
        with housed():
            return await self._reader.order(instrument, client_order_id)

    async def fills_since(self, instrument: str, from_ns: int) -> Sequence[Fill]:
        with housed():
            rows = await self._reader.trades_since(instrument, -(-from_ns // NS_PER_MS))
            return await self._reader.fills_of(rows)

    async def submit(self, order: OrderRequest) -> OrderState:
        return await self._desk.submit(order)

    async def submit_canary(self, order: OrderRequest) -> OrderState:
        """Send an order of the self-test, which its own block does not forbid."""
        return await self._desk.submit(order, passes="self-test")

    async def submit_batch(self, orders: Sequence[OrderRequest]) -> list[OrderState | VenueError]:
        """Up to five orders in one call: for each its state, or the error it met."""
        return await self._desk.submit_batch(orders)

    async def cancel(self, instrument: str, client_order_id: str) -> OrderState:
        return await self._desk.cancel(instrument, client_order_id)

    async def cancel_all(self, instrument: str) -> None:
        await self._desk.cancel_all(instrument)

    async def amend(self, instrument: str, client_order_id: str, quantity: Decimal, price: Decimal) -> OrderState:
        return await self._desk.amend(instrument, client_order_id, quantity, price)

    async def set_leverage(self, instrument: str, leverage: int) -> None:
        await self._settings.set_leverage(self._param(instrument), leverage)

    async def set_margin_mode(self, instrument: str, mode: MarginMode) -> None:
        await self._settings.set_margin_mode(self._param(instrument), mode)

    async def move_margin(self, instrument: str, side: PositionSide, amount: Decimal) -> None:
        """Add margin to an isolated position, or take some away where ``amount`` is below zero."""
        await self._settings.move_margin(self._param(instrument), side, amount)

    async def set_hedged(self, is_hedged: bool) -> None:
        """Hold long and short legs apart, or net them; setting what is set is no error."""
        await self._settings.set_hedged(is_hedged)

    async def is_hedged(self) -> bool:
        """Whether long and short legs are held apart."""
        with housed():
            return await self._settings.is_hedged()

    async def set_dead_man_switch(self, instrument: str, seconds: float | None) -> None:
        self._param(instrument)
        await self._switch.arm(instrument, seconds)

    async def hold_dead_man_switch(self, instrument: str, seconds: float | None) -> None:
        """Arm the switch and keep arming it by a task of its own; None ends both."""
        self._param(instrument)
        if seconds is None:
            await self._switch.release(instrument)
        else:
            await self._switch.hold(instrument, seconds)

    def updates(self) -> AsyncIterator[VenueUpdate]:
        return self._feed.queue.read()

    @property
    def taps(self) -> list[Callable[[bytes], None]]:
        """Who wants to see each frame of the user stream as it came."""
        return self._feed.taps

    def _param(self, instrument: str) -> str:
        return limits_for(instrument, self.rules.limits).symbol_param
