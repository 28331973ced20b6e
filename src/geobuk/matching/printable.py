"""Which prices of a bar the venue can print: on the tick, inside the bar, inside the day's price limits."""

from math import nan

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import band_of, round_down, round_up

_SLACK = 1e-9
"""Share of a price by which a float may miss a limit that it lies on."""


@step
def tick_of(price: float, term: Record) -> float:
    """Tick of the band that holds the price."""
    if price < term.first_tick_below:
        return term.first_tick
    return term.tick[band_of(price, term.tick_floor)]


@step
def printable_price(side: float, price: float, lowest: float, highest: float, term: Record) -> float:
    """The price on the tick nearest to ``price``, rounded against us, within [lowest, highest]; NaN if there is none.

    ``side`` is +1 for buying. A price beyond the range is brought back to its last tick.
    """
    least = round_up(lowest, tick_of(lowest, term))
    most = round_down(highest, tick_of(highest, term))
    if least > most * (1.0 + _SLACK):
        return nan
    tick = tick_of(price, term)
    rounded = round_up(price, tick) if side > 0.0 else round_down(price, tick)
    return min(max(rounded, least), most)


@step
def is_locked_against(side: float, low: float, high: float, lowest: float, highest: float) -> bool:
    """Whether the whole bar stood at the price limit at which nobody takes the other side of an order of ``side``."""
    if side > 0.0:
        return low >= highest * (1.0 - _SLACK)
    return high <= lowest * (1.0 + _SLACK)
