"""What the gate may know beyond the series itself: its rules, its mark price, and other series of the same instrument.

Values only; :mod:`geobuk.data.check_context` finds them in a catalog.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from geobuk.data.rows import Rows
from geobuk.panel import FloatArray, IntArray


@dataclass(frozen=True)
class Reference:
    """Another series to compare with. ``label`` names it; ``load`` gives its trusted rows, ordered by time."""

    label: str
    interval_ns: int
    load: Callable[[], Rows]

    @cached_property
    def rows(self) -> Rows:
        """Its rows, loaded once."""
        return self.load()


@dataclass(frozen=True)
class TickEra:
    """Ticks in force from a moment on: prices from ``floors[k]`` move in ``ticks[k]``; floors ascend from 0."""

    from_ns: int
    floors: tuple[float, ...]
    ticks: tuple[float, ...]

    def tick_of(self, prices: FloatArray) -> FloatArray:
        """The tick at each price."""
        band = np.searchsorted(np.array(self.floors), prices, side="right") - 1
        found: FloatArray = np.array(self.ticks)[np.maximum(band, 0)]
        return found


@dataclass(frozen=True)
class Context:
    """Everything is optional: what is not known is not checked.

    ``known_names`` are the instruments that the venue is known to have. ``step`` is the lot step (0: not known),
    ``price_band`` the largest move from the previous close.
    """

    ticks: tuple[TickEra, ...] = ()
    step: float = 0.0
    price_band: float = 0.0
    rules_as_of: str = ""
    mark: Reference | None = None
    references: tuple[Reference, ...] = ()
    thousandfold: Reference | None = None
    known_names: frozenset[str] = field(default_factory=frozenset)

    def ticks_at(self, at_ns: IntArray, prices: FloatArray, *, backwards: bool = False) -> FloatArray:
        """The tick in force for each price at each time; NaN where none is known.

        With ``backwards`` the oldest known ticks also count for the time before them.
        """
        result = np.full(len(prices), np.nan)
        for number, era in enumerate(sorted(self.ticks, key=lambda era: era.from_ns)):
            first = 0 if backwards and number == 0 else int(np.searchsorted(at_ns, era.from_ns))
            result[first:] = era.tick_of(prices[first:])
        return result


NOTHING_KNOWN = Context()
"""No context: only what a series says by itself is judged."""
