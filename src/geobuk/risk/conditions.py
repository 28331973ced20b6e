"""Market conditions of one instrument: is its volatility jumping, has its trading dried up, has its price crashed?

The responses only shrink: smaller sizes, no entries, or a way out.
"""

from math import sqrt

from geobuk.ops.compiled import step
from geobuk.panel import Record


@step
def notice_crash(change: float, state: Record, rules: Record) -> None:
    """Begin a time of unrest when a return lies beyond ``crash`` standard deviations of those before it.

    It lasts for this decision at least, so that leaving is possible without a rest.
    """
    if rules.crash > 0.0 and state.volatility > 0.0 and abs(change) > rules.crash * sqrt(state.variance):
        state.unrest = max(1, rules.crash_rest)


@step
def is_jumping(state: Record, rules: Record) -> bool:
    """Whether the variance of the last hours lies above ``jump`` times the usual one."""
    return rules.jump > 0.0 and state.volatility > 0.0 and state.fast_variance > rules.jump * state.variance


@step
def is_dry(state: Record, rules: Record) -> bool:
    """Whether the volume of the last hours lies at or below ``dry`` times the usual one."""
    return rules.dry > 0.0 and state.volatility > 0.0 and state.fast_volume <= rules.dry * state.usual_volume


@step
def must_leave(state: Record, rules: Record) -> bool:
    """Whether a crash or surge of this very decision goes against what is held, and the answer to that is to leave."""
    is_fresh = state.unrest > 0 and state.unrest == max(1, rules.crash_rest)
    return rules.crash_flattens and is_fresh and state.quantity * state.change < 0.0
