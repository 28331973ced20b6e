"""From probabilities to a regime that holds: thresholds apart for entering and leaving, and a least stay.

Knows probabilities only, not where they came from.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray, IntArray
from geobuk.quant.returns import finite

STATE, AGE, SWITCHES = 0, 1, 2
"""Places of a held regime (3,) int64: the state (-1 before the first bar), bars since it began, switches so far."""


class HeldRegimes(NamedTuple):
    """(T,) state held at each bar, (T,) bars since its switch (the switch bar is 0), and the number of switches."""

    states: IntArray
    ages: IntArray
    switches: int


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """State 1 is entered at a probability of ``enter`` or more and left at ``leave`` or less.

    After a switch the state is held at least ``min_dwell`` bars; the state of the first bar may be left at once.
    """

    enter: float = 0.7
    leave: float = 0.3
    min_dwell: int = 1

    def __post_init__(self) -> None:
        if not 0.0 <= self.leave < self.enter <= 1.0:
            raise ValueError(f"leave {self.leave} and enter {self.enter} must hold 0 <= leave < enter <= 1")
        _require_dwell(self.min_dwell)


@dataclass(frozen=True, slots=True)
class RegimeChoice:
    """For K states: the most probable one is taken up where its probability is at least ``enter`` and exceeds that of
    the held state by at least ``margin``, and the held state is ``min_dwell`` bars old (the first may be left at once).
    """

    enter: float = 0.5
    margin: float = 0.1
    min_dwell: int = 1

    def __post_init__(self) -> None:
        if not (0.0 <= self.enter <= 1.0 and 0.0 <= self.margin < 1.0):
            raise ValueError(f"enter {self.enter} and margin {self.margin} must be probabilities, margin below 1")
        _require_dwell(self.min_dwell)


def held_states(probability: npt.ArrayLike, rule: Hysteresis) -> HeldRegimes:
    """Two states from (T,) probabilities of state 1. Row t uses rows up to t; raises ValueError outside [0, 1].

    >>> p = [0.2, 0.75, 0.5, 0.2, 0.8, 0.65, 0.25, 0.1]
    >>> held_states(p, Hysteresis(enter=0.7, leave=0.3, min_dwell=4)).states.tolist()
    [0, 1, 1, 1, 1, 1, 0, 0]
    """
    row = finite(probability, "probability")
    if row.min() < 0.0 or row.max() > 1.0:
        raise ValueError(f"probability runs from {row.min()} to {row.max()}: it must lie in [0, 1]")
    states, ages, switches = _hold(row, rule.enter, rule.leave, rule.min_dwell)
    return HeldRegimes(states, ages, int(switches))


def held_regimes(probabilities: npt.ArrayLike, rule: RegimeChoice) -> HeldRegimes:
    """One of K states from (T, K) probabilities; the first bar takes the most probable, ties the lower state.

    Row t uses rows up to t. Raises ValueError where a row isn't K probabilities summing to 1 (1e-6).
    """
    rows = np.ascontiguousarray(probabilities, dtype=np.float64)
    if rows.ndim != 2 or rows.size == 0:
        raise ValueError(f"probabilities has shape {rows.shape}: give (T, K), at least one row")
    finite(rows.ravel(), "probabilities")
    if rows.min() < 0.0 or np.abs(rows.sum(axis=1) - 1.0).max() > 1e-6:
        raise ValueError("a row of probabilities holds a negative value or does not sum to 1")
    states, ages, switches = _hold_many(rows, rule.enter, rule.margin, rule.min_dwell)
    return HeldRegimes(states, ages, int(switches))


@step
def hold_step(held: IntArray, probability: float, enter: float, leave: float, min_dwell: int) -> None:
    """One bar of two states, in place; ``held`` (3,) starts as -1, 0, 0. A NaN holds the state, or begins with 0."""
    wanted = held[STATE]
    if probability >= enter:
        wanted = 1
    elif probability <= leave or held[STATE] < 0:
        wanted = 0
    take_up_step(held, wanted, min_dwell)


@step
def choose_step(held: IntArray, probabilities: FloatArray, enter: float, margin: float, min_dwell: int) -> None:
    """One bar of K states, in place; ``held`` (3,) starts as -1, 0, 0. NaNs hold the state."""
    likely = 0
    for k in range(1, len(probabilities)):
        if probabilities[k] > probabilities[likely]:
            likely = k
    wanted = likely
    if held[STATE] >= 0:
        lead = probabilities[likely] - probabilities[held[STATE]]
        if not (lead > 0.0 and lead >= margin and probabilities[likely] >= enter):
            wanted = held[STATE]
    take_up_step(held, wanted, min_dwell)


@step
def take_up_step(held: IntArray, wanted: int, min_dwell: int) -> None:
    """Switch ``held`` to the wanted state if the present one is old enough; else it grows a bar older."""
    if held[STATE] < 0:
        held[STATE] = wanted
        held[AGE] = 0
        return
    held[AGE] += 1
    if wanted != held[STATE] and (held[AGE] >= min_dwell or held[SWITCHES] == 0):
        held[STATE] = wanted
        held[AGE] = 0
        held[SWITCHES] += 1


@kernel
def _hold(probability: FloatArray, enter: float, leave: float, min_dwell: int) -> tuple[IntArray, IntArray, int]:
    bars = len(probability)
    states, ages = np.empty(bars, dtype=np.int64), np.empty(bars, dtype=np.int64)
    held = np.array([-1, 0, 0], dtype=np.int64)
    for t in range(bars):
        hold_step(held, probability[t], enter, leave, min_dwell)
        states[t], ages[t] = held[STATE], held[AGE]
    return states, ages, held[SWITCHES]


@kernel
def _hold_many(rows: FloatArray, enter: float, margin: float, min_dwell: int) -> tuple[IntArray, IntArray, int]:
    bars = len(rows)
    states, ages = np.empty(bars, dtype=np.int64), np.empty(bars, dtype=np.int64)
    held = np.array([-1, 0, 0], dtype=np.int64)
    for t in range(bars):
        choose_step(held, rows[t], enter, margin, min_dwell)
        states[t], ages[t] = held[STATE], held[AGE]
    return states, ages, held[SWITCHES]


def _require_dwell(min_dwell: int) -> None:
    if min_dwell < 0:
        raise ValueError(f"min_dwell {min_dwell} is negative: give the least number of bars to hold a state")
