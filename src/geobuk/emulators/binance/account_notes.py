"""What the venue remembers of an account beside its money: amendments, price match, mode switches."""

from dataclasses import dataclass, field
from decimal import Decimal

from geobuk.matching.engine.orders import Order
from geobuk.matching.engine.reports import ExecutionType, OrderReport


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

    amendments: list[Amendment] = field(default_factory=list)
    price_match: dict[int, str] = field(default_factory=dict)
    conditional_price_match: dict[int, str] = field(default_factory=dict)
    burns_fee_asset: bool = False
    is_multi_assets: bool = False
    _terms: dict[int, tuple[Decimal | None, Decimal]] = field(default_factory=dict)

    def record(self, report: OrderReport) -> None:
        """Keep what an amendment changed."""
        order = report.order
        if report.type is ExecutionType.AMENDMENT:
            price, quantity = self._terms.get(order.id, (order.price, order.quantity))
            number = len(self.amendments) + 1
            self.amendments.append(
                Amendment(number, order, price, quantity, report.at_ns, report.modify_id, order.changes)
            )
        if order.status.is_open:
            self._terms[order.id] = (order.price, order.quantity)
        else:
            self._terms.pop(order.id, None)
