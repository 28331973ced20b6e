"""What the market's regime does to sizes: positions against it, and all positions where it is unclear, are smaller."""

from math import inf

from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.ops.compiled import step
from geobuk.panel import Record

BULL, BEAR, SIDEWAYS, NEUTRAL = int(Regime.BULL), int(Regime.BEAR), int(Regime.SIDEWAYS), int(Regime.NEUTRAL)


@step
def regime_scale(regime: int, side: float, rules: Record) -> float:
    """Factor in [0, 1] for a size on one side (+1 or -1); 1 where no regime is given (a negative code)."""
    if regime < 0:
        return 1.0
    scale = rules.high_volatility if regime >= HIGH_VOLATILITY else 1.0
    direction = regime % HIGH_VOLATILITY
    if direction == BULL:
        return scale if side > 0.0 else scale * rules.against
    if direction == BEAR:
        return scale if side < 0.0 else scale * rules.against
    if direction == SIDEWAYS:
        return scale * rules.sideways
    if direction == NEUTRAL:
        return scale * rules.neutral
    return scale * rules.unknown


@step
def regime_gross(regime: int, rules: Record) -> float:
    """Ceiling on gross exposure, multiples of equity; infinite where no regime is given."""
    if regime < 0:
        return inf
    return rules.regime_gross[min(regime % HIGH_VOLATILITY, NEUTRAL)]
