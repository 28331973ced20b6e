"""Ceilings on a row of target weights. Every function only shrinks; what it shrank is counted under its reason."""

from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record, RecordArray
from geobuk.risk.margin import allowed_leverage
from geobuk.risk.reasons import Reason

GROSS = int(Reason.CLAMPED_GROSS)
NET = int(Reason.CLAMPED_NET)
LEVERAGE = int(Reason.CLAMPED_LEVERAGE)


@step
def clamp(weight: float, ceiling: float) -> float:
    """A signed weight, its size no larger than ``ceiling`` >= 0."""
    return min(max(weight, -ceiling), ceiling)


@kernel
def shrink(book: RecordArray, sign: float, factor: float, reason: int) -> None:
    """Multiply the target weights of one ``sign`` (0: of both) by ``factor`` in [0, 1], counting each; in place."""
    for i in range(book.shape[0]):
        state = book[i]
        if state.target * sign > 0.0 or (sign == 0.0 and state.target != 0.0):
            state.target *= factor
            state.refusals[reason] += 1


@step
def limit_gross_and_net(book: RecordArray, rules: Record) -> float:
    """Scale a row of weights so that sum(|w|) <= max_gross and |sum(w)| <= max_net; in place.

    Returns a bound of sum(|w|).

    Gross shrinks all alike. Net then shrinks only the heavier side, so that nothing grows.
    """
    longs = 0.0
    shorts = 0.0
    for i in range(book.shape[0]):
        longs += max(book[i].target, 0.0)
        shorts += max(-book[i].target, 0.0)
    if longs + shorts > rules.max_gross:
        factor = rules.max_gross / (longs + shorts)
        shrink(book, 0.0, factor, GROSS)
        longs *= factor
        shorts *= factor
    if longs - shorts > rules.max_net:
        shrink(book, 1.0, (rules.max_net + shorts) / longs, NET)
    elif shorts - longs > rules.max_net:
        shrink(book, -1.0, (rules.max_net + longs) / shorts, NET)
    return longs + shorts


@step
def limit_leverage(book: RecordArray, terms: RecordArray, equity: float, leverage: float) -> None:
    """Scale a row of weights so that its initial margin, each at its bracket's leverage, fits into equity; in place."""
    margin = 0.0
    for i in range(book.shape[0]):
        size = abs(book[i].target)
        if size > 0.0:
            margin += size / allowed_leverage(size * equity, terms[i], leverage)
    if margin > 1.0:
        shrink(book, 0.0, 1.0 / margin, LEVERAGE)
