"""Numbers as the reasons write them, and texts that say the same in both languages."""

from collections.abc import Iterator
from string import Formatter

import pytest

from geobuk.research.universe_words import FORMATS, NOTES, REMARKS, WORDS, Text, amount, bps, days, share


def texts() -> Iterator[tuple[str, Text]]:
    for code, both in WORDS.items():
        yield f"{code} for", both[0]
        yield f"{code} against", both[1]
    for table in (REMARKS, NOTES):
        yield from table.items()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(("code", "pair"), list(texts()), ids=lambda value: value if isinstance(value, str) else "")
def test_both_languages_fill_in_the_same(code: str, pair: Text) -> None:
    english, korean = pair
    assert english
    assert placeholders(english) == placeholders(korean)
    assert any("가" <= letter <= "힣" for letter in korean)
    assert english.isascii()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5.0, ("5.00", "5.00")),
        (187.1, ("187", "187")),
        (3_515.4, ("3,515", "3,515")),
        (999_999.0, ("999,999", "100.0만")),
        (5e6, ("5.0 M", "500만")),
        (2.04e9, ("2.0 bn", "20.4억")),
        (9.3e11, ("930 bn", "9,300억")),
        (1.5e12, ("1.5 tn", "1.5조")),
    ],
)
def test_money_is_written_in_a_few_signs(value: float, written: Text) -> None:
    assert amount(value) == written


def test_shares_keep_the_digits_that_say_something() -> None:
    assert share(0.0) == ("0 %", "0 %")
    assert share(0.00123)[0] == "0.12 %"
    assert share(0.0000123)[0] == "0.0012 %"
    assert share(0.148)[0] == "14.8 %"
    assert share(-0.0345)[0] == "-3.5 %"
    assert share(1.2)[0] == "120 %"


def test_spreads_and_days_have_their_units() -> None:
    assert bps(0.00131) == ("13.1 bps", "13.1 bp")
    assert bps(0.02) == ("200 bps", "200 bp")
    assert days(730.9) == ("730 days", "730일")
    assert set(FORMATS) == {"amount", "share", "bps", "days", "plain", "count"}
