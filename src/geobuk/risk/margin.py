"""Margin on tiered brackets: maintenance, and the leverage that a notional allows.

Source: Binance, USDⓈ-M leverage and margin tiers, maintenance amount = notional * rate - cumulative.
"""

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import band_of


@step
def maintenance_margin(notional: float, term: Record) -> float:
    """Maintenance margin of a position with this notional (>= 0) at mark, quote currency."""
    if notional < term.first_tier_below:
        return notional * term.first_rate - term.first_cumulative
    tier = band_of(notional, term.bracket_floor)
    return notional * term.bracket_rate[tier] - term.bracket_cumulative[tier]


@step
def allowed_leverage(notional: float, term: Record, account_leverage: float) -> float:
    """The smaller of the account's leverage setting and what the bracket of this notional (>= 0) allows."""
    if notional < term.first_tier_below:
        return min(account_leverage, term.first_leverage)
    return min(account_leverage, term.bracket_leverage[band_of(notional, term.bracket_floor)])
