"""The positions of an account and its ledger: what is in each wallet."""

from decimal import Decimal

from geobuk.domain.order import PositionSide
from geobuk.matching.margin.ledger import Ledger
from geobuk.matching.margin.money import ZERO
from geobuk.matching.margin.position import Position
from geobuk.matching.margin.requirements import LegKey


class Wallets:
    """One wallet an asset; in the margin asset's, each isolated position has a part of its own."""

    __slots__ = ("ledger", "margin_asset", "positions")

    def __init__(self, margin_asset: str, first_tran_id: int, kept_entries: int) -> None:
        self.margin_asset = margin_asset
        self.ledger = Ledger(first_tran_id, kept_entries)
        self.positions: dict[LegKey, Position] = {}

    @property
    def wallet(self) -> Decimal:
        """The margin asset's, isolated parts included."""
        return self.ledger.wallet(self.margin_asset)

    @property
    def isolated(self) -> Decimal:
        """All isolated parts together."""
        return sum([position.isolated_wallet for position in self.positions.values()], ZERO)

    @property
    def cross(self) -> Decimal:
        return self.wallet - self.isolated

    def position(self, instrument: str, side: PositionSide) -> Position:
        """The leg, made flat if it never traded."""
        found = self.positions.get((instrument, side))
        if found is None:
            found = self.positions[instrument, side] = Position(instrument, side)
        return found

    def legs_of(self, instrument: str) -> list[Position]:
        """The legs of an instrument that are not flat."""
        return [position for key, position in self.positions.items() if key[0] == instrument and position.quantity]
