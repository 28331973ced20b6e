"""Integer nanoseconds in UTC, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.domain.errors import UserError
from geobuk.domain.times import (
    NS_PER_DAY,
    NS_PER_HOUR,
    NS_PER_MINUTE,
    at_text,
    interval_ns,
    interval_text,
    iso_text,
    parse_at,
)


@pytest.mark.parametrize(
    ("text", "ns"),
    [("1s", 10**9), ("1m", NS_PER_MINUTE), ("15m", 15 * NS_PER_MINUTE), ("4h", 4 * NS_PER_HOUR), ("1d", NS_PER_DAY)],
)
def test_intervals_there_and_back(text: str, ns: int) -> None:
    assert interval_ns(text) == ns
    assert interval_text(ns) == text


def test_a_week_is_seven_days() -> None:
    assert interval_ns("1w") == interval_ns("7d")


@pytest.mark.parametrize("text", ["", "h", "0h", "1", "1H", "1.5h", "-1h", "1 h", "60min", "10000h", "1h\n"])
def test_what_is_no_interval_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UserError, match="is not an interval") as caught:
        interval_ns(text)
    assert "1m, 1h or 1d" in caught.value.cure


@given(st.integers(1, 9_999), st.sampled_from("smhd"))
def test_every_name_survives_the_round_trip(number: int, unit: str) -> None:
    ns = interval_ns(f"{number}{unit}")
    assert interval_text(ns) in {f"{number}{unit}"} | {f"{ns // (s * 10**9)}{u}" for s, u in _UNITS if ns % s == 0}


_UNITS = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01", 0),
        ("2023-01-01", 1_672_531_200 * 10**9),
        ("2023-01-01T09:00+09:00", 1_672_531_200 * 10**9),
        ("2023-01-01T00:00:00Z", 1_672_531_200 * 10**9),
        ("1969-12-31", -NS_PER_DAY),
    ],
)
def test_dates_are_utc_unless_they_say_otherwise(text: str, at: int) -> None:
    assert parse_at(text) == at


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(UserError, match="'yesterday' is not a date"):
        parse_at("yesterday")


def test_instants_are_written_in_utc() -> None:
    assert at_text(parse_at("2024-02-29T23:59")) == "2024-02-29 23:59"
    assert at_text(parse_at("2024-02-29T23:59:58"), seconds=True) == "2024-02-29 23:59:58"


@given(st.integers(0, 4 * 10**9))
def test_text_of_an_instant_parses_back(seconds: int) -> None:
    text = at_text(seconds * 10**9, seconds=True)
    assert parse_at(text.replace(" ", "T")) == seconds * 10**9


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_672_531_200 * 10**9 + 999_999_999, "2023-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
    ],
)
def test_iso_text_is_cut_to_the_second_and_says_utc(at: int, text: str) -> None:
    assert iso_text(at) == text


@given(st.integers(0, 4 * 10**9))
def test_iso_text_parses_back(seconds: int) -> None:
    assert parse_at(iso_text(seconds * 10**9)) == seconds * 10**9


@pytest.mark.parametrize("text", ["9999-12-31", "2262-01-01", "0001-01-01T00:00+10:00", "0001-01-01", "1677-12-31"])
def test_a_year_that_nanoseconds_can_not_count_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="lies outside the years 1678 to 2261"):
        parse_at(text)


@pytest.mark.parametrize("text", ["1678-01-01T00:00+14:00", "2261-12-31T23:59-14:00"])
def test_the_years_at_the_edge_fit_into_64_bits(text: str) -> None:
    assert abs(parse_at(text)) + NS_PER_DAY < 2**63
    assert at_text(parse_at(text))
