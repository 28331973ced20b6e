"""How amounts are rounded: 8 decimals, as the venue keeps them."""

from decimal import ROUND_DOWN, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.00000001")
"""The smallest amount that a wallet holds."""


def rounded(amount: Decimal) -> Decimal:
    """To 8 decimals, half to even: the same for a gain and for a loss."""
    return amount.quantize(CENT)


def truncated(amount: Decimal) -> Decimal:
    """To 8 decimals, toward zero: how fees are cut."""
    return amount.quantize(CENT, rounding=ROUND_DOWN)
