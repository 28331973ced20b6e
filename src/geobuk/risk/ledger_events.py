"""What a ledger did, as a record that a journal can keep and a sentence that a person can read."""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from geobuk.risk.loss_locks import Lock


class LedgerCode(StrEnum):
    """What happened."""

    OPENED = "OPENED"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    REDUCED = "REDUCED"
    """Sizes began to shrink."""
    FULL_SIZE = "FULL_SIZE"
    """Sizes have grown back wholly."""
    REDUCE_ONLY = "REDUCE_ONLY"
    REDUCE_ONLY_ENDED = "REDUCE_ONLY_ENDED"
    DAILY_LOCKED = "DAILY_LOCKED"
    """Flatten, and enter nothing until the next day."""
    DAILY_OPENED = "DAILY_OPENED"
    HALTED = "HALTED"
    """Flatten, and enter nothing until a person releases the lock."""
    RELEASED = "RELEASED"


class LedgerEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change of a ledger.

    ``before`` and ``after`` are what changed: equity of money that came or went, the size scale of sizes, 0 or 1 of
    ``is_reduce_only``, a :class:`geobuk.risk.loss_locks.Lock` of locks. ``who`` is the person, or ``ledger``.
    """

    at_ns: int
    code: LedgerCode
    before: float
    after: float
    who: str
    text: str
    text_ko: str


class Seen(NamedTuple):
    """What of a ledger's record an event may tell about."""

    equity: float
    peak: float
    day_start: float
    lock: int
    size_scale: float
    is_reduce_only: bool


LEDGER = "ledger"
"""``who`` where nobody did it."""


def opened_event(at_ns: int, capital: float) -> LedgerEvent:
    """The first of all."""
    return _event(
        at_ns,
        LedgerCode.OPENED,
        (0.0, capital),
        f"the ledger opens with {capital:,.2f}",
        f"손실 장부를 {capital:,.2f}(으)로 시작합니다",
    )


def flow_event(at_ns: int, change: float, before: float, after: float) -> LedgerEvent:
    """Money came (``change`` > 0) or went; drawdown and day loss are what they were."""
    is_deposit, amount = change > 0.0, abs(change)
    word, word_ko = ("deposited", "입금") if is_deposit else ("withdrawn", "출금")
    return _event(
        at_ns,
        LedgerCode.DEPOSIT if is_deposit else LedgerCode.WITHDRAWAL,
        (before, after),
        f"{amount:,.2f} {word}: equity {after:,.2f}; drawdown, day loss and lock stay as they were",
        f"{amount:,.2f} {word_ko}: 자산 {after:,.2f}; 낙폭, 당일 손실, 잠금은 그대로입니다",
    )


def released_event(at_ns: int, now: Seen, who: str, reason: str) -> LedgerEvent:
    """A named person opened the lock."""
    left, left_ko = "", ""
    if now.lock == Lock.LOCKED_FOR_DAY:
        left, left_ko = "; today's loss limit stays closed", "; 당일 손실 잠금은 유지됩니다"
    return LedgerEvent(
        at_ns=at_ns,
        code=LedgerCode.RELEASED,
        before=float(Lock.HALTED),
        after=float(now.lock),
        who=who,
        text=f"{who} released the halt ({reason}): the peak is now {now.peak:,.2f}, "
        f"sizes restart at {now.size_scale:.0%}{left}",
        text_ko=f"{who} 님이 중지를 해제했습니다 ({reason}): 새 고점 {now.peak:,.2f}, "
        f"규모는 {now.size_scale:.0%}에서 다시 시작합니다{left_ko}",
    )


def mark_events(at_ns: int, before: Seen, now: Seen, *, is_new_day: bool, closed: int) -> tuple[LedgerEvent, ...]:
    """What a mark changed; ``closed`` is the lock that it closed, or OPEN."""
    events = []
    if is_new_day and before.lock == Lock.LOCKED_FOR_DAY:
        events.append(_daily_opened(at_ns, now))
    if (now.size_scale < 1.0) != (before.size_scale < 1.0):
        events.append(_size_event(at_ns, before, now))
    if now.is_reduce_only != before.is_reduce_only:
        events.append(_reduce_only_event(at_ns, before, now))
    if closed == Lock.LOCKED_FOR_DAY:
        events.append(_daily_locked(at_ns, now))
    elif closed == Lock.HALTED:
        before_lock = Lock.OPEN if is_new_day else Lock(before.lock)
        events.append(_halted(at_ns, before_lock, now))
    return tuple(events)


def _event(at_ns: int, code: LedgerCode, change: tuple[float, float], text: str, text_ko: str) -> LedgerEvent:
    before, after = change
    return LedgerEvent(
        at_ns=at_ns, code=code, before=float(before), after=float(after), who=LEDGER, text=text, text_ko=text_ko
    )


def _fall(now: Seen) -> float:
    return 1.0 - now.equity / now.peak


def _size_event(at_ns: int, before: Seen, now: Seen) -> LedgerEvent:
    if now.size_scale < 1.0:
        return _event(
            at_ns,
            LedgerCode.REDUCED,
            (before.size_scale, now.size_scale),
            f"equity {now.equity:,.2f} is {_fall(now):.2%} below its peak of {now.peak:,.2f}: sizes begin to shrink, "
            f"now to {now.size_scale:.1%}",
            f"자산 {now.equity:,.2f}이(가) 고점 {now.peak:,.2f}보다 {_fall(now):.2%} 낮습니다: 규모를 줄이기 시작해 "
            f"현재 {now.size_scale:.1%}입니다",
        )
    return _event(
        at_ns,
        LedgerCode.FULL_SIZE,
        (before.size_scale, now.size_scale),
        f"equity {now.equity:,.2f} has recovered: sizes are whole again",
        f"자산 {now.equity:,.2f}이(가) 회복되어 규모가 온전히 돌아왔습니다",
    )


def _reduce_only_event(at_ns: int, before: Seen, now: Seen) -> LedgerEvent:
    change = (float(before.is_reduce_only), float(now.is_reduce_only))
    if now.is_reduce_only:
        return _event(
            at_ns,
            LedgerCode.REDUCE_ONLY,
            change,
            f"equity {now.equity:,.2f} is {_fall(now):.2%} below its peak of {now.peak:,.2f}: "
            "positions may only shrink",
            f"자산 {now.equity:,.2f}이(가) 고점 {now.peak:,.2f}보다 {_fall(now):.2%} 낮습니다: "
            "포지션 축소만 허용됩니다",
        )
    what, what_ko = f"entries are allowed again, at {now.size_scale:.1%} of their size", "진입이 다시 허용됩니다"
    if now.lock != Lock.OPEN:
        what, what_ko = "the drawdown no longer bars entries, but the lock stays closed", "그러나 잠금은 유지됩니다"
    return _event(
        at_ns,
        LedgerCode.REDUCE_ONLY_ENDED,
        change,
        f"equity {now.equity:,.2f} is {_fall(now):.2%} below its peak of {now.peak:,.2f}: {what}",
        f"자산 {now.equity:,.2f}, 고점 {now.peak:,.2f} 대비 낙폭 {_fall(now):.2%}, 규모 {now.size_scale:.1%}: "
        f"{what_ko}",
    )


def _daily_opened(at_ns: int, now: Seen) -> LedgerEvent:
    return _event(
        at_ns,
        LedgerCode.DAILY_OPENED,
        (Lock.LOCKED_FOR_DAY, Lock.OPEN),
        f"a new day begins with {now.day_start:,.2f}: the daily lock is open",
        f"새로운 날이 {now.day_start:,.2f}(으)로 시작됩니다: 일일 잠금이 풀렸습니다",
    )


def _daily_locked(at_ns: int, now: Seen) -> LedgerEvent:
    lost = 1.0 - now.equity / now.day_start
    return _event(
        at_ns,
        LedgerCode.DAILY_LOCKED,
        (Lock.OPEN, Lock.LOCKED_FOR_DAY),
        f"equity {now.equity:,.2f} is {lost:.2%} below the day's opening {now.day_start:,.2f}: close everything, "
        "enter nothing until the next day",
        f"자산 {now.equity:,.2f}이(가) 당일 시작 {now.day_start:,.2f}보다 {lost:.2%} 낮습니다: 모두 청산하고 "
        "다음 날까지 진입하지 않습니다",
    )


def _halted(at_ns: int, before: Lock, now: Seen) -> LedgerEvent:
    return _event(
        at_ns,
        LedgerCode.HALTED,
        (before, Lock.HALTED),
        f"equity {now.equity:,.2f} is {_fall(now):.2%} below its peak of {now.peak:,.2f}: close everything, "
        "enter nothing until a named person releases the halt",
        f"자산 {now.equity:,.2f}이(가) 고점 {now.peak:,.2f}보다 {_fall(now):.2%} 낮습니다: 모두 청산하고 "
        "책임자가 해제할 때까지 진입하지 않습니다",
    )
