"""The take-profit ladder: where its rungs rest, how much each takes, and what a decision may hold after one."""

from math import inf

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.quant.grid import round_down, round_up


@step
def kept_ceiling(state: Record) -> float:
    """Largest size (base units) that decisions may hold on the position's side; infinite if the ladder took nothing.

    What a rung has taken is not bought back before the position is left.
    """
    return inf if state.taken <= 0.0 else state.largest - state.taken


@step
def rung_price(rung: int, side: float, tick: float, state: Record, rules: Record) -> float:
    """Limit price of a rung, rounded away from the entry; ``side`` +1 is long.

    It lies so many R beyond the average entry.
    """
    price = state.entry + side * rules.rung_at[rung] * state.first_risk
    return round_up(price, tick) if side > 0.0 else round_down(price, tick)


@step
def rung_quantity(rung: int, price: float, state: Record, term: Record, rules: Record) -> float:
    """Size that is left to be taken at a rung, base units; 0 once it is done.

    All rungs up to it take their shares of the largest size that was held, rounded up on the step. What would remain
    below the venue's smallest order is taken as well; never more than is held.
    """
    held = abs(state.quantity)
    wanted = round_up(rules.rung_total[rung] * state.largest, term.step) - state.taken
    if wanted < max(term.step, 1e-15) * 0.5:
        wanted = 0.0
    rest = held - wanted
    is_small = rest < term.min_quantity * (1.0 - 1e-9) or rest * price < term.min_notional
    if is_small and wanted + state.taken > 0.0:
        return held
    return min(wanted, held)
