"""What a person may set about the choice of instruments: limits, the weights of the score, how alike names may be."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

LEAST, MOST = 10, 25
"""Bounds of the number of instruments in a universe."""

Share = Annotated[float, Meta(ge=0, le=1)]
Points = Annotated[float, Meta(ge=0, le=100)]
Amount = Annotated[float, Meta(ge=0, le=1e15)]
Days = Annotated[int, Meta(ge=1, le=3650)]


class UniverseWeights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each part of the score (0 to 100) counts, relative to the others; parts that don't apply are left out."""

    turnover: Points = 30.0
    illiquidity: Points = 10.0
    spread: Points = 15.0
    data: Points = 15.0
    age: Points = 10.0
    headroom: Points = 15.0
    funding: Points = 5.0


class UniverseSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which instruments may be chosen, and how many; see docs/universe.md for each measure.

    Shares and rates are fractions: 0.005 is 0.5 %.
    """

    count: Annotated[
        int, Meta(ge=LEAST, le=MOST, description="most instruments; fewer are chosen if fewer qualify")
    ] = 15
    lookback_days: Annotated[int, Meta(ge=30, le=730, description="what is measured looks back so far")] = 90
    recent_days: Annotated[int, Meta(ge=5, le=365, description="turnover is measured over these as well")] = 30
    min_turnover_usd: Annotated[Amount, Meta(description="a day, where the quote currency is USD, USDT, USDC ...")] = (
        5e6
    )
    min_turnover_krw: Annotated[Amount, Meta(description="a day, where the quote currency is KRW")] = 5e9
    max_participation: Annotated[Share, Meta(description="largest full position as a share of a day's turnover")] = 0.01
    min_age_days: Annotated[Days, Meta(description="since listing, or since the first bar")] = 90
    max_silent_days: Annotated[Days, Meta(description="since its last good bar, while others traded")] = 3
    max_unusable: Annotated[Share, Meta(description="share of bars that are missing or masked")] = 0.02
    max_zero_volume: Annotated[Share, Meta(description="share of bars without volume")] = 0.05
    spread_estimator: Literal["corwin_schultz", "abdi_ranaldo"] = "corwin_schultz"
    spread_negatives: Annotated[
        Literal["average", "zero"], Meta(description="average estimates as they are, or negative ones as zero")
    ] = "average"
    max_spread: Annotated[Share, Meta(description="refused if the estimate less two standard errors is above it")] = (
        0.01
    )
    max_tick: Annotated[Share, Meta(description="tick as a share of the price")] = 0.005
    min_volatility: Annotated[float, Meta(ge=0, le=10, description="a year; less can't earn its costs")] = 0.05
    max_volatility: Annotated[float, Meta(gt=0, le=100, description="a year")] = 3.0
    max_funding: Annotated[float, Meta(gt=0, le=100, description="funding a year, paid or received")] = 1.0
    needs_funding: Annotated[bool, Meta(description="refuse perpetuals whose funding rates are not known")] = False
    max_correlation: Annotated[Share, Meta(description="with an instrument chosen before; 1 switches it off")] = 0.95
    max_sector_share: Annotated[Share, Meta(description="share of the names that one sector may have")] = 0.30
    diversity_points: Annotated[
        Points, Meta(description="taken off at an average correlation of 1 with the chosen")
    ] = 20.0
    keep_points: Annotated[Points, Meta(description="given to instruments that are held already")] = 10.0
    held: Annotated[tuple[str, ...], Meta(description="names held already")] = ()
    weights: UniverseWeights = UniverseWeights()
