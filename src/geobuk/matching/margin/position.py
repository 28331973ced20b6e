"""One position leg as the fold of its executions; its cost is kept exactly, so profits add up to the last digit."""

from decimal import Decimal
from typing import NamedTuple

from geobuk.domain.order import PositionSide
from geobuk.matching.margin.money import ZERO, rounded


class Change(NamedTuple):
    """What one execution did: quantities >= 0; ``share`` is the part of what was held that it closed, 0 to 1."""

    realized: Decimal
    closed: Decimal
    opened: Decimal
    share: Decimal


class Position:
    """A leg. ``quantity`` is signed (short below zero), and so is ``cost``, the notional paid for what is held.

    Closing releases a pro-rata part of the cost such that the realised profit has 8 decimals; the rest stays, and the
    last close releases all. ``entry_price`` is the weighted average and does not move on a reduction. ``charges`` are
    the fees by rate of what is held, for the break-even price. ``realized`` is the running sum before fees.
    """

    __slots__ = (
        "charges",
        "cost",
        "entry_price",
        "instrument",
        "isolated_wallet",
        "position_side",
        "quantity",
        "realized",
        "updated_ns",
    )

    def __init__(self, instrument: str, position_side: PositionSide) -> None:
        self.instrument = instrument
        self.position_side = position_side
        self.quantity = ZERO
        self.cost = ZERO
        self.charges = ZERO
        self.entry_price = ZERO
        self.realized = ZERO
        self.isolated_wallet = ZERO
        self.updated_ns = 0

    @property
    def is_flat(self) -> bool:
        return not self.quantity

    @property
    def break_even_price(self) -> Decimal:
        """Where closing at a fee of 0 would give back the fees of opening; 0 when flat."""
        return rounded((self.cost + self.charges) / self.quantity) if self.quantity else ZERO

    def unrealized(self, mark: Decimal) -> Decimal:
        """Profit at a mark, before fees, exact."""
        return self.quantity * mark - self.cost

    def execute(self, quantity: Decimal, price: Decimal, fee_rate: Decimal) -> Change:
        """Fold one execution in; ``quantity`` is signed. Past flat it turns, and the rest is a new position."""
        held = self.quantity
        if not held or (held > 0) is (quantity > 0):
            self._open(quantity, price, fee_rate)
            return Change(ZERO, ZERO, abs(quantity), ZERO)
        if abs(quantity) < abs(held):
            share = -quantity / held
            return Change(self._reduce(quantity, price, share), abs(quantity), ZERO, share)
        realized = self._close(price)
        rest = held + quantity
        if rest:
            self._open(rest, price, fee_rate)
        return Change(realized, abs(held), abs(rest), Decimal(1))

    def _open(self, quantity: Decimal, price: Decimal, fee_rate: Decimal) -> None:
        notional = quantity * price
        self.quantity += quantity
        self.cost += notional
        self.charges += abs(notional) * fee_rate
        self.entry_price = rounded(self.cost / self.quantity)

    def _reduce(self, quantity: Decimal, price: Decimal, share: Decimal) -> Decimal:
        proceeds = -quantity * price
        realized = rounded(proceeds - self.cost * -quantity / self.quantity)
        self.cost -= proceeds - realized
        self.charges -= self.charges * share
        self.quantity += quantity
        self.realized += realized
        return realized

    def _close(self, price: Decimal) -> Decimal:
        realized = rounded(self.quantity * price - self.cost)
        self.quantity = self.cost = self.charges = self.entry_price = ZERO
        self.realized += realized
        return realized
