"""Loss locks: they close at their line, they never re-open because equity came back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import account_row, rules_from

from geobuk.risk.loss_locks import (
    HALTED,
    LOCKED_FOR_DAY,
    OPEN,
    begin_ledger_day,
    close_lock,
    lock_after,
    lock_on_new_day,
    note_equity,
)

RULES = rules_from(loss={"daily": 0.05, "drawdown": 0.20})
OFF = rules_from(loss={"daily": 1.0, "drawdown": 1.0})


@pytest.mark.parametrize(
    ("equity", "day_start", "peak", "lock"),
    [
        (951.0, 1_000.0, 1_000.0, OPEN),
        (950.0, 1_000.0, 1_000.0, LOCKED_FOR_DAY),  # exactly 5 %
        (1_000.0, 1_000.0, 1_249.0, OPEN),
        (1_000.0, 1_000.0, 1_250.0, HALTED),  # exactly 20 % below the peak
        (800.0, 1_000.0, 1_000.0, HALTED),  # both: the stronger one
    ],
)
def test_a_lock_closes_at_its_line(equity: float, day_start: float, peak: float, lock: int) -> None:
    assert lock_after(OPEN, equity, day_start, peak, RULES) == lock


@given(st.sampled_from([OPEN, LOCKED_FOR_DAY, HALTED]), st.floats(0, 5_000), st.floats(1, 5_000), st.floats(1, 5_000))
def test_a_lock_only_tightens_within_a_day(lock: int, equity: float, day_start: float, peak: float) -> None:
    assert lock_after(lock, equity, day_start, peak, RULES) >= lock
    assert lock_after(lock, equity, day_start, peak, OFF) == lock


def test_recovery_opens_nothing() -> None:
    assert lock_after(LOCKED_FOR_DAY, 5_000.0, 1_000.0, 1_000.0, RULES) == LOCKED_FOR_DAY
    assert lock_after(HALTED, 5_000.0, 1_000.0, 1_000.0, RULES) == HALTED


def test_a_locked_day_can_still_become_a_halt() -> None:
    assert lock_after(LOCKED_FOR_DAY, 799.0, 1_000.0, 1_000.0, RULES) == HALTED


def test_a_new_day_opens_the_daily_lock_only() -> None:
    assert [lock_on_new_day(lock) for lock in (OPEN, LOCKED_FOR_DAY, HALTED)] == [OPEN, OPEN, HALTED]


def test_a_limit_of_one_is_off_even_when_everything_is_lost() -> None:
    assert lock_after(OPEN, 0.0, 1_000.0, 1_000.0, OFF) == OPEN


@pytest.mark.parametrize(
    ("loss", "lock"),
    [
        ({"daily": 0.05, "drawdown": 0.20}, HALTED),
        ({"daily": 0.05, "drawdown": 1.0}, LOCKED_FOR_DAY),
        ({"daily": 1.0, "drawdown": 1.0}, OPEN),
    ],
)
def test_equity_that_is_no_number_closes_every_lock_that_is_on(loss: dict[str, float], lock: int) -> None:
    assert lock_after(OPEN, float("nan"), 1_000.0, 1_000.0, rules_from(loss=loss)) == lock


@pytest.mark.parametrize(
    ("lock", "equity", "closed", "after", "counted"),
    [
        (OPEN, 951.0, OPEN, OPEN, (-1, 0)),
        (OPEN, 950.0, LOCKED_FOR_DAY, LOCKED_FOR_DAY, (-1, 1)),
        (LOCKED_FOR_DAY, 950.0, OPEN, LOCKED_FOR_DAY, (-1, 0)),  # closed before: said once
        (LOCKED_FOR_DAY, 800.0, HALTED, HALTED, (17, 0)),
        (HALTED, 800.0, OPEN, HALTED, (-1, 0)),
        (HALTED, 5_000.0, OPEN, HALTED, (-1, 0)),
    ],
)
def test_a_closing_is_told_once_and_counted(
    lock: int, equity: float, closed: int, after: int, counted: tuple[int, int]
) -> None:
    account = account_row(equity=equity, lock=lock, halted_at=-1)
    assert close_lock(17, account, RULES) == closed
    assert account["lock"] == after
    assert (account["halted_at"], account["daily_locks"]) == counted


def test_a_day_begins_with_the_equity_of_the_last_mark() -> None:
    account = account_row(equity=940.0, lock=LOCKED_FOR_DAY, day=3, size_cap=0.9)
    begin_ledger_day(4, account, RULES)
    assert (account["day"], account["day_start"], account["lock"], account["size_cap"]) == (4, 940.0, OPEN, 1.0)


@pytest.mark.parametrize(("equity", "peak"), [(1_100.0, 1_100.0), (900.0, 1_000.0)])
def test_the_peak_only_rises(equity: float, peak: float) -> None:
    account = account_row()
    note_equity(equity, account)
    assert (account["equity"], account["peak"]) == (equity, peak)
