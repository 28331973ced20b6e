"""The time stop: hours on the clock, profit in R at the close."""

import pytest
from tests.support.records import rules_from, state_row

from geobuk.domain.times import NS_PER_HOUR
from geobuk.risk.exit_time import is_out_of_time


@pytest.mark.parametrize(
    ("hours", "profit", "side", "held_hours", "close", "is_out"),
    [
        (4.0, 0.5, 1.0, 4, 102.49, True),
        (4.0, 0.5, 1.0, 4, 102.5, False),  # half of R = 5 earned
        (4.0, 0.5, 1.0, 3, 90.0, False),  # not yet
        (4.0, 0.5, -1.0, 4, 97.51, True),
        (4.0, 0.5, -1.0, 4, 97.5, False),
        (4.0, 0.0, 1.0, 9, 100.0, False),  # nothing lost
        (4.0, 0.0, 1.0, 9, 99.99, True),
        (4.0, -1.0, 1.0, 9, 95.01, False),  # a loss of less than one R is borne
        (4.0, -1.0, 1.0, 9, 94.99, True),
        (0.0, 0.5, 1.0, 99, 90.0, False),  # off
    ],
)
def test_a_position_is_out_of_time(
    hours: float, profit: float, side: float, held_hours: int, close: float, is_out: bool
) -> None:
    rules = rules_from(stops={"fixed": 0.05, "time_hours": hours, "time_profit": profit})
    state = state_row(quantity=side, entry=100.0, first_risk=5.0, entered_ns=7 * NS_PER_HOUR)
    assert is_out_of_time(close, (7 + held_hours) * NS_PER_HOUR, state, rules) == is_out
