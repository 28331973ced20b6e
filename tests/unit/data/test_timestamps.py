from datetime import UTC, date, datetime

import polars as pl
import pytest

from geobuk.data.timestamps import to_at_ns
from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import parse_at

SECONDS = 1_704_067_200  # 2024-01-01
NS = SECONDS * 10**9


@pytest.mark.parametrize("scale", [1, 10**3, 10**6, 10**9])
def test_the_unit_of_numbers_is_told_by_their_size(scale: int) -> None:
    assert to_at_ns(pl.Series("ts", [SECONDS * scale])).to_list() == [NS]


def test_fractions_of_seconds_are_kept_to_the_microsecond() -> None:
    assert to_at_ns(pl.Series("ts", [SECONDS + 0.25])).to_list() == [NS + 250_000_000]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01",
        "2024-01-01 00:00",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.000Z",
        "2024-01-01 09:00:00+09:00",
        "2024-01-01 09:00:00 +0900",
        "2024-01-01 00:00:00 UTC",
        "2024.01.01 00:00:00",
        "2024/01/01",
        "20240101",
        "20240101000000",
        "1704067200000",
        "1704067200.0",
    ],
)
def test_text_is_read_in_many_forms(text: str) -> None:
    assert to_at_ns(pl.Series("ts", [text, text])).to_list() == [NS, NS]


def test_a_number_that_looks_like_a_day_is_a_day() -> None:
    assert to_at_ns(pl.Series("date", [20240101])).to_list() == [NS]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("ts", ["2024-01-01 00:00:00"]).str.to_datetime(),
        pl.Series("ts", ["2024-01-01 00:00:00"]),
        pl.Series("ts", [date(2024, 1, 1)]),
    ],
)
def test_what_has_no_zone_is_read_in_the_given_one(column: pl.Series) -> None:
    assert to_at_ns(column, time_zone="Asia/Seoul").to_list() == [parse_at("2024-01-01T00:00+09:00")]


def test_a_column_with_a_zone_keeps_it() -> None:
    column = pl.Series("ts", [datetime(2024, 1, 1, tzinfo=UTC)])
    assert to_at_ns(column, time_zone="Asia/Seoul").to_list() == [NS]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.Series("ts", ["2024-01-01", "yesterday"]), "'yesterday' in data row 2"),
        (pl.Series("ts", [SECONDS, None]), "no time in data row 2"),
        (pl.Series("ts", [12345]), "no unit makes times"),
        (pl.Series("ts", [True]), "holds Boolean, not times"),
        (pl.Series("ts", ["2024-01-01 00:00", "2024-01-01T00:00Z"]), "mixes times with and without"),
        (pl.Series("ts", [float("inf")]), "not finite"),
        (pl.Series("ts", ["9" * 25]), "too large"),
    ],
)
def test_an_unreadable_time_is_shown(column: pl.Series, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        to_at_ns(column)
    assert caught.value.cure


def test_a_unit_that_is_too_coarse_is_refused() -> None:
    with pytest.raises(DataError, match="too large for unit s"):
        to_at_ns(pl.Series("ts", [NS]), unit="s")


def test_an_hour_that_exists_twice_is_refused() -> None:
    with pytest.raises(DataError, match="does not exist once in America/New_York"):
        to_at_ns(pl.Series("ts", ["2024-11-03 01:30:00"]), time_zone="America/New_York")


def test_a_mistyped_zone_is_suggested() -> None:
    with pytest.raises(UserError, match="did you mean Asia/Seoul"):
        to_at_ns(pl.Series("ts", [SECONDS]), time_zone="Asia/Soul")


def test_an_unknown_unit_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match="use auto, s, ms, us, ns"):
        to_at_ns(pl.Series("ts", [SECONDS]), unit="minutes")
