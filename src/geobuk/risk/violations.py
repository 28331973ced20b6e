"""A limit that does not hold, in numbers and in words, English and Korean."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite, isnan
from typing import NamedTuple


class Limit(StrEnum):
    """What is watched. Those of LEAST are violated below their limit, those of REACHED at it, all others above it."""

    VAR_DAILY = "VAR_DAILY"
    CVAR_DAILY = "CVAR_DAILY"
    DRAWDOWN = "DRAWDOWN"
    DAILY_LOSS = "DAILY_LOSS"
    LEVERAGE = "LEVERAGE"
    GROSS = "GROSS"
    NET = "NET"
    REGIME_GROSS = "REGIME_GROSS"
    CONCENTRATION = "CONCENTRATION"
    SECTOR = "SECTOR"
    BUCKET = "BUCKET"
    SHORT = "SHORT"
    LIQUIDATION_DISTANCE = "LIQUIDATION_DISTANCE"
    LIQUIDATION_PROBABILITY = "LIQUIDATION_PROBABILITY"
    POSITIONS = "POSITIONS"
    ORDERS = "ORDERS"
    MARK_AGE = "MARK_AGE"
    RISK_KNOWN = "RISK_KNOWN"
    FINITE = "FINITE"


LEAST = {Limit.LIQUIDATION_DISTANCE, Limit.RISK_KNOWN, Limit.FINITE}

REACHED = {Limit.DRAWDOWN, Limit.DAILY_LOSS}
"""The ledger locks an account that has lost exactly so much."""


class Reading(NamedTuple):
    """One limit beside what it limits; ``subject`` is the instrument or sector, empty for the account.

    A limit that is off is infinite (for those of LEAST 0): it holds whatever the value.
    """

    code: Limit
    value: float
    limit: float
    subject: str = ""

    @property
    def margin(self) -> float:
        """What is left before the limit is reached; negative beyond it."""
        return self.value - self.limit if self.code in LEAST else self.limit - self.value

    @property
    def is_violated(self) -> bool:
        """Whether the limit does not hold; a value that is no number holds none."""
        if self.code in LEAST:
            return self.limit > 0.0 and not self.value >= self.limit
        if self.limit == inf:
            return False
        return not (self.value < self.limit if self.code in REACHED else self.value <= self.limit)


@dataclass(frozen=True, slots=True)
class Violation:
    """A limit that does not hold. ``margin`` is what is left before it: negative, or NaN where nothing is known."""

    code: str
    limit: float
    value: float
    margin: float
    text: str
    text_ko: str
    subject: str = ""

    def __str__(self) -> str:
        return self.text


def violation_of(reading: Reading) -> Violation:
    """The violation that a reading shows."""
    english, korean = _WORDS[reading.code]
    numbers = {
        "value": _number(reading.code, reading.value),
        "limit": _number(reading.code, reading.limit),
        "subject": reading.subject or "account",
        "subject_ko": reading.subject or "계좌",
    }
    return Violation(
        code=str(reading.code),
        limit=reading.limit,
        value=reading.value,
        margin=reading.margin,
        text=english.format(**numbers),
        text_ko=korean.format(**numbers),
        subject=reading.subject,
    )


_COUNTS = {Limit.POSITIONS, Limit.ORDERS}
_MULTIPLES = {
    *(Limit.LEVERAGE, Limit.GROSS, Limit.NET, Limit.REGIME_GROSS),
    *(Limit.CONCENTRATION, Limit.SECTOR, Limit.BUCKET),
}


def _number(code: Limit, value: float) -> str:
    if not isfinite(value):
        return "?" if isnan(value) else "∞" if value > 0.0 else "-∞"
    if code in _COUNTS:
        return f"{value:.0f}"
    if code is Limit.MARK_AGE:
        return f"{value:.0f} s"
    if code in _MULTIPLES:
        return f"{value:.2f}x"
    return f"{value:.2%}"


_WORDS: dict[Limit, tuple[str, str]] = {
    Limit.VAR_DAILY: (
        "daily value at risk {value} of equity exceeds {limit}: make positions smaller",
        "일일 VaR {value}가 한도 {limit}를 넘습니다. 포지션을 줄이십시오",
    ),
    Limit.CVAR_DAILY: (
        "daily expected shortfall {value} of equity exceeds {limit}: make positions smaller",
        "일일 CVaR {value}가 한도 {limit}를 넘습니다. 포지션을 줄이십시오",
    ),
    Limit.DRAWDOWN: (
        "equity is {value} below its peak, the limit is {limit}: positions are closed and entries stay locked",
        "자산이 고점보다 {value} 낮아 한도 {limit}에 이르렀습니다. 포지션을 청산하고 진입을 잠급니다",
    ),
    Limit.DAILY_LOSS: (
        "today's loss {value} has reached the limit {limit}: positions are closed, entries are locked until tomorrow",
        "오늘 손실 {value}가 한도 {limit}에 이르렀습니다. 포지션을 청산하고 내일까지 진입을 잠급니다",
    ),
    Limit.LEVERAGE: (
        "portfolio leverage {value} exceeds {limit}: reduce positions",
        "총 레버리지 {value}가 한도 {limit}를 넘습니다. 포지션을 줄이십시오",
    ),
    Limit.GROSS: (
        "gross exposure {value} of equity exceeds {limit}: reduce positions",
        "총 노출 {value}가 한도 {limit}를 넘습니다. 포지션을 줄이십시오",
    ),
    Limit.NET: (
        "net exposure {value} of equity exceeds {limit}: reduce the heavier side",
        "순 노출 {value}가 한도 {limit}를 넘습니다. 무거운 쪽을 줄이십시오",
    ),
    Limit.REGIME_GROSS: (
        "gross exposure {value} of equity exceeds the {limit} that this regime allows: reduce positions",
        "총 노출 {value}가 이 국면의 한도 {limit}를 넘습니다. 포지션을 줄이십시오",
    ),
    Limit.CONCENTRATION: (
        "{subject} is {value} of equity, the limit for one instrument is {limit}: reduce it",
        "{subject_ko}의 비중 {value}가 종목 한도 {limit}를 넘습니다. 줄이십시오",
    ),
    Limit.SECTOR: (
        "the sector {subject} is {value} of equity, the limit for one sector is {limit}: reduce some of it",
        "업종 {subject_ko}의 비중 {value}가 업종 한도 {limit}를 넘습니다. 줄이십시오",
    ),
    Limit.BUCKET: (
        "{subject} move together and are {value} of equity, the limit for such a bucket is {limit}: reduce some of it",
        "함께 움직이는 묶음 {subject_ko}의 비중 {value}가 한도 {limit}를 넘습니다. 줄이십시오",
    ),
    Limit.SHORT: (
        "{subject} is short by {value} of equity, but shorts are not allowed: close it",
        "{subject_ko} 숏 {value}: 공매도가 허용되지 않습니다. 청산하십시오",
    ),
    Limit.LIQUIDATION_DISTANCE: (
        "{subject} is liquidated by a move of {value}, at least {limit} is asked for: reduce it or add margin",
        "{subject_ko}는 {value} 움직이면 청산됩니다. 최소 {limit}가 필요합니다. 줄이거나 증거금을 더하십시오",
    ),
    Limit.LIQUIDATION_PROBABILITY: (
        "liquidation within 24 hours has a probability of {value}, the limit is {limit}: reduce positions",
        "24시간 청산 확률 {value}가 한도 {limit}를 넘습니다. 포지션을 줄이십시오",
    ),
    Limit.POSITIONS: (
        "{value} positions are held, the limit is {limit}: close some before opening others",
        "보유 종목 {value}개가 한도 {limit}개를 넘습니다. 새로 열기 전에 정리하십시오",
    ),
    Limit.ORDERS: (
        "{value} orders are at work, the limit is {limit}: cancel some before placing others",
        "미체결 주문 {value}개가 한도 {limit}개를 넘습니다. 새 주문 전에 취소하십시오",
    ),
    Limit.MARK_AGE: (
        "the oldest mark price is {value} old, the limit is {limit}: no entries until it is fresh",
        "가장 오래된 마크 가격이 {value} 전 값으로 한도 {limit}를 넘습니다. 갱신될 때까지 진입하지 않습니다",
    ),
    Limit.RISK_KNOWN: (
        "the risk of these positions is not known and counts as too large: give covariance, returns or volatility",
        "이 포지션의 위험을 알 수 없습니다. 종목별 공분산, 수익률 또는 변동성을 주십시오. 그때까지 한도 초과로 봅니다",
    ),
    Limit.FINITE: (
        "{subject} is not a finite number, or equity is gone: nothing may be opened until it is read again",
        "{subject_ko} 값이 유한하지 않거나 자산이 없습니다. 다시 읽을 때까지 아무것도 열 수 없습니다",
    ),
}
