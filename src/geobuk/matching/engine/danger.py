"""At which marks a margin ratio is reached: the maintenance margin bends at the brackets, the balance is a line.

Floats: whoever asks uses the answer to know when to look, never to decide.
"""

from dataclasses import dataclass
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class Stretch:
    """Legs of one instrument that share a balance: signed quantities; balance and maintenance margin at ``mark``;
    ``tiers`` are (notional from, maintenance rate) by rising notional, the first from 0.
    """

    quantities: tuple[float, ...]
    balance: float
    maintenance: float
    mark: float
    tiers: tuple[tuple[float, float], ...]

    def gap(self, ratio: float) -> float:
        """Below zero while the margin ratio is below ``ratio``."""
        return self.maintenance - ratio * self.balance


@dataclass(frozen=True, slots=True)
class Lines:
    """Marks in units: look when the mark is at or below, at or above; None where there is no such mark."""

    below: int | None
    above: int | None

    def nearer(self, other: "Lines") -> "Lines":
        belows = [one for one in (self.below, other.below) if one is not None]
        aboves = [one for one in (self.above, other.above) if one is not None]
        return Lines(max(belows, default=None), min(aboves, default=None))


def lines_around(stretch: Stretch, ratio: float, unit: float) -> Lines:
    """Where maintenance / balance crosses ``ratio`` next, either way, moved one unit towards the mark now."""
    is_alone = len(stretch.quantities) == 1 and stretch.gap(ratio) < 0
    loses_above = stretch.quantities[0] < 0
    below = None if is_alone and loses_above else crossing(stretch, ratio, -1)
    above = None if is_alone and not loses_above else crossing(stretch, ratio, 1)
    return Lines(
        None if below is None else ceil(below / unit) + 1,
        None if above is None else max(1, floor(above / unit) - 1),
    )


def crossing(stretch: Stretch, ratio: float, direction: int) -> float | None:
    """The first price from the mark in a direction at which maintenance - ratio * balance changes its sign."""
    price = stretch.mark
    gap = stretch.gap(ratio)
    is_past = gap >= 0
    net = sum(stretch.quantities)
    for edge in _edges(stretch, direction):
        inside = price + direction if edge is None else (price + edge) / 2
        slope = sum(abs(q) * _rate(stretch, abs(q) * inside) for q in stretch.quantities) - ratio * net
        change = slope * direction
        distance = -gap / change if change else float("inf")
        if distance >= 0 and (change > 0) is not is_past and (edge is None or distance <= abs(edge - price)):
            return price + direction * distance
        if edge is None:
            return None
        gap += change * abs(edge - price)
        price = edge
        if (gap >= 0) is not is_past:
            return price
    return None


def _edges(stretch: Stretch, direction: int) -> list[float | None]:
    """The prices at which a leg enters another bracket, on the way from the mark; None: no edge any more."""
    prices = sorted({start / abs(q) for q in stretch.quantities for start, _ in stretch.tiers})
    if direction > 0:
        return [*(price for price in prices if price > stretch.mark), None]
    return [*(price for price in reversed(prices) if 0 < price < stretch.mark), 0.0]


def _rate(stretch: Stretch, notional: float) -> float:
    rate = 0.0
    for start, tier in stretch.tiers:
        if start > notional:
            break
        rate = tier
    return rate
