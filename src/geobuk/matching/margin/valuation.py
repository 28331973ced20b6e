"""An account at its marks: margins, what is left, and the prices that would end a position. Changes nothing."""

from collections.abc import Mapping
from decimal import Decimal

from geobuk.matching.margin.liquidation import Leg, bankruptcy_price, liquidation_price
from geobuk.matching.margin.money import ZERO
from geobuk.matching.margin.position import Position
from geobuk.matching.margin.requirements import (
    NO_ORDERS,
    LegKey,
    LegMargin,
    MarginState,
    OpenOrders,
    account_state,
    leg_margin,
)
from geobuk.matching.margin.settings import Settings
from geobuk.matching.margin.wallets import Wallets

Marks = Mapping[str, Decimal]
"""Mark price by instrument. Where one is not known (missing or 0) the position's entry price stands in for it."""
Orders = Mapping[LegKey, OpenOrders]
"""Open orders by (instrument, leg), reduce-only ones left out."""
NO_MARKS: Marks = {}
NO_OPEN_ORDERS: Orders = {}


def mark_of(position: Position, marks: Marks) -> Decimal:
    """The mark, or the entry price where it is not known."""
    return marks.get(position.instrument) or position.entry_price


class Valuation:
    """Reads an account's wallets and settings."""

    __slots__ = ("_settings", "_wallets")

    def __init__(self, wallets: Wallets, settings: Settings) -> None:
        self._wallets = wallets
        self._settings = settings

    def leg(self, position: Position, marks: Marks, orders: OpenOrders = NO_ORDERS) -> LegMargin:
        return leg_margin(position, mark_of(position, marks), self._settings.terms(position.instrument), orders)

    def state(self, marks: Marks, orders: Orders) -> MarginState:
        """Of all legs with a position or open orders."""
        positions = self._wallets.positions
        legs = [
            self.leg(position, marks, orders.get(key, NO_ORDERS) if orders else NO_ORDERS)
            for key, position in positions.items()
            if position.quantity or any(orders.get(key, NO_ORDERS))
        ]
        legs += [
            self.leg(Position(*key), marks, asked)
            for key, asked in orders.items()
            if key not in positions and any(asked)
        ]
        return account_state(self._wallets.wallet, self._wallets.cross, legs)

    def liquidatable(self, marks: Marks) -> list[LegKey]:
        """Isolated legs at a ratio of 1 or more, and all cross legs where the account's ratio is."""
        state = self.state(marks, NO_OPEN_ORDERS)
        is_cross_lost = state.ratio >= 1
        return [
            (leg.instrument, leg.position_side)
            for leg in state.legs
            if (leg.ratio >= 1 if leg.is_isolated else is_cross_lost)
        ]

    def liquidation_price(self, position: Position, marks: Marks) -> Decimal:
        """Of a leg; on cross of all legs of its instrument together."""
        if not position.quantity:
            return ZERO
        terms = self._settings.terms(position.instrument)
        near = mark_of(position, marks)
        if terms.is_isolated:
            own = Leg(position.quantity, position.cost, terms.brackets)
            return liquidation_price((own,), position.isolated_wallet, near)
        margin = self._wallets.cross
        legs = []
        for other in self._cross_positions():
            if other.instrument == position.instrument:
                legs.append(Leg(other.quantity, other.cost, terms.brackets))
            else:
                margin += self._spare(other, marks)
        return liquidation_price(legs, margin, near)

    def bankruptcy_price(self, position: Position, marks: Marks) -> Decimal:
        """Of a leg; on cross with the unrealised profit of all other cross legs."""
        terms = self._settings.terms(position.instrument)
        margin = position.isolated_wallet
        if not terms.is_isolated:
            others = [other for other in self._cross_positions() if other is not position]
            margin = self._wallets.cross + sum((p.unrealized(mark_of(p, marks)) for p in others), ZERO)
        return bankruptcy_price(Leg(position.quantity, position.cost, terms.brackets), margin)

    def _cross_positions(self) -> list[Position]:
        terms = self._settings.terms
        return [p for p in self._wallets.positions.values() if p.quantity and not terms(p.instrument).is_isolated]

    def _spare(self, position: Position, marks: Marks) -> Decimal:
        """Unrealised profit less maintenance."""
        mark = mark_of(position, marks)
        brackets = self._settings.terms(position.instrument).brackets
        return position.unrealized(mark) - brackets.maintenance(abs(position.quantity) * mark)
