"""The compiled heart of a local order book: reads a depth message from its bytes and applies it to sorted levels.

A ladder holds one side in ascending order of goodness: prices as whole numbers, asks negated, the best level last, so
that what changes most moves least. A message is read whole before anything is applied.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geobuk.ops.compiled import borrowed, kernel, step, unsigned

# Places in the state of a book.
LAST_ID, IS_FIRST, BIDS, ASKS, EVENT_MS, TRADE_MS, PRICE_DECIMALS, QUANTITY_DECIMALS = range(8)
# Places for what a message says of itself.
U_FIRST, U_LAST, U_PREVIOUS, READ_BIDS, READ_ASKS, LEVELS = range(8, 14)
STATE_SIZE = 16

APPLIED, OLD, GAP, CROSSED, BROKEN, FULL = range(6)

_LARGEST = 9 * 10**17
_QUOTE, _COLON, _OPEN, _CLOSE, _DOT, _ZERO, _NINE, _SPACE = 34, 58, 91, 93, 46, 48, 57, 32

Ints = NDArray[np.int64]
DepthKernel = Callable[[NDArray[np.uint8], Ints, Ints, Ints], int]


@kernel
def apply_update(text: NDArray[np.uint8], state: Ints, ladder: Ints, scratch: Ints) -> int:
    """Apply a depthUpdate, raw or combined. GAP, OLD, BROKEN and FULL leave the ladder as it was.

    ``ladder`` (2 sides, price and quantity, capacity), ``scratch`` (price and quantity, most levels of a message).
    """
    outcome = _read(text, state, scratch)
    if outcome != APPLIED:
        return outcome
    if state[U_LAST] < state[LAST_ID]:
        return OLD
    if state[IS_FIRST]:
        if state[U_PREVIOUS] > state[LAST_ID]:
            return GAP
    elif state[U_PREVIOUS] != state[LAST_ID]:
        return OLD if state[U_LAST] == state[LAST_ID] else GAP
    state[IS_FIRST] = 0
    state[LAST_ID] = state[U_LAST]
    _apply(state, ladder, scratch)
    bids, asks = state[BIDS], state[ASKS]
    if bids and asks and ladder[0, 0, bids - 1] >= -ladder[1, 0, asks - 1]:
        return CROSSED
    return APPLIED


@kernel
def load_snapshot(text: NDArray[np.uint8], state: Ints, ladder: Ints, scratch: Ints) -> int:
    """Replace the ladder by the reply to a depth request."""
    outcome = _read(text, state, scratch)
    if outcome != APPLIED:
        return outcome
    state[BIDS] = 0
    state[ASKS] = 0
    state[LAST_ID] = state[U_LAST]
    state[IS_FIRST] = 1
    _apply(state, ladder, scratch)
    return APPLIED


@kernel
def _read(text: Any, state: Any, scratch: Any) -> int:
    """Put ids and levels where the caller finds them. BROKEN: no depth message, or more decimals than agreed."""
    state[U_FIRST] = state[U_LAST] = state[U_PREVIOUS] = -1
    state[READ_BIDS] = state[READ_ASKS] = -1
    state[LEVELS] = 0
    i, n = 0, len(text)
    while i < n:
        if text[i] != _QUOTE:
            i += 1
            continue
        start = i + 1
        i = start
        while i < n and text[i] != _QUOTE:
            i += 1
        length = i - start
        i = _skip_spaces(text, i + 1, n)
        if i >= n or text[i] != _COLON:
            continue
        i = _skip_spaces(text, i + 1, n)
        if i >= n:
            return BROKEN
        if _ZERO <= text[i] <= _NINE:
            value, i = _whole(text, i, n)
            _note(state, text, start, length, value)
        elif text[i] == _OPEN:
            side = _side_of(text, start, length)
            if side >= 0:
                i = _read_levels(text, i + 1, state, scratch, side)
                if i < 0:
                    return FULL if i == -2 else BROKEN
    if state[U_LAST] < 0 or state[READ_BIDS] < 0 or state[READ_ASKS] < 0:
        return BROKEN
    return APPLIED


@step
def _skip_spaces(text: Any, i: int, n: int) -> int:
    while i < n and text[i] == _SPACE:
        i += 1
    return i


@step
def _whole(text: Any, i: int, n: int) -> tuple[int, int]:
    value, end = 0, min(n, i + 18)  # 18 digits are sure to fit
    while i < end and _ZERO <= text[i] <= _NINE:
        value = value * 10 + int(text[i]) - _ZERO
        i += 1
    return value, i


@step
def _note(state: Any, text: Any, start: int, length: int, value: int) -> None:
    """Keep a number by its name: U, u, pu, E, T, or lastUpdateId."""
    name = text[start]
    if length == 1:
        if name == 85:
            state[U_FIRST] = value
        elif name == 117:
            state[U_LAST] = value
        elif name == 69:
            state[EVENT_MS] = value
        elif name == 84:
            state[TRADE_MS] = value
    elif length == 2 and name == 112 and text[start + 1] == 117:
        state[U_PREVIOUS] = value
    elif length == 12 and name == 108:
        state[U_LAST] = value


@step
def _side_of(text: Any, start: int, length: int) -> int:
    """0 for b and bids, 1 for a and asks, else -1."""
    if length in {1, 4}:
        if text[start] == 98:
            return 0
        if text[start] == 97:
            return 1
    return -1


@kernel
def _read_levels(text: Any, i: int, state: Any, scratch: Any, side: int) -> int:
    """Levels up to the end of their list; the place after it, -1 where broken, -2 where there is no room."""
    n, row = len(text), state[LEVELS]
    begun = row
    while i < n and text[i] != _CLOSE:
        if text[i] != _OPEN:
            i += 1
            continue
        if row >= scratch.shape[1]:
            return -2
        price, i = _scaled(text, i + 1, n, state[PRICE_DECIMALS])
        quantity, i = _scaled(text, i, n, state[QUANTITY_DECIMALS])
        if price < 0 or quantity < 0:
            return -1
        while i < n and text[i] != _CLOSE:
            i += 1
        i += 1
        scratch[0, row] = -price if side else price
        scratch[1, row] = quantity
        row += 1
    if i >= n:
        return -1
    state[READ_ASKS if side else READ_BIDS] = row - begun
    if side == 0 and begun:
        return -1  # asks came first: the order of the lists is part of the format
    state[LEVELS] = row
    return i + 1


@step
def _scaled(text: Any, i: int, n: int, decimals: int) -> tuple[int, int]:
    """The next quoted decimal as a whole number of 10**-decimals, and the place after it; -1 if it is none."""
    while i < n and text[i] != _QUOTE:
        i += 1
    value, end = _whole(text, i + 1, n)
    is_number = end > i + 1
    i = end
    if i < n and text[i] == _DOT:
        i += 1
        fraction_end = min(i + decimals, n)
        while i < fraction_end and _ZERO <= text[i] <= _NINE:
            value = value * 10 + int(text[i]) - _ZERO
            decimals -= 1
            i += 1
        while i < n and text[i] == _ZERO:
            i += 1
    for _ in range(decimals):
        value *= 10
    is_number = is_number and i < n and text[i] == _QUOTE and 0 <= value <= _LARGEST
    return (value if is_number else -1), i + 1


@kernel
def _apply(state: Any, ladder: Any, scratch: Any) -> None:
    bids = state[READ_BIDS]
    for row in range(state[LEVELS]):
        side = 0 if row < bids else 1
        _set_level(state, ladder, side, scratch[0, row], scratch[1, row])


@step
def _set_level(state: Any, ladder: Any, side: int, price: int, quantity: int) -> None:
    """Set, insert or delete one level; where there is no room, the worst quarter is forgotten."""
    prices, quantities = borrowed(ladder[side, 0]), borrowed(ladder[side, 1])
    count = state[BIDS + side]
    place = _place_of(prices, count, price)
    is_there = place < count and prices[place] == price
    if is_there and quantity:
        quantities[place] = quantity
    elif is_there:
        for j in range(unsigned(place), unsigned(count - 1)):
            prices[j] = prices[j + unsigned(1)]
            quantities[j] = quantities[j + unsigned(1)]
        state[BIDS + side] = count - 1
    elif quantity:
        if count == len(prices):
            cut = count // 4
            if place < cut:
                return  # worse than what would be forgotten
            prices[: count - cut] = prices[cut:count].copy()
            quantities[: count - cut] = quantities[cut:count].copy()
            count -= cut
            place -= cut
        for j in range(unsigned(count), unsigned(place), -1):
            prices[j] = prices[j - unsigned(1)]
            quantities[j] = quantities[j - unsigned(1)]
        prices[place] = price
        quantities[place] = quantity
        state[BIDS + side] = count + 1


@step
def _place_of(prices: Any, count: int, price: int) -> int:
    """Index of the first level that is no worse; looks from the best down, where most changes are."""
    high, reach = count, 1
    while high - reach >= 0 and prices[high - reach] >= price:
        high -= reach
        reach *= 2
    low = max(high - reach, -1) + 1
    while low < high:
        middle = (low + high) >> 1
        if prices[middle] < price:
            low = middle + 1
        else:
            high = middle
    return low
