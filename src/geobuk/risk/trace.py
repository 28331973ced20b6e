"""The steps of a decision, for whoever asks why: the weight of each instrument after each of them.

A kernel that is given no trace is compiled without any of this.
"""

from enum import IntEnum
from typing import Any

from geobuk.ops.compiled import step
from geobuk.panel import RecordArray


class Step(IntEnum):
    """Columns of a trace, in the order of the path. FORECAST holds the belief, QUANTITY the target in base units, all
    others a weight: a signed share of equity.
    """

    FORECAST = 0
    WANTED = 1
    REGIME = 2
    CONDITION = 3
    DRAWDOWN = 4
    KELLY = 5
    WEIGHT = 6
    RISK = 7
    LIQUIDITY = 8
    PROTECTION = 9
    POSITIONS = 10
    SECTOR = 11
    BUCKET = 12
    GROSS_NET = 13
    REGIME_GROSS = 14
    VAR = 15
    CVAR = 16
    LIQUIDATION_DISTANCE = 17
    LIQUIDATION_PROBABILITY = 18
    LEVERAGE = 19
    QUANTITY = 20


STEPS = len(Step)


@step
def note(trace: Any, i: int, at: int, value: float) -> None:
    """Write one weight into a trace (N, STEPS); nothing without a trace."""
    if trace is not None:
        trace[i, at] = value


@step
def note_row(trace: Any, at: int, book: RecordArray) -> None:
    """Write every instrument's present weight into a trace; nothing without one."""
    if trace is not None:
        for i in range(book.shape[0]):
            trace[i, at] = book[i].target
