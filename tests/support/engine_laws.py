"""What must hold in a matching engine whatever happens, checked from its reports and against its book."""

from decimal import Decimal

from geobuk.domain.order import OrderType, PositionSide, Side
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import Execution, Order, Status
from geobuk.matching.engine.reports import AccountReason, AccountReport, ExecutionType, OrderReport, Report

D = Decimal
Leg = tuple[str, str, str]

REACHABLE = {
    None: {Status.NEW},
    Status.NEW: set(Status),
    Status.PARTIALLY_FILLED: set(Status) - {Status.NEW},
}
"""From which status an order may come to which; nothing comes after an end."""
NO_FILL = {ExecutionType.NEW, ExecutionType.CANCELED, ExecutionType.EXPIRED, ExecutionType.AMENDMENT}


def is_closing(order: Order) -> bool:
    """Reduce-only, or on a hedge leg's other side."""
    other = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}.get(order.position_side)
    return order.is_reduce_only or order.side is other


class Witness:
    """A listener that folds every report as it comes and keeps what it found wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.reports = 0
        self.positions: dict[Leg, Decimal] = {}
        self.money: dict[str, Decimal] = {}
        self.orders: dict[int, Order] = {}
        self.queue: dict[int, tuple[int, Order]] = {}
        self.takers: dict[tuple[str, int], str] = {}
        self.trade_ids: dict[str, int] = {}

    def __call__(self, report: Report) -> None:
        self.reports += 1
        if isinstance(report, OrderReport):
            self._order(report)
        elif isinstance(report, AccountReport) and report.reason is not AccountReason.ORDER:
            for balance in report.balances:
                self.money[report.account] = self.money.get(report.account, D(0)) + balance.change

    def _order(self, report: OrderReport) -> None:
        order = report.order
        before = self.orders.get(order.id)
        status = None if before is None else before.status
        self._expect(order.status in REACHABLE.get(status, set()), f"{order.id} went from {status} to {order.status}")
        self._expect(order.filled <= order.quantity, f"{order.id} filled {order.filled} of {order.quantity}")
        self._expect((report.execution is None) is (report.type in NO_FILL), f"{report.type} with a fill, or without")
        if report.type is ExecutionType.NEW or (report.type is ExecutionType.AMENDMENT and order.status.is_open):
            self._enqueue(order)
        if report.execution is not None:
            self._fill(order, report.execution)
        if before is not None:
            gained = report.execution.quantity if report.execution is not None else D(0)
            self._expect(order.filled == before.filled + gained, f"{order.id} filled more than its fills")
        self.orders[order.id] = order
        if order.status.is_open and order.id in self.queue:
            self.queue[order.id] = (self.queue[order.id][0], order)
        elif not order.status.is_open:
            self.queue.pop(order.id, None)

    def _enqueue(self, order: Order) -> None:
        self.queue.pop(order.id, None)
        if order.type is OrderType.LIMIT and not is_closing(order):
            self.queue[order.id] = (self.reports, order)

    def _fill(self, order: Order, fill: Execution) -> None:
        key = (fill.instrument, fill.trade_id)
        if fill.is_maker:
            self._expect_first(order, fill, self.takers.get(key, ""))
        else:
            self.takers[key] = fill.account
        leg = (fill.account, fill.instrument, fill.position_side)
        held = self.positions.get(leg, D(0))
        now = held + fill.side * fill.quantity
        if is_closing(order):
            self._expect(held * now >= 0 and abs(now) < abs(held), f"reduce-only {order.id} went from {held} to {now}")
        self.positions[leg] = now
        paid = fill.fee if fill.fee_currency == "USDT" else D(0)
        self.money[fill.account] = self.money.get(fill.account, D(0)) + fill.realized - paid

    def _expect_first(self, order: Order, fill: Execution, taker: str) -> None:
        """No order of ours that was better, or as good and earlier, was passed over."""
        place = self.queue.get(order.id, (0, order))[0]
        for number, (since, other) in self.queue.items():
            if number == order.id or other.instrument != order.instrument or other.side is not order.side:
                continue
            if other.account == taker or other.price is None or order.price is None:
                continue
            gap = (other.price - order.price) * order.side
            is_before = gap > 0 or (gap == 0 and since < place and not is_closing(order))
            self._expect(not is_before, f"{fill.price}: {order.id} was filled before {number}")

    def _expect(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


def check(engine: MatchingEngine, witness: Witness, deposits: Decimal) -> None:
    """Every law at once."""
    assert witness.faults == []
    for name in engine.accounts:
        account = engine.account(name)
        assert account.wallet() == deposits + witness.money.get(name, D(0))
        assert account.wallet() == sum((entry.amount for entry in account.ledger if entry.asset == "USDT"), D(0))
        for holding in account.holdings():
            key = (name, holding.instrument, holding.position_side)
            assert holding.quantity == witness.positions.get(key, D(0))
        held = {(h.instrument, h.position_side) for h in account.holdings()}
        folded = {leg[1:] for leg, quantity in witness.positions.items() if leg[0] == name and quantity}
        assert held == folded
    _check_book(engine)


def _check_book(engine: MatchingEngine) -> None:
    floor = engine._floor
    for listing in floor.listings.values():
        book, own = listing.book, {}
        (bid, _), (ask, _) = book.best(1), book.best(-1)
        assert not bid or not ask or bid < ask
        expected: dict[object, Decimal] = {}
        for member in floor.members.values():
            room: dict[object, int] = {}
            for order in member.orders.open(listing.name):
                assert listing.resting[order.slot] is order
                assert book.remaining(order.slot) == order.resting
                assert 0 < order.resting <= order.left
                assert order.is_closing or order.resting == order.left
                own[order.slot] = order
                if order.is_closing:
                    leg = (order.position_side, order.side)
                    room[leg] = room.get(leg, 0) + order.resting
                else:
                    key = (member.name, order.position_side, order.side)
                    amount = listing.scale.notional(order.price * order.left)
                    expected[key] = expected.get(key, D(0)) + amount
            for (position_side, side), resting in room.items():
                held = member.account.position(listing.name, position_side).quantity
                assert resting <= -side * (listing.scale.quantity_units(held) or 0)
            for (name, position_side), (bids, asks) in member.open_orders.items():
                if name == listing.name:
                    assert bids == expected.pop((member.name, position_side, 1), D(0))
                    assert asks == expected.pop((member.name, position_side, -1), D(0))
        assert not expected
        assert own == listing.resting
        assert all(book.quantity_at(o.side, o.price) >= o.resting for o in own.values())


def picture(engine: MatchingEngine) -> tuple[object, ...]:
    """All that a refused request must leave as it was."""
    accounts = tuple(
        (
            tuple(engine.orders(name)),
            tuple(engine.conditionals(name)),
            len(engine.account(name).ledger),
            engine.account(name).holdings(),
            dict(engine._floor.members[name].open_orders),
        )
        for name in engine.accounts
    )
    books = tuple(
        (engine.depth(name, 1000), engine._floor.listings[name].lines.nearest()) for name in engine.instruments
    )
    return accounts, books, engine.at_ns, engine.insurance_fund
