"""The settings of exits as fields of the rules record that kernels read."""

from itertools import accumulate
from typing import Any

import numpy as np

from geobuk.domain.times import NS_PER_HOUR
from geobuk.risk.reentry import REBUY
from geobuk.risk.spec import LossLimits, Stops

RUNGS = 4
"""Room for trail stages and rungs; :mod:`geobuk.risk.spec` allows no more."""

EXIT_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("volatility_stop", "days_per_year", "break_even", "time_profit")),
    *((name, np.float64, (RUNGS,)) for name in ("stage_from", "stage_by", "rung_at", "rung_total")),
    *((name, np.int64) for name in ("stages", "rungs", "time_ns", "rebuy", "losses_in_row", "pause_ns")),
    *((name, np.bool_) for name in ("by_box", "by_stages", "moves_stops", "notes_exits")),
]
"""Fields that exits beyond the plain stops read.

``stage_from`` and ``stage_by``, ``rung_at`` and ``rung_total`` (shares of the first quantity, added up): the first
``stages`` and ``rungs`` of them count; ``rebuy`` by number; ``by_stages`` whether the stop moves in units of R,
``moves_stops`` whether anything moves it; ``notes_exits`` whether a finished trade forbids anything.
"""


def exit_values(stops: Stops, loss: LossLimits, days_per_year: float) -> dict[str, Any]:
    """Values of EXIT_FIELDS."""
    by_stages = stops.break_even > 0.0 or len(stops.trail_from) > 0
    return {
        "volatility_stop": stops.volatility,
        "days_per_year": days_per_year,
        "by_box": stops.box_days > 0.0,
        "break_even": stops.break_even,
        "by_stages": by_stages,
        "notes_exits": stops.rebuy != REBUY[0] or loss.losses_in_row > 0 or stops.time_hours > 0.0,
        "moves_stops": by_stages or stops.trailing > 0.0 or stops.trailing_atr > 0.0,
        "stages": len(stops.trail_from),
        "stage_from": _padded(stops.trail_from),
        "stage_by": _padded(stops.trail_by),
        "rungs": len(stops.take_profit),
        "rung_at": _padded(stops.take_profit),
        "rung_total": _padded(tuple(min(total, 1.0) for total in accumulate(stops.take_share))),
        "time_ns": round(stops.time_hours * NS_PER_HOUR),
        "time_profit": stops.time_profit,
        "rebuy": REBUY.index(stops.rebuy),
        "losses_in_row": loss.losses_in_row,
        "pause_ns": round(loss.pause_hours * NS_PER_HOUR),
    }


def _padded(values: tuple[float, ...]) -> tuple[float, ...]:
    return (*values, *(0.0,) * (RUNGS - len(values)))
