"""An account as it stands now: marks, open-order notionals, margins, for the formats to show."""

from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.order import PositionSide, Side
from geobuk.emulators.binance.exchange import Exchange
from geobuk.matching.margin.account import MarginAccount
from geobuk.matching.margin.requirements import LegKey, LegMargin, MarginState, OpenOrders

ZERO = Decimal(0)


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
        return (PositionSide.LONG, PositionSide.SHORT) if self.account.hedge_mode else (PositionSide.BOTH,)


def account_view(exchange: Exchange, name: str) -> AccountView:
    """The account at the present marks."""
    engine = exchange.engine
    account = engine.account(name)
    marks = {one: mark for one in exchange.instruments if (mark := engine.mark_price(one)) is not None}
    notionals: dict[LegKey, OpenOrders] = {}
    keys: set[LegKey] = set()
    for order in engine.open_orders(name):
        key = (order.instrument, order.position_side)
        keys.add(key)
        if order.is_reduce_only or order.price is None:
            continue
        bid, ask = notionals.get(key, OpenOrders())
        worth = order.price * (order.quantity - order.filled)
        notionals[key] = OpenOrders(bid + worth, ask) if order.side is Side.BUY else OpenOrders(bid, ask + worth)
    return AccountView(account, marks, account.state(marks, notionals), frozenset(keys))
