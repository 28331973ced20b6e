"""Market rows made on purpose, and what others have in a book beside our accounts."""

from decimal import Decimal

import numpy as np

from geobuk.domain.order import Side
from geobuk.emulators.binance.exchange import Exchange
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.engine.views import Level
from geobuk.matching.market_rules import MarketRules

Row = tuple[Happening, int, Decimal, Decimal]
"""What, the side (+1, -1, 0), price and quantity."""

DEEPEST = 5_000


def rows_of(rules: MarketRules, at_ns: int, rows: list[Row]) -> MarketArray:
    """Rows as an engine takes them, all at one moment."""
    price, quantity = 10**rules.price_decimals, 10**rules.quantity_decimals
    return np.array(
        [(at_ns, int(at * price), int(amount * quantity), 0, kind, side) for kind, side, at, amount in rows],
        dtype=MARKET_EVENT,
    )


def apply_rows(exchange: Exchange, instrument: str, rows: list[Row]) -> None:
    """Let rows happen now."""
    if rows:
        engine = exchange.engine
        engine.apply(instrument, rows_of(engine.rules(instrument), engine.at_ns, rows))


def others_levels(exchange: Exchange, instrument: str) -> tuple[list[Level], list[Level]]:
    """Bids and asks without what our accounts have resting there."""
    engine = exchange.engine
    own: dict[tuple[Side, Decimal], Decimal] = {}
    for account in engine.accounts:
        for order in engine.open_orders(account, instrument):
            if order.price is not None:
                key = (order.side, order.price)
                own[key] = own.get(key, Decimal(0)) + order.quantity - order.filled
    depth = engine.depth(instrument, DEEPEST)
    bids = [(at, amount - own.get((Side.BUY, at), Decimal(0))) for at, amount in depth.bids]
    asks = [(at, amount - own.get((Side.SELL, at), Decimal(0))) for at, amount in depth.asks]
    return [one for one in bids if one[1] > 0], [one for one in asks if one[1] > 0]
