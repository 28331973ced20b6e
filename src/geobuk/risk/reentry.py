"""What a finished trade forbids: entry again on the same day, and any entry for a while after losses in a row.

A trade goes from flat (or flipped) to flat (or flipped). Exits always pass.
"""

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.risk.reasons import Reason

NO_VOLATILITY = int(Reason.NO_VOLATILITY)
BARRED_TODAY, PAUSED = int(Reason.BARRED_TODAY), int(Reason.PAUSED)
STOP, TIME_STOP = int(Reason.STOP), int(Reason.TIME_STOP)
LIQUIDATION, CRASH = int(Reason.LIQUIDATION), int(Reason.CRASH)

REBUY = ("always", "after_stop", "after_exit")
"""Values of ``stops.rebuy``, by their number in the rules."""
AFTER_STOP, AFTER_EXIT = REBUY.index("after_stop"), REBUY.index("after_exit")


@step
def entry_refusal(state: Record, account: Record, rules: Record) -> int:
    """Why no position may be opened or enlarged now, as a Reason, or -1; what is held may stay and shrink.

    ``account`` knows ``day`` (local day number) and ``now_ns``. A box stop whose box is not known yet forbids entry as
    an unknown volatility does.
    """
    if rules.rebuy > 0 and state.left_day == account.day:
        return BARRED_TODAY
    if account.now_ns < account.paused_until:
        return PAUSED
    if rules.by_box and state.box_high <= 0.0:
        return NO_VOLATILITY
    return -1


@step
def is_forced(reason: int) -> bool:
    """Whether a trade was ended by a protection or the venue, not by a decision or a profit."""
    return reason in (STOP, TIME_STOP, LIQUIDATION, CRASH)


@step
def note_exit(result: float, reason: int, state: Record, account: Record, rules: Record) -> None:
    """Remember a finished trade: the day on which it was left, and whether its ``result`` (all costs in) was a loss.

    A time stop rests like any other stop. The pause begins with the loss that fills the count, which begins anew.
    """
    if reason == TIME_STOP:
        state.resting = rules.cooldown + 1
    if rules.rebuy == AFTER_EXIT or (rules.rebuy == AFTER_STOP and is_forced(reason)):
        state.left_day = account.day
    if rules.losses_in_row > 0:
        account.losses_in_row = account.losses_in_row + 1 if result < 0.0 else 0
        if account.losses_in_row >= rules.losses_in_row:
            account.paused_until = account.now_ns + rules.pause_ns
            account.losses_in_row = 0
