"""From instruments that pass every limit to a choice: the best first, unlike each other, no sector too full."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from geobuk.panel import FloatArray
from geobuk.research.universe_reasons import Reason, reason
from geobuk.research.universe_spec import UniverseSpec


@dataclass(frozen=True, slots=True)
class Contender:
    """An instrument that passes every limit: its column, name, sector (empty: none) and points."""

    column: int
    name: str
    sector: str
    points: float


@dataclass(frozen=True)
class Choice:
    """Contenders in the order in which they were chosen, and why each of the others (by column) was passed over.

    ``taken_off`` by column: the points that likeness cost when it was chosen, or would cost beside all the chosen.
    """

    chosen: tuple[Contender, ...]
    passed_over: dict[int, Reason]
    taken_off: dict[int, float]


def choose(contenders: Sequence[Contender], correlation: FloatArray, spec: UniverseSpec, count: int) -> Choice:
    """Take one after the other whichever has most points, less what its likeness to those chosen costs.

    ``correlation`` is (N, N) by column; an unknown one costs nothing. Ties go to the name that comes first.
    """
    left = sorted(contenders, key=lambda one: (-one.points, one.name))
    chosen: list[Contender] = []
    passed_over: dict[int, Reason] = {}
    taken_off: dict[int, float] = {}
    most = sector_room(spec, count)
    while left and len(chosen) < count:
        for one in list(left):
            why = _barrier(one, chosen, correlation, spec, most)
            if why is not None:
                passed_over[one.column] = why
                left.remove(one)
        if not left:
            break
        costs = {one.column: spec.diversity_points * likeness(one, chosen, correlation) for one in left}
        best = max(left, key=lambda one: one.points - costs[one.column])
        taken_off[best.column] = costs[best.column]
        chosen.append(best)
        left.remove(best)
    for place, one in enumerate(left):
        passed_over[one.column] = reason("RANK", (len(chosen) + place + 1, len(chosen)), is_for=False, unit="count")
    others = (one for one in contenders if one.column in passed_over)
    taken_off |= {one.column: spec.diversity_points * likeness(one, chosen, correlation) for one in others}
    return Choice(tuple(chosen), passed_over, taken_off)


def sector_room(spec: UniverseSpec, count: int) -> int:
    """Names that one sector may have."""
    return max(1, int(spec.max_sector_share * count + 1e-9))


def likeness(one: Contender, chosen: Sequence[Contender], correlation: FloatArray) -> float:
    """Mean correlation with those chosen, at least 0; 0 where none is known."""
    known = [value for other in chosen if not isnan(value := float(correlation[one.column, other.column]))]
    return max(0.0, sum(known) / len(known)) if known else 0.0


def nearest(one: Contender, chosen: Sequence[Contender], correlation: FloatArray) -> tuple[float, str] | None:
    """The highest correlation with another one that is chosen, and its name; None where none is known."""
    others = [other for other in chosen if other.column != one.column]
    values = np.array([correlation[one.column, other.column] for other in others])
    if not np.isfinite(values).any():
        return None
    place = int(np.nanargmax(values))
    return float(values[place]), others[place].name


def _barrier(
    one: Contender, chosen: Sequence[Contender], correlation: FloatArray, spec: UniverseSpec, most: int
) -> Reason | None:
    sectors = Counter(other.sector for other in chosen)
    if one.sector and sectors[one.sector] >= most:
        other = (one.sector, one.sector)
        return reason("SECTOR", (sectors[one.sector], most), is_for=False, unit="count", other=other)
    closest = nearest(one, chosen, correlation)
    if closest is not None and closest[0] > spec.max_correlation:
        other = (closest[1], closest[1])
        return reason("CORRELATION", (closest[0], spec.max_correlation), is_for=False, other=other)
    return None
