"""An instrument's tiers of maintenance margin and of leverage, exact."""

from bisect import bisect_right
from decimal import Decimal
from typing import NamedTuple

from geobuk.domain.instrument import LeverageBracket
from geobuk.matching.margin.money import ZERO

_NO_LIMIT = LeverageBracket(ZERO, Decimal("Infinity"), 125, ZERO, ZERO)
"""Rules without brackets: no maintenance, no largest position."""


class Tier(NamedTuple):
    """Maintenance of a notional here: notional * rate - cumulative."""

    rate: Decimal
    cumulative: Decimal


class Brackets:
    """The brackets from notional 0 upward; the last one also holds above its cap."""

    __slots__ = ("_rows", "floors", "max_leverage", "tiers")

    def __init__(self, rows: tuple[LeverageBracket, ...]) -> None:
        self._rows = rows or (_NO_LIMIT,)
        self.tiers = tuple(Tier(row.maintenance_rate, row.cumulative) for row in self._rows)
        self.floors = tuple(row.floor for row in self._rows)
        self.max_leverage = max(row.max_leverage for row in self._rows)

    def place(self, notional: Decimal) -> int:
        """Where in ``tiers`` the one is that holds a notional >= 0."""
        return bisect_right(self.floors, notional) - 1

    def tier(self, notional: Decimal) -> Tier:
        """The tier that holds a notional >= 0."""
        return self.tiers[bisect_right(self.floors, notional) - 1]

    def maintenance(self, notional: Decimal) -> Decimal:
        """Maintenance margin of a notional >= 0, quote currency."""
        tier = self.tier(notional)
        return notional * tier.rate - tier.cumulative

    def max_notional(self, leverage: int) -> Decimal:
        """The largest notional that may be held at a leverage; 0 where no bracket allows it."""
        return max((row.cap for row in self._rows if row.max_leverage >= leverage), default=ZERO)
