"""What a fill costs: spread, impact, fees, and the venue's fee schedule."""

from math import sqrt

import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.matching.spec import Costs
from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import round_down, round_up

FEE_SCHEDULE: dict[str, tuple[float, float]] = {
    "vip1": (0.00016, 0.00040),
    "vip3": (0.00012, 0.00032),
    "vip5": (0.00008, 0.00027),
    "vip9": (0.00000, 0.00017),
}
"""Maker and taker rates of Binance USDⓈ-M tiers above regular. The venue's own answer for an account is
authoritative.
"""


COST_FIELDS = [(name, np.float64) for name in ("half_spread", "impact", "participation", "locked_participation")]
"""Fields of a rules record that fills read: fractions of notional, and shares of the bar's volume."""


def cost_values(costs: Costs) -> dict[str, float]:
    """Values of COST_FIELDS, with the multiplier applied."""
    return {
        "half_spread": costs.half_spread_bps * 1e-4 * costs.multiplier,
        "impact": costs.impact * costs.multiplier,
        "participation": costs.participation,
        "locked_participation": costs.locked_participation,
    }


def fee_rates(instrument: Instrument, costs: Costs) -> tuple[float, float]:
    """Maker and taker rate of an instrument, with tier, overrides and multiplier applied. A rebate is not
    multiplied.
    """
    maker, taker = FEE_SCHEDULE.get(costs.fee_tier, (float(instrument.maker_fee), float(instrument.taker_fee)))
    maker = costs.maker_fee if costs.maker_fee is not None else maker
    taker = costs.taker_fee if costs.taker_fee is not None else taker
    return (maker * costs.multiplier if maker > 0 else maker, taker * costs.multiplier if taker > 0 else taker)


@step
def slippage_fraction(quantity: float, volume: float, volatility: float, rules: Record) -> float:
    """Half the spread plus impact Y * sigma * sqrt(Q / V), as a fraction of the price.

    ``quantity`` > 0 and ``volume`` in base units, ``volatility`` per bar. Source: Tóth et al. 2011.
    """
    impact = rules.impact * volatility * sqrt(quantity / volume) if volume > 0.0 else 0.0
    return rules.half_spread + impact


@step
def slipped_price(side: float, reference: float, fraction: float, tick: float, high: float, low: float) -> float:
    """Where a taking fill is printed: moved against us, rounded against us, and kept inside the bar.

    What the bar's range cuts off is not forgiven: the caller charges it in cash.
    """
    moved = reference * (1.0 + side * fraction)
    if side > 0.0:
        return min(round_up(moved, tick), max(high, reference)) if fraction > 0.0 else reference
    return max(round_down(moved, tick), min(low, reference)) if fraction > 0.0 else reference
