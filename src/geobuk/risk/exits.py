"""Protective stops: where one rests after entry, and how it trails. A stop only ever moves toward less risk.

The stages that it moves by in units of the trade's own risk are in :mod:`geobuk.risk.exit_stages`.
"""

from math import inf, sqrt

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import round_down, round_up


@step
def stop_distance(price: float, atr: float, rules: Record) -> float:
    """Distance of the nearest stop by price and range from an entry at ``price``, in price units; infinite without.

    :func:`entry_distance` counts the other stops too.
    """
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
def volatility_distance(price: float, volatility: float, rules: Record) -> float:
    """Distance of the volatility stop, price units: a multiple of what a day moves the price; infinite when off.

    ``volatility`` is annual.
    """
    if rules.volatility_stop <= 0.0:
        return inf
    return rules.volatility_stop * price * volatility / sqrt(rules.days_per_year)


@step
def box_distance(side: float, price: float, tick: float, state: Record, rules: Record) -> float:
    """Distance of a stop one tick beyond the box of the bars before the entry, price units; infinite when off.

    An entry that lies beyond the box already is one tick away from its stop. A box that is not known yet is none.
    """
    if not rules.by_box or state.box_high <= 0.0:
        return inf
    beyond = price - state.box_low if side > 0.0 else state.box_high - price
    return max(beyond, 0.0) + tick


@step
def entry_distance(side: float, price: float, tick: float, state: Record, rules: Record) -> float:
    """Distance of the nearest of all stops from an entry at ``price``, in price units; infinite without any stop.

    ``side`` +1 is long. ``state`` knows the range, the volatility and the box of the decision.
    """
    distance = stop_distance(price, state.atr, rules)
    distance = min(distance, volatility_distance(price, state.volatility, rules))
    return min(distance, box_distance(side, price, tick, state, rules))


@step
def needs_atr(rules: Record) -> bool:
    """Whether a stop can't be placed before the average true range, or the volatility, is known."""
    return rules.atr > 0.0 or rules.trailing_atr > 0.0 or rules.volatility_stop > 0.0


@step
def initial_stop(side: float, price: float, distance: float, tick: float) -> float:
    """Stop price of a new position, rounded toward the entry; 0 without any stop, or where none is above 0."""
    if distance == inf:
        return 0.0
    if side > 0.0:
        return max(round_up(price - distance, tick), 0.0)
    return round_down(price + distance, tick)


@step
def nearer_stop(side: float, stop: float, peak: float, distance: float, tick: float) -> float:
    """The stop at ``distance`` behind the best price, or ``stop`` where that is nearer; 0 is no stop yet."""
    if distance == inf:
        return stop
    if side > 0.0:
        return max(stop, round_up(peak - distance, tick))
    trailed = round_down(peak + distance, tick)
    return trailed if stop <= 0.0 else min(stop, trailed)


@step
def trailed_stop(side: float, stop: float, peak: float, atr: float, tick: float, rules: Record) -> float:
    """The stop after the best price since entry reached ``peak``; never further away than ``stop``."""
    distance = inf
    if rules.trailing > 0.0:
        distance = rules.trailing * peak
    if rules.trailing_atr > 0.0 and atr > 0.0:
        distance = min(distance, rules.trailing_atr * atr)
    return nearer_stop(side, stop, peak, distance, tick)
