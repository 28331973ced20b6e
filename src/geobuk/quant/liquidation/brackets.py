"""A venue's table of maintenance brackets as one validated value, and the positions and accounts it applies to.

Knows no venue: rates change, so they are always handed in as read.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from geobuk.domain.instrument import LeverageBracket
from geobuk.panel import FloatArray

_CUMULATIVE_TOLERANCE = 1e-6
"""Share of the bracket's floor (at least of 1) by which a stated cumulative amount may differ from the computed one."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """Maintenance of notionals in [floor, cap): notional * rate - cumulative, quote currency."""

    floor: float
    cap: float
    rate: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class BracketTable:
    """Brackets from notional 0 upward without a gap; the last one also holds above its cap.

    Raises
    ------
    ValueError : an empty table, a gap or overlap, a rate outside [0, 1) or below the one before, or a cumulative amount
        that is not ``cumulative_before + floor * (rate - rate_before)``: maintenance would jump at the floor.
    """

    brackets: tuple[Bracket, ...]

    def __post_init__(self) -> None:
        if not self.brackets:
            raise ValueError("the bracket table is empty: give the venue's maintenance brackets")
        floor, before = 0.0, Bracket(0.0, 0.0, 0.0, 0.0)
        for place, bracket in enumerate(self.brackets):
            _require_joined(place, bracket, floor)
            _require_rising(place, bracket, before)
            floor, before = bracket.cap, bracket

    @classmethod
    def of(cls, floors: Sequence[float], rates: Sequence[float]) -> Self:
        """The table of these floors (ascending from 0) and rates, cumulative amounts computed.

        >>> BracketTable.of([0, 50_000, 250_000], [0.004, 0.005, 0.01]).brackets[2].cumulative
        1300.0
        """
        if len(floors) != len(rates):
            raise ValueError(f"{len(floors)} floors but {len(rates)} rates: give one rate for each floor")
        cumulative, before, rows = 0.0, 0.0, []
        for place, (floor, rate) in enumerate(zip(floors, rates, strict=True)):
            cumulative += floor * (rate - before) if place else 0.0
            cap = float(floors[place + 1]) if place + 1 < len(floors) else math.inf
            rows.append(Bracket(float(floor), cap, float(rate), cumulative))
            before = rate
        return cls(tuple(rows))

    @classmethod
    def from_rules(cls, brackets: Iterable[LeverageBracket]) -> Self:
        """The table of an instrument's rules."""
        return cls(
            tuple(
                Bracket(float(b.floor), float(b.cap), float(b.maintenance_rate), float(b.cumulative)) for b in brackets
            )
        )

    @property
    def floors(self) -> FloatArray:
        """(B,) lower ends, ascending from 0."""
        return np.array([bracket.floor for bracket in self.brackets])

    @property
    def rates(self) -> FloatArray:
        """(B,) maintenance rates."""
        return np.array([bracket.rate for bracket in self.brackets])

    @property
    def cumulatives(self) -> FloatArray:
        """(B,) amounts that are taken off."""
        return np.array([bracket.cumulative for bracket in self.brackets])

    def at(self, notional: float) -> Bracket:
        """The bracket that holds a notional >= 0."""
        return self.brackets[max(bisect_right([b.floor for b in self.brackets], notional) - 1, 0)]

    def maintenance(self, notional: float) -> float:
        """Maintenance margin of a notional >= 0, quote currency."""
        bracket = self.at(notional)
        return notional * bracket.rate - bracket.cumulative


def _require_joined(place: int, bracket: Bracket, floor: float) -> None:
    if bracket.floor != floor:
        raise ValueError(f"bracket {place} begins at {bracket.floor}, not at {floor}: brackets must join without a gap")
    if not bracket.cap > bracket.floor:
        raise ValueError(f"bracket {place} ends at {bracket.cap}, not above its floor {bracket.floor}: sort the table")


def _require_rising(place: int, bracket: Bracket, before: Bracket) -> None:
    if not before.rate <= bracket.rate < 1.0:
        raise ValueError(
            f"bracket {place} has rate {bracket.rate}: rates must rise from {before.rate} and stay below 1"
        )
    expected = before.cumulative + bracket.floor * (bracket.rate - before.rate) if place else 0.0
    if not abs(bracket.cumulative - expected) <= _CUMULATIVE_TOLERANCE * max(1.0, bracket.floor):
        raise ValueError(
            f"bracket {place} has cumulative {bracket.cumulative}, its floor and rate give {expected}: read it again"
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A signed quantity (negative = short), its entry price, the brackets, and the mark price where it is known.

    Raises
    ------
    ValueError : a quantity that is not finite, an entry or a mark that is not a positive number.
    """

    quantity: float
    entry: float
    brackets: BracketTable
    mark: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.quantity):
            raise ValueError(f"quantity {self.quantity} is not finite: give the signed size of the position")
        for name, price in (("entry", self.entry), ("mark", self.mark)):
            if price is not None and not 0.0 < price < math.inf:
                raise ValueError(f"{name} {price} is not a positive price: give the one that the venue states")

    @property
    def notional(self) -> float:
        """Size at mark, quote currency, never negative. Raises ValueError where the mark is not known."""
        return abs(self.quantity) * self._known_mark()

    @property
    def profit(self) -> float:
        """Unrealised profit at mark. Raises ValueError where the mark is not known."""
        return self.quantity * (self._known_mark() - self.entry)

    @property
    def maintenance(self) -> float:
        """Maintenance margin at mark. Raises ValueError where the mark is not known."""
        return self.brackets.maintenance(self.notional)

    def _known_mark(self) -> float:
        if self.mark is None:
            raise ValueError(f"the position of {self.quantity} at {self.entry} has no mark: give a fresh mark price")
        return self.mark


@dataclass(frozen=True, slots=True)
class CrossAccount:
    """A wallet (without unrealised profit) that all positions share; one-way mode, one position an instrument."""

    wallet: float
    positions: tuple[Position, ...]

    def __post_init__(self) -> None:
        if not math.isfinite(self.wallet):
            raise ValueError(f"wallet {self.wallet} is not finite: give the account's wallet balance")

    @property
    def equity(self) -> float:
        """Wallet plus unrealised profit at mark."""
        return self.wallet + sum(position.profit for position in self.positions)

    @property
    def maintenance(self) -> float:
        """Maintenance margin of all positions at mark."""
        return sum(position.maintenance for position in self.positions)
