"""The risk settings as fields of one flat record, the form in which kernels read them."""

from typing import Any, NamedTuple

import numpy as np

from geobuk.domain.times import NS_PER_HOUR
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import BoolArray, IntArray
from geobuk.risk.spec import AccountSpec, Limits, LossLimits, Sizing, Stops

LOSS_FIELDS: list[tuple[str, Any]] = [
    *((name, np.float64) for name in ("daily", "drawdown", "full_size_above", "reduce_only_below")),
    *((name, np.float64) for name in ("reduced_size", "recovery_per_day")),
    ("has_stages", np.bool_),
]
"""Fields that loss locks and drawdown stages read; ``full_size_above`` and ``reduce_only_below`` are shares of the peak
between which sizes shrink.
"""

RISK_FIELDS: list[tuple[str, Any]] = [
    *((name, np.float64) for name in ("leverage", "volatility_target", "diversification", "risk_per_trade", "band")),
    *((name, np.float64) for name in ("max_gross", "max_net", "max_weight", "max_sector")),
    *LOSS_FIELDS,
    *((name, np.float64) for name in ("fixed", "atr", "trailing", "trailing_atr")),
    *((name, np.float64) for name in ("alpha_volatility", "alpha_atr", "decisions_per_year")),
    *((name, np.int64) for name in ("cooldown", "min_observed")),
    *(
        (name, np.bool_)
        for name in ("is_isolated", "by_volatility", "by_sector", "estimates", "allow_short", "reuse_proceeds")
    ),
]
"""Fields that the risk room reads from a rules record.

``fixed`` to ``trailing_atr`` are the stops, 0 when off; ``alpha_*`` EWMA weights per decision; ``cooldown`` and
``min_observed`` count decisions, the latter before volatility and range are trusted; ``estimates`` whether anything
reads volatility or range, so that they are kept; ``by_sector`` whether any sector is known.
"""


class Pace(NamedTuple):
    """Decisions a day on which the venue trades, and a year; ``hours`` of the clock between two of one day."""

    per_day: float
    per_year: float
    hours: float


def pace_of(decide_ns: int, year: TradingYear = ALWAYS_OPEN) -> Pace:
    """The pace of decisions every ``decide_ns`` nanoseconds while the venue is open."""
    return Pace(year.per_day(decide_ns), year.per_year(decide_ns), decide_ns / NS_PER_HOUR)


def risk_values(
    account: AccountSpec, sizing: Sizing, limits: Limits, stops: Stops, loss: LossLimits, pace: Pace
) -> dict[str, float]:
    """Values of RISK_FIELDS for decisions at a pace; a cool-down is rounded up."""
    per_day = pace.per_day
    span = max(2.0, sizing.volatility_days * per_day)
    return {
        "leverage": account.leverage,
        "reuse_proceeds": account.reuse_proceeds,
        "is_isolated": account.margin == "isolated",
        "by_volatility": sizing.method == "volatility",
        "estimates": sizing.method == "volatility" or stops.atr > 0.0 or stops.trailing_atr > 0.0,
        "volatility_target": sizing.volatility_target,
        "diversification": sizing.diversification,
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
        "cooldown": -int(-stops.cooldown_hours / pace.hours // 1),
        **loss_values(loss),
        "alpha_volatility": 2.0 / (span + 1.0),
        "alpha_atr": 2.0 / (max(2.0, stops.atr_days * per_day) + 1.0),
        "min_observed": int(min(max(5.0, span / 4.0), 1000.0)),
        "decisions_per_year": pace.per_year,
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
