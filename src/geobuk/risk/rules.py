"""The risk settings as fields of one flat record, the form in which kernels read them."""

from math import inf, sqrt
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from geobuk.domain.regime import Regime
from geobuk.domain.times import NS_PER_HOUR
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import BoolArray, IntArray, RecordArray
from geobuk.risk.exit_rules import EXIT_FIELDS, exit_values
from geobuk.risk.spec import AccountSpec, Conditions, Kelly, Limits, LossLimits, RegimeScales, Sizing, Stops
from geobuk.risk.tail_ceilings import liquidation_quantile, sigma_for_cvar, sigma_for_var

LOSS_FIELDS: list[tuple[str, Any]] = [
    *((name, np.float64) for name in ("daily", "drawdown", "full_size_above", "reduce_only_below")),
    *((name, np.float64) for name in ("reduced_size", "recovery_per_day")),
    ("has_stages", np.bool_),
]
"""Fields that loss locks and drawdown stages read; ``full_size_above`` and ``reduce_only_below`` are shares of the peak
between which sizes shrink.
"""

RISK_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("leverage", "volatility_target", "diversification", "risk_per_trade", "band")),
    *((name, np.float64) for name in ("max_gross", "max_net", "max_weight", "max_sector")),
    *LOSS_FIELDS,
    *((name, np.float64) for name in ("fixed", "atr", "trailing", "trailing_atr")),
    *((name, np.float64) for name in ("alpha_volatility", "alpha_atr", "decisions_per_year")),
    *((name, np.float64) for name in ("max_bucket", "bucket_correlation", "var_sigma", "cvar_sigma")),
    *((name, np.float64) for name in ("liquidation_distance", "liquidation_quantile", "daily_sigmas", "volume_share")),
    *((name, np.float64) for name in ("kelly", "alpha_kelly", "kelly_count", "prior_ratio", "prior_count")),
    *((name, np.float64) for name in ("alpha_fast", "jump", "jump_scale", "dry", "crash")),
    *((name, np.float64) for name in ("against", "sideways", "neutral", "unknown", "high_volatility")),
    ("regime_gross", np.float64, (5,)),
    *((name, np.int64) for name in ("cooldown", "min_observed", "max_positions", "max_orders", "crash_rest")),
    *EXIT_FIELDS,
    *(
        (name, np.bool_)
        for name in ("is_isolated", "by_volatility", "by_sector", "estimates", "allow_short", "reuse_proceeds")
    ),
    *((name, np.bool_) for name in ("by_covariance", "by_conditions", "by_volume", "crash_flattens")),
]
"""Fields that the risk room reads from a rules record.

``fixed`` to ``trailing_atr`` are the stops, 0 when off; ``alpha_*`` EWMA weights per decision; ``cooldown`` and
``min_observed`` count decisions, the latter before volatility and range are trusted; ``estimates`` whether anything
reads volatility or range, so that they are kept; ``by_sector`` whether any sector is known. ``var_sigma`` and
``cvar_sigma`` are ceilings on the account's standard deviation between decisions, infinite when off;
``liquidation_quantile`` how many daily standard deviations the way to liquidation must measure, 0 when off;
``daily_sigmas`` the square root of decisions a day. ``prior_ratio`` is Kelly's prior mean by standard deviation between
decisions. ``jump`` compares variances, so it is squared.
"""


class Pace(NamedTuple):
    """Decisions a day on which the venue trades, and a year; ``hours`` of the clock between two of one day."""

    per_day: float
    per_year: float
    hours: float


def pace_of(decide_ns: int, year: TradingYear = ALWAYS_OPEN) -> Pace:
    """The pace of decisions every ``decide_ns`` nanoseconds while the venue is open."""
    return Pace(year.per_day(decide_ns), year.per_year(decide_ns), decide_ns / NS_PER_HOUR)


class RiskSpec(Struct, frozen=True, kw_only=True):
    """Every setting that the risk room reads, in its groups."""

    account: AccountSpec = AccountSpec()
    sizing: Sizing = Sizing()
    kelly: Kelly = Kelly()
    limits: Limits = Limits()
    conditions: Conditions = Conditions()
    regime: RegimeScales = RegimeScales()
    stops: Stops = Stops()
    loss: LossLimits = LossLimits()


def risk_values(spec: RiskSpec, pace: Pace) -> dict[str, Any]:
    """Values of RISK_FIELDS for decisions at a pace; times to rest are rounded up."""
    values = {
        **_position_values(spec, pace),
        **_account_values(spec.limits, pace),
        **_kelly_values(spec.kelly, pace),
        **_market_values(spec.conditions, spec.regime, pace),
    }
    values["estimates"] |= values["by_covariance"] or values["by_conditions"] or values["by_volume"]
    values["estimates"] |= values["kelly"] > 0.0
    return values


def record_of(spec: RiskSpec, pace: Pace, fields: list[tuple[Any, ...]]) -> RecordArray:
    """The settings as a record (1,) of ``fields``, RISK_FIELDS among them."""
    rules = np.zeros(1, dtype=np.dtype(fields))
    for name, value in risk_values(spec, pace).items():
        rules[name] = value
    return rules


def replaced_limits(spec: RiskSpec, limits: Limits) -> RiskSpec:
    """The same settings under other limits."""
    return replace(spec, limits=limits)


def _alpha(days: float, pace: Pace) -> float:
    """EWMA weight of one decision for a span of days."""
    return 2.0 / (max(2.0, days * pace.per_day) + 1.0)


def _decisions(hours: float, pace: Pace) -> int:
    return -int(-hours / pace.hours // 1)


def _account_values(limits: Limits, pace: Pace) -> dict[str, Any]:
    per_decision = 1.0 / sqrt(pace.per_day)
    quantile = liquidation_quantile(limits.max_liquidation_probability, limits.tail_degrees)
    var_sigma = sigma_for_var(limits.var_daily, limits.var_confidence, limits.tail_degrees) * per_decision
    cvar_sigma = sigma_for_cvar(limits.cvar_daily, limits.var_confidence, limits.tail_degrees) * per_decision
    is_bucketed = limits.bucket_correlation > 0.0 and limits.max_bucket < limits.max_gross
    return {
        "max_bucket": limits.max_bucket if is_bucketed else inf,
        "bucket_correlation": limits.bucket_correlation,
        "var_sigma": var_sigma,
        "cvar_sigma": cvar_sigma,
        "liquidation_distance": limits.min_liquidation_distance,
        "liquidation_quantile": quantile,
        "daily_sigmas": sqrt(pace.per_day),
        "volume_share": limits.max_volume_share,
        "by_volume": limits.max_volume_share > 0.0,
        "max_positions": limits.max_positions,
        "max_orders": limits.max_orders,
        "by_covariance": min(var_sigma, cvar_sigma) < inf or quantile > 0.0 or is_bucketed,
    }


def _kelly_values(kelly: Kelly, pace: Pace) -> dict[str, Any]:
    return {
        "kelly": kelly.fraction,
        "alpha_kelly": _alpha(kelly.days, pace),
        "kelly_count": 1.0 / _alpha(kelly.days, pace),
        "prior_ratio": kelly.prior_sharpe / sqrt(pace.per_year),
        "prior_count": kelly.prior_days * pace.per_day,
    }


def _market_values(conditions: Conditions, regime: RegimeScales, pace: Pace) -> dict[str, Any]:
    return {
        "alpha_fast": _alpha(conditions.fast_days, pace),
        "jump": conditions.volatility_jump**2,
        "jump_scale": conditions.jump_scale,
        "dry": conditions.dry_volume,
        "crash": conditions.crash_sigmas,
        "crash_rest": max(1, _decisions(conditions.crash_rest_hours, pace)),
        "crash_flattens": conditions.crash_response == "flatten",
        "by_conditions": max(conditions.volatility_jump, conditions.dry_volume, conditions.crash_sigmas) > 0.0,
        "against": regime.against,
        "sideways": regime.sideways,
        "neutral": regime.neutral,
        "unknown": regime.unknown,
        "high_volatility": regime.high_volatility,
        "regime_gross": tuple(getattr(regime, f"max_gross_{one.name.lower()}") for one in Regime),
    }


def _position_values(spec: RiskSpec, pace: Pace) -> dict[str, Any]:
    account, sizing, limits, stops, loss = spec.account, spec.sizing, spec.limits, spec.stops, spec.loss
    per_day = pace.per_day
    span = max(2.0, sizing.volatility_days * per_day)
    return {
        "leverage": account.leverage,
        "reuse_proceeds": account.reuse_proceeds,
        "is_isolated": account.margin == "isolated",
        "by_volatility": sizing.method == "volatility",
        "estimates": sizing.method == "volatility" or max(stops.atr, stops.trailing_atr, stops.volatility) > 0.0,
        "volatility_target": sizing.volatility_target,
        "diversification": sizing.diversification * sizing.size_factor,
        "risk_per_trade": sizing.risk_per_trade,
        "band": sizing.rebalance_band,
        "max_gross": limits.max_gross,
        "max_net": limits.max_net,
        "max_weight": limits.max_weight,
        "max_sector": limits.max_sector,
        "by_sector": False,
        "allow_short": limits.allow_short,
        "fixed": stops.fixed,
        "atr": stops.atr,
        "trailing": stops.trailing,
        "trailing_atr": stops.trailing_atr,
        "cooldown": _decisions(stops.cooldown_hours, pace),
        **loss_values(loss),
        "alpha_volatility": 2.0 / (span + 1.0),
        "alpha_atr": _alpha(stops.atr_days, pace),
        "min_observed": int(min(max(5.0, span / 4.0), 1000.0)),
        "decisions_per_year": pace.per_year,
        **exit_values(stops, loss, pace.per_year / pace.per_day),
    }


def loss_values(loss: LossLimits) -> dict[str, float]:
    """Values of LOSS_FIELDS; there are no stages without a drawdown limit, or where ``reduce_at`` is 1."""
    return {
        "daily": loss.daily,
        "drawdown": loss.drawdown,
        "full_size_above": 1.0 - loss.reduce_at * loss.drawdown,
        "reduce_only_below": 1.0 - loss.reduce_only_at * loss.drawdown,
        "reduced_size": loss.reduced_size,
        "recovery_per_day": loss.recovery_per_day,
        "has_stages": loss.drawdown < 1.0 and loss.reduce_at < 1.0,
    }


def is_decision(at_ns: IntArray, interval_ns: int, decide_ns: int) -> BoolArray:
    """(T,) whether a decision is made at each bar's close: always, or where a multiple of ``decide_ns`` is reached.

    Where the venue closes in between, that is at the last bar before it.
    """
    if decide_ns <= interval_ns:
        return np.ones(len(at_ns), dtype=np.bool_)
    period = at_ns // decide_ns
    reached = np.asarray((at_ns + interval_ns) // decide_ns != period)
    reached[:-1] |= period[1:] != period[:-1]
    return reached
