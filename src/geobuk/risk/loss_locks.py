"""Loss locks on mark-to-market equity: a daily one that lasts until the next day, and a drawdown one that lasts.

A lock never opens because equity recovered. The daily lock opens with the next UTC day; the drawdown lock only by a
person, outside this module.
"""

from geobuk.ops.compiled import step
from geobuk.panel import Record

OPEN, LOCKED_FOR_DAY, HALTED = 0, 1, 2


@step
def lock_after(lock: int, equity: float, day_start: float, peak: float, rules: Record) -> int:
    """State of the lock after equity was marked; it can only tighten here."""
    if lock == HALTED or (rules.drawdown < 1.0 and equity <= peak * (1.0 - rules.drawdown)):
        return HALTED
    if lock == LOCKED_FOR_DAY or (rules.daily < 1.0 and day_start > 0.0 and equity <= day_start * (1.0 - rules.daily)):
        return LOCKED_FOR_DAY
    return OPEN


@step
def lock_on_new_day(lock: int) -> int:
    """State of the lock when a new UTC day begins."""
    return HALTED if lock == HALTED else OPEN
