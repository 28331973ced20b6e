"""What the market charges, as a person sets it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Rate = Annotated[float, Meta(ge=-0.01, le=0.05)]
FeeTier = Literal["regular", "vip1", "vip3", "vip5", "vip9"]


class Costs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fees, spread and impact.

    ``fee_tier`` picks maker and taker rates: ``regular`` are the instrument's own, the others the venue's schedule;
    ``maker_fee`` and ``taker_fee`` override both. ``half_spread_bps`` is paid by every taking fill. ``impact`` is Y of
    the square-root law Y * sigma * sqrt(Q / V) (Tóth et al. 2011) with sigma and V over one bar. ``participation`` caps
    a fill at that share of the bar's volume; what is left stays working. ``multiplier`` scales fees, spread and impact
    (2 = the harsh case). ``locked_participation`` takes the place of ``participation`` against a bar that stood at the
    day's price limit throughout, where an order would wait behind everybody else's.
    """

    fee_tier: FeeTier = "regular"
    maker_fee: Rate | None = None
    taker_fee: Rate | None = None
    half_spread_bps: Annotated[float, Meta(ge=0, le=1000)] = 1.0
    impact: Annotated[float, Meta(ge=0, le=10)] = 1.0
    participation: Annotated[float, Meta(gt=0, le=1)] = 0.1
    locked_participation: Annotated[float, Meta(ge=0, le=1)] = 0.0
    multiplier: Annotated[float, Meta(ge=0, le=1000)] = 1.0


class Funding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do where a funding stamp's rate is not known.

    ``error`` stops the run; ``worst_case`` charges ``worst_case_rate_8h`` (fraction per 8 hours) to every position,
    long or short, and the report says so.
    """

    missing: Literal["error", "worst_case"] = "worst_case"
    worst_case_rate_8h: Annotated[float, Meta(ge=0, le=0.03)] = 0.0003


class Orders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a wanted change becomes an order.

    ``market`` fills at the next open; ``limit`` rests at the decision's close minus (buy) or plus (sell)
    ``offset_bps`` and makes; ``stop`` waits at the close plus (buy) or minus (sell) ``offset_bps`` and takes.
    An order works until it is filled or the next decision replaces it. ``delay_bars`` is how late a forecast reaches
    the decision (0: the bar it was made on). Orders that reduce a position are always market orders.
    """

    type: Literal["market", "limit", "stop"] = "market"
    offset_bps: Annotated[float, Meta(ge=0, le=5000)] = 0.0
    delay_bars: Annotated[int, Meta(ge=0, le=10_000)] = 0
