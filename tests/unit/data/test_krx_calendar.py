"""Korean sessions: dated corrections, a person's own, and what is not known."""

from pathlib import Path

import numpy as np
import pytest

from geobuk.data.krx_calendar import built_in_sessions, krx_sessions, load_overrides
from geobuk.data.session_table import Phase, day_of
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_HOUR, at_text, parse_at


def seoul(text: str) -> int:
    return parse_at(f"{text}+09:00")


def hours(text: str) -> tuple[str, str]:
    """Opening and closing of a day, in Korean time."""
    sessions = krx_sessions()
    row = int(sessions.session_of(np.array([seoul(f"{text}T00:00")]))[0])
    assert row >= 0, f"{text} is no session"
    return tuple(at_text(int(t[row]) + 9 * NS_PER_HOUR)[-5:] for t in (sessions.open_ns, sessions.close_ns))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2016-07-29", ("09:00", "15:00")),  # the last day that closed at three
        ("2016-08-01", ("09:00", "15:30")),
        ("2024-01-02", ("10:00", "15:30")),  # the year's first
        ("2027-01-04", ("10:00", "15:30")),
        ("2017-11-23", ("10:00", "16:30")),  # the exam that an earthquake moved
        ("2021-11-18", ("10:00", "16:30")),
        ("2022-11-17", ("10:00", "16:30")),
        ("2023-11-16", ("10:00", "16:30")),
        ("2024-11-14", ("10:00", "16:30")),
        ("2025-11-13", ("10:00", "16:30")),
        ("2026-11-19", ("10:00", "16:30")),
        ("1998-12-05", ("09:30", "11:30")),  # the last Saturday
        ("2027-12-30", ("09:00", "15:30")),
    ],
)
def test_hours_of_days(day: str, expected: tuple[str, str]) -> None:
    assert hours(day) == expected


@pytest.mark.parametrize(
    "day", ["2026-06-03", "2026-07-17", "2025-06-03", "2024-12-31", "2025-01-27", "1998-12-12", "1997-03-01"]
)
def test_days_without_a_session(day: str) -> None:
    assert not krx_sessions().is_session(seoul(f"{day}T12:00"))


def test_an_instant_is_open_from_the_open_until_the_close() -> None:
    times = np.array([seoul(f"2024-11-14T{t}") for t in ("09:59", "10:00", "16:29", "16:30")])
    assert krx_sessions().is_open(times).tolist() == [False, True, True, False]
    assert not krx_sessions().is_open(np.array([seoul("2024-11-16T11:00")])).any()


def test_the_next_session_skips_a_holiday_week() -> None:
    sessions = krx_sessions()
    assert sessions.next_session(day_of_text("2025-10-02")) == day_of_text("2025-10-10")
    assert sessions.next_session(day_of_text("2025-10-04")) == day_of_text("2025-10-10")
    between = sessions.sessions_between(day_of_text("2025-10-01"), day_of_text("2025-10-10"))
    assert between.tolist() == [day_of_text(d) for d in ("2025-10-01", "2025-10-02", "2025-10-10")]


@pytest.mark.parametrize(
    ("traded", "settled"),
    [
        ("2024-12-26", "2024-12-30"),
        ("2024-12-27", "2025-01-02"),  # the first trade under the tax of 2025
        ("2025-12-29", "2026-01-02"),
        ("2019-05-30", "2019-06-03"),
        ("2025-10-01", "2025-10-10"),
        ("2025-10-04", "2025-10-13"),  # a Saturday counts as the session before it
    ],
)
def test_settlement_counts_sessions(traded: str, settled: str) -> None:
    sessions = krx_sessions()
    assert sessions.settlement_day(day_of_text(traded)) == day_of_text(settled)
    many = sessions.settlement_days(np.array([day_of_text(traded), day_of_text("2027-12-30"), 10**6]))
    assert many.tolist() == [day_of_text(settled), -1, -1]


def test_phases_of_a_day() -> None:
    texts = {
        "2026-11-18T08:29": Phase.CLOSED,
        "2026-11-18T08:30": Phase.OPENING_AUCTION,
        "2026-11-18T09:00": Phase.CONTINUOUS,
        "2026-11-18T15:19": Phase.CONTINUOUS,
        "2026-11-18T15:20": Phase.CLOSING_AUCTION,
        "2026-11-18T15:30": Phase.CLOSED,
        "2026-11-19T09:30": Phase.OPENING_AUCTION,
        "2026-11-19T16:19": Phase.CONTINUOUS,
        "2026-11-19T16:20": Phase.CLOSING_AUCTION,
        "2026-11-21T10:00": Phase.CLOSED,
        "2025-02-28T08:20": Phase.OPENING_AUCTION,
        "2025-03-04T08:20": Phase.CLOSED,
    }
    phases = krx_sessions().phases(np.array([seoul(text) for text in texts]))
    assert [Phase(p) for p in phases] == list(texts.values())


@pytest.mark.parametrize("day", ["1989-12-28", "2028-01-03"])
def test_outside_the_table_nothing_is_guessed(day: str) -> None:
    sessions = krx_sessions()
    with pytest.raises(DataError, match=rf"around {day} are not known: .*1990-01-01 to 2027-12-31.*through"):
        sessions.is_session(seoul(f"{day}T12:00"))
    with pytest.raises(DataError, match="are not known"):
        sessions.settlement_day(day_of_text("2027-12-30"))


def test_a_person_adds_corrections_and_later_years(geobuk_home: Path) -> None:
    (geobuk_home / "krx_overrides.toml").write_text(
        """
        through = 2028-12-31
        [[closed]]
        day = 2028-01-26
        reason = "Lunar New Year"
        [[session]]
        day = 2028-11-16
        open = 10:00:00
        close = 16:30:00
        [[session]]
        day = 2026-06-03
        """
    )
    sessions = krx_sessions()
    assert hours("2028-01-03") == ("10:00", "15:30")
    assert hours("2028-11-16") == ("10:00", "16:30")
    assert hours("2026-06-03") == ("09:00", "15:30")
    assert not sessions.is_session(seoul("2028-01-26T12:00"))
    assert sessions.last_day == day_of_text("2028-12-31")
    assert built_in_sessions().last_day == day_of_text("2027-12-31")
    (geobuk_home / "krx_overrides.toml").unlink()
    assert krx_sessions() is built_in_sessions()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[closed]\n", "can't be read"),
        ("[[closed]]\nday = 2026-06-03\nhour = 3\n", "unknown field `hour`"),
        ('[[closed]]\nday = "tomorrow"\n', "can't be read"),
        ("[[closed]]\nday = 2026-05-04\n[[session]]\nday = 2026-05-04\n", "names 2026-05-04 more than once"),
        ("[[session]]\nday = 2026-05-04\nopen = 10:00:00\n", "has one of open and close"),
        ("[[session]]\nday = 2026-05-04\nopen = 16:00:00\nclose = 10:00:00\n", "is no session: open before the close"),
        ("[[closed]]\nday = 2028-05-01\n", "through = 2028-12-31"),
    ],
)
def test_a_file_that_can_not_be_used_says_why(geobuk_home: Path, text: str, message: str) -> None:
    (geobuk_home / "krx_overrides.toml").write_text(text)
    with pytest.raises(DataError, match=message):
        krx_sessions()


def test_every_correction_says_its_reason() -> None:
    import geobuk.data

    found = load_overrides(Path(geobuk.data.__file__).parent / "krx_overrides.toml")
    assert all(entry.reason for entry in (*found.closed, *found.session))


def day_of_text(text: str) -> int:
    from datetime import date

    return day_of(date.fromisoformat(text))
