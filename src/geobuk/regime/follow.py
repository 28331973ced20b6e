"""The compiled way of a bar: into its interval, through the filter and the recursion, to a regime that holds.

Knows no fitting: it stops where a fit is due, and goes on from there.
"""

import math
from typing import NamedTuple

from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.ops.compiled import kernel, step
from geobuk.panel import BoolArray, FloatArray, IntArray, Record, RecordArray
from geobuk.quant.hmm.filter import filter_step
from geobuk.quant.hmm.hysteresis import STATE, take_up_step
from geobuk.quant.hmm.model import FilterArrays
from geobuk.quant.volatility.garch import garch_step
from geobuk.regime.cells import CLOSE, HIGH, LOG_RANGE, LOW, PREVIOUS, RETURN, SMOOTHED, Cells

UNKNOWN, BULL, BEAR, SIDEWAYS = int(Regime.UNKNOWN), int(Regime.BULL), int(Regime.BEAR), int(Regime.SIDEWAYS)
NEUTRAL = int(Regime.NEUTRAL)

START, LATE, TAKE, ON_TIME, TELL = 0, 1, 2, 3, 4
"""Stages of a bar: an interval that ended before it is closed first, then the bar is taken in, and may end its own."""

_LEAST_VARIANCE = 1e-16


class Rows(NamedTuple):
    """Closed bars of the index, (T,) opening times and (T, N) prices; a row that isn't tradable is not looked at."""

    at_ns: IntArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    tradable: BoolArray


@kernel
def follow(cells: Cells, rows: Rows, start: int, readings: RecordArray) -> int:
    """Take in rows from ``start`` on and write their readings (T,).

    Returns the number of rows, or the row at which a fit is due: call it again from there once one was tried.
    """
    rules, clock = cells.rules[0], cells.clock[0]
    for t in range(start, len(rows.at_ns)):
        local = rows.at_ns[t] + rules.offset_ns
        number = local // rules.every_ns
        if clock.stage == START:
            if clock.interval >= 0 and number != clock.interval:
                close_step(cells, rules, clock)
                clock.stage = LATE
            else:
                clock.stage = TAKE
        if clock.stage == LATE:
            if is_fit_due(rules, clock):
                return t
            decide_step(cells, rules, clock)
            clock.stage = TAKE
        if clock.stage == TAKE:
            clock.interval = number
            take_step(cells.prices, rows, t)
            clock.stage = TELL
            if local + rules.bar_ns >= (number + 1) * rules.every_ns:
                close_step(cells, rules, clock)
                clock.stage = ON_TIME
        if clock.stage == ON_TIME:
            if is_fit_due(rules, clock):
                return t
            decide_step(cells, rules, clock)
        tell_step(cells, clock, readings[t])
        clock.stage = START
    return len(rows.at_ns)


@kernel
def follow_states(prior: FloatArray, posterior: FloatArray, observed: FloatArray, model: FilterArrays) -> None:
    """Filter (T, D) rows in place from ``prior`` on; rows with a NaN are predicted over."""
    for t in range(len(observed)):
        filter_step(prior, observed[t], model, posterior)


@step
def is_fit_due(rules: Record, clock: Record) -> bool:
    """Whether enough was seen, and a fit was not tried since the newest refit day."""
    if clock.seen < rules.least:
        return False
    return clock.tried_at < 0 or clock.closed - clock.tried_at >= rules.refit


@step
def take_step(prices: FloatArray, rows: Rows, t: int) -> None:
    """One bar into the open interval."""
    for n in range(prices.shape[1]):
        close, high, low = rows.close[t, n], rows.high[t, n], rows.low[t, n]
        if rows.tradable[t, n] and close > 0.0 and low > 0.0 and high >= low and high < math.inf:
            prices[CLOSE, n] = close
            prices[HIGH, n] = max(prices[HIGH, n], high)
            prices[LOW, n] = min(prices[LOW, n], low)


@step
def close_step(cells: Cells, rules: Record, clock: Record) -> None:
    """End the open interval: its figures into the history, NaN where there are none."""
    prices, moved, ranged = cells.prices, 0, 0
    total, span = 0.0, 0.0
    for n in range(prices.shape[1]):
        if prices[CLOSE, n] > 0.0:
            if prices[PREVIOUS, n] > 0.0:
                total += math.log(prices[CLOSE, n] / prices[PREVIOUS, n])
                moved += 1
            span += math.log(prices[HIGH, n] / prices[LOW, n])
            ranged += 1
            prices[PREVIOUS, n] = prices[CLOSE, n]
        prices[CLOSE, n] = math.nan
        prices[HIGH, n] = -math.inf
        prices[LOW, n] = math.inf
    row = cells.history[clock.closed % len(cells.history)]
    clock.closed += 1
    clock.interval = -1
    if moved == 0 or not span > 0.0:
        row[:] = math.nan
        clock.blank += 1
        return
    row[RETURN] = total / moved
    row[LOG_RANGE] = math.log(span / ranged)
    row[SMOOTHED] = mean_return(cells.history, clock.closed, rules.smooth)
    clock.seen += 1
    clock.blank = 0


@step
def mean_return(history: FloatArray, closed: int, smooth: int) -> float:
    """Mean of the known returns among the last ``smooth`` intervals, the newest among them."""
    total, count = 0.0, 0
    for back in range(1, min(smooth, closed) + 1):
        value = history[(closed - back) % len(history), RETURN]
        if math.isfinite(value):
            total += value
            count += 1
    return total / count


@step
def decide_step(cells: Cells, rules: Record, clock: Record) -> None:
    """What the newest interval says: move the filter and the recursion on, and hold or switch."""
    row = cells.history[(clock.closed - 1) % len(cells.history)]
    if clock.has_states and not clock.are_states_fresh:
        filter_step(cells.prior, row[SMOOTHED:], cells.model, cells.posterior)
    if clock.has_volatility and not clock.is_volatility_fresh:
        moved = garch_step(clock.variance, row[RETURN] - clock.mu, clock.omega, clock.alpha, clock.gamma, clock.beta)
        clock.variance = max(moved, _LEAST_VARIANCE)
    clock.are_states_fresh = False
    clock.is_volatility_fresh = False
    is_stale = clock.blank > rules.stale
    if is_stale or not clock.has_states:
        cells.held[STATE] = -1
    else:
        hold_step(cells, rules)
    ratio = volatility_ratio(clock)
    clock.is_high = not is_stale and ratio >= (rules.calm if clock.is_high else rules.high)


@step
def hold_step(cells: Cells, rules: Record) -> None:
    """The regime that is wanted, taken up if the one that is held is old enough."""
    best, second = probability_of(cells, BULL), probability_of(cells, BEAR)
    wanted = BULL
    if second > best:
        best, second, wanted = second, best, BEAR
    third = probability_of(cells, SIDEWAYS)
    if third > best:
        best, second, wanted = third, best, SIDEWAYS
    elif third > second:
        second = third
    if best < rules.enter or best - second < rules.margin:
        held = cells.held[STATE]
        is_tenable = 0 < held < NEUTRAL and probability_of(cells, held) >= rules.leave
        wanted = held if is_tenable else NEUTRAL
    take_up_step(cells.held, wanted, rules.min_dwell)


@step
def probability_of(cells: Cells, direction: int) -> float:
    """Filtered probability of all states that mean this direction."""
    total = 0.0
    for k in range(len(cells.labels)):
        if cells.labels[k] == direction:
            total += cells.posterior[k]
    return total


@step
def volatility_ratio(clock: Record) -> float:
    """Forecast volatility over its usual level; NaN while it is not known."""
    return math.sqrt(clock.variance) / clock.usual if clock.has_volatility else math.nan


@step
def tell_step(cells: Cells, clock: Record, reading: Record) -> None:
    """Write what is known at the close of this bar."""
    direction = cells.held[STATE] if cells.held[STATE] >= 0 else UNKNOWN
    clock.age = clock.age + 1 if direction == clock.direction else 0
    clock.direction = direction
    is_known = direction != UNKNOWN
    reading.code = direction + (HIGH_VOLATILITY if clock.is_high else 0)
    reading.age = clock.age
    reading.bull = probability_of(cells, BULL) if is_known else math.nan
    reading.bear = probability_of(cells, BEAR) if is_known else math.nan
    reading.sideways = probability_of(cells, SIDEWAYS) if is_known else math.nan
    reading.volatility = volatility_ratio(clock)
