"""Limits that do not hold, in numbers and in words of both languages."""

import re
from math import inf, nan
from typing import Any

import pytest

from geobuk.risk.violations import _WORDS, LEAST, REACHED, Limit, Reading, violation_of

HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize("code", Limit)
def test_every_limit_has_words_in_both_languages(code: Limit) -> None:
    violation = violation_of(Reading(code, 0.25, 0.5, "BTCUSDT"))
    assert str(violation) == violation.text
    assert violation.code == code.value
    assert HANGUL.search(violation.text_ko)
    assert not HANGUL.search(violation.text)
    assert not set("{}") & set(violation.text + violation.text_ko)
    for template in _WORDS[code]:
        assert ("{subject" in template) == ("{subject" in _WORDS[code][0])


@pytest.mark.parametrize("code", [one for one in Limit if "{subject}" in _WORDS[one][0]])
def test_words_name_what_they_are_about(code: Limit) -> None:
    named, account = violation_of(Reading(code, 0.25, 0.5, "BTCUSDT")), violation_of(Reading(code, 0.25, 0.5))
    assert "BTCUSDT" in named.text
    assert "BTCUSDT" in named.text_ko
    assert "account" in account.text
    assert "계좌" in account.text_ko


@pytest.mark.parametrize(
    ("code", "value", "limit", "shown"),
    [
        (Limit.VAR_DAILY, 0.0234, 0.02, ("2.34%", "2.00%")),
        (Limit.GROSS, 2.5, 2.0, ("2.50x", "2.00x")),
        (Limit.POSITIONS, 26.0, 25.0, ("26", "25")),
        (Limit.MARK_AGE, 75.0, 60.0, ("75 s", "60 s")),
        (Limit.GROSS, inf, 2.0, ("∞", "2.00x")),
        (Limit.LIQUIDATION_DISTANCE, nan, 0.1, ("?", "10.00%")),
        (Limit.LIQUIDATION_DISTANCE, -inf, 0.1, ("-∞", "10.00%")),
    ],
)
def test_numbers_are_shown_in_their_unit(code: Limit, value: float, limit: float, shown: tuple[str, str]) -> None:
    violation = violation_of(Reading(code, value, limit))
    assert all(number in violation.text and number in violation.text_ko for number in shown)


@pytest.mark.parametrize("code", Limit)
def test_a_limit_is_violated_on_its_side(code: Limit) -> None:
    least, reached = code in LEAST, code in REACHED
    assert Reading(code, 0.4, 0.5).is_violated == least
    assert Reading(code, 0.6, 0.5).is_violated == (not least)
    assert Reading(code, 0.5, 0.5).is_violated == reached
    assert Reading(code, nan, 0.5).is_violated
    assert Reading(code, 0.4, 0.5).margin == pytest.approx(-0.1 if least else 0.1)


@pytest.mark.parametrize("code", Limit)
@pytest.mark.parametrize("value", [nan, inf, -inf, 1e9])
def test_a_limit_that_is_off_always_holds(code: Limit, value: float) -> None:
    off: Any = 0.0 if code in LEAST else inf
    assert not Reading(code, value, off).is_violated
