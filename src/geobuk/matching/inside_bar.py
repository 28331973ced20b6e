"""At which price an order fills inside a bar, knowing only open, high, low and close. NaN means: not filled.

The rules, each honest about gaps:

- a market order fills at the open;
- a limit order whose price the open already satisfies fills at the open; otherwise the bar must trade *through* the
  limit, not just touch it, and the fill is at the limit;
- a stop order that the open has gapped through fills at the open, never at the stop; otherwise at the stop when the bar
  reaches it.

Spread and impact come on top (:mod:`geobuk.matching.costs`).
"""

from math import nan

from geobuk.ops.compiled import step


@step
def limit_price(side: float, limit: float, open_: float, high: float, low: float) -> float:
    """Price of a limit order (``side`` +1 buys), or NaN.

    >>> limit_price(1.0, 100.0, 99.0, 101.0, 98.0)
    99.0
    """
    if side > 0.0:
        if open_ <= limit:
            return open_
        return limit if low < limit else nan
    if open_ >= limit:
        return open_
    return limit if high > limit else nan


@step
def stop_price(side: float, stop: float, open_: float, high: float, low: float) -> float:
    """Price of a stop order (``side`` +1 buys when the price rises to ``stop``), or NaN.

    >>> stop_price(-1.0, 100.0, 97.0, 99.0, 95.0)
    97.0
    """
    if side > 0.0:
        if open_ >= stop:
            return open_
        return stop if high >= stop else nan
    if open_ <= stop:
        return open_
    return stop if low <= stop else nan
