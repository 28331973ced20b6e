"""The risk settings as fields of one flat record, the form in which kernels read them."""

from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from geobuk.domain.times import NS_PER_HOUR
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import BoolArray, IntArray
from geobuk.risk.reentry import REBUY
from geobuk.risk.spec import AccountSpec, Limits, LossLimits, Sizing, Stops

STEPS = 4
"""Room for trail stages and rungs; :mod:`geobuk.risk.spec` allows no more."""

EXIT_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("volatility_stop", "days_per_year", "break_even", "time_profit")),
    *((name, np.float64, (STEPS,)) for name in ("stage_from", "stage_by", "rung_at", "rung_total")),
    *((name, np.int64) for name in ("stages", "rungs", "time_ns", "rebuy", "losses_in_row", "pause_ns")),
    *((name, np.bool_) for name in ("by_box", "by_stages", "moves_stops", "notes_exits")),
]
"""Fields that exits beyond the plain stops read.

``stage_from`` and ``stage_by``, ``rung_at`` and ``rung_total`` (shares of the first quantity, added up): the first
``stages`` and ``rungs`` of them count; ``rebuy`` by number; ``by_stages`` whether the stop moves in units of R,
``moves_stops`` whether anything moves it; ``notes_exits`` whether a finished trade forbids anything.
"""

RISK_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("leverage", "volatility_target", "diversification", "risk_per_trade", "band")),
    *((name, np.float64) for name in ("max_gross", "max_net", "max_weight", "max_sector", "daily", "drawdown")),
    *((name, np.float64) for name in ("fixed", "atr", "trailing", "trailing_atr")),
    *((name, np.float64) for name in ("alpha_volatility", "alpha_atr", "decisions_per_year")),
    *((name, np.int64) for name in ("cooldown", "min_observed")),
    *EXIT_FIELDS,
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
) -> dict[str, Any]:
    """Values of RISK_FIELDS for decisions at a pace; a cool-down is rounded up."""
    per_day = pace.per_day
    span = max(2.0, sizing.volatility_days * per_day)
    return {
        "leverage": account.leverage,
        "reuse_proceeds": account.reuse_proceeds,
        "is_isolated": account.margin == "isolated",
        "by_volatility": sizing.method == "volatility",
        "estimates": sizing.method == "volatility" or max(stops.atr, stops.trailing_atr, stops.volatility) > 0.0,
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
        "daily": loss.daily,
        "drawdown": loss.drawdown,
        "alpha_volatility": 2.0 / (span + 1.0),
        "alpha_atr": 2.0 / (max(2.0, stops.atr_days * per_day) + 1.0),
        "min_observed": int(min(max(5.0, span / 4.0), 1000.0)),
        "decisions_per_year": pace.per_year,
        **exit_values(stops, loss, pace.per_year / pace.per_day),
    }


def exit_values(stops: Stops, loss: LossLimits, days_per_year: float) -> dict[str, Any]:
    """Values of EXIT_FIELDS."""
    by_stages = stops.break_even > 0.0 or len(stops.trail_from) > 0
    return {
        "volatility_stop": stops.volatility,
        "days_per_year": days_per_year,
        "by_box": stops.box_days > 0.0,
        "break_even": stops.break_even,
        "by_stages": by_stages,
        "moves_stops": by_stages or stops.trailing > 0.0 or stops.trailing_atr > 0.0,
        "stages": len(stops.trail_from),
        "stage_from": _padded(stops.trail_from),
        "stage_by": _padded(stops.trail_by),
        "rungs": len(stops.take_profit),
        "rung_at": _padded(stops.take_profit),
        "rung_total": _padded(tuple(min(total, 1.0) for total in accumulate(stops.take_share))),
        "time_ns": round(stops.time_hours * NS_PER_HOUR),
        "time_profit": stops.time_profit,
        "notes_exits": stops.rebuy != REBUY[0] or loss.losses_in_row > 0 or stops.time_hours > 0.0,
        "rebuy": REBUY.index(stops.rebuy),
        "losses_in_row": loss.losses_in_row,
        "pause_ns": round(loss.pause_hours * NS_PER_HOUR),
    }


def _padded(values: tuple[float, ...]) -> tuple[float, ...]:
    return (*values, *(0.0,) * (STEPS - len(values)))


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
