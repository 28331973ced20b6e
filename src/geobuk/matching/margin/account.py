"""One account of linear perpetuals on margin: wallets, positions, settings, and a ledger of every change.

Knows no order and no book: it is told what was executed, and asked what it can carry. All amounts are exact.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide, Side
from geobuk.matching.holdings import Balance, Holding
from geobuk.matching.margin.changes import (
    require_idle,
    require_leverage,
    require_margin_move,
    require_mode,
    require_withdrawal,
)
from geobuk.matching.margin.ledger import EntryKind, LedgerEntry
from geobuk.matching.margin.money import ZERO, rounded
from geobuk.matching.margin.order_check import OrderCost, require_margin, require_position, required_margin
from geobuk.matching.margin.position import Position
from geobuk.matching.margin.requirements import LegKey, LegMargin, MarginState, OpenOrders
from geobuk.matching.margin.settings import Setting, Settings
from geobuk.matching.margin.settlement import Outcome, Settlement, Stamp
from geobuk.matching.margin.spec import AccountSpec
from geobuk.matching.margin.valuation import NO_MARKS, NO_OPEN_ORDERS, Marks, Orders, Valuation, mark_of
from geobuk.matching.margin.wallets import Wallets
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.refusals import Refusal, RefusedError

__all__ = [
    "AccountSpec",
    "LedgerEntry",
    "LegKey",
    "LegMargin",
    "MarginAccount",
    "MarginMove",
    "MarginState",
    "OpenOrders",
    "OrderCost",
    "Outcome",
    "Setting",
]


class MarginMove(NamedTuple):
    """Margin moved by hand into (above zero) or out of an isolated position."""

    instrument: str
    position_side: PositionSide
    amount: Decimal
    at_ns: int


class MarginAccount:
    """See the module. ``marks`` are mark prices by instrument, ``orders`` open orders by leg: see ``valuation``.

    ``rules`` may change under it. What it refuses, it refuses with RefusedError, and nothing changed.
    """

    def __init__(self, name: str, rules: Mapping[str, MarketRules], spec: AccountSpec) -> None:
        self.name = name
        self.spec = spec
        self.margin_moves: list[MarginMove] = []
        self._is_hedged = spec.is_hedged
        self._settings = Settings(rules, spec)
        self._wallets = Wallets(spec.margin_asset, spec.first_tran_id, spec.kept_entries)
        self._settlement = Settlement(self._wallets, self._settings, spec)
        self._valuation = Valuation(self._wallets, self._settings)

    # What is there

    @property
    def is_hedged(self) -> bool:
        return self._is_hedged

    @property
    def ledger(self) -> list[LedgerEntry]:
        """Every entry, oldest first; to be read only."""
        return self._wallets.ledger.entries

    def wallet(self, asset: str | None = None) -> Decimal:
        """The wallet of an asset (None: the margin asset), isolated wallets included."""
        return self._wallets.ledger.wallet(asset or self.spec.margin_asset)

    @property
    def cross_wallet(self) -> Decimal:
        """The margin asset's wallet without the isolated ones."""
        return self._wallets.cross

    @property
    def isolated_wallets(self) -> Decimal:
        """All isolated wallets together."""
        return self._wallets.isolated

    def balance(self, asset: str, change: Decimal = ZERO) -> Balance:
        """One asset as reports show it."""
        wallet = self.wallet(asset)
        return Balance(asset, wallet, self.cross_wallet if asset == self.spec.margin_asset else wallet, change)

    def balances(self) -> tuple[Balance, ...]:
        """Every asset that ever moved."""
        return tuple(self.balance(asset) for asset in self._wallets.ledger.wallets)

    def position(self, instrument: str, position_side: PositionSide = PositionSide.BOTH) -> Position:
        """The live leg, flat if it never traded; to be read only."""
        self._settings.rules(instrument)
        return self._wallets.position(instrument, position_side)

    def positions(self) -> list[Position]:
        """The live legs that are not flat, in the order in which they were first asked for; to be read only."""
        return [position for position in self._wallets.positions.values() if position.quantity]

    def holding(self, instrument: str, position_side: PositionSide, marks: Marks = NO_MARKS) -> Holding:
        """One leg as reports show it."""
        position = self.position(instrument, position_side)
        return Holding(
            instrument=instrument,
            position_side=position_side,
            quantity=position.quantity,
            entry_price=position.entry_price,
            break_even_price=position.break_even_price,
            realized=position.realized,
            unrealized=rounded(position.unrealized(mark_of(position, marks))),
            is_isolated=self._settings.terms(instrument).is_isolated,
            isolated_wallet=position.isolated_wallet,
            updated_ns=position.updated_ns,
        )

    def holdings(self, marks: Marks = NO_MARKS) -> tuple[Holding, ...]:
        """The legs that are not flat."""
        return tuple(self.holding(position.instrument, position.position_side, marks) for position in self.positions())

    # Settings

    def settings(self, instrument: str) -> Setting:
        """(leverage, margin mode)."""
        return self._settings.get(instrument)

    def max_notional(self, instrument: str) -> Decimal:
        """The largest position at the leverage that is set, quote currency."""
        return self._settings.brackets(instrument).max_notional(self._settings.get(instrument).leverage)

    def set_leverage(
        self, instrument: str, leverage: int, *, marks: Marks = NO_MARKS, orders: Orders = NO_OPEN_ORDERS
    ) -> None:
        """Refused: LEVERAGE outside the brackets, MAX_POSITION where more is held or ordered than it allows,
        LEVERAGE_BELOW_POSITION for less than before with an isolated position, MARGIN where the balance is too small.
        """
        require_leverage(self._settings, instrument, leverage, self._wallets.legs_of(instrument), orders)
        if leverage < self._settings.get(instrument).leverage:
            state = self.state(marks, orders)
            used = [leg for leg in state.legs if leg.instrument == instrument]
            more = sum((leg.initial_margin * leg.leverage / leverage - leg.initial_margin for leg in used), ZERO)
            require_margin(rounded(more), state.spare)
        self._settings.set_leverage(instrument, leverage)

    def set_margin_mode(self, instrument: str, mode: MarginMode, *, has_orders: bool = False) -> None:
        """Refused: MARGIN_MODE_SAME, HAS_ORDERS, HAS_POSITION."""
        require_mode(self._settings, instrument, mode)
        require_idle(instrument, has_orders, bool(self._wallets.legs_of(instrument)))
        self._settings.set_mode(instrument, mode)

    def set_hedged(self, is_hedged: bool, *, has_orders: bool = False) -> None:
        """Refused: POSITION_MODE_SAME, HAS_ORDERS, HAS_POSITION, over all instruments."""
        if is_hedged is self._is_hedged:
            raise RefusedError(Refusal.POSITION_MODE_SAME, "the position mode is that already", value=str(is_hedged))
        require_idle("the account", has_orders, bool(self.positions()))
        self._is_hedged = is_hedged

    def move_margin(
        self,
        instrument: str,
        position_side: PositionSide,
        amount: Decimal,
        at_ns: int,
        *,
        marks: Marks = NO_MARKS,
        orders: Orders = NO_OPEN_ORDERS,
    ) -> None:
        """Move ``amount`` from the cross wallet into an isolated position, or back where it is negative.

        Refused: PARAMETERS for 0, NO_ISOLATED_POSITION, MARGIN_MOVE_TOO_LARGE beyond what is available (in) or beyond
        what leaves the initial margin covered (out; unrealised profit can't be taken). No entry: no wallet changes.
        """
        position = self._wallets.position(instrument, position_side)
        leg = self._valuation.leg(position, marks)
        require_margin_move(amount, leg, self.state(marks, orders).max_withdraw)
        position.isolated_wallet += amount
        position.updated_ns = at_ns
        self.margin_moves.append(MarginMove(instrument, position_side, amount, at_ns))

    # Money in and out

    def deposit(self, asset: str, amount: Decimal, at_ns: int) -> LedgerEntry:
        """Add to a wallet; refused (PARAMETERS) unless positive."""
        if amount <= 0:
            raise RefusedError(Refusal.PARAMETERS, f"amount {amount} is not positive", value=str(amount))
        return self._wallets.ledger.record(EntryKind.TRANSFER, asset, amount, at_ns)

    def withdraw(
        self, asset: str, amount: Decimal, at_ns: int, *, marks: Marks = NO_MARKS, orders: Orders = NO_OPEN_ORDERS
    ) -> LedgerEntry:
        """Take out of a wallet; refused (MARGIN) beyond what may leave it."""
        is_margin = asset == self.spec.margin_asset
        require_withdrawal(asset, amount, self.state(marks, orders).max_withdraw if is_margin else self.wallet(asset))
        return self._wallets.ledger.record(EntryKind.TRANSFER, asset, -amount, at_ns)

    def transfer(
        self, asset: str, amount: Decimal, at_ns: int, *, marks: Marks = NO_MARKS, orders: Orders = NO_OPEN_ORDERS
    ) -> LedgerEntry:
        """Deposit what is positive, withdraw what is negative."""
        if amount < 0:
            return self.withdraw(asset, -amount, at_ns, marks=marks, orders=orders)
        return self.deposit(asset, amount, at_ns)

    # What happens to positions

    @property
    def fee_asset_price(self) -> Decimal | None:
        """What the asset that pays the fees is worth in the margin asset; may be set at any time."""
        return self._settlement.fee_asset_price

    @fee_asset_price.setter
    def fee_asset_price(self, price: Decimal | None) -> None:
        self._settlement.fee_asset_price = price

    def fee_rate(self, instrument: str, is_maker: bool) -> Decimal:
        """The rate that the next execution pays, as a fraction of the notional, before any discount."""
        return self._settlement.fee_rate(instrument, is_maker)

    def execute(
        self,
        instrument: str,
        position_side: PositionSide,
        side: Side,
        quantity: Decimal,
        price: Decimal,
        is_maker: bool,
        at_ns: int,
        trade_id: int | None = None,
    ) -> Outcome:
        """Settle one execution of ``quantity`` > 0.

        Refused: POSITION_SIDE for a leg that the position mode doesn't have, REDUCE_ONLY where a leg of a hedge would
        turn.
        """
        position = self._leg(instrument, position_side)
        signed = quantity if side > 0 else -quantity
        if position_side is not PositionSide.BOTH:
            _require_no_turn(position, signed)
        rate = self._settlement.fee_rate(instrument, is_maker)
        return self._settlement.execute(position, signed, price, rate, Stamp(at_ns, trade_id))

    def deleverage(
        self,
        instrument: str,
        position_side: PositionSide,
        quantity: Decimal,
        price: Decimal,
        at_ns: int,
        trade_id: int | None = None,
    ) -> Outcome:
        """Close ``quantity`` of a leg against a liquidation, free of fees; REDUCE_ONLY beyond what is held."""
        position = self._held(instrument, position_side, quantity)
        signed = -quantity if position.quantity > 0 else quantity
        return self._settlement.execute(position, signed, price, ZERO, Stamp(at_ns, trade_id))

    def close_out(
        self,
        instrument: str,
        position_side: PositionSide,
        quantity: Decimal,
        price: Decimal,
        at_ns: int,
        trade_id: int | None = None,
    ) -> Outcome:
        """Liquidate ``quantity`` of a leg at a price; refused (REDUCE_ONLY) beyond what is held.

        Pays the clearance fee as far as the account can; a loss beyond its last position is covered.
        """
        position = self._held(instrument, position_side, quantity)
        return self._settlement.close_out(position, quantity, price, Stamp(at_ns, trade_id))

    def fund(self, instrument: str, mark: Decimal, rate: Decimal, at_ns: int) -> list[LedgerEntry]:
        """Pay or receive funding on each leg: -quantity * mark * rate. The entries, none where nothing is held."""
        entries = [self._settlement.fund(leg, mark, rate, at_ns) for leg in self._wallets.legs_of(instrument)]
        return [entry for entry in entries if entry is not None]

    # What it can carry

    def state(self, marks: Marks, orders: Orders = NO_OPEN_ORDERS) -> MarginState:
        """Margins and balances at these marks, for legs with a position or open orders."""
        return self._valuation.state(marks, orders)

    def can_open(self, cost: OrderCost, marks: Marks, orders: Orders = NO_OPEN_ORDERS) -> Decimal:
        """The margin that one more order needs, 0 for a reduce-only one. ``orders`` do not count it yet.

        Refused: POSITION_SIDE, MAX_POSITION past the bracket of the leverage, MARGIN beyond the available balance.
        """
        position = self._leg(cost.instrument, cost.position_side)
        if cost.is_reduce_only:
            return ZERO
        terms = self._settings.terms(cost.instrument)
        own = orders.get((cost.instrument, cost.position_side), OpenOrders())
        require_position(cost, position, terms, own)
        mark = marks.get(cost.instrument) or position.entry_price or cost.price
        required = required_margin(cost, position, mark, terms, own)
        if required > 0:
            require_margin(required, self.state(marks, orders).spare)
        return required

    def liquidation_price(self, instrument: str, position_side: PositionSide, marks: Marks) -> Decimal:
        """The mark at which the leg is liquidated while all other instruments stay; 0 where there is none."""
        return self._valuation.liquidation_price(self.position(instrument, position_side), marks)

    def bankruptcy_price(self, instrument: str, position_side: PositionSide, marks: Marks) -> Decimal:
        """The price at which closing the leg leaves nothing of its margin while all other legs stay; 0 if none."""
        return self._valuation.bankruptcy_price(self.position(instrument, position_side), marks)

    def break_even_price(self, instrument: str, position_side: PositionSide = PositionSide.BOTH) -> Decimal:
        """The entry price moved by the fees of opening; 0 when flat."""
        return self.position(instrument, position_side).break_even_price

    def is_liquidatable(self, marks: Marks) -> list[LegKey]:
        """The legs whose margin no longer exceeds maintenance: isolated ones each alone, cross ones all or none."""
        return self._valuation.liquidatable(marks)

    def _leg(self, instrument: str, position_side: PositionSide) -> Position:
        if (position_side is PositionSide.BOTH) is self._is_hedged:
            mode = "hedge" if self._is_hedged else "one-way"
            raise RefusedError(
                Refusal.POSITION_SIDE,
                f"{mode} mode has no leg {position_side}: name one that it has",
                value=position_side,
            )
        return self.position(instrument, position_side)

    def _held(self, instrument: str, position_side: PositionSide, quantity: Decimal) -> Position:
        position = self._leg(instrument, position_side)
        if not 0 < quantity <= abs(position.quantity):
            _refuse_turn(position, quantity)
        return position


def _require_no_turn(position: Position, quantity: Decimal) -> None:
    after = position.quantity + quantity
    if after < 0 if position.position_side is PositionSide.LONG else after > 0:
        _refuse_turn(position, quantity)


def _refuse_turn(position: Position, quantity: Decimal) -> None:
    raise RefusedError(
        Refusal.REDUCE_ONLY,
        f"{quantity} does not reduce the {position.instrument} position of {position.quantity}: close at most that",
        value=str(quantity),
        limit=str(abs(position.quantity)),
    )
