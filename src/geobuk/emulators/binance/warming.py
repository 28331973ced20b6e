"""Compiles the engine's kernels before the first client comes, so that no request waits for a compiler."""

from decimal import Decimal
from functools import cache

import numpy as np

from geobuk.domain.order import OrderType, Side, TimeInForce
from geobuk.matching.book.market_event import MARKET_EVENT, Happening
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import NewOrder
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.spec import AccountSpec
from geobuk.matching.markets.rules import starting_rules

_NAME = "BTCUSDT"
_NOBODY = "nobody"


@cache
def warm_kernels() -> None:
    """Once a process: orders rest, take, end, shrink and must fill, a print passes; all in an engine thrown away."""
    engine = MatchingEngine(starting_rules((_NAME,)), EngineSpec(), at_ns=0, listener=lambda _: None)
    engine.open_account(_NOBODY, {"USDT": Decimal(1_000_000)}, AccountSpec())
    price, quantity = 8_400_000, 5_000
    rows = [
        (0, 0, 0, 0, Happening.CLEAR, 0),
        (0, price - 10, quantity, 0, Happening.LEVEL, 1),
        (0, price + 10, quantity, 0, Happening.LEVEL, -1),
        (0, price, 0, 0, Happening.INDEX, 0),
        (0, price, 0, 0, Happening.MARK, 0),
        (0, price + 10, 10, 1, Happening.TRADE, 1),
    ]
    engine.apply(_NAME, np.array(rows, dtype=MARKET_EVENT))
    amount = Decimal("0.010")
    resting = engine.submit(_NOBODY, NewOrder(_NAME, Side.BUY, OrderType.LIMIT, amount, Decimal("83999.90")))
    engine.submit(_NOBODY, NewOrder(_NAME, Side.BUY, OrderType.MARKET, amount))
    engine.cancel(_NOBODY, _NAME, resting.id)
    price_above = Decimal("84000.10")
    fok = NewOrder(_NAME, Side.BUY, OrderType.LIMIT, amount, price_above, time_in_force=TimeInForce.FOK)
    engine.submit(_NOBODY, fok)
    engine.submit(_NOBODY, NewOrder(_NAME, Side.SELL, OrderType.LIMIT, 2 * amount, price_above, is_reduce_only=True))
    engine.submit(_NOBODY, NewOrder(_NAME, Side.SELL, OrderType.MARKET, amount))
    engine.apply(_NAME, np.array([(1, price - 10, 10, 2, Happening.TRADE, -1)], dtype=MARKET_EVENT))
    engine.depth(_NAME, 5)
    engine.drain_changes(_NAME)
    engine.advance(2)
