"""What the venue remembers of an account beside its money: amendments, price match, mode switches."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from geobuk.matching.engine.orders import Order
from geobuk.matching.engine.reports import ExecutionType, OrderReport

KEPT_AMENDMENTS = 10_000
KEPT_MATCHES = 10_000


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of a resting order: before and after."""

    id: int
    order: Order
    price_before: Decimal | None
    quantity_before: Decimal
    at_ns: int
    modify_id: str
    number: int


@dataclass(slots=True)
class AccountNotes:
    """Notes by account. ``price_match`` is by order id; orders without one are not in it."""

    amendments: deque[Amendment] = field(default_factory=lambda: deque(maxlen=KEPT_AMENDMENTS))
    price_match: dict[int, str] = field(default_factory=dict)
    conditional_price_match: dict[int, str] = field(default_factory=dict)
    burns_fee_asset: bool = False
    is_multi_assets: bool = False
    _terms: dict[int, tuple[Decimal | None, Decimal]] = field(default_factory=dict)

    def remember_match(self, order_id: int, match: str, *, is_conditional: bool = False) -> None:
        """Keep how an order's price was matched; NONE forgets it."""
        matches = self.conditional_price_match if is_conditional else self.price_match
        if match == "NONE":
            matches.pop(order_id, None)
            return
        matches[order_id] = match
        if len(matches) > KEPT_MATCHES:
            del matches[next(iter(matches))]

    def record(self, report: OrderReport) -> None:
        """Keep what an amendment changed."""
        order = report.order
        if report.type is ExecutionType.AMENDMENT:
            price, quantity = self._terms.get(order.id, (order.price, order.quantity))
            number = self.amendments[-1].id + 1 if self.amendments else 1
            self.amendments.append(
                Amendment(number, order, price, quantity, report.at_ns, report.modify_id, order.changes)
            )
        if order.status.is_open:
            self._terms[order.id] = (order.price, order.quantity)
        else:
            self._terms.pop(order.id, None)
