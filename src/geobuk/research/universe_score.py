"""How good an instrument is beyond the limits: parts from 0 to 1, weighted into 0 to 100 points. It refuses nothing."""

from dataclasses import dataclass
from math import isfinite, log10

from geobuk.research.universe_reasons import Case

_GREAT_TURNOVER = 3.0
"""Powers of ten above the least turnover at which more no longer counts."""

_GREAT_AGE_DAYS = 730.0
_GREAT_HEADROOM = 10.0
_ILLIQUID, _LIQUID = -1.0, -5.0
"""Powers of ten of the daily move for the least turnover."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: ``value`` from 0 (just within the limit) to 1, and the ``points`` it gives of ``most``."""

    name: str
    value: float
    points: float
    most: float


def score(case: Case) -> tuple[Part, ...]:
    """The parts that apply; their ``most`` sums to 100. What is not known counts 0."""
    values = {name: value for name, value in _values(case).items() if value is not None}
    weights = {name: float(getattr(case.spec.weights, name)) for name in values}
    whole = sum(weights.values()) or 1.0
    return tuple(
        Part(name, value, 100.0 * value * weights[name] / whole, 100.0 * weights[name] / whole)
        for name, value in values.items()
    )


def _values(case: Case) -> dict[str, float | None]:
    measures, spec, fit = case.measures, case.spec, case.fit
    least = max(case.least_turnover, 1.0)
    tick = 0.0 if fit is None else fit.tick
    cost = max(
        measures.spread / spec.max_spread if spec.max_spread else 1.0, tick / spec.max_tick if spec.max_tick else 1.0
    )
    move = measures.illiquidity * least
    return {
        "turnover": _within(log10(max(measures.liquidity, least) / least) / _GREAT_TURNOVER),
        "illiquidity": _within((log10(move) - _ILLIQUID) / (_LIQUID - _ILLIQUID)) if move > 0.0 else 0.0,
        "spread": _within(1.0 - cost),
        "data": _within(1.0 - measures.unusable / spec.max_unusable) if spec.max_unusable else 1.0,
        "age": _within(measures.age_days / _GREAT_AGE_DAYS),
        "headroom": _within(log10(max(fit.headroom, 1.0)) / log10(_GREAT_HEADROOM)) if fit is not None else 0.0,
        "funding": _within(1.0 - abs(measures.funding) / spec.max_funding) if measures.pays_funding else None,
    }


def _within(value: float) -> float:
    return min(1.0, max(0.0, value)) if isfinite(value) else 0.0
