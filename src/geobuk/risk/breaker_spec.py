"""What breakers look at, where they trip, what a trip does, and how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

Response = Literal["reduce", "halt"]
Reset = Literal["itself", "next_day", "person"]
Seconds = Annotated[float, Meta(ge=0, le=1_000_000)]
Amount = Annotated[int, Meta(ge=0, le=1_000_000)]


class BreakerState(IntEnum):
    """What breakers allow; the larger the less. What makes a position smaller passes in every state.

    ``ACTIVE``: everything. ``REDUCING``: the strategy goes on, but only reductions pass and working entries are taken
    back. ``HALTED``: the strategy is not asked; protective exits and a person's reductions pass.
    """

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2


class BreakerCode(StrEnum):
    """Which breaker."""

    DAILY_LOSS = "DAILY_LOSS"
    LOSS_STREAK = "LOSS_STREAK"
    STALE_DATA = "STALE_DATA"
    BAD_DATA = "BAD_DATA"
    ORDER_RATE = "ORDER_RATE"
    REJECTS = "REJECTS"
    WIDE_SPREAD = "WIDE_SPREAD"
    CLOCK_DRIFT = "CLOCK_DRIFT"
    STALE_MARK = "STALE_MARK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What is measured at one moment. None may be left out: what is not known is NaN, and trips ``BAD_DATA``.

    ``day_loss`` share of the day's opening equity, positive = loss; ``losses_in_row`` losing trades in a row;
    ``quote_age_ns`` feed -> age of its last quote (infinite: none yet; no feed at all counts as that);
    ``bad_quotes`` non-finite, crossed or quarantined quotes of the last minute; ``orders`` and ``rejected`` of the last
    minute; ``spread_ratio`` the widest spread over its usual one; ``clock_drift_ms`` our clock minus the venue's;
    ``mark_age_ns`` age of the oldest mark price that is needed.
    """

    day_loss: float
    losses_in_row: float
    quote_age_ns: Mapping[str, float]
    bad_quotes: float
    orders: float
    rejected: float
    spread_ratio: float
    clock_drift_ms: float
    mark_age_ns: float


class _Breaker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It trips where the reading reaches ``limit`` (0 = off); ``calm_seconds`` of healthy readings end it by itself."""

    limit: float
    response: Response
    reset: Reset
    calm_seconds: Seconds = 60.0


class DailyLoss(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loss of the day as a share of its opening equity."""

    limit: Annotated[float, Meta(ge=0, le=1)] = 0.05
    response: Response = "halt"
    reset: Reset = "next_day"


class LossStreak(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Losing trades in a row."""

    limit: Annotated[float, Meta(ge=0, le=1000)] = 8.0
    response: Response = "reduce"
    reset: Reset = "next_day"


class StaleData(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds since the last quote of any feed."""

    limit: Seconds = 10.0
    response: Response = "reduce"
    reset: Reset = "itself"


class BadData(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bad quotes in a minute. A reading that is no number trips it whatever the limit."""

    limit: Annotated[float, Meta(ge=0, le=1_000_000)] = 3.0
    response: Response = "halt"
    reset: Reset = "itself"


class OrderRate(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders in a minute."""

    limit: Annotated[float, Meta(ge=0, le=1_000_000)] = 120.0
    response: Response = "halt"
    reset: Reset = "person"


class Rejects(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Share of a minute's orders that were rejected, from ``least_rejected`` rejections on."""

    limit: Annotated[float, Meta(ge=0, le=1)] = 0.5
    least_rejected: Amount = 5
    response: Response = "halt"
    reset: Reset = "person"


class WideSpread(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spread in multiples of its usual one."""

    limit: Annotated[float, Meta(ge=0, le=10_000)] = 8.0
    response: Response = "reduce"
    reset: Reset = "itself"


class ClockDrift(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Milliseconds between our clock and the venue's, either way."""

    limit: Annotated[float, Meta(ge=0, le=1_000_000)] = 500.0
    response: Response = "reduce"
    reset: Reset = "itself"


class StaleMark(_Breaker, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds since the last mark price."""

    limit: Seconds = 30.0
    response: Response = "reduce"
    reset: Reset = "itself"


class BreakerLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One group of settings a breaker, in the order of :class:`BreakerCode`."""

    daily_loss: DailyLoss = DailyLoss()
    loss_streak: LossStreak = LossStreak()
    stale_data: StaleData = StaleData()
    bad_data: BadData = BadData()
    order_rate: OrderRate = OrderRate()
    rejects: Rejects = Rejects()
    wide_spread: WideSpread = WideSpread()
    clock_drift: ClockDrift = ClockDrift()
    stale_mark: StaleMark = StaleMark()
