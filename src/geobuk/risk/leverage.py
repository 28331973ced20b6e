"""Leverage that a liquidation distance allows, and its adjustment to volatility and regime."""

from math import inf, isfinite, sqrt

from geobuk.ops.compiled import kernel
from geobuk.panel import RecordArray
from geobuk.risk.regime import regime_gross, regime_scale
from geobuk.risk.rules import RISK_FIELDS, RiskSpec, pace_of, record_of

_DAY_NS = 86_400_000_000_000


def safe_leverage(distance: float, maintenance_rate: float) -> float:
    """Largest leverage at which a move of ``distance`` against a position leaves its maintenance margin.

    1 / leverage = distance + rate * (1 + distance): the margin is due on the notional after the move. Source: the
    venue's maintenance margin, docs/quant/liquidation.md.

    Raises
    ------
    ValueError : a distance or rate that is not finite, negative, or 1 and more.

    >>> round(safe_leverage(0.10, 0.004), 4)
    9.5785
    """
    for name, value in (("distance", distance), ("maintenance_rate", maintenance_rate)):
        if not 0.0 <= value < 1.0:
            raise ValueError(f"{name} {value} is not in [0, 1): write 0.1 for 10 %")
    need = distance + maintenance_rate * (1.0 + distance)
    return 1.0 / need if need > 0.0 else inf


def adjusted_leverage(base: float, daily_volatility: float, regime: int, spec: RiskSpec, size_scale: float) -> float:
    """``base`` cut to volatility target / volatility, then times the scales of the regime (of a long) and of the
    drawdown stage, at most the regime's gross exposure; 0 where the volatility is not a positive number.
    """
    if not (isfinite(daily_volatility) and daily_volatility > 0.0):
        return 0.0
    target = spec.sizing.volatility_target / sqrt(365.0)
    scaled = min(base, target / daily_volatility) * scale_of(regime, 1.0, spec) * size_scale
    return min(scaled, ceiling_of(regime, spec))


def scale_of(regime: int, side: float, spec: RiskSpec) -> float:
    """The regime's factor on a size on one side (+1 or -1), as the decision path takes it."""
    return float(_scale(regime, side, record_of(spec, pace_of(_DAY_NS), RISK_FIELDS)))


def ceiling_of(regime: int, spec: RiskSpec) -> float:
    """The regime's ceiling on gross exposure, as the decision path takes it; infinite where no regime is given."""
    return float(_ceiling(regime, record_of(spec, pace_of(_DAY_NS), RISK_FIELDS)))


@kernel
def _ceiling(regime: int, rules: RecordArray) -> float:
    return regime_gross(regime, rules[0])


@kernel
def _scale(regime: int, side: float, rules: RecordArray) -> float:
    return regime_scale(regime, side, rules[0])
