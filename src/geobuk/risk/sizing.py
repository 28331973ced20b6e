"""From a forecast to a wanted weight, and from a weight to a quantity that the venue accepts."""

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import whole_steps


@step
def wanted_weight(forecast: float, volatility: float, share: float, rules: Record) -> float:
    """Signed share of equity that a forecast asks for.

    ``volatility`` is annual and > 0; ``share`` is diversification / number of instruments with a forecast, the part of
    the whole that falls to each. Source: Carver 2015.
    """
    if rules.by_volatility:
        return forecast * share * rules.volatility_target / volatility
    return forecast * share


@step
def is_inside_band(target: float, held: float, band: float) -> bool:
    """Whether a change is too small to be worth its costs. Entering and leaving a position never are."""
    if target == 0.0 or held == 0.0:
        return False
    return abs(target - held) < band * max(abs(target), abs(held)) * (1.0 - 1e-12)


@step
def on_step(weight: float, equity: float, price: float, grid: float) -> float:
    """Signed quantity of a weight, rounded toward zero on the venue's step."""
    if grid <= 0.0:
        return weight * equity / price
    return whole_steps(weight * equity / (price * grid)) * grid
