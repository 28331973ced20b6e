"""When venues trade: the day is the venue's own, not UTC's."""

import numpy as np
import pytest

from geobuk.data.calendars import hours_of, local_days, on_closed_day
from geobuk.domain.times import parse_at


def at(*texts: str) -> np.ndarray:
    return np.array([parse_at(text) for text in texts], dtype=np.int64)


def test_a_venue_that_is_not_known_never_closes_and_pays_every_eight_hours() -> None:
    hours = hours_of("nowhere")
    assert hours.funding_hours == 8
    assert not on_closed_day(at("2024-01-06", "2024-01-07"), hours).any()


@pytest.mark.parametrize("venue", ["krx", "kiwoom"])
def test_korean_venues_rest_at_weekends_and_pay_no_funding(venue: str) -> None:
    hours = hours_of(venue)
    days = at(*(f"2024-01-{day:02d}T12:00+09:00" for day in range(1, 8)))  # Monday to Sunday
    assert on_closed_day(days, hours).tolist() == [False] * 5 + [True] * 2
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
