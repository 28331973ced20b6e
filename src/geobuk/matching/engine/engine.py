"""The engine's face: accounts, orders and time over one book an instrument. What happens is told to the listener."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.errors import DataError
from geobuk.domain.order import PositionSide
from geobuk.matching.book.market_event import MarketArray
from geobuk.matching.engine import (
    account_changes,
    admission,
    applying,
    conditionals,
    deleveraging,
    funding,
    liquidating,
    settling,
    submitting,
    viewing,
)
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.following import follow
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.order_store import OrderKey, OrderStore
from geobuk.matching.engine.orders import Conditional, Execution, NewConditional, NewOrder, Order
from geobuk.matching.engine.reports import Report
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.engine.views import BestQuote, Changes, Depth
from geobuk.matching.engine.waiting import WaitingStore
from geobuk.matching.margin.account import AccountSpec, MarginAccount, MarginState
from geobuk.matching.market_rules import MarketRules


class MatchingEngine:
    """A venue's matching, margin and liquidation, without wire or clock: time is told by ``advance`` and market rows.

    Every request either happens at once, with its reports, or raises ``RefusedError`` and changes nothing. Reports are
    given to the listener after the state they tell of is complete; an error it raises comes back to the caller after
    all reports were given.
    """

    def __init__(
        self, rules: Sequence[MarketRules], spec: EngineSpec, *, at_ns: int, listener: Callable[[Report], None]
    ) -> None:
        self._floor = Floor(rules, spec, at_ns, listener)
        for listing in self._floor.listings.values():
            funding.plan(self._floor, listing)

    @property
    def reports_trades(self) -> bool:
        """Whether each print of the market is reported (TradeReport); costs Python time for each. Off at first."""
        return self._floor.reports_trades

    @reports_trades.setter
    def reports_trades(self, is_on: bool) -> None:
        self._floor.reports_trades = is_on

    def _done(self) -> None:
        """Let everything follow from a request, and give the reports."""
        follow(self._floor)
        self._floor.outbox.raise_failure()

    # time and market

    @property
    def at_ns(self) -> int:
        return self._floor.at_ns

    def advance(self, at_ns: int) -> None:
        """Let time pass: good-till times, countdowns, funding, liquidations up to and at ``at_ns``."""
        applying.advance(self._floor, at_ns)
        self._done()

    def next_due_ns(self) -> int | None:
        """When ``advance`` has next something to do, None if nothing is planned."""
        return self._floor.deadlines.next_ns()

    def stop_before(self, at_ns: int) -> int:
        """Up to where every instrument's rows go before time goes on to ``at_ns``: just before the next thing due.

        What falls due concerns all instruments: none may have rows of before it still to come.
        """
        due = self._floor.deadlines.next_ns()
        if due is None or due > at_ns:
            return at_ns
        return due - 1 if due - 1 > self._floor.at_ns else max(due, self._floor.at_ns)

    def apply(self, instrument: str, events: MarketArray) -> None:
        """Let market rows happen, in time order; what falls due between them happens in its place."""
        applying.apply(self._floor, self._floor.listing(instrument), events)
        self._done()

    # market data

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(self._floor.listings)

    def depth(self, instrument: str, levels: int) -> Depth:
        return viewing.depth(self._floor.listing(instrument), levels)

    def quote(self, instrument: str) -> BestQuote | None:
        """The best bid and ask; None while both sides are empty."""
        return viewing.quote(self._floor.listing(instrument), self._floor.at_ns)

    def drain_changes(self, instrument: str) -> Changes:
        """Levels that changed since the last call."""
        return viewing.drain_changes(self._floor.listing(instrument))

    def last_price(self, instrument: str) -> Decimal | None:
        listing = self._floor.listing(instrument)
        return listing.scale.price(listing.book.last) if listing.book.last else None

    def mark_price(self, instrument: str) -> Decimal | None:
        """The mark price; before the first one is known the last price, or the middle of the book."""
        return self._floor.listing(instrument).mark or None

    def index_price(self, instrument: str) -> Decimal | None:
        listing = self._floor.listing(instrument)
        return listing.scale.price(listing.book.index) if listing.book.index else None

    def funding_rate(self, instrument: str) -> Decimal:
        """The rate to come, as a fraction."""
        return funding.rate_of(self._floor.listing(instrument))

    def next_funding_ns(self, instrument: str) -> int | None:
        return self._floor.listing(instrument).next_funding_ns

    def rules(self, instrument: str) -> MarketRules:
        return self._floor.listing(instrument).rules

    def set_rules(self, rules: MarketRules) -> None:
        """Change an instrument's rules; its decimals must stay. SETTLING ends its open orders."""
        settling.set_rules(self._floor, rules)
        self._done()

    # accounts

    def open_account(self, name: str, deposits: Mapping[str, Decimal], spec: AccountSpec) -> MarginAccount:
        floor = self._floor
        if name in floor.members:
            raise DataError(f"there is an account {name} already", cure="use another name")
        account = MarginAccount(name, floor.rules, spec)
        for asset, amount in deposits.items():
            account.deposit(asset, amount, floor.at_ns)
        keep = floor.spec.kept_orders
        member = Member(len(floor.by_number), name, account, OrderStore(keep), WaitingStore(keep), kept=keep)
        floor.members[name] = member
        floor.by_number.append(member)
        return account

    def account(self, name: str) -> MarginAccount:
        return self._floor.member(name).account

    def marks(self) -> dict[str, Decimal]:
        """The mark price of each instrument that has one."""
        return {name: mark for name, listing in self._floor.listings.items() if (mark := listing.mark)}

    def margin_state(self, name: str) -> MarginState:
        """An account's margins and balances at the present marks, its open orders counted."""
        member = self._floor.member(name)
        return member.account.state(self.marks(), member.open_orders)

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(self._floor.members)

    @property
    def insurance_fund(self) -> Decimal:
        return self._floor.insurance_fund

    def set_leverage(self, name: str, instrument: str, leverage: int) -> None:
        floor = self._floor
        account_changes.set_leverage(floor, floor.member(name), floor.listing(instrument), leverage)
        self._done()

    def set_margin_mode(self, name: str, instrument: str, mode: MarginMode) -> None:
        floor = self._floor
        account_changes.set_margin_mode(floor, floor.member(name), floor.listing(instrument), mode)
        self._done()

    def set_hedged(self, name: str, is_hedged: bool) -> None:
        account_changes.set_hedged(self._floor.member(name), is_hedged)
        self._done()

    def move_margin(self, name: str, instrument: str, position_side: PositionSide, amount: Decimal) -> None:
        """Move money into an isolated position's wallet, or out of it (amount below zero)."""
        floor = self._floor
        account_changes.move_margin(floor, floor.member(name), floor.listing(instrument), position_side, amount)
        self._done()

    def transfer(self, name: str, asset: str, amount: Decimal) -> None:
        """Pay in, or out (amount below zero)."""
        account_changes.transfer(self._floor, self._floor.member(name), asset, amount)
        self._done()

    # orders

    def submit(self, name: str, request: NewOrder) -> Order:
        """Place an order; the view is as it stands after matching."""
        order = submitting.submit(self._floor, self._floor.member(name), request)
        self._done()
        return order.view()

    def test(self, name: str, request: NewOrder) -> None:
        """Check as ``submit`` would, and do nothing."""
        floor = self._floor
        admission.admit(floor, floor.member(name), floor.listing(request.instrument), request)

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
        member = self._floor.member(name)
        listing = self._floor.listing(instrument)
        order = member.orders.find_open(listing.name, order_key)
        change = submitting.Change(quantity, price, is_reduce_only, modify_id)
        submitting.modify(self._floor, member, order, change)
        self._done()
        return order.view()

    def cancel(self, name: str, instrument: str, order_key: OrderKey) -> Order:
        order = submitting.cancel(self._floor, self._floor.member(name), instrument, order_key)
        self._done()
        return order.view()

    def cancel_all(self, name: str, instrument: str) -> list[Order]:
        orders = submitting.cancel_all(self._floor, self._floor.member(name), instrument)
        self._done()
        return [order.view() for order in orders]

    def submit_conditional(self, name: str, request: NewConditional) -> Conditional:
        waiting = conditionals.submit(self._floor, self._floor.member(name), request)
        self._done()
        return waiting.view()

    def cancel_conditional(self, name: str, key: OrderKey) -> Conditional:
        waiting = conditionals.cancel(self._floor, self._floor.member(name), key)
        self._done()
        return waiting.view()

    def cancel_all_conditional(self, name: str, instrument: str) -> list[Conditional]:
        floor = self._floor
        ended = conditionals.cancel_all(floor, floor.member(name), floor.listing(instrument))
        self._done()
        return [waiting.view() for waiting in ended]

    def set_countdown(self, name: str, instrument: str, duration_ns: int) -> None:
        """Cancel the instrument's open orders when the time is up, unless set again before; 0 stops it."""
        floor = self._floor
        account_changes.set_countdown(floor, floor.member(name), floor.listing(instrument), duration_ns)

    # what there is and was

    def find_order(self, name: str, instrument: str, order_key: OrderKey) -> Order:
        """By number, or by client id: the open order of that id, else the newest one."""
        return self._floor.member(name).orders.find(instrument, order_key).view()

    def open_orders(self, name: str, instrument: str | None = None) -> list[Order]:
        return [order.view() for order in self._floor.member(name).orders.open(instrument)]

    def orders(self, name: str, instrument: str | None = None) -> list[Order]:
        """Every order there ever was, in the order of their numbers."""
        return [order.view() for order in self._floor.member(name).orders.all(instrument)]

    def find_conditional(self, name: str, key: OrderKey) -> Conditional:
        return self._floor.member(name).waiting.find(key).view()

    def open_conditionals(self, name: str, instrument: str | None = None) -> list[Conditional]:
        return [waiting.view() for waiting in self._floor.member(name).waiting.open(instrument)]

    def conditionals(self, name: str, instrument: str | None = None) -> list[Conditional]:
        return [waiting.view() for waiting in self._floor.member(name).waiting.all(instrument)]

    def executions(self, name: str, instrument: str | None = None) -> list[Execution]:
        """Every fill of the account, oldest first."""
        member = self._floor.member(name)
        return list(member.executions if instrument is None else member.executions_by_instrument.get(instrument, ()))

    # faults on purpose

    def force_liquidation(self, name: str, instrument: str) -> None:
        """Liquidate the account's positions in the instrument whatever its margin says."""
        floor = self._floor
        liquidating.force(floor, floor.member(name), floor.listing(instrument))
        self._done()

    def deleverage(
        self, name: str, instrument: str, position_side: PositionSide, quantity: Decimal, price: Decimal
    ) -> None:
        """Close a part of a position as if it were chosen to cover another's liquidation."""
        floor = self._floor
        deleveraging.force(floor, floor.member(name), floor.listing(instrument), position_side, (quantity, price))
        self._done()
