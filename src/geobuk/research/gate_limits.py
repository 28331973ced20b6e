"""What a strategy must show before it may trade money, and how the evidence is made. The defaults are the house's."""

from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Days = Annotated[int, Meta(ge=1, le=3650)]


class GateLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of `geobuk gates`, and how each figure is computed; see docs/gates.md. Shares are fractions."""

    min_walk_forward_sharpe: Annotated[
        float, Meta(ge=-10, le=10, description="a year, of the days that no choice had seen")
    ] = 1.5
    max_drawdown: Annotated[Share, Meta(description="deepest fall on any bar, of the run and of the walk-forward")] = (
        0.12
    )
    max_ruin: Annotated[Share, Meta(description="probability of ruin must be below it")] = 0.01
    max_liquidation: Annotated[Share, Meta(description="probability within 24 hours must be below it")] = 0.005
    min_deflated_sharpe: Annotated[Share, Meta(description="probability that the Sharpe ratio is no luck")] = 0.95
    max_overfitting: Annotated[Share, Meta(description="probability that the best set is worse than half")] = 0.5
    min_paper_days: Annotated[Days, Meta(description="days of paper trading")] = 30
    min_fill_rate: Annotated[Share, Meta(description="orders filled of orders sent must be above it")] = 0.95
    max_slippage_bps: Annotated[float, Meta(ge=-100, le=1000, description="mean on paper must be below it")] = 5.0
    max_slippage_excess_bps: Annotated[
        float, Meta(ge=0, le=1000, description="how much more than the simulation assumed, at most")
    ] = 2.0
    min_post_only: Annotated[Share, Meta(description="post-only orders that rested must be above it")] = 0.70
    train_days: Annotated[Days, Meta(description="days in which a parameter set is chosen")] = 240
    test_days: Annotated[Days, Meta(description="days after them that are traded with it")] = 60
    gap_days: Annotated[Days, Meta(description="days between them that serve neither")] = 5
    most_sets: Annotated[int, Meta(ge=2, le=200, description="parameter sets that are tried, at most")] = 24
    blocks: Annotated[int, Meta(ge=2, le=24, multiple_of=2, description="of the cross-validation; an even number")] = 16
    ruin_fraction: Annotated[float, Meta(gt=0, le=1, description="loss that counts as ruin")] = 0.5
    block_days: Annotated[float, Meta(ge=1, le=365, description="mean days that stay together in drawn futures")] = 10.0
    liquidation_days: Annotated[int, Meta(ge=1, le=3650, description="days of largest exposure that are judged")] = 50
    covariance_days: Annotated[int, Meta(ge=5, le=365, description="past days whose returns give the covariance")] = 30
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1, description="of everything drawn at random")] = 1
