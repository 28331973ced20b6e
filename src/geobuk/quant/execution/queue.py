"""Where a resting order stands in its price level, by price-time priority, from trades, cancels and joins of others.

Pure transitions of one value; knows no order book.
"""

import math
from typing import NamedTuple

from geobuk.ops.compiled import kernel


class Queue(NamedTuple):
    """Sizes in base units: ``ahead`` of our order, our ``own`` that is left, ``behind`` it; none below 0."""

    ahead: float
    own: float
    behind: float


class Traded(NamedTuple):
    """The queue after a trade, and how much of our order it filled."""

    queue: Queue
    filled: float


@kernel
def after_trade(queue: Queue, size: float) -> Traded:
    """A trade of ``size`` at this price eats what is ahead, then our order, then what is behind.

    >>> after_trade(Queue(3.0, 5.0, 5.0), 6.0).filled
    3.0
    """
    eaten = min(queue.ahead, size)
    filled = min(queue.own, size - eaten)
    behind = max(0.0, queue.behind - (size - eaten - filled))
    return Traded(Queue(queue.ahead - eaten, queue.own - filled, behind), filled)


@kernel
def after_cancel(queue: Queue, size: float, is_careful: bool = False) -> Queue:
    """Others cancel ``size``, ahead and behind in proportion to what stands there.

    ``is_careful``: all of it is taken to stand behind us as far as that reaches; the rest must have been ahead.
    """
    others = queue.ahead + queue.behind
    if others <= 0.0:
        return queue
    if is_careful:
        behind = min(queue.behind, size)
        return Queue(max(0.0, queue.ahead - (size - behind)), queue.own, queue.behind - behind)
    kept = max(0.0, 1.0 - size / others)
    return Queue(queue.ahead * kept, queue.own, queue.behind * kept)


@kernel
def after_join(queue: Queue, size: float) -> Queue:
    """Others add ``size``: it stands behind us."""
    return Queue(queue.ahead, queue.own, queue.behind + size)


def joined_queue(ahead: float, own: float) -> Queue:
    """The queue when our order arrives: all that is shown at the price stands ahead.

    Raises
    ------
    ValueError : a size that is negative or not finite, or nothing of our own.
    """
    if not 0.0 <= ahead < math.inf or not 0.0 < own < math.inf:
        raise ValueError(f"ahead {ahead}, own {own}: give finite sizes, our own above 0")
    return Queue(ahead, own, 0.0)
