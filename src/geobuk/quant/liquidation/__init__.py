"""Where a position is liquidated, how likely that is, and what a whole account risks within hours.

Knows brackets and prices as numbers; no venue, no order.
"""

from geobuk.quant.liquidation.account import (
    AccountChance,
    AccountRisk,
    account_liquidation_probability,
    loss_probability,
)
from geobuk.quant.liquidation.barrier import (
    Barrier,
    discrete_probability,
    driftless_probability,
    hit_probability,
    student_bound,
    with_jumps,
)
from geobuk.quant.liquidation.brackets import Bracket, BracketTable, CrossAccount, Position
from geobuk.quant.liquidation.chance import HitModel, LiquidationChance, liquidation_probability
from geobuk.quant.liquidation.monte_carlo import (
    FilteredReturns,
    Simulated,
    Simulation,
    filtered_hit,
    simulated_hit,
)
from geobuk.quant.liquidation.price import cross_liquidation_price, hedge_liquidation_price, liquidation_price

__all__ = [
    "AccountChance",
    "AccountRisk",
    "Barrier",
    "Bracket",
    "BracketTable",
    "CrossAccount",
    "FilteredReturns",
    "HitModel",
    "LiquidationChance",
    "Position",
    "Simulated",
    "Simulation",
    "account_liquidation_probability",
    "cross_liquidation_price",
    "discrete_probability",
    "driftless_probability",
    "filtered_hit",
    "hedge_liquidation_price",
    "hit_probability",
    "liquidation_price",
    "liquidation_probability",
    "loss_probability",
    "simulated_hit",
    "student_bound",
    "with_jumps",
]
