"""The chance of a liquidation as the largest of what several models say, each named, none hidden.

A stale or unknown mark price is refused: a caller then treats the position as at high risk.
"""

import math
from dataclasses import dataclass

from geobuk.quant.liquidation.barrier import (
    Barrier,
    discrete_probability,
    driftless_probability,
    hit_probability,
    student_bound,
    with_jumps,
)


@dataclass(frozen=True, slots=True)
class HitModel:
    """What the models need: volatility and drift per year, the horizon, and how wild the tails are.

    ``look_years`` above 0 adds the chance at looks that far apart (never larger than the continuous one).
    ``simulated`` is a path simulation's probability to be compared, where one was made. ``stale_after_ns``: age from
    which a mark price is refused.
    """

    volatility: float
    years: float
    drift: float = 0.0
    degrees: float = 4.0
    jumps_per_year: float = 0.0
    look_years: float = 0.0
    simulated: float | None = None
    stale_after_ns: int = 60_000_000_000


@dataclass(frozen=True, slots=True)
class LiquidationChance:
    """One probability by each model, and the largest as ``value`` with the name of its ``model``.

    ``jumps`` is the largest of the others with the jumps added. ``discrete`` and ``simulated`` are NaN where they were
    not asked for. ``flags``: ``touched`` where the price is already beyond, ``still`` without time or volatility.
    """

    value: float
    model: str
    gbm: float
    driftless: float
    student: float
    jumps: float
    discrete: float
    simulated: float
    flags: tuple[str, ...]


def liquidation_probability(barrier: Barrier, model: HitModel, *, mark_age_ns: int) -> LiquidationChance:
    """Chance that the mark price touches the barrier within the horizon: the largest over the models.

    Raises
    ------
    ValueError : a mark price older than ``stale_after_ns`` or from the future, a number that is not finite or is out of
        range.
    """
    if not 0 <= mark_age_ns <= model.stale_after_ns:
        raise ValueError(
            f"the mark price is {mark_age_ns / 1e9:.1f} s old, at most {model.stale_after_ns / 1e9:.1f} s are allowed: "
            "wait for a fresh one and treat the position as at high risk"
        )
    years, sigma = model.years, model.volatility
    found = {
        "gbm": hit_probability(barrier, sigma, years, drift=model.drift),
        "driftless": driftless_probability(barrier, sigma, years),
        "student": student_bound(barrier, sigma, years, model.degrees),
        "simulated": math.nan if model.simulated is None else with_jumps(model.simulated, 0.0, years),
        "discrete": math.nan,
    }
    if model.look_years > 0.0:
        found["discrete"] = discrete_probability(barrier, sigma, years, model.look_years, drift=model.drift)
    largest = max(value for value in found.values() if not math.isnan(value))
    found["jumps"] = with_jumps(largest, model.jumps_per_year, years)
    known = {name: value for name, value in found.items() if not math.isnan(value)}
    name = max(known, key=lambda each: known[each])
    return LiquidationChance(value=known[name], model=name, **found, flags=_flags(barrier, model))


def _flags(barrier: Barrier, model: HitModel) -> tuple[str, ...]:
    if barrier.is_touched:
        return ("touched",)
    return ("still",) if model.years == 0.0 or model.volatility == 0.0 else ()
