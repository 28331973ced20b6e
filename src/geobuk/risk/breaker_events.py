"""A breaker's trips and resets, as records that a journal can keep and sentences that a person can read."""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from geobuk.risk.breaker_spec import BreakerCode, BreakerState, Reset


class BreakerChange(StrEnum):
    """What happened to a breaker."""

    TRIPPED = "TRIPPED"
    RESET = "RESET"
    RELEASED = "RELEASED"
    """By a named person."""


class BreakerEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change: ``before`` and ``after`` are the state of all breakers together.

    ``value`` and ``limit`` are in the unit of the breaker's setting (JSON writes a value that is not finite as null).
    ``who`` is the person, or ``breakers``.
    """

    at_ns: int
    code: BreakerCode
    change: BreakerChange
    before: BreakerState
    after: BreakerState
    value: float | None
    limit: float
    who: str
    text: str
    text_ko: str


BREAKERS = "breakers"
"""``who`` where nobody did it."""


class Trip(NamedTuple):
    """A reading at or beyond its limit; ``subject`` names the feed, or the readings that are no numbers."""

    code: BreakerCode
    state: BreakerState
    value: float
    limit: float
    subject: str


class Ending(NamedTuple):
    """How a trip ends."""

    reset: Reset
    calm_seconds: float


_REACHED: dict[BreakerCode, tuple[str, str]] = {
    BreakerCode.DAILY_LOSS: (
        "the day's loss is {value:.2%}, the limit {limit:.2%}",
        "당일 손실 {value:.2%}, 한도 {limit:.2%}",
    ),
    BreakerCode.LOSS_STREAK: (
        "{value:.0f} trades in a row have lost, the limit is {limit:.0f}",
        "연속 손실 거래 {value:.0f}건, 한도 {limit:.0f}건",
    ),
    BreakerCode.STALE_DATA: (
        "{subject} has given no quote for {value:.1f} s, the limit is {limit:.1f} s",
        "{subject}의 호가가 {value:.1f}초 동안 없습니다, 한도 {limit:.1f}초",
    ),
    BreakerCode.BAD_DATA: (
        "{value:.0f} bad quotes in a minute, the limit is {limit:.0f}",
        "1분간 불량 호가 {value:.0f}건, 한도 {limit:.0f}건",
    ),
    BreakerCode.ORDER_RATE: (
        "{value:.0f} orders in a minute, the limit is {limit:.0f}",
        "1분간 주문 {value:.0f}건, 한도 {limit:.0f}건",
    ),
    BreakerCode.REJECTS: (
        "{value:.0%} of a minute's orders were rejected, the limit is {limit:.0%}",
        "1분간 주문 거부율 {value:.0%}, 한도 {limit:.0%}",
    ),
    BreakerCode.WIDE_SPREAD: (
        "the spread is {value:.1f} times its usual one, the limit {limit:.1f}",
        "스프레드가 평소의 {value:.1f}배, 한도 {limit:.1f}배",
    ),
    BreakerCode.CLOCK_DRIFT: (
        "our clock is {value:.0f} ms away from the venue's, the limit is {limit:.0f} ms",
        "거래소와의 시계 차이 {value:.0f} ms, 한도 {limit:.0f} ms",
    ),
    BreakerCode.STALE_MARK: (
        "a mark price is {value:.1f} s old, the limit is {limit:.1f} s",
        "마크 가격이 {value:.1f}초 전의 것입니다, 한도 {limit:.1f}초",
    ),
}

_NO_NUMBER = ("these readings can't be believed: {subject}", "믿을 수 없는 측정값: {subject}")

_PASSES = {
    BreakerState.REDUCING: ("only reductions pass", "축소만 허용됩니다"),
    BreakerState.HALTED: ("everything but exits is halted", "청산 외에는 모두 중지됩니다"),
}


def trip_event(at_ns: int, trip: Trip, ending: Ending, before: BreakerState, after: BreakerState) -> BreakerEvent:
    """A breaker tripped."""
    said, said_ko = _NO_NUMBER if trip.code is BreakerCode.BAD_DATA and trip.subject else _REACHED[trip.code]
    passes, passes_ko = _PASSES[trip.state]
    until, until_ko = _until(ending)
    values = trip._asdict()
    return BreakerEvent(
        at_ns=at_ns,
        code=trip.code,
        change=BreakerChange.TRIPPED,
        before=before,
        after=after,
        value=trip.value,
        limit=trip.limit,
        who=BREAKERS,
        text=f"{said.format(**values)}: {passes} {until}",
        text_ko=f"{said_ko.format(**values)}: {until_ko} {passes_ko}",
    )


def end_event(
    at_ns: int, code: BreakerCode, states: tuple[BreakerState, BreakerState], reading: tuple[float, float]
) -> BreakerEvent:
    """A breaker ended as its rule says; ``reading`` is its value and its limit."""
    left, left_ko = _left(states[1])
    return BreakerEvent(
        at_ns=at_ns,
        code=code,
        change=BreakerChange.RESET,
        before=states[0],
        after=states[1],
        value=reading[0],
        limit=reading[1],
        who=BREAKERS,
        text=f"{code.value} is over: {left}",
        text_ko=f"{code.value} 해제: {left_ko}",
    )


def release_event(
    at_ns: int, code: BreakerCode, states: tuple[BreakerState, BreakerState], limit: float, said: tuple[str, str]
) -> BreakerEvent:
    """A named person ended it; ``said`` is who and why."""
    (by, reason), (left, left_ko) = said, _left(states[1])
    return BreakerEvent(
        at_ns=at_ns,
        code=code,
        change=BreakerChange.RELEASED,
        before=states[0],
        after=states[1],
        value=None,
        limit=limit,
        who=by,
        text=f"{by} released {code.value} ({reason}): {left}",
        text_ko=f"{by} 님이 {code.value}을(를) 해제했습니다 ({reason}): {left_ko}",
    )


def _until(ending: Ending) -> tuple[str, str]:
    if ending.reset == "itself":
        return f"until it has been healthy for {ending.calm_seconds:g} s", f"{ending.calm_seconds:g}초간 정상일 때까지"
    if ending.reset == "next_day":
        return "until the next day", "다음 날까지"
    return "until a named person releases it", "책임자가 해제할 때까지"


def _left(state: BreakerState) -> tuple[str, str]:
    if state is BreakerState.ACTIVE:
        return "entries are allowed again", "진입이 다시 허용됩니다"
    passes, passes_ko = _PASSES[state]
    return f"another breaker is still tripped, {passes}", f"다른 차단기가 작동 중이라 {passes_ko}"
