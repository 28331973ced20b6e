"""Loss locks on mark-to-market equity: a daily one that lasts until the next day, and a drawdown one that lasts.

A lock never opens because equity recovered. The daily lock opens with the next day; the drawdown lock only by a person
(:meth:`geobuk.risk.ledger.Ledger.release`). ``account`` has LEDGER_FIELDS, ``rules`` LOSS_FIELDS.
"""

from enum import IntEnum

from geobuk.ops.compiled import step
from geobuk.panel import Record


class Lock(IntEnum):
    """What losses forbid; the larger the harder."""

    OPEN = 0
    """Nothing."""
    LOCKED_FOR_DAY = 1
    """Entries, until the next day."""
    HALTED = 2
    """Entries, until a person releases it."""


OPEN, LOCKED_FOR_DAY, HALTED = int(Lock.OPEN), int(Lock.LOCKED_FOR_DAY), int(Lock.HALTED)


@step
def lock_after(lock: int, equity: float, day_start: float, peak: float, rules: Record) -> int:
    """State of the lock after equity was marked; it can only tighten here. Equity that is NaN closes what is on."""
    if lock == HALTED or (rules.drawdown < 1.0 and not equity > peak * (1.0 - rules.drawdown)):
        return HALTED
    is_day_lost = rules.daily < 1.0 and day_start > 0.0 and not equity > day_start * (1.0 - rules.daily)
    return LOCKED_FOR_DAY if lock == LOCKED_FOR_DAY or is_day_lost else OPEN


@step
def lock_on_new_day(lock: int) -> int:
    """State of the lock when a new day begins."""
    return HALTED if lock == HALTED else OPEN


@step
def begin_ledger_day(day: int, account: Record, rules: Record) -> None:
    """The day's opening equity is noted, the daily lock opens, what was made smaller may grow by a day's part."""
    account.day = day
    account.day_start = account.equity
    account.lock = lock_on_new_day(account.lock)
    account.size_cap = min(1.0, account.size_cap + rules.recovery_per_day)


@step
def note_equity(equity: float, account: Record) -> None:
    """A new mark of equity; the peak only rises."""
    account.equity = equity
    account.peak = max(account.peak, equity)


@step
def close_lock(at: int, account: Record, rules: Record) -> int:
    """Close the lock that the marked equity calls for; the lock if it closed now, otherwise OPEN.

    ``at`` is written down as the moment of a halt: a bar in a simulation, nanoseconds in a ledger.
    """
    lock = lock_after(account.lock, account.equity, account.day_start, account.peak, rules)
    if lock in (account.lock, OPEN):
        return OPEN
    account.lock = lock
    if lock == HALTED:
        account.halted_at = at
    else:
        account.daily_locks += 1
    return lock
