"""The engine's face: accounts, orders and time over one book an instrument. What happens is told to the listener."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.matching.book.market_event import MarketArray
from geobuk.matching.engine.orders import Conditional, Execution, NewConditional, NewOrder, Order
from geobuk.matching.engine.reports import Report
from geobuk.matching.engine.rules import MarketRules
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.engine.views import BestQuote, Changes, Depth
from geobuk.matching.margin.account import AccountSpec, MarginAccount

OrderKey = int | str
"""The engine's number of an order, or its client order id."""


class MatchingEngine:
    """A venue's matching, margin and liquidation, without wire or clock: time is told by ``advance`` and market rows.

    Every request either happens at once, with its reports, or raises ``RefusedError`` and changes nothing. Reports are
    given to the listener after the state they tell of is complete; an error it raises comes back to the caller after
    all reports were given.
    """

    reports_trades: bool
    """Whether each print of the market is reported (TradeReport); costs Python time for each."""

    def __init__(
        self, rules: Sequence[MarketRules], spec: EngineSpec, *, at_ns: int, listener: Callable[[Report], None]
    ) -> None:
        raise NotImplementedError

    # time and market

    @property
    def at_ns(self) -> int:
        raise NotImplementedError

    def advance(self, at_ns: int) -> None:
        """Let time pass: good-till times, countdowns, funding, liquidations up to and at ``at_ns``."""
        raise NotImplementedError

    def next_due_ns(self) -> int | None:
        """When ``advance`` has next something to do, None if nothing is planned."""
        raise NotImplementedError

    def apply(self, instrument: str, events: MarketArray) -> None:
        """Let market rows happen, in time order; what falls due between them happens in its place."""
        raise NotImplementedError

    # market data

    @property
    def instruments(self) -> tuple[str, ...]:
        raise NotImplementedError

    def depth(self, instrument: str, levels: int) -> Depth:
        raise NotImplementedError

    def quote(self, instrument: str) -> BestQuote | None:
        """The best bid and ask; None while both sides are empty."""
        raise NotImplementedError

    def drain_changes(self, instrument: str) -> Changes:
        """Levels that changed since the last call."""
        raise NotImplementedError

    def last_price(self, instrument: str) -> Decimal | None:
        raise NotImplementedError

    def mark_price(self, instrument: str) -> Decimal | None:
        """The mark price; before the first one is known the last price, or the middle of the book."""
        raise NotImplementedError

    def index_price(self, instrument: str) -> Decimal | None:
        raise NotImplementedError

    def funding_rate(self, instrument: str) -> Decimal:
        """The rate to come, as a fraction."""
        raise NotImplementedError

    def next_funding_ns(self, instrument: str) -> int | None:
        raise NotImplementedError

    def rules(self, instrument: str) -> MarketRules:
        raise NotImplementedError

    def set_rules(self, rules: MarketRules) -> None:
        """Change an instrument's rules; its decimals must stay. SETTLING ends its open orders (er 7)."""
        raise NotImplementedError

    # accounts

    def open_account(self, name: str, deposits: Mapping[str, Decimal], spec: AccountSpec) -> MarginAccount:
        raise NotImplementedError

    def account(self, name: str) -> MarginAccount:
        raise NotImplementedError

    @property
    def accounts(self) -> tuple[str, ...]:
        raise NotImplementedError

    @property
    def insurance_fund(self) -> Decimal:
        raise NotImplementedError

    def set_leverage(self, name: str, instrument: str, leverage: int) -> None:
        raise NotImplementedError

    def set_margin_mode(self, name: str, instrument: str, mode: MarginMode) -> None:
        raise NotImplementedError

    def set_hedge_mode(self, name: str, is_hedge: bool) -> None:
        raise NotImplementedError

    def move_margin(self, name: str, instrument: str, position_side: PositionSide, amount: Decimal) -> None:
        """Move money into an isolated position's wallet, or out of it (amount below zero)."""
        raise NotImplementedError

    def transfer(self, name: str, asset: str, amount: Decimal) -> None:
        """Pay in, or out (amount below zero)."""
        raise NotImplementedError

    # orders

    def submit(self, name: str, request: NewOrder) -> Order:
        """Place an order; the view is as it stands after matching."""
        raise NotImplementedError

    def test(self, name: str, request: NewOrder) -> None:
        """Check as ``submit`` would, and do nothing."""
        raise NotImplementedError

    def modify(
        self,
        name: str,
        instrument: str,
        order_key: OrderKey,
        quantity: Decimal,
        price: Decimal,
        *,
        is_reduce_only: bool | None = None,
        modify_id: str = "",
    ) -> Order:
        """Change an open limit order; it loses its place in the queue. It may come back canceled."""
        raise NotImplementedError

    def cancel(self, name: str, instrument: str, order_key: OrderKey) -> Order:
        raise NotImplementedError

    def cancel_all(self, name: str, instrument: str) -> list[Order]:
        raise NotImplementedError

    def submit_conditional(self, name: str, request: NewConditional) -> Conditional:
        raise NotImplementedError

    def cancel_conditional(self, name: str, key: OrderKey) -> Conditional:
        raise NotImplementedError

    def cancel_all_conditional(self, name: str, instrument: str) -> list[Conditional]:
        raise NotImplementedError

    def set_countdown(self, name: str, instrument: str, duration_ns: int) -> None:
        """Cancel the instrument's open orders when the time is up, unless set again before; 0 stops it."""
        raise NotImplementedError

    # what there is and was

    def find_order(self, name: str, instrument: str, order_key: OrderKey) -> Order:
        """By number, or by client id: the open order of that id, else the newest one."""
        raise NotImplementedError

    def open_orders(self, name: str, instrument: str | None = None) -> list[Order]:
        raise NotImplementedError

    def orders(self, name: str, instrument: str | None = None) -> list[Order]:
        """Every order there ever was, in the order of their numbers."""
        raise NotImplementedError

    def find_conditional(self, name: str, key: OrderKey) -> Conditional:
        raise NotImplementedError

    def open_conditionals(self, name: str, instrument: str | None = None) -> list[Conditional]:
        raise NotImplementedError

    def conditionals(self, name: str, instrument: str | None = None) -> list[Conditional]:
        raise NotImplementedError

    def executions(self, name: str, instrument: str | None = None) -> list[Execution]:
        """Every fill of the account, oldest first."""
        raise NotImplementedError

    # faults on purpose

    def force_liquidation(self, name: str, instrument: str) -> None:
        """Liquidate the account's positions in the instrument whatever its margin says."""
        raise NotImplementedError

    def deleverage(
        self, name: str, instrument: str, position_side: PositionSide, quantity: Decimal, price: Decimal
    ) -> None:
        """Close a part of a position as if it were chosen to cover another's liquidation."""
        raise NotImplementedError
