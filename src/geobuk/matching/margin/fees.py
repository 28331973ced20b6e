"""What an execution costs: rate, asset and amount, cut to 8 decimals."""

from decimal import Decimal
from typing import NamedTuple

from geobuk.matching.margin.money import ZERO, truncated


class FeeRates(NamedTuple):
    """Fractions of the notional; a negative maker rate is a rebate."""

    maker: Decimal
    taker: Decimal


FEE_TIERS: dict[int, FeeRates] = {
    0: FeeRates(Decimal("0.0002"), Decimal("0.0005")),
    1: FeeRates(Decimal("0.00016"), Decimal("0.0004")),
    3: FeeRates(Decimal("0.00012"), Decimal("0.00032")),
    5: FeeRates(Decimal("0.00008"), Decimal("0.00027")),
    9: FeeRates(Decimal("0"), Decimal("0.00017")),
}
"""USDT contracts by VIP tier; a venue's own reply about an account's rates comes before this table."""


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
