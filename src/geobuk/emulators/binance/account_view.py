"""An account as it stands now: marks, open-order notionals, margins, for the formats to show."""

from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.order import PositionSide
from geobuk.emulators.binance.exchange import Exchange
from geobuk.matching.margin.account import MarginAccount
from geobuk.matching.margin.requirements import LegKey, LegMargin, MarginState


@dataclass(frozen=True, slots=True)
class AccountView:
    """What an account's pages are made of. ``legs`` are those with a position or open orders."""

    account: MarginAccount
    marks: dict[str, Decimal]
    state: MarginState
    has_orders: frozenset[LegKey]

    def leg(self, instrument: str, side: PositionSide) -> LegMargin | None:
        return self.state.leg(instrument, side)

    def sides(self) -> tuple[PositionSide, ...]:
        """The legs an instrument has in the account's mode."""
        return (PositionSide.LONG, PositionSide.SHORT) if self.account.is_hedged else (PositionSide.BOTH,)


def account_view(exchange: Exchange, name: str) -> AccountView:
    """The account at the present marks."""
    engine = exchange.engine
    asking = frozenset((order.instrument, order.position_side) for order in engine.open_orders(name))
    return AccountView(engine.account(name), engine.marks(), engine.margin_state(name), asking)
