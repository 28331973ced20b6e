"""Where the bars of a venue with sessions open."""

from datetime import date

import numpy as np
import pytest

from geobuk.data.sessions import session_grid, sessions_of
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, at_text, parse_at


def seoul(text: str) -> int:
    return parse_at(f"{text}+09:00")


def texts(at_ns: np.ndarray) -> list[str]:
    return [at_text(int(at) + 9 * NS_PER_HOUR) for at in at_ns]


def test_a_venue_that_never_closes_has_a_uniform_grid() -> None:
    assert sessions_of("binance") is None
    first = parse_at("2024-01-06T10:30")
    grid = session_grid("binance", NS_PER_HOUR, first, first + 5 * NS_PER_HOUR)
    assert (grid - first).tolist() == [n * NS_PER_HOUR for n in range(6)]


def test_minutes_lie_inside_sessions_only() -> None:
    grid = session_grid("krx", NS_PER_MINUTE, seoul("2024-11-13T00:00"), seoul("2024-11-17T23:59"))
    assert len(grid) == 3 * 390
    days = [texts(grid)[n] for n in (0, 389, 390, 779, 780, 1169)]
    assert days == [
        "2024-11-13 09:00",
        "2024-11-13 15:29",
        "2024-11-14 10:00",  # the exam's day
        "2024-11-14 16:29",
        "2024-11-15 09:00",
        "2024-11-15 15:29",
    ]


def test_longer_bars_are_counted_from_the_open() -> None:
    grid = session_grid("krx", NS_PER_HOUR, seoul("2024-11-13T00:00"), seoul("2024-11-14T23:59"))
    assert [text[-5:] for text in texts(grid)] == [
        *("09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"),
        *("10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"),
    ]


def test_the_first_and_last_instant_belong_to_the_range() -> None:
    grid = session_grid("krx", NS_PER_MINUTE, seoul("2024-11-13T09:30"), seoul("2024-11-13T10:00"))
    assert (texts(grid)[0], texts(grid)[-1], len(grid)) == ("2024-11-13 09:30", "2024-11-13 10:00", 31)
    assert len(session_grid("krx", NS_PER_MINUTE, seoul("2024-11-13T16:00"), seoul("2024-11-13T23:00"))) == 0


def test_days_open_at_midnight_in_seoul_or_as_their_stamps_do() -> None:
    first, last = seoul("2024-12-30T00:00"), seoul("2025-01-03T23:59")
    assert texts(session_grid("krx", NS_PER_DAY, first, last)) == [
        "2024-12-30 00:00",
        "2025-01-02 00:00",
        "2025-01-03 00:00",
    ]
    read_as_utc = session_grid("krx", NS_PER_DAY, first, last, phase_ns=0)
    assert [at_text(int(at)) for at in read_as_utc] == ["2024-12-30 00:00", "2025-01-02 00:00", "2025-01-03 00:00"]


def test_weeks_open_on_their_monday_even_if_it_is_a_holiday() -> None:
    week = 7 * NS_PER_DAY
    grid = session_grid("krx", week, seoul("2025-09-22T00:00"), seoul("2025-10-20T00:00"))
    assert texts(grid) == [f"2025-{day} 00:00" for day in ("09-22", "09-29", "10-06", "10-13", "10-20")]
    assert all(date.fromisoformat(text[:10]).weekday() == 0 for text in texts(grid))
    one = session_grid("krx", week, seoul("2025-09-24T00:00"), seoul("2025-10-01T00:00"))
    assert texts(one) == ["2025-09-29 00:00"]


def test_bars_of_several_days_are_refused() -> None:
    with pytest.raises(DataError, match="krx has sessions, so its bars can't be 2d long"):
        session_grid("krx", 2 * NS_PER_DAY, seoul("2025-09-22T00:00"), seoul("2025-10-20T00:00"))
