"""What an execution costs: rate, asset and amount, cut to 8 decimals."""

from decimal import Decimal
from typing import NamedTuple

from geobuk.matching.margin.money import ZERO, truncated


class Fee(NamedTuple):
    """A cost when positive, in ``asset``."""

    amount: Decimal
    asset: str


def discounted_fee(notional: Decimal, rate: Decimal, discount: Decimal, asset_price: Decimal) -> Decimal:
    """The fee in another asset, priced in the margin asset."""
    return truncated(notional * rate * (1 - discount) / asset_price)


def plain_fee(notional: Decimal, rate: Decimal) -> Decimal:
    """The fee in the margin asset."""
    return truncated(notional * rate) if rate else ZERO
