"""A run taken again up to one decision. A run is deterministic, so nothing need be recorded to know how it decided."""

from typing import NamedTuple

import numpy as np

from geobuk.domain.errors import BrokenInvariantError
from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray, RecordArray
from geobuk.risk.state import Desk
from geobuk.risk.trace import STEPS, Step
from geobuk.simulate.book import Book, Log, Status, new_book, new_log
from geobuk.simulate.decide import decide_at
from geobuk.simulate.inputs import Inputs
from geobuk.simulate.loop import advance


class Replayed(NamedTuple):
    """One decision, N instruments.

    ``rows``, ``states`` (N,) and ``account`` (1,) as the decision left them; ``trace`` (N, STEPS) of weights after each
    step, NaN where the path did not come; ``counted`` (N, REASONS) by the decision, ``counted_after`` from then up to
    the next one, whose bar is ``until``: the last bar where none follows.
    """

    rows: RecordArray
    states: RecordArray
    account: RecordArray
    trace: FloatArray
    counted: IntArray
    counted_after: IntArray
    until: int


def replay(inputs: Inputs, capital: float, row: int) -> Replayed:
    """Run the loop to the close of bar ``row``, then its decision with a trace, then on to the next decision.

    What it says of the decision depends on bars up to ``row`` only.

    Raises
    ------
    ValueError
        No decision is due on that bar.
    """
    decides = inputs.bars.decides
    if not 0 <= row < len(decides) or not decides[row]:
        raise ValueError(f"bar {row} is no decision: take one of the {int(decides.sum())} on which inputs decide")
    count = inputs.terms.shape[1]
    state, log = new_book(count, capital), new_log(len(decides), count, fills=0, detail=False)
    _advance_undecided(inputs, state, log, row)
    trace = np.full((count, STEPS), np.nan)
    trace[:, Step.FORECAST] = state.rows["forecast"]
    before = state.states["refusals"].copy()
    decide_traced(inputs, state, trace)
    rows, states, account = state.rows.copy(), state.states.copy(), state.account.copy()
    later = np.flatnonzero(decides[row + 1 :])
    until = row + 1 + int(later[0]) if len(later) else len(decides) - 1
    if until > row:
        _advance_undecided(inputs, state, log, until)
    return Replayed(
        rows=rows,
        states=states,
        account=account,
        trace=trace,
        counted=states["refusals"] - before,
        counted_after=state.states["refusals"] - states["refusals"],
        until=until,
    )


@kernel
def decide_traced(inputs: Inputs, state: Book, trace: FloatArray) -> None:
    """The decision at the close of the bar that the loop took last, its steps written into ``trace`` (N, STEPS)."""
    bars, account = inputs.bars, state.account[0]
    account.bar -= 1  # orders work from the bar after that of the decision
    terms = inputs.terms[account.terms_at]
    desk = Desk(state.rows, state.states, terms, state.account, state.covariance, state.groups, state.work)
    decide_at(account.bar, desk, inputs.rules[0], bars.regime, (bars.box_low, bars.box_high), trace)
    account.bar += 1


def _advance_undecided(inputs: Inputs, state: Book, log: Log, row: int) -> None:
    """Take the loop through bar ``row``, leaving out that bar's decision."""
    decides = inputs.bars.decides.copy()
    decides[row] = False
    status = advance(inputs._replace(bars=inputs.bars._replace(decides=decides)), state, log, row + 1)
    if status != Status.FINE:
        raise BrokenInvariantError(f"a run that had ended could not be taken again: {Status(status).name}")
