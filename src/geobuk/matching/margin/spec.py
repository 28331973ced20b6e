"""What an account is when it is opened: fees, modes, leverage, and what pays its fees."""

from dataclasses import dataclass
from decimal import Decimal

from geobuk.domain.account import MarginMode


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
    is_hedged: bool = False
    default_leverage: int = 20
    margin_mode: MarginMode = MarginMode.CROSS
    fee_asset: str = "USDT"
    fee_discount: Decimal = Decimal("0.10")
    fee_asset_price: Decimal | None = None
    margin_asset: str = "USDT"
    first_tran_id: int = 1
    kept_entries: int = 200_000
