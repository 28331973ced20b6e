"""What an account holds, as reports show it: views that never change."""

from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.order import PositionSide


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset. ``change`` is the part of the last change that neither profit nor fee explains."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    change: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Holding:
    """One position leg. ``quantity`` signed; ``entry_price`` and ``break_even_price`` 0 when flat; ``realized`` is the
    running sum of realised profit before fees; ``isolated_wallet`` 0 on cross.
    """

    instrument: str
    position_side: PositionSide
    quantity: Decimal
    entry_price: Decimal
    break_even_price: Decimal
    realized: Decimal
    unrealized: Decimal
    is_isolated: bool
    isolated_wallet: Decimal
    updated_ns: int
