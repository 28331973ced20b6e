"""The user stream as domain updates: each fill once, each order forward only, money as last told.

Pure: events and REST rows go in, updates come out. What is late, repeated or overtaken is left out here.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from decimal import Decimal

from geobuk.domain.order import Fill, OrderState, Position, PositionSide
from geobuk.domain.times import NS_PER_MS
from geobuk.domain.updates import BalanceChange, ChangeReason, Notice, NoticeKind, PositionChange, VenueUpdate
from geobuk.venues.binance import order_words as words
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.account import AccountReply
from geobuk.venues.binance.messages.user_events import (
    AccountEvent,
    AlgoEvent,
    ConfigEvent,
    LeverageBody,
    ListenKeyExpiredEvent,
    MarginCallEvent,
    MultiAssetsBody,
    OrderEvent,
    PositionBody,
    TradeLiteEvent,
    UserEvent,
)
from geobuk.venues.binance.order_states import fill_of_event, state_of_algo_event, state_of_event, word_of

_ZERO = Decimal(0)
Emit = Callable[[VenueUpdate], bool]
_PositionKey = tuple[str, PositionSide]


class AccountLedger:
    """What listeners have been told. ``emit`` returns False where the update could not be delivered."""

    def __init__(self, venue: str, known: KnownOrders, emit: Emit, keep: int = 100_000) -> None:
        self._venue = venue
        self._known = known
        self._emit = emit
        self._keep = keep
        self._fills: OrderedDict[tuple[str, str, int], None] = OrderedDict()
        self._wallets: dict[str, tuple[Decimal, int]] = {}
        self._positions: dict[_PositionKey, tuple[Decimal, Decimal, int]] = {}
        self._venue_order: dict[str, tuple[int, ChangeReason]] = {}
        self.suspects: set[str] = set()
        """Instruments of which the stream seems to have missed something."""

    def take(self, event: UserEvent) -> None:
        """Turn one event of the stream into updates."""
        if isinstance(event, OrderEvent):
            self._take_order(event)
        elif isinstance(event, AccountEvent):
            self._take_account(event)
        elif isinstance(event, AlgoEvent):
            self._take_algo(event)
        elif isinstance(event, MarginCallEvent):
            for called in event.positions:
                text = (
                    f"{called.instrument}: {called.quantity} {called.side} has a maintenance margin of "
                    f"{called.maintenance_margin} and an unrealised profit of {called.unrealized}"
                )
                self.notice(NoticeKind.MARGIN_CALL, text, event.event_ms, called.instrument)
        elif isinstance(event, ConfigEvent):
            self._take_config(event)
        else:
            assert isinstance(event, TradeLiteEvent | ListenKeyExpiredEvent)  # neither tells what others don't

    def _take_order(self, event: OrderEvent) -> None:
        order = event.order
        reason = words.closing_reason(order.client_order_id)
        if reason is not None:
            self._venue_order[order.instrument] = (event.at_ms, reason)
        fill = fill_of_event(self._venue, event)
        before = self._known.told(order.instrument, order.client_order_id)
        if fill is not None:
            already = before.filled if before is not None and before.venue_order_id == str(order.order_id) else _ZERO
            if order.filled - order.last_quantity > already:
                self.suspects.add(order.instrument)
            self.take_fill(fill)
        elif before is not None and order.filled > before.filled:
            self.suspects.add(order.instrument)
        self.take_state(state_of_event(self._venue, event))

    def _take_algo(self, event: AlgoEvent) -> None:
        state = state_of_algo_event(self._venue, event)
        if state is not None:
            self.take_state(state)
            return
        before = self._known.told(event.order.instrument, event.order.client_order_id)
        if before is None or before.status.is_open:
            self.suspects.add(event.order.instrument)

    def take_state(self, state: OrderState) -> bool:
        """Tell of an order's state if it is news. One that could not be delivered counts as not told."""
        if not self._known.is_untold(state):
            return False
        if not self._emit(state):
            self.suspects.add(state.instrument)
            return False
        self._known.tell(state)
        return True

    def take_fill(self, fill: Fill) -> bool:
        """Tell of a fill if it was not told before. A fill that could not be delivered counts as not told."""
        key = (fill.instrument, fill.trade_id, int(fill.side))
        if key in self._fills:
            return False
        if not self._emit(fill):
            self.suspects.add(fill.instrument)
            return False
        self._fills[key] = None
        if len(self._fills) > self._keep:
            self._fills.popitem(last=False)
        return True

    def _take_account(self, event: AccountEvent) -> None:
        account, at_ns = event.account, event.at_ms * NS_PER_MS
        reason = words.CHANGE_REASON_OF.get(account.reason, ChangeReason.OTHER)
        for wallet in account.balances:
            if self._is_late(self._wallets.get(wallet.asset), event.at_ms):
                continue
            if self._emit(BalanceChange(self._venue, wallet.asset, wallet.wallet, reason, at_ns, wallet.change)):
                self._wallets[wallet.asset] = (wallet.wallet, event.at_ms)
        for held in account.positions:
            key = (held.instrument, word_of(words.POSITION_SIDE_OF, held.side))
            if self._is_late(self._positions.get(key), event.at_ms):
                continue
            self._known.instruments.add(held.instrument)
            why = self._why(held.instrument, event.at_ms) if reason is ChangeReason.ORDER else reason
            if self._emit(PositionChange(self._position(held), why, at_ns)):
                self._positions[key] = (held.quantity, held.entry_price, event.at_ms)

    @staticmethod
    def _is_late(told: tuple[Decimal, int] | tuple[Decimal, Decimal, int] | None, at_ms: int) -> bool:
        return told is not None and at_ms < told[-1]

    def _why(self, instrument: str, at_ms: int) -> ChangeReason:
        at_and_reason = self._venue_order.get(instrument)
        return at_and_reason[1] if at_and_reason is not None and at_and_reason[0] == at_ms else ChangeReason.ORDER

    def _position(self, held: PositionBody) -> Position:
        return Position(
            venue=self._venue,
            instrument=held.instrument,
            quantity=held.quantity,
            entry_price=held.entry_price,
            sellable=abs(held.quantity),
            isolated_wallet=held.isolated_wallet if held.margin_type.lower() == "isolated" else None,
            side=word_of(words.POSITION_SIDE_OF, held.side),
            unrealized=held.unrealized,
        )

    def _take_config(self, event: ConfigEvent) -> None:
        if isinstance(event.leverage, LeverageBody):
            text = f"leverage of {event.leverage.instrument} is now {event.leverage.leverage}"
            self.notice(NoticeKind.RULES_CHANGED, text, event.event_ms, event.leverage.instrument)
        if isinstance(event.multi_assets, MultiAssetsBody):
            mode = "on" if event.multi_assets.is_joint else "off"
            self.notice(NoticeKind.RULES_CHANGED, f"multi-assets mode is now {mode}", event.event_ms)

    def notice(self, kind: NoticeKind, text: str, at_ms: int, instrument: str = "") -> None:
        """Tell a person or the trader something."""
        self._emit(Notice(self._venue, kind, text, at_ms * NS_PER_MS, instrument))

    def compare(self, reply: AccountReply, positions: Iterable[Position], at_ms: int, *, is_first: bool) -> int:
        """Take balances and positions from REST; tell of those that differ from what was told, and count them.

        ``at_ms`` is a moment before they were asked for: what the stream told after it is believed instead.
        """
        told = 0
        for asset in reply.assets:
            old = self._wallets.get(asset.asset)
            if old is not None and (old[1] > at_ms or old[0] == asset.wallet_balance):
                continue
            if not is_first and (old is not None or asset.wallet_balance):
                wallet, at_ns = asset.wallet_balance, at_ms * NS_PER_MS
                if not self._emit(BalanceChange(self._venue, asset.asset, wallet, ChangeReason.OTHER, at_ns)):
                    continue
                told += 1
            self._wallets[asset.asset] = (asset.wallet_balance, max(asset.update_time, old[1] if old else 0))
        held = {(one.instrument, one.side): one for one in positions}
        for key in sorted({*held, *self._positions}):
            told += self._compare_position(key, held.get(key), at_ms, is_first=is_first)
        return told

    def _compare_position(self, key: _PositionKey, now: Position | None, at_ms: int, *, is_first: bool) -> int:
        old = self._positions.get(key, (_ZERO, _ZERO, 0))
        quantity = now.quantity if now else _ZERO
        if old[2] > at_ms or old[0] == quantity:
            return 0
        self._known.instruments.add(key[0])
        flat = Position(self._venue, key[0], _ZERO, _ZERO, _ZERO, side=key[1])
        change = PositionChange(now or flat, ChangeReason.OTHER, at_ms * NS_PER_MS)
        if not is_first and not self._emit(change):
            return 0
        self._positions[key] = (quantity, now.entry_price if now else _ZERO, old[2])
        return 0 if is_first else 1
