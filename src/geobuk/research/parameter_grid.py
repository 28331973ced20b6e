"""The parameter sets that a walk-forward may choose from: those of a run, and their neighbours. Knows no market."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from msgspec import inspect

from geobuk.domain.errors import StrategyError
from geobuk.ops.annotations import unwrapped
from geobuk.strategies.matrix import labels
from geobuk.strategies.strategy import Strategy

FACTORS = (0.5, 2.0)
"""What a numeric parameter is multiplied by, one at a time, clipped to its range."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One parameter set: ``label`` says what differs from the run, empty for the run itself."""

    label: str
    strategies: tuple[Strategy, ...]


def trials_of(strategies: Sequence[Strategy], most: int) -> tuple[Trial, ...]:
    """The run's own set, the defaults where they differ, then neighbours by turns over the strategies; all distinct.

    Parameters
    ----------
    most : sets at most; neighbours beyond it are left out in a fixed order.

    A neighbour is one numeric parameter times 0.5 or 2, clipped to its range, whole where it must be. Sets that a
    strategy refuses are left out.

    Raises
    ------
    ValueError : ``most`` below 1, no strategy.
    """
    if most < 1 or not strategies:
        raise ValueError(f"{len(strategies)} strategies, at most {most} sets: give at least one of each")
    own = tuple(strategies)
    found = [Trial("", own)]
    names = labels(own)
    by_strategy = [_neighbours(own, place, name) for place, name in enumerate(names)]
    for trial in (*_defaults(own), *(one for turn in zip_longest(*by_strategy) for one in turn if one)):
        if len(found) < most and all(trial.strategies != known.strategies for known in found):
            found.append(trial)
    return tuple(found)


def _defaults(own: tuple[Strategy, ...]) -> Iterator[Trial]:
    try:
        yield Trial("defaults", tuple(type(one)() for one in own))
    except (StrategyError, TypeError):  # a parameter without a default
        return


def _neighbours(own: tuple[Strategy, ...], place: int, name: str) -> Iterator[Trial]:
    kind = type(own[place])
    shape = inspect.type_info(kind)
    for field in getattr(shape, "fields", ()):
        value = getattr(own[place], field.name)
        for factor in FACTORS:
            scaled = _scaled(unwrapped(field.type)[0], value, factor)
            if scaled is None or scaled == value:
                continue
            try:
                changed = kind(**{**own[place].parameters(), field.name: scaled})
            except StrategyError:
                continue
            yield Trial(f"{name}.{field.name}={scaled:g}", (*own[:place], changed, *own[place + 1 :]))


def _scaled(shape: inspect.Type, value: Any, factor: float) -> float | None:
    """The value times the factor within its range; None where it is no number."""
    if not isinstance(shape, inspect.IntType | inspect.FloatType) or isinstance(value, bool):
        return None
    scaled = float(value) * factor
    lowest, highest = shape.ge, shape.le
    if isinstance(shape, inspect.IntType):
        scaled = float(round(scaled))
        lowest = shape.gt + 1 if lowest is None and shape.gt is not None else lowest
        highest = shape.lt - 1 if highest is None and shape.lt is not None else highest
    scaled = max(scaled, lowest if lowest is not None else -math.inf)
    scaled = min(scaled, highest if highest is not None else math.inf)
    return int(scaled) if isinstance(shape, inspect.IntType) else scaled
