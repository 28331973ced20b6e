"""The words in which a decision of a run is told, English and Korean."""

from geobuk.risk.loss_locks import Lock
from geobuk.risk.words import Text
from geobuk.simulate.book import OrderKind

LOCK_WORDS: dict[Lock, Text] = {
    Lock.LOCKED_FOR_DAY: (
        "LOCKED FOR THE DAY by the daily loss limit: no target was set, only exits worked",
        "일일 손실 제한으로 당일 잠김: 목표를 정하지 않았고 청산만 진행",
    ),
    Lock.HALTED: (
        "HALTED by the drawdown limit: no target was set, only exits worked",
        "낙폭 제한으로 거래 중지: 목표를 정하지 않았고 청산만 진행",
    ),
}

ORDER_WORDS: dict[OrderKind, Text] = {
    OrderKind.MARKET: ("market order for the next open", "다음 시가의 시장가 주문"),
    OrderKind.LIMIT: ("limit order", "지정가 주문"),
    OrderKind.STOP: ("stop order", "스톱 주문"),
}

SAID: dict[str, Text] = {
    "decision": (
        "decision of {at}, on the close of the bar that opened at {opened}",
        "{at}의 결정 ({opened}에 시작한 봉의 종가 기준)",
    ),
    "earlier": ("the last decision at or before {asked}", "{asked} 또는 그 이전의 마지막 결정"),
    "equity": ("equity {equity:,.2f}, {fall:.1%} below its peak", "자산 {equity:,.2f}, 고점 대비 -{fall:.1%}"),
    "at_peak": ("equity {equity:,.2f}, at its peak", "자산 {equity:,.2f}, 고점"),
    "regime": ("regime: {regime}", "국면: {regime}"),
    "no_regime": ("regime: no detector speaks", "국면: 판별하지 않음"),
    "volatile": ("{regime}, high volatility", "{regime}, 고변동성"),
    "scaled": ("drawdown stage: sizes × {scale:.2f}", "낙폭 단계: 크기 × {scale:.2f}"),
    "reduce_only": ("drawdown stage: positions may only shrink", "낙폭 단계: 축소만 허용"),
    "paused": (
        "entries pause after losing trades, until {until}",
        "연속 손실로 {until}까지 신규 진입 중지",
    ),
    "delayed": (
        "the forecast was {bars} bars old (orders.delay_bars)",
        "{bars}개 봉 전의 예측 (orders.delay_bars)",
    ),
    "parts": ("of it", "구성"),
    "held": (
        "held: {held:g} at {price:g}, {weight} of equity",
        "보유: {held:g}, 가격 {price:g}, 자산의 {weight}",
    ),
    "uncapped": ("no cap and no scale made it smaller", "한도나 배율로 줄어들지 않음"),
    "at": ("{kind}: {quantity:+g} at {price:g}", "{kind}: {quantity:+g}, 가격 {price:g}"),
    "older": ("{order} (placed before, goes on working)", "{order} (이전에 낸 주문이 계속 진행)"),
    "no_order": ("no order works", "작업 중인 주문 없음"),
    "filled": (
        "filled {at}: {quantity:+g} at {price:g} – {reason}",
        "체결 {at}: {quantity:+g}, 가격 {price:g} – {reason}",
    ),
    "unfilled": ("nothing was filled up to the next decision", "다음 결정까지 체결 없음"),
    "last": ("the run ends here: nothing followed", "실행의 마지막 봉: 이후 없음"),
    "then": ("on the way", "진행 중"),
}


def said(key: str, language: str, **values: object) -> str:
    """A sentence of SAID with its values filled in."""
    return SAID[key][1 if language == "ko" else 0].format(**values)


def pick(text: Text, language: str) -> str:
    """One of the two languages; English where it is not Korean."""
    return text[1 if language == "ko" else 0]
