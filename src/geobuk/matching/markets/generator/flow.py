"""One slot after another: the price moves, the quotes follow, takers come in clusters, makers come and go."""

from math import exp, floor, sqrt
from typing import Any

from geobuk.domain.times import NS_PER_SECOND
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.markets.generator.ladder import (
    Numbers,
    bell,
    chance,
    common_chance,
    level_quantity,
    place,
    waited,
    write,
)
from geobuk.matching.markets.generator.state import FULL, ROWS_A_SLOT
from geobuk.ops.compiled import kernel

_TRADE, _MARK, _INDEX = int(Happening.TRADE), int(Happening.MARK), int(Happening.INDEX)
_RATE, _CLEAR = int(Happening.RATE), int(Happening.CLEAR)
_MOST_TRADES = 40
_MOST_LEVELS = 6
_MOST_BREATHS = 200


@kernel
def move(flow: Any, state: Any) -> None:
    """One step of calm and storm, of the price, and of its premium over the index."""
    if common_chance(state) < flow.leave[state.storm]:
        state.storm = 1 - state.storm
    shared = bell(common_chance(state), common_chance(state))
    own = bell(chance(state), chance(state))
    shock = flow.correlation * shared + sqrt(1.0 - flow.correlation**2) * own
    change = flow.volatility[state.storm] * shock
    if chance(state) < flow.jump_chance * (1.0 + 9.0 * state.storm):
        change += flow.jump_size * bell(chance(state), chance(state))
    state.price *= exp(change)
    if state.price < flow.lowest:
        state.price = flow.lowest * flow.lowest / state.price
    elif state.price > flow.highest:
        state.price = flow.highest * flow.highest / state.price
    state.premium += flow.premium_size * bell(chance(state), chance(state)) - flow.premium_pull * state.premium
    state.excited *= flow.calming


@kernel
def quote(
    flow: Any, state: Any, rows: MarketArray, cursor: Numbers, prices: Numbers, quantities: Numbers, counts: Numbers
) -> None:
    """Move the best prices to where the price is: what would be crossed goes first. Fill up the far end."""
    is_empty = counts[0] == 0 or counts[1] == 0
    gap = prices[1, 0] - prices[0, 0]
    middle = (prices[0, 0] + prices[1, 0]) / 2
    if is_empty or abs(state.price - middle) > flow.band or gap > flow.tick * (2 + 6 * flow.spread):
        cursor[1] += 1
        spread = flow.tick * (1 + waited(state, flow.spread * (1 + 2 * state.storm)))
        bid = max(1, floor((state.price - spread / 2) / flow.tick)) * flow.tick
        ask = bid + spread
        while counts[1] > 0 and prices[1, 0] < ask:
            place(rows, cursor, prices, quantities, counts, 1, prices[1, 0], 0)
        while counts[0] > 0 and prices[0, 0] > bid:
            place(rows, cursor, prices, quantities, counts, 0, prices[0, 0], 0)
        if counts[0] == 0 or prices[0, 0] != bid:
            place(rows, cursor, prices, quantities, counts, 0, bid, level_quantity(flow, state))
        if counts[1] == 0 or prices[1, 0] != ask:
            place(rows, cursor, prices, quantities, counts, 1, ask, level_quantity(flow, state))
    for side in range(2):
        while 0 < counts[side] < FULL:
            away = flow.tick * (1 + waited(state, flow.spacing))
            price = prices[side, counts[side] - 1] - (1 - 2 * side) * away
            if price < flow.tick:
                break
            place(rows, cursor, prices, quantities, counts, side, price, level_quantity(flow, state))


@kernel
def take(
    flow: Any, state: Any, rows: MarketArray, cursor: Numbers, prices: Numbers, quantities: Numbers, counts: Numbers
) -> None:
    """One taker: a size with a heavy tail eats the other side, a print for each level, and moves the price a little."""
    if chance(state) > flow.persistence:
        state.side = -state.side
    wanted = min(flow.largest_trade, flow.smallest_trade * (1.0 - chance(state)) ** (-1.0 / flow.tail))
    left = max(1, int(wanted / flow.step)) * flow.step
    other = 1 if state.side > 0 else 0
    cursor[1] += 1
    for _ in range(_MOST_LEVELS):
        if left == 0 or counts[other] < 2:
            break
        price = prices[other, 0]
        resting = quantities[other, 0]
        eaten = min(left, resting)
        state.trade_id += 1
        state.last = price
        write(rows, cursor, _TRADE, state.side, price, eaten, state.trade_id)
        place(rows, cursor, prices, quantities, counts, other, price, resting - eaten)
        left -= eaten
    state.price += state.side * flow.impact * min(1.0, wanted / flow.depth)
    state.excited += flow.excitement


@kernel
def breathe(
    flow: Any, state: Any, rows: MarketArray, cursor: Numbers, prices: Numbers, quantities: Numbers, counts: Numbers
) -> None:
    """One maker comes, goes, or changes size, more often near the best price."""
    side = 0 if chance(state) < 0.5 else 1
    at = int(counts[side] * chance(state) ** 2)
    what = chance(state)
    price = prices[side, at]
    cursor[1] += 1
    if what < 0.25 and at > 0 and counts[side] > FULL:
        place(rows, cursor, prices, quantities, counts, side, price, 0)
    elif what < 0.5 and at + 1 < counts[side] and abs(price - prices[side, at + 1]) > flow.tick:
        room = abs(price - prices[side, at + 1]) // flow.tick - 1
        price -= (1 - 2 * side) * flow.tick * (1 + int(room * chance(state)))
        place(rows, cursor, prices, quantities, counts, side, price, level_quantity(flow, state))
    else:
        place(rows, cursor, prices, quantities, counts, side, price, level_quantity(flow, state))


@kernel
def value(flow: Any, state: Any, rows: MarketArray, cursor: Numbers, prices: Numbers) -> None:
    """Index and mark, once a second, and the funding rate to come, once a minute.

    Rate: F = P + clamp(I - P, -0.0005, 0.0005), P the mean premium since the last funding. Source: Binance, funding.
    """
    at_ns = state.next_ns
    if at_ns < state.mark_ns:
        return
    state.mark_ns = at_ns - at_ns % NS_PER_SECOND + NS_PER_SECOND
    index = state.price / (1.0 + state.premium)
    basis = 0.8 * state.premium + 0.00004 * bell(chance(state), chance(state))
    mark = max(1, int(index * (1.0 + basis) + 0.5))
    if mark == state.last:
        mark += 1
    write(rows, cursor, _INDEX, 0, max(1, int(index + 0.5)), 0, 0)
    write(rows, cursor, _MARK, 0, mark, 0, 0)
    interval = (at_ns - 1) // flow.interval_ns
    if interval != state.interval:
        state.interval = interval
        state.premium_sum = 0.0
        state.samples = 0
        state.rate_ns = at_ns
    above = max(0.0, prices[0, 0] - index) - max(0.0, index - prices[1, 0])
    state.premium_sum += above / index
    state.samples += 1
    if at_ns >= state.rate_ns:
        state.rate_ns = at_ns - at_ns % (60 * NS_PER_SECOND) + 60 * NS_PER_SECOND
        premium = state.premium_sum / state.samples
        rate = premium + min(0.0005, max(-0.0005, flow.interest - premium))
        rate = min(flow.funding_cap, max(-flow.funding_cap, rate * flow.funding_share))
        write(rows, cursor, _RATE, 0, floor(rate * 1e8 + 0.5), 0, 0)


@kernel
def happenings(state: Any, mean: float, most: int) -> int:
    """How many happen in a slot, Poisson, at most ``most``. Source: Knuth, TAOCP 2, 3.4.1."""
    edge, product, count = exp(-min(mean, 600.0)), chance(state), 0
    while product > edge and count < most:
        product *= chance(state)
        count += 1
    return count


@kernel
def generate(
    flow: Any,
    state: Any,
    prices: Numbers,
    quantities: Numbers,
    counts: Numbers,
    rows: MarketArray,
    until_ns: int,
) -> int:
    """Write whole slots that begin up to ``until_ns`` and for which there is room; returns the rows written."""
    cursor = counts[2:]
    cursor[0] = 0
    while state.next_ns <= until_ns and cursor[0] + ROWS_A_SLOT <= rows.size:
        first = cursor[0]
        cursor[1] = 0
        if state.is_open == 0:
            state.is_open = 1
            write(rows, cursor, _CLEAR, 0, 0, 0, 0)
            quote(flow, state, rows, cursor, prices, quantities, counts)
            cursor[1] = 0
            state.last = prices[1, 0]
            state.trade_id += 1
            write(rows, cursor, _TRADE, 1, state.last, flow.step, state.trade_id)
            quantities[1, 0] += flow.step
            place(rows, cursor, prices, quantities, counts, 1, state.last, quantities[1, 0])
            value(flow, state, rows, cursor, prices)
            for k in range(first, cursor[0]):
                row: Any = rows[k]
                row.at_ns = 0
        else:
            move(flow, state)
            value(flow, state, rows, cursor, prices)
            quote(flow, state, rows, cursor, prices, quantities, counts)
            rate = flow.trades * (1.0 + 2.0 * state.storm) + state.excited
            for _ in range(happenings(state, rate, _MOST_TRADES)):
                take(flow, state, rows, cursor, prices, quantities, counts)
            for _ in range(happenings(state, flow.breath, _MOST_BREATHS)):
                breathe(flow, state, rows, cursor, prices, quantities, counts)
        actions = cursor[1] + 1
        for k in range(first, cursor[0]):
            done: Any = rows[k]
            done.at_ns = state.next_ns + flow.slot_ns * done.at_ns // actions
        state.next_ns += flow.slot_ns
    return int(cursor[0])
