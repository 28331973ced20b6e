"""The ledger: it remembers losses, money moves no line, only a named person opens a halt, and no damage goes unseen."""

import json
from math import inf, nan

import msgspec
import pytest

from geobuk.domain.errors import DataError, SettingsError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.risk import ledger as ledger_module
from geobuk.risk.ledger import Ledger
from geobuk.risk.ledger_events import LedgerCode
from geobuk.risk.loss_locks import Lock
from geobuk.risk.sealed import sealed
from geobuk.risk.spec import LossLimits

LOSS = LossLimits(
    daily=0.05, drawdown=0.20, reduce_at=0.5, reduce_only_at=0.9, reduced_size=0.25, recovery_per_day=0.25
)
NO_DAILY = msgspec.structs.replace(LOSS, daily=1.0)
NOON = 100 * NS_PER_DAY + 12 * NS_PER_HOUR


def opened(loss: LossLimits = NO_DAILY, capital: float = 1_000.0, **options: int) -> Ledger:
    return Ledger.opened(capital, loss, NOON, **options)


def halted() -> Ledger:
    ledger = opened()
    ledger.mark(790.0, NOON)
    return ledger


def bits(ledger: Ledger) -> list[bytes]:
    """Every field of the record to the last bit, without the padding between them."""
    record = ledger.record
    return [record[name].tobytes() for name in record.dtype.names or ()]


def codes(ledger: Ledger, equity: float, at_ns: int = NOON) -> list[str]:
    return [event.code.value for event in ledger.mark(equity, at_ns)]


def test_a_new_ledger_stands_at_its_peak_with_nothing_forbidden() -> None:
    ledger = opened()
    assert (ledger.equity, ledger.peak, ledger.drawdown, ledger.day_loss) == (1_000.0, 1_000.0, 0.0, 0.0)
    assert (ledger.lock, ledger.size_scale, ledger.is_reduce_only) == (Lock.OPEN, 1.0, False)
    assert [event.code for event in ledger.events] == [LedgerCode.OPENED]


@pytest.mark.parametrize("capital", [0.0, -1.0, nan, inf])
def test_capital_must_be_an_amount(capital: float) -> None:
    with pytest.raises(UserError, match=r"capital .* is not a positive amount"):
        opened(capital=capital)


@pytest.mark.parametrize(
    "loss", [LossLimits(drawdown=1.5), LossLimits(daily=nan), LossLimits(reduced_size=0.0), LossLimits(reduce_at=-0.5)]
)
def test_limits_out_of_range_are_refused(loss: LossLimits) -> None:
    with pytest.raises(SettingsError, match="loss limits"):
        opened(loss)
    with pytest.raises(SettingsError, match="loss limits"):
        Ledger.restored(halted().stored(), loss)


@pytest.mark.parametrize(
    ("loss", "equity", "lock", "size", "is_reduce_only", "told"),
    [
        (LOSS, 951.0, Lock.OPEN, 1.0, False, []),
        (LOSS, 950.0, Lock.LOCKED_FOR_DAY, 1.0, False, ["DAILY_LOCKED"]),
        (LOSS, 800.0, Lock.HALTED, 0.25, True, ["REDUCED", "REDUCE_ONLY", "HALTED"]),
        (NO_DAILY, 900.0, Lock.OPEN, 1.0, False, []),
        (NO_DAILY, 860.0, Lock.OPEN, 0.625, False, ["REDUCED"]),
        (NO_DAILY, 820.0, Lock.OPEN, 0.25, True, ["REDUCED", "REDUCE_ONLY"]),
        (NO_DAILY, 800.0, Lock.HALTED, 0.25, True, ["REDUCED", "REDUCE_ONLY", "HALTED"]),
        (NO_DAILY, -50.0, Lock.HALTED, 0.25, True, ["REDUCED", "REDUCE_ONLY", "HALTED"]),
    ],
)
def test_a_mark_judges(
    loss: LossLimits, equity: float, lock: Lock, size: float, is_reduce_only: bool, told: list[str]
) -> None:
    ledger = opened(loss)
    assert codes(ledger, equity) == told
    assert (ledger.lock, ledger.is_reduce_only) == (lock, is_reduce_only)
    assert ledger.size_scale == pytest.approx(size)
    assert codes(ledger, equity) == []  # told once
    assert ledger.allows(is_reduction=True)
    assert ledger.allows(is_reduction=False) == (lock is Lock.OPEN and not is_reduce_only)


def test_drawdown_is_negative_and_a_loss_of_the_day_positive() -> None:
    ledger = opened()
    ledger.mark(900.0, NOON)
    assert ledger.drawdown == pytest.approx(-0.1)
    assert ledger.day_loss == pytest.approx(0.1)


@pytest.mark.parametrize("equity", [nan, inf, -inf])
def test_equity_that_is_no_number_is_refused_and_changes_nothing(equity: float) -> None:
    ledger = opened()
    ledger.mark(870.0, NOON)
    before = ledger.stored()
    with pytest.raises(UserError, match="not a finite number"):
        ledger.mark(equity, NOON + NS_PER_DAY)
    assert ledger.stored() == before


def test_the_daily_lock_opens_with_the_next_day_and_not_by_recovery() -> None:
    ledger = opened(LOSS)
    ledger.mark(940.0, NOON)
    assert codes(ledger, 2_000.0) == []
    assert ledger.lock is Lock.LOCKED_FOR_DAY
    assert codes(ledger, 2_000.0, NOON + 11 * NS_PER_HOUR) == []
    assert codes(ledger, 2_000.0, NOON + 12 * NS_PER_HOUR) == ["DAILY_OPENED"]
    assert ledger.lock is Lock.OPEN


def test_a_day_that_opens_beyond_its_limit_is_locked_again() -> None:
    ledger = opened(LOSS)
    ledger.mark(950.0, NOON)
    assert codes(ledger, 902.5, NOON + NS_PER_DAY) == ["DAILY_OPENED", "DAILY_LOCKED"]
    assert ledger.record["daily_locks"][0] == 2


def test_a_day_that_opens_beyond_the_drawdown_is_halted_from_an_open_lock() -> None:
    ledger = opened(LOSS)
    ledger.mark(940.0, NOON)
    events = ledger.mark(700.0, NOON + NS_PER_DAY)
    assert [(event.code.value, event.before, event.after) for event in events] == [
        ("DAILY_OPENED", Lock.LOCKED_FOR_DAY, Lock.OPEN),
        ("REDUCED", 1.0, 0.25),
        ("REDUCE_ONLY", 0.0, 1.0),
        ("HALTED", Lock.OPEN, Lock.HALTED),
    ]


def test_a_day_begins_at_midnight_of_the_offset() -> None:
    korea = 100 * NS_PER_DAY + 14 * NS_PER_HOUR  # 23:00 in Seoul
    ledger = Ledger.opened(1_000.0, LOSS, korea, utc_offset_ns=9 * NS_PER_HOUR)
    ledger.mark(940.0, korea)
    assert codes(ledger, 940.0, korea + NS_PER_HOUR - 1) == []
    assert codes(ledger, 940.0, korea + NS_PER_HOUR) == ["DAILY_OPENED"]


def test_a_clock_that_was_set_back_opens_nothing() -> None:
    ledger = opened(LOSS)
    ledger.mark(940.0, NOON)
    assert codes(ledger, 940.0, NOON - 3 * NS_PER_DAY) == []
    assert (ledger.lock, int(ledger.record["day"][0])) == (Lock.LOCKED_FOR_DAY, 100)


def test_size_grows_back_by_a_part_a_day_however_many_days_passed_unseen() -> None:
    ledger = opened()
    ledger.mark(820.0, NOON)
    seen = []
    for day in (1, 2, 9):
        told = codes(ledger, 1_000.0, NOON + day * NS_PER_DAY)
        seen.append((ledger.size_scale, told))
    assert seen == [(0.5, ["REDUCE_ONLY_ENDED"]), (0.75, []), (1.0, ["FULL_SIZE"])]


@pytest.mark.parametrize("equity", [850.0, 1_000.0, 5_000.0])
def test_a_halt_outlasts_recovery_days_and_money(equity: float) -> None:
    ledger = halted()
    ledger.deposit(50_000.0, NOON)
    for day in range(1, 40):
        ledger.mark(equity * 50.0, NOON + day * NS_PER_DAY)
    ledger.withdraw(100.0, NOON + 40 * NS_PER_DAY)
    assert Ledger.restored(ledger.stored()).lock is Lock.HALTED
    assert not ledger.allows(is_reduction=False)


def test_the_end_of_reduce_only_does_not_sound_like_the_end_of_a_halt() -> None:
    (event,) = halted().mark(1_000.0, NOON)
    assert event.code is LedgerCode.REDUCE_ONLY_ENDED
    assert "lock stays closed" in event.text


@pytest.mark.parametrize(("amount", "is_deposit"), [(500.0, True), (1e9, True), (500.0, False), (859.99, False)])
def test_money_moves_peak_and_day_start_in_proportion(amount: float, is_deposit: bool) -> None:
    ledger = opened()
    ledger.mark(860.0, NOON)
    before = (ledger.drawdown, ledger.day_loss, ledger.lock, ledger.size_scale)
    event = ledger.deposit(amount, NOON) if is_deposit else ledger.withdraw(amount, NOON)
    assert event.code is (LedgerCode.DEPOSIT if is_deposit else LedgerCode.WITHDRAWAL)
    assert (event.before, event.after) == (860.0, ledger.equity)
    assert ledger.equity == pytest.approx(860.0 + (amount if is_deposit else -amount))
    assert (ledger.drawdown, ledger.day_loss) == pytest.approx(before[:2], abs=1e-12)
    assert (ledger.lock, ledger.size_scale) == before[2:]
    assert codes(ledger, ledger.equity) == []  # nor does the next mark find a loss or a gain


@pytest.mark.parametrize("amount", [0.0, -1.0, nan, inf, -inf])
@pytest.mark.parametrize("kind", ["deposit", "withdraw"])
def test_money_must_be_an_amount(kind: str, amount: float) -> None:
    ledger = opened()
    before = ledger.stored()
    with pytest.raises(UserError, match=r"is not a positive amount|can't be withdrawn"):
        getattr(ledger, kind)(amount, NOON)
    assert ledger.stored() == before


@pytest.mark.parametrize(("equity", "amount"), [(900.0, 900.0), (900.0, 900.01), (-5.0, 1.0), (0.0, 1.0)])
def test_no_more_can_be_withdrawn_than_leaves_something(equity: float, amount: float) -> None:
    ledger = opened()
    ledger.mark(equity, NOON)
    before = ledger.stored()
    with pytest.raises(UserError, match=rf"{amount} can't be withdrawn from an equity of {equity}: something must be"):
        ledger.withdraw(amount, NOON)
    assert ledger.stored() == before


@pytest.mark.parametrize("equity", [0.0, -100.0, 5e-324])
def test_a_deposit_into_nothing_hides_no_ruin(equity: float) -> None:
    ledger = opened()
    ledger.mark(equity, NOON)
    before = ledger.stored()
    with pytest.raises(UserError, match=r"can't be in proportion .* open a new ledger"):
        ledger.deposit(1_000.0, NOON)
    assert ledger.stored() == before


def test_an_amount_too_small_to_count_changes_nothing_but_is_told() -> None:
    ledger = opened()
    assert ledger.deposit(1e-30, NOON).code is LedgerCode.DEPOSIT
    assert ledger.withdraw(1e-30, NOON).code is LedgerCode.WITHDRAWAL
    assert ledger.equity == 1_000.0


def test_a_named_person_releases_a_halt_at_a_small_size_that_grows_with_the_days() -> None:
    ledger = halted()
    event = ledger.release("Kim Minji", "data error of the venue, positions checked", NOON)
    assert (event.code, event.who) == (LedgerCode.RELEASED, "Kim Minji")
    assert (event.before, event.after) == (Lock.HALTED, Lock.OPEN)
    assert "data error" in event.text
    assert "data error" in event.text_ko
    assert (ledger.lock, ledger.peak, ledger.drawdown, ledger.size_scale) == (Lock.OPEN, 790.0, 0.0, 0.25)
    assert int(ledger.record["halted_at"][0]) == -1
    assert codes(ledger, 790.0) == []
    sizes = []
    for day in range(1, 5):
        ledger.mark(790.0, NOON + day * NS_PER_DAY)
        sizes.append(ledger.size_scale)
    assert sizes == [0.5, 0.75, 1.0, 1.0]


def test_a_released_ledger_halts_again_below_its_new_peak() -> None:
    ledger = halted()
    ledger.release("Kim", "checked", NOON)
    assert codes(ledger, 633.0) == ["REDUCE_ONLY"]
    assert codes(ledger, 632.0) == ["HALTED"]
    assert int(ledger.record["halted_at"][0]) == NOON


def test_a_release_does_not_open_the_days_limit() -> None:
    ledger = opened(LOSS)
    ledger.mark(790.0, NOON)
    event = ledger.release("Kim", "checked", NOON)
    assert ledger.lock is Lock.LOCKED_FOR_DAY
    assert "today's loss limit" in event.text
    assert codes(ledger, 790.0, NOON + NS_PER_DAY) == ["DAILY_OPENED"]


@pytest.mark.parametrize(("by", "reason"), [("", "checked"), ("  ", "checked"), ("Kim", ""), ("Kim", "\t")])
def test_a_release_names_a_person_and_a_reason(by: str, reason: str) -> None:
    ledger = halted()
    with pytest.raises(UserError, match="say who releases it, and why"):
        ledger.release(by, reason, NOON)
    assert ledger.lock is Lock.HALTED


@pytest.mark.parametrize("equity", [1_000.0, 940.0])
def test_only_a_halt_is_released(equity: float) -> None:
    ledger = opened(LOSS)
    ledger.mark(equity, NOON)
    lock = ledger.lock
    with pytest.raises(UserError, match=f"the lock is {lock.name}"):
        ledger.release("Kim", "checked", NOON)
    assert ledger.lock is lock


@pytest.mark.parametrize("equity", [0.0, -1.0])
def test_an_account_without_equity_is_not_released(equity: float) -> None:
    ledger = opened()
    ledger.mark(equity, NOON)
    with pytest.raises(UserError, match="nothing to trade with"):
        ledger.release("Kim", "checked", NOON)
    assert ledger.lock is Lock.HALTED


def test_a_loss_of_the_day_is_whole_where_the_day_opened_with_nothing() -> None:
    ledger = opened()
    ledger.mark(-10.0, NOON)
    ledger.mark(-10.0, NOON + NS_PER_DAY)
    assert ledger.day_loss == 1.0


def test_a_stored_ledger_comes_back_whole() -> None:
    ledger = opened(LOSS, utc_offset_ns=9 * NS_PER_HOUR)
    ledger.mark(1_234.567_890_123, NOON)
    ledger.mark(1_100.1, NOON + 1)
    ledger.note_trades(3, NOON + NS_PER_DAY)
    again = Ledger.restored(ledger.stored())
    assert bits(again) == bits(ledger)
    assert (again.events, again.loss, again.utc_offset_ns) == (ledger.events, LOSS, 9 * NS_PER_HOUR)
    assert (again.losses_in_row, again.paused_until) == (3, NOON + NS_PER_DAY)
    assert again.stored() == ledger.stored()


def test_a_ledger_remembers_its_newest_events_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "KEPT_EVENTS", 3)
    ledger = opened()
    for _ in range(4):
        ledger.deposit(1.0, NOON)
    assert [event.after for event in Ledger.restored(ledger.stored()).events] == [1_002.0, 1_003.0, 1_004.0]


@pytest.mark.parametrize(
    ("loss", "lock", "told"),
    [
        (msgspec.structs.replace(NO_DAILY, drawdown=0.10), Lock.HALTED, ["REDUCED", "REDUCE_ONLY", "HALTED"]),
        (msgspec.structs.replace(NO_DAILY, drawdown=0.15), Lock.OPEN, ["REDUCED"]),
        (msgspec.structs.replace(NO_DAILY, daily=0.05), Lock.LOCKED_FOR_DAY, ["DAILY_LOCKED"]),
        (None, Lock.OPEN, []),
    ],
)
def test_stricter_limits_count_from_the_next_mark_on(loss: LossLimits | None, lock: Lock, told: list[str]) -> None:
    ledger = opened()
    ledger.mark(900.0, NOON)
    again = Ledger.restored(ledger.stored(), loss)
    assert again.lock is Lock.OPEN
    assert codes(again, 900.0) == told
    assert again.lock is lock


@pytest.mark.parametrize("loss", [LossLimits(daily=1.0, drawdown=1.0), LossLimits(daily=0.9, drawdown=0.9)])
def test_looser_limits_open_no_lock(loss: LossLimits) -> None:
    again = Ledger.restored(halted().stored(), loss)
    again.mark(2_000.0, NOON + NS_PER_DAY)
    assert again.lock is Lock.HALTED
    locked = opened(LOSS)
    locked.mark(940.0, NOON)
    again = Ledger.restored(locked.stored(), loss)
    again.mark(2_000.0, NOON)
    assert again.lock is Lock.LOCKED_FOR_DAY


def test_a_damaged_text_is_never_answered_by_a_fresh_ledger() -> None:
    text = halted().stored()
    whole = bits(Ledger.restored(text))
    for at in range(len(text)):
        for byte in (text[at] ^ 1, ord("7"), ord(" ")):
            damaged = text[:at] + bytes([byte]) + text[at + 1 :]
            try:
                ledger = Ledger.restored(damaged)
            except DataError:
                continue
            assert bits(ledger) == whole, damaged  # white space outside the body


@pytest.mark.parametrize("length", [0, 1, 40, 200, -3])
def test_a_text_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(DataError, match=r"damaged or cut off .* never go on with a fresh one"):
        Ledger.restored(halted().stored()[:length])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("version", 2, "has version 2, this program reads version 1"),
        ("format", "breakers", "holds a 'breakers', not a 'ledger'"),
        ("sha256", "0" * 64, "does not match its checksum"),
        ("body", {}, "does not match its checksum"),
        ("more", 1, "damaged"),
    ],
)
def test_a_foreign_text_is_refused(field: str, value: object, message: str) -> None:
    text = json.loads(halted().stored())
    text[field] = value
    with pytest.raises(DataError, match=message):
        Ledger.restored(json.dumps(text, separators=(",", ":")).encode())


class Foreign(msgspec.Struct):
    equity: float


def test_a_sealed_text_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match="out of its range"):
        Ledger.restored(sealed("ledger", 1, Foreign(1.0)))
