"""Why a target is what it is, step by step, in words of both languages."""

import re
from math import nan
from typing import Any

import numpy as np
import pytest

from geobuk.risk.explanation import STEP_WORDS, ExplainedStep, Explanation, explained
from geobuk.risk.reasons import REASONS, Reason
from geobuk.risk.trace import STEPS, Step
from geobuk.risk.words import REASON_WORDS

HANGUL = re.compile("[가-힣]")


def explanation(**changes: Any) -> Explanation:
    given: dict[str, Any] = {
        "instrument": "BTCUSDT",
        "forecast": 0.5,
        "held": 0.0,
        "target": 0.02,
        "price": 50_000.0,
        "steps": (
            ExplainedStep(Step.WANTED, 0.2, 0.2),
            ExplainedStep(Step.REGIME, 0.2, 0.2),
            ExplainedStep(Step.WEIGHT, 0.2, 0.1),
        ),
        "reasons": (Reason.CLAMPED_WEIGHT,),
        **changes,
    }
    return Explanation(**given)


def test_every_step_and_every_reason_has_words() -> None:
    assert set(STEP_WORDS) == set(Step)
    for english, korean in [*STEP_WORDS.values(), *(one.text for one in REASON_WORDS.values())]:
        assert english
        assert HANGUL.search(korean) or korean in {"VaR 한도", "CVaR 한도"}
        assert not HANGUL.search(english)
    assert set(REASON_WORDS) == set(Reason)


def test_a_chain_reads_from_the_belief_to_the_action() -> None:
    assert explanation().lines() == [
        "forecast: +0.500",
        "wanted weight: +20.00%",
        "after the largest weight: +20.00% -> +10.00%",
        f"because: {REASON_WORDS[Reason.CLAMPED_WEIGHT].text[0]} [CLAMPED_WEIGHT]",
        "enter: +0.02 to 0.02",
    ]
    assert explanation().lines("ko") == [
        "예측: +0.500",
        "희망 비중: +20.00%",
        "종목 비중 한도: +20.00% -> +10.00%",
        f"이유: {REASON_WORDS[Reason.CLAMPED_WEIGHT].text[1]} [CLAMPED_WEIGHT]",
        "진입: +0.02, 목표 0.02",
    ]


@pytest.mark.parametrize(
    ("held", "target", "english", "korean"),
    [
        (0.0, 0.0, "stay out", "진입하지 않음"),
        (0.0, nan, "stay out", "진입하지 않음"),
        (0.5, nan, "leave the position as it is", "포지션 유지"),
        (nan, nan, "leave the position as it is", "포지션 유지"),
        (0.5, 0.5, "leave the position as it is", "포지션 유지"),
        (0.0, -0.5, "enter: -0.5 to -0.5", "진입: -0.5, 목표 -0.5"),
        (0.5, 0.75, "enlarge: +0.25 to 0.75", "확대: +0.25, 목표 0.75"),
        (-0.5, -0.75, "enlarge: -0.25 to -0.75", "확대: -0.25, 목표 -0.75"),
        (0.5, 0.25, "reduce: -0.25 to 0.25", "축소: -0.25, 목표 0.25"),
        (0.5, -0.25, "turn: -0.75 to -0.25", "전환: -0.75, 목표 -0.25"),
        (0.5, 0.0, "close: -0.5", "청산: -0.5"),
        (0.1, 0.3, "enlarge: +0.2 to 0.3", "확대: +0.2, 목표 0.3"),
        (0.0, 1_234_567.891, "enter: +1234567.891 to 1234567.891", "진입: +1234567.891, 목표 1234567.891"),
    ],
)
def test_the_action_is_told_with_its_quantity(held: float, target: float, english: str, korean: str) -> None:
    assert explanation(held=held, target=target).action == (english, korean)


def test_no_forecast_is_told_as_none() -> None:
    quiet = explanation(forecast=nan, steps=(), target=0.0, reasons=(Reason.NO_FORECAST,))
    assert quiet.lines()[0] == "forecast: none"
    assert quiet.lines("ko")[0] == "예측: 없음"
    assert quiet.lines()[-1] == "stay out"


def test_a_row_of_a_trace_becomes_its_steps_and_the_reasons_that_were_counted() -> None:
    trace, counted = np.full(STEPS, nan), np.zeros(REASONS, dtype=int)
    trace[[Step.FORECAST, Step.WANTED, Step.REGIME, Step.VAR, Step.QUANTITY]] = 0.7, 0.4, 0.2, 0.1, 0.003
    counted[[Reason.CLAMPED_VAR, Reason.SCALED_REGIME]] = 1, 3
    found = explained("A", trace, counted, held=0.0, price=10.0)
    assert found.forecast == 0.7
    assert found.target == 0.003
    assert [(one.step, one.before, one.after, one.is_binding) for one in found.steps] == [
        (Step.WANTED, 0.4, 0.4, False),
        (Step.REGIME, 0.4, 0.2, True),
        (Step.VAR, 0.2, 0.1, True),
    ]
    assert found.reasons == (Reason.SCALED_REGIME, Reason.CLAMPED_VAR)


def test_a_refused_wish_has_no_steps() -> None:
    trace = np.full(STEPS, nan)
    trace[[Step.FORECAST, Step.POSITIONS, Step.QUANTITY]] = nan, 0.0, 0.0
    assert explained("A", trace, [0] * REASONS, held=0.0, price=10.0).steps == ()


def test_reasons_follow_the_path_and_not_their_numbers() -> None:
    counted = np.zeros(REASONS, dtype=int)
    told = [Reason.SCALED_REGIME, Reason.CLAMPED_WEIGHT, Reason.CLAMPED_RISK, Reason.CLAMPED_VAR, Reason.BELOW_STEP]
    counted[told] = 1
    assert explained("A", np.full(STEPS, nan), counted, held=0.0, price=1.0).reasons == tuple(told)
