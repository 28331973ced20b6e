"""One decision for one moment: what the simulation does at a close, and a live trader when a bar ends."""

from typing import Any

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray, Record, RecordArray
from geobuk.risk.covariance import update_covariance
from geobuk.risk.groups import regroup
from geobuk.risk.state import Desk
from geobuk.risk.targets import set_targets
from geobuk.risk.volatility import update_estimates


@step
def learn(desk: Desk, rules: Record) -> None:
    """Take the returns, ranges and volumes since the last decision into every estimate that the decision reads."""
    for i in range(desk.book.shape[0]):
        update_estimates(desk.rows[i], desk.book[i], rules)
    if rules.by_covariance:
        update_covariance(desk.book, rules, desk.covariance, desk.work)
    if rules.by_covariance or rules.by_sector:
        regroup(desk, rules)


@step
def decided(desk: Desk, rules: Record, trace: Any) -> None:
    """Learn, then write the target quantities into ``desk.book``."""
    learn(desk, rules)
    set_targets(desk, rules, trace)


@kernel
def decide_row(desk: Desk, rules: RecordArray) -> None:
    """The decision of one moment for a caller in Python: targets in ``desk.book``; ``rules`` (1,) of RISK_FIELDS."""
    decided(desk, rules[0], None)


@kernel
def explain_row(desk: Desk, rules: RecordArray, trace: FloatArray) -> None:
    """The same decision, its steps written into ``trace`` (N, STEPS)."""
    decided(desk, rules[0], trace)
