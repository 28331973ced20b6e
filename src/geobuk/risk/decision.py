"""One decision for one moment: what the simulation does at a close, and a live trader when a bar ends."""

from math import isnan, nan
from typing import Any

from geobuk.ops.compiled import inlined, kernel
from geobuk.panel import FloatArray, Record, RecordArray
from geobuk.risk.covariance import update_covariance
from geobuk.risk.groups import regroup
from geobuk.risk.loss_locks import OPEN
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk
from geobuk.risk.targets import set_targets
from geobuk.risk.volatility import update_estimates

LOCKED = int(Reason.LOCKED)


@inlined
def learn(desk: Desk, rules: Record) -> None:
    """Take the returns, ranges and volumes since the last decision into every estimate that the decision reads."""
    for i in range(desk.book.shape[0]):
        update_estimates(desk.rows[i], desk.book[i], rules)
    if rules.by_covariance:
        update_covariance(desk.book, rules, desk.covariance, desk.work)
    if rules.by_covariance or rules.by_sector:
        regroup(desk, rules)


@inlined
def decided(desk: Desk, rules: Record, trace: Any) -> bool:
    """Learn, then write the target quantities into ``desk.book``; returns whether there is anything to act on.

    While a loss lock is closed nothing is decided: targets are NaN, and the exits that the lock has called for stand.
    """
    learn(desk, rules)
    if desk.account[0].lock != OPEN:
        for i in range(desk.book.shape[0]):
            desk.book[i].target = nan
            if desk.rows[i].forecast != 0.0 and not isnan(desk.rows[i].forecast):
                desk.book[i].refusals[LOCKED] += 1
        return False
    set_targets(desk, rules, trace)
    return True


@kernel
def decide_row(desk: Desk, rules: RecordArray) -> bool:
    """The decision of one moment for a caller in Python: targets in ``desk.book``; ``rules`` (1,) of RISK_FIELDS.

    Returns whether there is anything to act on: False while a loss lock is closed.
    """
    return decided(desk, rules[0], None)


@kernel
def decide_row_traced(desk: Desk, rules: RecordArray, trace: FloatArray) -> bool:
    """The same decision, its steps written into ``trace`` (N, STEPS)."""
    return decided(desk, rules[0], trace)
