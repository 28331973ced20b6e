"""Stops that move in units of R, the distance from a trade's entry to its first stop: break-even and trail stages."""

from math import inf

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import round_down, round_up
from geobuk.risk.exits import nearer_stop, trailed_stop


@step
def best_gain(side: float, state: Record) -> float:
    """How far the best price since entry lies beyond the entry, in R; 0 where the trade has no R."""
    if state.first_risk <= 0.0:
        return 0.0
    return side * (state.peak - state.entry) / state.first_risk


@step
def break_even_price(side: float, entry: float, term: Record) -> float:
    """Price at which leaving as a taker gives back what entering as one cost, sales tax included."""
    buying, selling = 1.0 + term.taker_fee, 1.0 - term.taker_fee - term.sell_tax
    return entry * buying / selling if side > 0.0 else entry * selling / buying


@step
def stage_distance(gain: float, state: Record, rules: Record) -> float:
    """Distance at which the last stage that ``gain`` (in R) has reached trails, price units; infinite before the first.

    A gain that falls short of a stage by float dust has reached it.
    """
    distance = inf
    for k in range(rules.stages):
        if gain >= rules.stage_from[k] * (1.0 - 1e-12):
            distance = rules.stage_by[k] * state.first_risk
    return distance


@step
def advanced_stop(side: float, tick: float, state: Record, term: Record, rules: Record) -> float:
    """The stop of a position after ``state.peak`` was updated, by every rule that moves it; never further away.

    A break-even price that the best price has not reached moves nothing: the costs are wider than the stage.
    """
    stop = trailed_stop(side, state.stop, state.peak, state.atr, tick, rules)
    if rules.by_stages and state.first_risk > 0.0:
        gain = best_gain(side, state)
        stop = nearer_stop(side, stop, state.peak, stage_distance(gain, state, rules), tick)
        if rules.break_even > 0.0 and gain >= rules.break_even * (1.0 - 1e-12):
            even = break_even_price(side, state.entry, term)
            even = round_up(even, tick) if side > 0.0 else round_down(even, tick)
            if side * (state.peak - even) > 0.0:
                stop = max(stop, even) if side > 0.0 else (even if stop <= 0.0 else min(stop, even))
    return stop
