"""Laws of the ledger under any sequence of marks, money, days and releases; and it is the simulation's own judge."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.records import account_row, market_row, rules_from, state_row, table_of, term_row

from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.risk.ledger import Ledger
from geobuk.risk.ledger_events import LedgerCode
from geobuk.risk.loss_locks import Lock
from geobuk.risk.spec import LossLimits
from geobuk.risk.state import LEDGER_FIELDS
from geobuk.simulate.marking import begin_day, lock_losses, mark_to_market

FIELDS = tuple(name for name, _ in LEDGER_FIELDS)
FRACTION = st.floats(0.01, 1.0)


class Act(NamedTuple):
    """One thing that happens to a ledger: ``size`` is a growth of equity, or a share of it."""

    kind: str
    size: float
    hours: int


@st.composite
def limits(draw: st.DrawFn) -> LossLimits:
    return LossLimits(
        daily=draw(st.sampled_from([0.02, 0.05, 0.2, 1.0])),
        drawdown=draw(st.sampled_from([0.05, 0.2, 0.5, 1.0])),
        reduce_at=draw(FRACTION),
        reduce_only_at=draw(FRACTION),
        reduced_size=draw(FRACTION),
        recovery_per_day=draw(FRACTION),
    )


ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(["mark", "mark", "mark", "mark", "deposit", "withdraw", "release", "nonsense"]),
        st.one_of(st.floats(-0.3, 0.3), st.floats(-0.03, 0.03)),
        st.integers(0, 30),
    ),
    max_size=40,
)


def act(ledger: Ledger, one: Act, at_ns: int) -> None:
    """Do it; what a ledger must refuse is asserted to change nothing."""
    if one.kind == "mark":
        ledger.mark(ledger.equity * (1.0 + one.size), at_ns)
    elif one.kind == "deposit":
        ledger.deposit(ledger.equity * (abs(one.size) + 1e-3), at_ns)
    elif one.kind == "withdraw":
        ledger.withdraw(ledger.equity * (abs(one.size) + 1e-3), at_ns)
    elif one.kind == "release" and ledger.lock is Lock.HALTED:
        ledger.release("Kim", "a test", at_ns)
    elif one.kind == "nonsense":
        before = ledger.stored()
        for refused in (ledger.mark, ledger.deposit, ledger.withdraw):
            with pytest.raises(UserError):
                refused(float("nan"), at_ns)
        assert ledger.stored() == before


def bits(ledger: Ledger) -> list[bytes]:
    return [ledger.record[name].tobytes() for name in FIELDS]


@settings(max_examples=60, deadline=None)
@given(limits(), ACTS, st.integers(0, 40), st.floats(1e-3, 1e12))
def test_a_stored_ledger_goes_on_as_if_nothing_had_happened(
    loss: LossLimits, acts: list[Act], cut: int, capital: float
) -> None:
    ledger, at_ns = Ledger.opened(capital, loss, 0), 0
    again = ledger
    for n, one in enumerate(acts):
        if n == cut:
            again = Ledger.restored(ledger.stored())
        at_ns += one.hours * NS_PER_HOUR
        act(ledger, one, at_ns)
        if again is not ledger:
            act(again, one, at_ns)
        assert Ledger.restored(ledger.stored()).stored() == ledger.stored()
        assert bits(Ledger.restored(ledger.stored())) == bits(ledger)
    assert bits(again) == bits(ledger)
    assert again.events == ledger.events


@settings(max_examples=150, deadline=None)
@given(limits(), ACTS)
def test_a_lock_opens_by_a_release_or_with_the_next_day_only(loss: LossLimits, acts: list[Act]) -> None:
    ledger, at_ns = Ledger.opened(1_000.0, loss, 0), 0
    for one in acts:
        lock, day = ledger.lock, int(ledger.record["day"][0])
        at_ns += one.hours * NS_PER_HOUR
        act(ledger, one, at_ns)
        if ledger.lock < lock:
            is_next_day = one.kind == "mark" and at_ns // NS_PER_DAY > day
            assert (one.kind == "release" and lock is Lock.HALTED) or (is_next_day and lock is Lock.LOCKED_FOR_DAY)
        if one.kind in {"deposit", "withdraw"}:
            assert ledger.lock is lock


@settings(max_examples=150, deadline=None)
@given(limits(), ACTS)
def test_size_grows_by_a_days_part_at_most_and_never_within_a_day(loss: LossLimits, acts: list[Act]) -> None:
    ledger, at_ns = Ledger.opened(1_000.0, loss, 0), 0
    for one in acts:
        size, day = ledger.size_scale, int(ledger.record["day"][0])
        at_ns += one.hours * NS_PER_HOUR
        act(ledger, one, at_ns)
        days = min(1, int(ledger.record["day"][0]) - day)
        assert 0.0 <= ledger.size_scale <= min(1.0, size + days * loss.recovery_per_day + 1e-12)


@settings(max_examples=150, deadline=None)
@given(limits(), ACTS)
def test_money_that_comes_or_goes_moves_no_loss(loss: LossLimits, acts: list[Act]) -> None:
    ledger, at_ns = Ledger.opened(1_000.0, loss, 0), 0
    for one in acts:
        before = (ledger.drawdown, ledger.day_loss, ledger.size_scale, ledger.is_reduce_only, ledger.lock)
        at_ns += one.hours * NS_PER_HOUR
        act(ledger, one, at_ns)
        if one.kind in {"deposit", "withdraw"}:
            assert (ledger.drawdown, ledger.day_loss) == pytest.approx(before[:2], rel=0, abs=1e-12)
            assert (ledger.size_scale, ledger.is_reduce_only, ledger.lock) == before[2:]


@settings(max_examples=60, deadline=None)
@given(limits(), limits(), ACTS)
def test_other_limits_after_a_restart_open_no_lock(first: LossLimits, second: LossLimits, acts: list[Act]) -> None:
    ledger, at_ns = Ledger.opened(1_000.0, first, 0), 0
    for one in acts:
        at_ns += one.hours * NS_PER_HOUR
        act(ledger, one, at_ns)
    again = Ledger.restored(ledger.stored(), second)
    assert again.lock is ledger.lock
    again.mark(2.0 * ledger.peak, at_ns)
    is_new_day = at_ns // NS_PER_DAY > int(ledger.record["day"][0])
    assert again.lock >= (Lock.OPEN if is_new_day and ledger.lock is Lock.LOCKED_FOR_DAY else ledger.lock)


@settings(max_examples=60, deadline=None)
@given(limits(), st.lists(st.tuples(st.floats(-0.1, 0.1), st.integers(0, 2)), max_size=30))
def test_the_simulation_judges_as_a_ledger_does(loss: LossLimits, marks: list[tuple[float, int]]) -> None:
    rules = rules_from(loss={name: getattr(loss, name) for name in loss.__struct_fields__})
    ledger = Ledger.opened(1_000.0, loss, 0)
    account = account_row(day=0, halted_at=-1)
    rows, book, terms = table_of(market_row()), table_of(state_row()), table_of(term_row())
    day = bar = 0
    for change, days in marks:
        day, bar = day + days, bar + 1
        account["bar"] = bar
        begin_day(day, book, terms, rules, account)
        account["cash"] = account["equity"] * (1.0 + change)
        mark_to_market(rows, book, terms, rules, account)
        lock_losses(book, rules, account)
        ledger.mark(ledger.equity * (1.0 + change), day * NS_PER_DAY + bar)
        record = ledger.record[0]
        for name in FIELDS:
            if name != "halted_at":
                assert account[name].tobytes() == record[name].tobytes(), name
        assert (account["halted_at"] < 0) == (record["halted_at"] < 0)
        if account["halted_at"] >= 0:
            assert account["halted_at"] == record["halted_at"] % NS_PER_DAY  # the bar, and the moment of that bar


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_is_no_ledger_is_refused(text: bytes) -> None:
    with pytest.raises(DataError):
        Ledger.restored(text)


@settings(max_examples=100, deadline=None)
@given(limits(), st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=10))
def test_any_finite_equity_gives_a_ledger_that_can_be_stored(loss: LossLimits, equities: list[float]) -> None:
    ledger = Ledger.opened(1_000.0, loss, 0)
    for n, equity in enumerate(equities):
        ledger.mark(equity, n * NS_PER_DAY)
        assert np.isfinite([ledger.record[name][0] for name in FIELDS]).all()
        assert bits(Ledger.restored(ledger.stored())) == bits(ledger)


@settings(max_examples=100, deadline=None)
@given(limits(), ACTS)
def test_every_change_of_lock_is_told(loss: LossLimits, acts: list[Act]) -> None:
    ledger, at_ns = Ledger.opened(1_000.0, loss, 0), 0
    opens = {LedgerCode.DAILY_OPENED, LedgerCode.RELEASED}
    closes = {LedgerCode.DAILY_LOCKED, LedgerCode.HALTED}
    for one in acts:
        at_ns += one.hours * NS_PER_HOUR
        act(ledger, one, at_ns)
    told = [event for event in ledger.events if event.code in opens | closes]
    lock = float(Lock.OPEN)
    for event in told:
        assert event.before == lock
        assert (event.after > event.before) == (event.code in closes)
        lock = event.after
    assert lock == ledger.lock
