"""Volatility, range and volume as running state: one update per decision, the same for a loop and a live moment."""

from math import isfinite, nan, sqrt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import BoolArray, FloatArray, Record, RecordArray
from geobuk.quant.ewma_mean import moved_mean
from geobuk.risk.conditions import notice_crash
from geobuk.risk.kelly import learn_edge
from geobuk.risk.limits import clamp, is_priced


@step
def true_range(high: float, low: float, previous_close: float) -> float:
    """The range, stretched to the previous close. Source: Wilder 1978."""
    return max(high, previous_close) - min(low, previous_close)


@step
def observe(market: Record, state: Record, rules: Record) -> None:
    """Widen the range since the last decision by one bar and add its volume; a masked bar is skipped, any bar if
    nothing reads it.
    """
    if rules.estimates and market.is_tradable:
        state.highest = max(state.highest, market.high)
        state.lowest = min(state.lowest, market.low)
        state.traded += market.volume


@step
def update_estimates(market: Record, state: Record, rules: Record) -> None:
    """Take the return, the range and the volume since the last decision into the estimates.

    A masked bar is skipped, and so is what is no number: it would stay in a mean for good. Without ``rules.estimates``
    nothing reads them, and only the anchor moves.
    """
    if state.resting > 0:
        state.resting -= 1
    if state.unrest > 0:
        state.unrest -= 1
    state.change = nan
    if not is_priced(market):
        return
    change = market.close / state.anchor - 1.0
    width = true_range(state.highest, state.lowest, state.anchor)
    if rules.estimates and state.anchor > 0.0 and isfinite(change * change + width + state.traded):
        state.observed += 1
        plain, square = 1.0 / state.observed, change * change
        if rules.by_conditions:
            notice_crash(change, state, rules)
            state.fast_variance = moved_mean(state.fast_variance, square, rules.alpha_fast, plain)
            state.fast_volume = moved_mean(state.fast_volume, state.traded, rules.alpha_fast, plain)
        if rules.kelly > 0.0:
            learn_edge(change, state, rules)
        state.usual_volume = moved_mean(state.usual_volume, state.traded, rules.alpha_volatility, plain)
        state.variance = moved_mean(state.variance, square, rules.alpha_volatility, plain)
        state.atr = moved_mean(state.atr, width, rules.alpha_atr, plain)
        if state.observed >= rules.min_observed:
            state.volatility = sqrt(state.variance * rules.decisions_per_year)
        state.change = change
    state.anchor = state.highest = state.lowest = market.close
    state.traded = 0.0
    state.belief = clamp(market.forecast, 1.0) if isfinite(market.forecast) else 0.0


@kernel
def follow(
    bars: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    tradable: BoolArray,
    decides: BoolArray,
    rules: Record,
    rows: RecordArray,
    states: RecordArray,
) -> None:
    """Bring the estimates of ``states`` (N,) to the end of a history of (T, N) highs, lows, closes and volumes.

    ``decides`` (T,) marks decisions; ``rows`` (N,) of MARKET_DTYPE is working space.
    """
    high, low, close, volume = bars
    for t in range(close.shape[0]):
        for i in range(states.shape[0]):
            rows[i].high = high[t, i]
            rows[i].low = low[t, i]
            rows[i].close = close[t, i]
            rows[i].volume = volume[t, i]
            rows[i].is_tradable = tradable[t, i]
            observe(rows[i], states[i], rules)
            if decides[t]:
                update_estimates(rows[i], states[i], rules)
