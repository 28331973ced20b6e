"""At which prices waiting orders must be looked at, and whether one fires. Prices are in the book's units."""

from bisect import bisect_left, insort
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from geobuk.domain.order import OrderType, Side, TriggerSource
from geobuk.matching.engine.orders import NewConditional
from geobuk.matching.engine.waiting import Waiting

LAST_BELOW, LAST_ABOVE, MARK_BELOW, MARK_ABOVE = range(4)
_Entry = tuple[int, int, Waiting]


class Prices(NamedTuple):
    """Last and mark; 0 where one is not known yet."""

    last: int
    mark: int


class Look(NamedTuple):
    """What came of looking at a waiting order."""

    fires: bool
    was_activated: bool = False


class TriggerLines:
    """Four sorted lists: last or mark, reached from above (below a line) or from below (above it), nearest first."""

    __slots__ = ("_lists",)

    def __init__(self) -> None:
        self._lists: tuple[list[_Entry], ...] = ([], [], [], [])

    def set(self, waiting: Waiting, lines: list[tuple[int, int]]) -> None:
        """Have an order looked at when one of the (list, price) is reached, instead of its lines before."""
        self.drop(waiting)
        waiting.lines = [(which, price if which in {LAST_ABOVE, MARK_ABOVE} else -price) for which, price in lines]
        for which, key in waiting.lines:
            insort(self._lists[which], (key, waiting.id, waiting))

    def drop(self, waiting: Waiting) -> None:
        for which, key in waiting.lines:
            entries = self._lists[which]
            del entries[bisect_left(entries, (key, waiting.id))]
        waiting.lines = []

    def nearest(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Last below, last above, mark below, mark above: where the next one must be looked at."""
        below, above, mark_below, mark_above = self._lists
        return (
            -below[0][0] if below else None,
            above[0][0] if above else None,
            -mark_below[0][0] if mark_below else None,
            mark_above[0][0] if mark_above else None,
        )

    def reached(self, prices: Prices) -> Waiting | None:
        """The oldest order that must be looked at, None if none."""
        keys = (-prices.last, prices.last, -prices.mark, prices.mark)
        oldest: Waiting | None = None
        for which, entries in enumerate(self._lists):
            if not entries or not keys[which]:
                continue
            for key, _, waiting in entries:
                if key > keys[which]:
                    break
                if oldest is None or waiting.id < oldest.id:
                    oldest = waiting
        return oldest


def look(waiting: Waiting, prices: Prices, protect: Decimal) -> Look:
    """Judge a waiting order at the prices now; where it does not fire, its lines are set anew."""
    if waiting.request.type is OrderType.TRAILING_STOP:
        return _look_at_trailing(waiting, prices)
    watched = watched_price(waiting.request, prices)
    if not watched or not is_beyond(waiting.rises, watched, waiting.trigger):
        _arm(waiting, [(waiting.rises, waiting.trigger)])
    elif waiting.request.is_price_protected and _are_apart(prices, protect):
        lines = [(LAST_BELOW, prices.last - 1), (LAST_ABOVE, prices.last + 1)]
        waiting.listing.lines.set(waiting, [*lines, (MARK_BELOW, prices.mark - 1), (MARK_ABOVE, prices.mark + 1)])
    else:
        return Look(fires=True)
    return Look(fires=False)


def watched_price(request: NewConditional, prices: Prices) -> int:
    return prices.mark if request.trigger_source is TriggerSource.MARK else prices.last


def is_beyond(rises: bool, price: int, line: int) -> bool:
    """Whether a price has come up (or down) to a line."""
    return price >= line if rises else price <= line


def _arm(waiting: Waiting, lines: list[tuple[bool, int]]) -> None:
    """Lines of (is above, price) on the price that it watches."""
    base = MARK_BELOW if waiting.request.trigger_source is TriggerSource.MARK else LAST_BELOW
    waiting.listing.lines.set(waiting, [(base + is_above, price) for is_above, price in lines])


def _are_apart(prices: Prices, protect: Decimal) -> bool:
    """Whether mark and last differ by more than a protected trigger bears; never while one is not known."""
    return bool(prices.mark and prices.last) and abs(prices.mark - prices.last) > protect * prices.mark


def _look_at_trailing(waiting: Waiting, prices: Prices) -> Look:
    price = watched_price(waiting.request, prices)
    rises = waiting.rises
    was_activated = False
    if not waiting.is_activated:
        if not price or not is_beyond(not rises, price, waiting.trigger):
            _arm(waiting, [(not rises, waiting.trigger)])
            return Look(fires=False)
        waiting.is_activated = was_activated = True
    if price:
        waiting.extreme = _further(rises, waiting.extreme, price)
    if not waiting.extreme:
        _arm(waiting, [(True, 1)])
        return Look(fires=False)
    line = trailing_line(waiting)
    if is_beyond(rises, price, line):
        return Look(fires=True, was_activated=was_activated)
    _arm(waiting, [(rises, line), (not rises, waiting.extreme + (-1 if rises else 1))])
    return Look(fires=False, was_activated=was_activated)


def trailing_line(waiting: Waiting) -> int:
    """Where a trailing stop fires now: the callback away from the best price since it was activated."""
    if waiting.request.side is Side.BUY:
        return int((waiting.extreme * (1 + waiting.callback)).to_integral_value(ROUND_CEILING))
    return int((waiting.extreme * (1 - waiting.callback)).to_integral_value(ROUND_FLOOR))


def _further(rises: bool, extreme: int, price: int) -> int:
    """The lower price for an order that buys on the way up, else the higher one."""
    if not extreme:
        return price
    return min(extreme, price) if rises else max(extreme, price)
