"""The levels of one generated book, and the rows that tell of their changes. Side 0 is bids, 1 asks; best first."""

from math import cos, exp, log, pi, sqrt
from typing import Any

import numpy as np

from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.markets.generator.state import DEEPEST
from geobuk.ops.compiled import kernel, step

_LEVEL = int(Happening.LEVEL)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@step
def mixed(counter: np.uint64) -> float:
    """A number in [0, 1) from a counter. Source: Steele, Lea, Flood 2014, SplitMix64."""
    z = counter
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    z = z ^ (z >> _31)
    return float(z >> _11) * (1.0 / 9007199254740992.0)


@step
def chance(state: Any) -> float:
    """The next number of the instrument's own stream, in [0, 1)."""
    state.own = state.own + _GOLDEN
    return mixed(state.own)


@step
def common_chance(state: Any) -> float:
    """The next number of the stream that all instruments share."""
    state.common = state.common + _GOLDEN
    return mixed(state.common)


@step
def bell(first: float, second: float) -> float:
    """A standard normal number from two even ones. Source: Box, Muller 1958."""
    return sqrt(-2.0 * log(1.0 - first)) * cos(2.0 * pi * second)


@step
def waited(state: Any, mean: float) -> int:
    """A whole number from 0 on, falling off with the given mean."""
    return int(-log(1.0 - chance(state)) * mean)


@step
def level_quantity(flow: Any, state: Any) -> int:
    """What rests at a fresh level: log-normal about the usual depth, whole steps."""
    size = flow.depth * exp(0.9 * bell(chance(state), chance(state)) - 0.4)
    return max(1, int(size / flow.step)) * flow.step


@step
def write(rows: MarketArray, cursor: Numbers, what: int, side: int, price: int, quantity: int, trade_id: int) -> None:
    """Add a row. ``cursor``: rows written, and the number of the action, which becomes a time when the slot ends."""
    row: Any = rows[cursor[0]]
    row.at_ns = cursor[1]
    row.price = price
    row.quantity = quantity
    row.id = trade_id
    row.kind = what
    row.side = side
    cursor[0] += 1


@kernel
def place(
    rows: MarketArray,
    cursor: Numbers,
    prices: Numbers,
    quantities: Numbers,
    counts: Numbers,
    side: int,
    price: int,
    quantity: int,
) -> None:
    """Set a level's quantity (0 removes it) and tell of it. The worst level makes room where the book is full."""
    sign = 1 - 2 * side
    count = counts[side]
    at = 0
    while at < count and sign * (prices[side, at] - price) > 0:
        at += 1
    is_there = at < count and prices[side, at] == price
    if is_there and quantity > 0:
        quantities[side, at] = quantity
    elif is_there:
        for k in range(at, count - 1):
            prices[side, k] = prices[side, k + 1]
            quantities[side, k] = quantities[side, k + 1]
        counts[side] = count - 1
    elif quantity > 0 and at < DEEPEST:
        if count == DEEPEST:
            count -= 1
            write(rows, cursor, _LEVEL, sign, prices[side, count], 0, 0)
        for k in range(count, at, -1):
            prices[side, k] = prices[side, k - 1]
            quantities[side, k] = quantities[side, k - 1]
        prices[side, at] = price
        quantities[side, at] = quantity
        counts[side] = count + 1
    else:
        return
    write(rows, cursor, _LEVEL, sign, price, quantity, 0)
