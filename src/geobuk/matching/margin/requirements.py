"""What positions and open orders ask of an account: initial and maintenance margin, and what is left.

Source: the venue's account fields; the open-order margin is max(|N + B|, |N - A|) / leverage less the position's own.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from geobuk.domain.order import PositionSide
from geobuk.matching.margin.brackets import Brackets
from geobuk.matching.margin.money import ZERO, rounded
from geobuk.matching.margin.position import Position

LegKey = tuple[str, PositionSide]
"""An instrument and a leg: BOTH in one-way mode."""


class OpenOrders(NamedTuple):
    """Notional (price * what is left) of a leg's open orders by side, reduce-only ones left out; both >= 0."""

    bid: Decimal = ZERO
    ask: Decimal = ZERO


NO_ORDERS = OpenOrders()


class LegTerms(NamedTuple):
    """What the margin of a leg is reckoned with."""

    leverage: int
    is_isolated: bool
    brackets: Brackets


class LegMargin(NamedTuple):
    """One leg at a mark, margin asset. ``notional`` is signed; ``isolated_margin`` is wallet plus unrealised profit."""

    instrument: str
    position_side: PositionSide
    quantity: Decimal
    mark: Decimal
    notional: Decimal
    unrealized: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    maintenance_margin: Decimal
    leverage: int
    is_isolated: bool
    isolated_wallet: Decimal
    bid_notional: Decimal
    ask_notional: Decimal

    @property
    def initial_margin(self) -> Decimal:
        return self.position_initial_margin + self.open_order_initial_margin

    @property
    def isolated_margin(self) -> Decimal:
        return self.isolated_wallet + self.unrealized if self.is_isolated else ZERO

    @property
    def ratio(self) -> Decimal:
        """Maintenance over margin of an isolated leg: liquidated from 1 on; 0 on cross, where the account's counts."""
        return margin_ratio(self.maintenance_margin, self.isolated_margin) if self.is_isolated else ZERO


class MarginState(NamedTuple):
    """An account at its marks, margin asset. Names without ``cross`` count cross and isolated legs together.

    ``spare`` is the available balance before it is cut at 0; ``ratio`` is the cross account's, liquidated from 1 on.
    """

    wallet: Decimal
    cross_wallet: Decimal
    unrealized: Decimal
    cross_unrealized: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    maintenance_margin: Decimal
    cross_maintenance_margin: Decimal
    spare: Decimal
    max_withdraw: Decimal
    legs: tuple[LegMargin, ...]

    @property
    def initial_margin(self) -> Decimal:
        return self.position_initial_margin + self.open_order_initial_margin

    @property
    def margin_balance(self) -> Decimal:
        return self.wallet + self.unrealized

    @property
    def cross_margin_balance(self) -> Decimal:
        return self.cross_wallet + self.cross_unrealized

    @property
    def available(self) -> Decimal:
        return max(ZERO, self.spare)

    @property
    def ratio(self) -> Decimal:
        return margin_ratio(self.cross_maintenance_margin, self.cross_margin_balance)

    def leg(self, instrument: str, position_side: PositionSide = PositionSide.BOTH) -> LegMargin | None:
        """A leg that has a position or orders, else None."""
        return next(
            (leg for leg in self.legs if (leg.instrument, leg.position_side) == (instrument, position_side)), None
        )


def margin_ratio(maintenance: Decimal, balance: Decimal) -> Decimal:
    """0 where nothing is held, infinite where nothing is left."""
    if maintenance <= 0:
        return ZERO
    return maintenance / balance if balance > 0 else Decimal("Infinity")


def order_margin(notional: Decimal, orders: OpenOrders, leverage: int) -> Decimal:
    """Margin of a leg's open orders beyond that of its position (signed notional at the mark)."""
    widest = max(abs(notional + orders.bid), abs(notional - orders.ask))
    return rounded(max(ZERO, widest - abs(notional)) / leverage)


def leg_margin(position: Position, mark: Decimal, terms: LegTerms, orders: OpenOrders) -> LegMargin:
    """The margin of one leg at a mark."""
    notional = position.quantity * mark
    size = abs(notional)
    return LegMargin(
        instrument=position.instrument,
        position_side=position.position_side,
        quantity=position.quantity,
        mark=mark,
        notional=notional,
        unrealized=rounded(position.unrealized(mark)),
        position_initial_margin=rounded(size / terms.leverage),
        open_order_initial_margin=ZERO if orders is NO_ORDERS else order_margin(notional, orders, terms.leverage),
        maintenance_margin=rounded(terms.brackets.maintenance(size)),
        leverage=terms.leverage,
        is_isolated=terms.is_isolated,
        isolated_wallet=position.isolated_wallet,
        bid_notional=orders.bid,
        ask_notional=orders.ask,
    )


def account_state(wallet: Decimal, cross_wallet: Decimal, legs: Iterable[LegMargin]) -> MarginState:
    """Add the legs up. Unrealised profit may be traded with, but not taken out."""
    rows = tuple(legs)
    unrealized = margin = maintenance = open_orders = ZERO
    cross_unrealized = cross_margin = cross_maintenance = ZERO
    for leg in rows:
        unrealized += leg.unrealized
        margin += leg.position_initial_margin
        maintenance += leg.maintenance_margin
        open_orders += leg.open_order_initial_margin
        if not leg.is_isolated:
            cross_unrealized += leg.unrealized
            cross_margin += leg.position_initial_margin
            cross_maintenance += leg.maintenance_margin
    left = cross_wallet - cross_margin - open_orders
    return MarginState(
        wallet=wallet,
        cross_wallet=cross_wallet,
        unrealized=unrealized,
        cross_unrealized=cross_unrealized,
        position_initial_margin=margin,
        open_order_initial_margin=open_orders,
        maintenance_margin=maintenance,
        cross_maintenance_margin=cross_maintenance,
        spare=left + cross_unrealized,
        max_withdraw=max(ZERO, left + min(ZERO, cross_unrealized)),
        legs=rows,
    )
