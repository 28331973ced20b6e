"""What happens in the market beside our own orders, as rows of an array: the one input of every book.

Prices and quantities are whole numbers: price * 10**price_decimals, quantity * 10**quantity_decimals.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Happening(IntEnum):
    """What a row says.

    LEVEL: others' quantity at a price is now ``quantity`` (absolute; 0 removes it); ``side`` +1 bids, -1 asks.
    TRADE: a print of ``quantity`` at ``price``; ``side`` is the aggressor's (+1 bought the asks); ``id`` its number.
    MARK, INDEX: the price is now ``price``. RATE: the funding rate to come is ``price`` * 1e-8 (signed).
    CLEAR: others' quantities on both sides are gone; a snapshot of LEVEL rows follows.
    """

    LEVEL = 0
    TRADE = 1
    MARK = 2
    INDEX = 3
    RATE = 4
    CLEAR = 5


MARKET_EVENT = np.dtype(
    [("at_ns", "i8"), ("price", "i8"), ("quantity", "i8"), ("id", "i8"), ("kind", "i1"), ("side", "i1")], align=True
)

MarketArray = NDArray[np.void]
"""(K,) rows of MARKET_EVENT in the order they happened; ``at_ns`` never falls."""
