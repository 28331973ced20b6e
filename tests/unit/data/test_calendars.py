"""When venues trade: the day is the venue's own, not UTC's."""

import numpy as np
import pytest

from geobuk.data.calendars import (
    expected_sessions,
    hours_of,
    local_days,
    on_closed_day,
    sessions_per_year,
    trading_year_of,
)
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, parse_at
from geobuk.domain.trading_year import ALWAYS_OPEN


def at(*texts: str) -> np.ndarray:
    return np.array([parse_at(text) for text in texts], dtype=np.int64)


def test_a_venue_that_is_not_known_never_closes_and_pays_every_eight_hours() -> None:
    hours = hours_of("nowhere")
    assert hours.funding_hours == 8
    assert not on_closed_day(at("2024-01-06", "2024-01-07"), hours).any()


@pytest.mark.parametrize("venue", ["krx", "kiwoom"])
def test_korean_venues_rest_at_weekends_and_pay_no_funding(venue: str) -> None:
    hours = hours_of(venue)
    days = at(*(f"2024-01-{day:02d}T12:00+09:00" for day in range(8, 15)))  # Monday to Sunday
    assert on_closed_day(days, hours).tolist() == [False] * 5 + [True] * 2
    new_year = at("2024-01-01T12:00+09:00", "2024-01-02T12:00+09:00")
    assert on_closed_day(new_year, hours).tolist() == [True, False]
    assert hours.funding_hours == 0


def test_the_day_is_counted_in_the_venues_time() -> None:
    hours = hours_of("krx")
    edges = at("2024-01-06T00:00+09:00", "2024-01-05T23:59+09:00", "2024-01-07T23:59+09:00", "2024-01-08T00:00+09:00")
    assert on_closed_day(edges, hours).tolist() == [True, False, True, False]
    assert np.diff(local_days(edges, hours)).tolist() == [-1, 2, 1]


def test_saturdays_were_trading_days_until_december_1998() -> None:
    hours = hours_of("krx")
    saturdays = at("1998-11-28T10:00+09:00", "1998-12-05T10:00+09:00", "1998-12-12T10:00+09:00")
    assert on_closed_day(saturdays, hours).tolist() == [False, False, True]


def test_what_a_table_does_not_cover_is_unknown_except_for_weekends() -> None:
    hours = hours_of("krx")
    later = at("2031-05-30T12:00+09:00", "2031-05-31T12:00+09:00", "2027-05-05T12:00+09:00")  # Fri, Sat, holiday
    assert on_closed_day(later, hours).tolist() == [False, True, True]
    assert hours.sessions is not None
    assert hours.sessions.covers(local_days(later, hours)).tolist() == [False, False, True]


def test_expected_sessions_are_the_days_that_can_be_missing() -> None:
    monday = parse_at("2026-06-01") // NS_PER_DAY
    assert (expected_sessions(monday, monday + 6, hours_of("krx")) - monday).tolist() == [0, 1, 3, 4]  # election day
    assert len(expected_sessions(monday, monday + 6, hours_of("binance"))) == 7
    far = parse_at("2090-01-01") // NS_PER_DAY
    assert len(expected_sessions(far, far + 30, hours_of("krx"))) == 0


def test_a_year_has_as_many_bars_as_its_sessions_hold() -> None:
    assert 240 < sessions_per_year("krx") < 250
    year = trading_year_of("krx")
    assert (year.sessions, year.session_ns) == (sessions_per_year("krx"), 390 * NS_PER_MINUTE)
    assert year.per_year(NS_PER_DAY) == sessions_per_year("krx")
    assert year.per_year(NS_PER_MINUTE) == sessions_per_year("krx") * 390
    assert year.per_year(NS_PER_HOUR) == sessions_per_year("krx") * 7
    assert year.per_year(7 * NS_PER_DAY) == pytest.approx(365 / 7)
    assert trading_year_of("binance") == ALWAYS_OPEN
    assert trading_year_of("binance").per_year(NS_PER_HOUR) == 365 * 24
