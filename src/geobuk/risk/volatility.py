"""Volatility and range as running state: one update per decision, the same for a loop and for a live moment."""

from math import sqrt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import BoolArray, FloatArray, Record, RecordArray


@step
def updated_mean(mean: float, value: float, count: int, alpha: float) -> float:
    """Exponentially weighted mean after one more value; ``count`` includes it.

    While fewer than 1 / alpha values were seen it is their plain mean, so the start carries no arbitrary seed.
    """
    weight = alpha if alpha * count >= 1.0 else 1.0 / count
    return mean + weight * (value - mean)


@step
def true_range(high: float, low: float, previous_close: float) -> float:
    """The range, stretched to the previous close. Source: Wilder 1978."""
    return max(high, previous_close) - min(low, previous_close)


@step
def observe(market: Record, state: Record, rules: Record) -> None:
    """Widen the range since the last decision by one bar; a masked bar is skipped, any bar if nothing reads it."""
    if rules.estimates and market.is_tradable:
        state.highest = max(state.highest, market.high)
        state.lowest = min(state.lowest, market.low)


@step
def update_volatility(market: Record, state: Record, rules: Record) -> None:
    """Take the return and the range since the last decision into the estimates; a masked bar is skipped.

    Without ``rules.estimates`` nothing reads them, and only the anchor moves.
    """
    if state.resting > 0:
        state.resting -= 1
    if not market.is_tradable:
        return
    if rules.estimates and state.anchor > 0.0:
        state.observed += 1
        change = market.close / state.anchor - 1.0
        width = true_range(state.highest, state.lowest, state.anchor)
        state.variance = updated_mean(state.variance, change * change, state.observed, rules.alpha_volatility)
        state.atr = updated_mean(state.atr, width, state.observed, rules.alpha_atr)
        if state.observed >= rules.min_observed:
            state.volatility = sqrt(state.variance * rules.decisions_per_year)
    state.anchor = state.highest = state.lowest = market.close


@kernel
def follow(
    prices: tuple[FloatArray, FloatArray, FloatArray],
    tradable: BoolArray,
    decides: BoolArray,
    rules: Record,
    rows: RecordArray,
    states: RecordArray,
) -> None:
    """Bring the estimates of ``states`` (N,) to the end of a history of (T, N) prices; ``decides`` (T,) marks
    decisions.

    ``decides`` (T,) marks decisions; ``rows`` (N,) of MARKET_DTYPE is working space.
    """
    high, low, close = prices
    for t in range(close.shape[0]):
        for i in range(states.shape[0]):
            rows[i].high = high[t, i]
            rows[i].low = low[t, i]
            rows[i].close = close[t, i]
            rows[i].is_tradable = tradable[t, i]
            observe(rows[i], states[i], rules)
            if decides[t]:
                update_volatility(rows[i], states[i], rules)
