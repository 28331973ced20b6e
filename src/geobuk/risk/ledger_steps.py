"""The compiled steps of a ledger, over one record of LEDGER_FIELDS: the simulation's own, bound together."""

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import RecordArray
from geobuk.risk.drawdown_stages import set_size
from geobuk.risk.loss_locks import OPEN, begin_ledger_day, close_lock, lock_after, note_equity
from geobuk.risk.rules import LOSS_FIELDS, loss_values
from geobuk.risk.spec import LossLimits
from geobuk.risk.state import LEDGER_FIELDS

LEDGER_DTYPE = np.dtype(LEDGER_FIELDS, align=True)
LOSS_DTYPE = np.dtype(LOSS_FIELDS, align=True)


def new_record(capital: float) -> RecordArray:
    """A record (1,) at its peak; its day is still to be set."""
    record = np.zeros(1, dtype=LEDGER_DTYPE)
    for name in ("equity", "peak", "day_start"):
        record[name] = capital
    record["size_scale"] = record["size_cap"] = 1.0
    record["day"] = record["halted_at"] = -1
    return record


def rules_of_loss(loss: LossLimits) -> RecordArray:
    """The limits as a record (1,) of LOSS_FIELDS."""
    rules = np.zeros(1, dtype=LOSS_DTYPE)
    for name, value in loss_values(loss).items():
        rules[name] = value
    return rules


@kernel
def mark_ledger(equity: float, day: int, at: int, account: RecordArray, rules: RecordArray) -> int:
    """One mark of equity on ``account`` (1,); returns the lock that closed now, or OPEN.

    Only a later day begins; a clock that was set back opens nothing.
    """
    if day > account[0].day:
        begin_ledger_day(day, account[0], rules[0])
    note_equity(equity, account[0])
    set_size(account[0], rules[0])
    return close_lock(at, account[0], rules[0])


@kernel
def release_ledger(account: RecordArray, rules: RecordArray) -> None:
    """Open a halted lock of ``account`` (1,): the peak begins anew, sizes are small. The day's limit still counts."""
    state, rule = account[0], rules[0]
    state.peak = state.equity
    state.size_cap = rule.reduced_size
    set_size(state, rule)
    state.lock = lock_after(OPEN, state.equity, state.day_start, state.peak, rule)
    state.halted_at = -1
