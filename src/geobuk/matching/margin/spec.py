"""What an account is when it is opened: fees, modes, leverage, and what pays its fees."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from geobuk.domain.account import MarginMode
from geobuk.domain.errors import UnknownNameError
from geobuk.matching.margin.fees import FEE_TIERS


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """Rates are fractions of the notional; None takes the instrument's own.

    With a ``fee_asset`` other than ``margin_asset``, fees are paid in it at ``fee_discount`` less, while its wallet
    holds enough and its price is known: ``fee_asset_price``, in the margin asset. Otherwise the margin asset pays in
    full. ``default_leverage`` is cut to what an instrument's first bracket allows. ``kept_entries`` of the ledger are
    remembered, the newest.
    """

    maker_fee: Decimal | None = None
    taker_fee: Decimal | None = None
    hedge_mode: bool = False
    default_leverage: int = 20
    margin_mode: MarginMode = MarginMode.CROSS
    fee_asset: str = "USDT"
    fee_discount: Decimal = Decimal("0.10")
    fee_asset_price: Decimal | None = None
    margin_asset: str = "USDT"
    first_tran_id: int = 1
    kept_entries: int = 200_000

    @classmethod
    def of_tier(cls, tier: int) -> Self:
        """The fees of a venue's VIP tier (0 = regular user).

        Raises
        ------
        UnknownNameError : a tier that is not in the table.
        """
        if tier not in FEE_TIERS:
            raise UnknownNameError("fee tier", str(tier), [str(known) for known in FEE_TIERS])
        return cls(maker_fee=FEE_TIERS[tier].maker, taker_fee=FEE_TIERS[tier].taker)
