"""The time stop: a position that was held for long without having earned enough is closed."""

from geobuk.ops.compiled import step
from geobuk.panel import Record


@step
def is_out_of_time(close: float, now_ns: int, state: Record, rules: Record) -> bool:
    """Whether a position has had its hours and has earned less than ``time_profit`` R at ``close``.

    Clock time counts, closed venues included, from the opening of the bar in which the position was entered.
    """
    if rules.time_ns <= 0 or now_ns - state.entered_ns < rules.time_ns:
        return False
    side = 1.0 if state.quantity > 0.0 else -1.0
    return side * (close - state.entry) < rules.time_profit * state.first_risk
