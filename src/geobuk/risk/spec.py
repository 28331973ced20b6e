"""The limits a person sets."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Fraction = Annotated[float, Meta(gt=0, le=1)]
Multiple = Annotated[float, Meta(gt=0, le=125)]
OffOr = Annotated[float, Meta(ge=0, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Rungs = Annotated[tuple[Annotated[float, Meta(gt=0, le=1000)], ...], Meta(max_length=4)]
Count = Annotated[int, Meta(ge=0, le=1000)]


class AccountSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Capital in account currency, and how positions are margined.

    ``leverage`` is the venue setting that initial margin divides by; limits on exposure are in :class:`Limits`.
    Shares are bought for cash: nothing is borrowed, whatever ``margin`` and ``leverage`` say. ``reuse_proceeds`` lets
    what a sale brings be spent before it has settled, as Korean brokers do; otherwise it waits for its settlement.
    """

    capital: Annotated[float, Meta(gt=0, le=1e12)] = 7_700.0
    margin: Literal["cross", "isolated"] = "cross"
    leverage: Annotated[int, Meta(ge=1, le=125)] = 3
    reuse_proceeds: bool = True


class Sizing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From forecast to wanted notional.

    ``volatility``: a full forecast (1.0) asks for ``volatility_target`` / (annual volatility of the instrument) of
    equity, divided over the instruments that have a forecast and multiplied by ``diversification`` (Carver 2015, ch. 9
    to 11). ``notional``: it asks for ``diversification`` / (number of instruments) of equity, whatever the volatility.
    Volatility is an EWMA of returns between decisions with a span of ``volatility_days``. ``risk_per_trade`` caps what
    a stop may lose, as a share of equity (0 = off). A change smaller than ``rebalance_band`` times the larger of held
    and wanted size is not traded; 1 holds a position until the forecast changes sign or vanishes. ``size_factor`` makes
    every wish smaller, such as 0.1 while an account is on trial.
    """

    method: Literal["volatility", "notional"] = "volatility"
    volatility_target: Annotated[float, Meta(gt=0, le=5)] = 0.20
    volatility_days: Annotated[float, Meta(gt=0, le=3650)] = 14.0
    diversification: Annotated[float, Meta(gt=0, le=25)] = 1.5
    risk_per_trade: Annotated[float, Meta(ge=0, le=1)] = 0.01
    rebalance_band: Annotated[float, Meta(ge=0, le=1)] = 0.20
    size_factor: Fraction = 1.0


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ceilings. Exposures are multiples of equity. ``allow_short`` False keeps targets at or above zero.

    ``max_sector`` holds where an instrument's sector is known. Of shares one name never exceeds ``max_share_weight``.
    Instruments whose returns correlate by ``bucket_correlation`` or more (0 = off) form a bucket of at most
    ``max_bucket``. ``var_daily`` and ``cvar_daily`` are the loss of one day that is exceeded with probability 1 -
    ``var_confidence``, and the mean beyond it, as shares of equity (0 = off): from the covariance of returns between
    decisions, with the tail of a Student t of ``tail_degrees`` (0 = normal). ``max_positions`` and ``max_orders`` (of
    one decision) count, 0 = off. A common move of ``min_liquidation_distance`` against every position must not
    liquidate, and the probability of liquidation within 24 hours stays below ``max_liquidation_probability`` (0 = off).
    ``max_volume_share`` is the part of a day's traded volume that a position may be (0 = off).
    """

    max_gross: Multiple = 2.0
    max_net: Multiple = 2.0
    max_weight: Multiple = 0.5
    max_share_weight: Fraction = 0.10
    max_sector: Multiple = 0.30
    max_bucket: Multiple = 2.0
    bucket_correlation: Share = 0.8
    var_daily: Share = 0.05
    cvar_daily: Share = 0.08
    var_confidence: Annotated[float, Meta(gt=0.5, lt=1)] = 0.99
    tail_degrees: Annotated[float, Meta(ge=0, le=1000)] = 5.0
    max_positions: Count = 25
    max_orders: Count = 0
    min_liquidation_distance: Annotated[float, Meta(ge=0, lt=1)] = 0.10
    max_liquidation_probability: Annotated[float, Meta(ge=0, lt=1)] = 0.005
    max_volume_share: Share = 0.01
    allow_short: bool = True


class Kelly(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ceiling from what forecasts have earned: ``fraction`` of Kelly's stake (0 = off).

    The edge of an instrument's forecasts is the mean of forecast times next return with a span of ``days``, shrunk
    toward a ``prior_sharpe`` (annual) as if that had been seen for ``prior_days``. Without an edge the ceiling is
    nothing.
    """

    fraction: Annotated[float, Meta(ge=0, le=1)] = 0.0
    days: Annotated[float, Meta(gt=0, le=3650)] = 120.0
    prior_sharpe: Annotated[float, Meta(ge=0, le=10)] = 0.5
    prior_days: Annotated[float, Meta(ge=0, le=36500)] = 365.0


class Conditions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Responses to a market that is not itself. 0 switches one off.

    Volatility of the last ``fast_days`` above ``volatility_jump`` times the usual one: sizes times ``jump_scale``.
    Volume of the last ``fast_days`` below ``dry_volume`` of the usual one: no entries. A return between decisions
    beyond ``crash_sigmas`` of its volatility: no entries for ``crash_rest_hours``, and with ``crash_response``
    ``flatten`` positions that it goes against are closed.
    """

    fast_days: Annotated[float, Meta(gt=0, le=365)] = 1.0
    volatility_jump: Annotated[float, Meta(ge=0, le=100)] = 3.0
    jump_scale: Fraction = 0.5
    dry_volume: Share = 0.05
    crash_sigmas: Annotated[float, Meta(ge=0, le=1000)] = 10.0
    crash_rest_hours: Annotated[float, Meta(ge=0, le=100_000)] = 24.0
    crash_response: Literal["stop", "flatten"] = "stop"


class RegimeScales(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a market's regime does to sizes; nothing where no regime is given.

    Sizes against a BULL or BEAR market are multiplied by ``against``, all sizes by ``sideways``, ``neutral`` or
    ``unknown`` in these regimes, and by ``high_volatility`` while that flag is up. ``max_gross_…`` are ceilings on
    gross exposure in multiples of equity, beside that of the limits.
    """

    against: Share = 0.5
    sideways: Share = 1.0
    neutral: Share = 0.75
    unknown: Share = 0.5
    high_volatility: Share = 0.5
    max_gross_bull: Multiple = 125.0
    max_gross_bear: Multiple = 125.0
    max_gross_sideways: Multiple = 125.0
    max_gross_neutral: Multiple = 125.0
    max_gross_unknown: Multiple = 125.0


class Stops(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Protective exits, resting at the venue from the moment of entry; 0 switches one off, the nearest one counts.

    ``fixed`` and ``trailing`` are fractions of the price, ``atr`` and ``trailing_atr`` multiples of the average true
    range between decisions, averaged over ``atr_days``, ``volatility`` a multiple of the price's volatility over a day.
    ``box_days`` rests the stop beyond the low (for shorts the high) of so many days before the entry. The distance from
    entry to stop is the trade's R. ``break_even`` moves the stop to the entry, costs included, once the best price is
    so many R away. ``trail_from`` (ascending, in R) and ``trail_by`` (in R) are stages: from so many R of profit on the
    stop trails by so much. ``take_profit`` (ascending, in R) and ``take_share`` (of the first quantity) are the rungs
    of a ladder of resting limit orders. After ``time_hours`` a position that has not earned ``time_profit`` R is
    closed. After a stop the instrument rests for ``cooldown_hours``; ``rebuy`` says when it may be entered again on a
    day on which it was left: ``always``, not ``after_stop``, or not ``after_exit``.
    """

    fixed: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    atr: OffOr = 6.0
    trailing: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    trailing_atr: OffOr = 0.0
    atr_days: Annotated[float, Meta(gt=0, le=3650)] = 7.0
    volatility: OffOr = 0.0
    box_days: Annotated[float, Meta(ge=0, le=3650)] = 0.0
    break_even: OffOr = 0.0
    trail_from: Rungs = ()
    trail_by: Rungs = ()
    take_profit: Rungs = ()
    take_share: Rungs = ()
    time_hours: Annotated[float, Meta(ge=0, le=1_000_000)] = 0.0
    time_profit: Annotated[float, Meta(ge=-100, le=100)] = 0.0
    cooldown_hours: Annotated[float, Meta(ge=0, le=100_000)] = 12.0
    rebuy: Literal["always", "after_stop", "after_exit"] = "always"


class LossLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Locks on mark-to-market equity, looked at on every bar's close; 1 switches one off.

    ``daily``: a loss of this share of the day's opening equity (UTC) flattens and locks entries until the next day.
    ``drawdown``: a fall of this share below the peak flattens and halts; the lock never opens by itself. On the way
    there, from ``reduce_at`` of that fall on, sizes shrink evenly to ``reduced_size``, which they reach at
    ``reduce_only_at`` of it, where positions may only shrink (1 for the first: no stages). What was made smaller grows
    back by ``recovery_per_day`` a day at most. After ``losses_in_row`` losing trades (0 = off) entries pause for
    ``pause_hours``.
    """

    daily: Fraction = 0.05
    drawdown: Fraction = 0.20
    reduce_at: Fraction = 0.5
    reduce_only_at: Fraction = 0.9
    reduced_size: Fraction = 0.25
    recovery_per_day: Fraction = 0.25
    losses_in_row: Count = 0
    pause_hours: Annotated[float, Meta(ge=0, le=100_000)] = 24.0
