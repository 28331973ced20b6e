"""Protective exits: where a stop rests after entry, and how it trails. A stop only ever moves toward less risk."""

from math import inf

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import round_down, round_up


@step
def stop_distance(price: float, atr: float, rules: Record) -> float:
    """Distance of the nearest stop from an entry at ``price``, in price units; infinite without any stop."""
    distance = inf
    if rules.fixed > 0.0:
        distance = min(distance, rules.fixed * price)
    if rules.trailing > 0.0:
        distance = min(distance, rules.trailing * price)
    if rules.atr > 0.0:
        distance = min(distance, rules.atr * atr)
    if rules.trailing_atr > 0.0:
        distance = min(distance, rules.trailing_atr * atr)
    return distance


@step
def needs_atr(rules: Record) -> bool:
    """Whether a stop can't be placed before the average true range is known."""
    return rules.atr > 0.0 or rules.trailing_atr > 0.0


@step
def initial_stop(side: float, price: float, atr: float, tick: float, rules: Record) -> float:
    """Stop price of a new position, rounded toward the entry; 0 without any stop."""
    distance = stop_distance(price, atr, rules)
    if distance == inf:
        return 0.0
    if side > 0.0:
        return max(round_up(price - distance, tick), 0.0)
    return round_down(price + distance, tick)


@step
def trailed_stop(side: float, stop: float, peak: float, atr: float, tick: float, rules: Record) -> float:
    """The stop after the best price since entry reached ``peak``; never further away than ``stop``."""
    distance = inf
    if rules.trailing > 0.0:
        distance = rules.trailing * peak
    if rules.trailing_atr > 0.0 and atr > 0.0:
        distance = min(distance, rules.trailing_atr * atr)
    if distance == inf:
        return stop
    if side > 0.0:
        return max(stop, round_up(peak - distance, tick))
    trailed = round_down(peak + distance, tick)
    return trailed if stop <= 0.0 else min(stop, trailed)
