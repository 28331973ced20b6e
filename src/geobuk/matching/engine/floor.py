"""The engine's whole state in one place, and how a change of it is told. What happens on it is in the other files."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from geobuk.domain.order import PositionSide, Side
from geobuk.matching.engine.client_ids import ClientIds
from geobuk.matching.engine.deadlines import Deadlines
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.live_order import LiveOrder
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.orders import Cause, Execution
from geobuk.matching.engine.outbox import Outbox
from geobuk.matching.engine.reports import AccountReason, AccountReport, ExecutionType, OrderReport, Report, TradeReport
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.refusals import Refusal, RefusedError

ZERO = Decimal(0)


class Floor:
    """``marks`` follows the books. ``changed`` are legs' (member, listing) whose orders must be brought in line with
    their position; ``moved`` are listings whose prices may have reached a trigger. ``forced`` counts the venue's own
    orders.
    """

    def __init__(
        self, rules: Sequence[MarketRules], spec: EngineSpec, at_ns: int, listener: Callable[[Report], None]
    ) -> None:
        self.spec = spec
        self.at_ns = at_ns
        self.outbox = Outbox(listener)
        self.reports_trades = False
        self.rules: dict[str, MarketRules] = {}
        self.listings: dict[str, Listing] = {}
        self.marks: dict[str, Decimal] = {}
        self.members: dict[str, Member] = {}
        self.by_number: list[Member | None] = [None]
        self.deadlines = Deadlines()
        self.client_ids = ClientIds(spec.seed)
        self.insurance_fund = spec.insurance_fund
        self.next_order_id = spec.first_order_id
        self.next_conditional_id = spec.first_conditional_id
        self.forced = dict.fromkeys(Cause, 0)
        self.countdown_token = 0
        self.changed: dict[tuple[Member, Listing], None] = {}
        self.moved: dict[Listing, None] = {}
        self.is_following = False
        for one in rules:
            self.list_instrument(one)

    # finding

    def list_instrument(self, rules: MarketRules) -> Listing:
        listing = Listing(rules, self.spec.queue_model, self.spec.first_trade_id, self.at_ns)
        self.rules[rules.name] = rules
        self.listings[rules.name] = listing
        return listing

    def listing(self, instrument: str) -> Listing:
        """Raises RefusedError UNKNOWN_INSTRUMENT."""
        found = self.listings.get(instrument)
        if found is None:
            raise RefusedError(Refusal.UNKNOWN_INSTRUMENT, f"there is no instrument {instrument}", value=instrument)
        return found

    def member(self, name: str) -> Member:
        """Raises RefusedError UNKNOWN_ACCOUNT."""
        found = self.members.get(name)
        if found is None:
            raise RefusedError(Refusal.UNKNOWN_ACCOUNT, f"there is no account {name}: open it first", value=name)
        return found

    def owner(self, number: int) -> Member:
        found = self.by_number[number]
        assert found is not None
        return found

    def refresh_mark(self, listing: Listing) -> bool:
        """Bring the mark that margins are reckoned with up to the book's; whether it changed."""
        mark = listing.mark
        if not mark or self.marks.get(listing.name) is mark:
            return False
        self.marks[listing.name] = mark
        return True

    # telling

    def tell_order(self, order: LiveOrder, what: ExecutionType, modify_id: str = "") -> None:
        self.outbox.put(OrderReport(self.at_ns, order.member.name, what, order.view(), None, modify_id))

    def tell_execution(self, order: LiveOrder, what: ExecutionType, execution: Execution) -> None:
        self.outbox.put(OrderReport(self.at_ns, order.member.name, what, order.view(), execution))

    def tell_account(
        self,
        member: Member,
        reason: AccountReason,
        changes: dict[str, Decimal],
        legs: Sequence[tuple[str, PositionSide]] = (),
        instrument: str = "",
    ) -> None:
        """Report wallets (with the part that neither profit nor fee explains) and legs."""
        account = member.account
        balances = tuple(account.balance(asset, change) for asset, change in changes.items())
        holdings = tuple(account.holding(name, side, self.marks) for name, side in legs)
        self.outbox.put(AccountReport(self.at_ns, member.name, reason, balances, holdings, instrument))
        member.version += 1

    def number_print(self, listing: Listing, price: int, quantity: int, aggressor: int) -> int:
        """The next trade id of an instrument; the print is reported if prints are."""
        trade_id = listing.next_trade_id
        listing.next_trade_id = trade_id + 1
        if self.reports_trades:
            scale = listing.scale
            self.outbox.put(
                TradeReport(
                    self.at_ns, listing.name, trade_id, scale.price(price), scale.quantity(quantity), Side(aggressor)
                )
            )
        return trade_id
