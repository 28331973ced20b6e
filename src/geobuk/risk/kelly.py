"""Kelly's ceiling: what forecasts have earned on an instrument bounds what the next one may stake.

Source: Kelly 1956; Thorp 2006; the mean is shrunk toward a prior by the number of observations behind each.
"""

from math import sqrt

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.ewma_mean import moved_mean


@step
def learn_edge(change: float, state: Record, rules: Record) -> None:
    """Take what the last belief earned or lost into the edge; no belief teaches nothing."""
    if state.belief != 0.0:
        state.believed += 1
        earned, plain = state.belief * change, 1.0 / state.believed
        state.edge = moved_mean(state.edge, earned, rules.alpha_kelly, plain)
        state.edge_square = moved_mean(state.edge_square, earned * earned, rules.alpha_kelly, plain)


@step
def kelly_stake(state: Record, rules: Record) -> float:
    """Allowed share of equity for a full forecast, before it is divided among instruments; 0 without an edge.

    While fewer than ``min_observed`` beliefs have been answered, the variance is the instrument's own.
    """
    count = min(float(state.believed), rules.kelly_count)
    variance = state.edge_square if state.believed >= rules.min_observed else state.variance
    weight = count + rules.prior_count
    if not (variance > 0.0 and weight > 0.0):
        return 0.0
    total = count * state.edge + rules.prior_count * rules.prior_ratio * sqrt(variance)
    return max(0.0, rules.kelly * total / (weight * variance))
