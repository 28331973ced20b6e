from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.quality import Series, gate
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, parse_at
from geobuk.panel import Finding

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]

SESSIONS = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07")


def minutes(bars: Bars, first: str = "09:00", last: str = "15:29", days: tuple[str, ...] = SESSIONS) -> Rows:
    """Minutes of Korean sessions."""
    times = []
    for day in days:
        start, stop = parse_at(f"{day}T{first}+09:00"), parse_at(f"{day}T{last}+09:00")
        times.append(np.arange(start, stop + 1, NS_PER_MINUTE))
    at_ns = np.concatenate(times)
    rows = bars(len(at_ns))
    return Rows(at_ns, rows.values, rows.mask)


def judged(judge: Judge, rows: Rows) -> dict[str, Finding]:
    return judge(rows, NS_PER_MINUTE, "krx")


def test_whole_sessions_pass(bars: Bars, judge: Judge) -> None:
    assert judged(judge, minutes(bars)) == {}
    assert judged(judge, minutes(bars, last="15:30")) == {}


@pytest.mark.parametrize(
    ("first", "last", "words"), [("09:00", "14:59", "30 of the last"), ("09:40", "15:29", "40 of the first")]
)
def test_a_session_cut_short_is_told(bars: Bars, judge: Judge, first: str, last: str, words: str) -> None:
    found = judged(judge, minutes(bars, first, last))["PARTIAL"]
    assert (found.count, found.consequence) == (4, "pass")
    assert words in found.text


def test_bars_after_the_close_are_masked(bars: Bars, judge: Judge) -> None:
    found = judged(judge, minutes(bars, last="15:59"))["OFF_HOURS"]
    assert (found.count, found.first_at_ns) == (4 * 29, parse_at("2024-03-04T15:31+09:00"))


@pytest.mark.parametrize(
    ("shift", "clock", "cure"),
    [(-9, "00:00 to 06:29", "import it without --time-zone"), (9, "18:00 to 00:29", "--time-zone Asia/Seoul")],
)
def test_a_clock_that_shows_the_night_is_a_wrong_zone(
    bars: Bars, judge: Judge, shift: int, clock: str, cure: str
) -> None:
    rows = minutes(bars)
    rows.at_ns[:] += shift * NS_PER_HOUR
    found = judged(judge, rows)
    assert found["TIME_ZONE"].consequence == "quarantine"
    assert cure in found["TIME_ZONE"].text
    assert f"whose clock shows {clock}" in found["TIME_ZONE"].text
    assert "PARTIAL" not in found


def test_exam_days_open_late_and_that_is_no_cut(bars: Bars, judge: Judge) -> None:
    assert judged(judge, minutes(bars, "10:00", "16:29", ("2024-11-14",))) == {}


def days(bars: Bars, first: str, count: int) -> Rows:
    return bars(count, NS_PER_DAY, parse_at(f"{first}T00:00+09:00"))


def test_rows_on_weekends_and_holidays_are_masked_and_no_fault(bars: Bars) -> None:
    verdict = gate(days(bars, "2024-02-05", 21), Series("krx", "005930", "bars", NS_PER_DAY))
    assert [(f.code, f.count) for f in verdict.findings] == [("CALENDAR", 8)]  # three weekends, 9 and 12 February
    assert verdict.quarantine_reason == ""


def test_a_session_without_a_row_is_told(bars: Bars, judge: Judge) -> None:
    rows = days(bars, "2024-03-04", 5).take(np.array([0, 1, 3, 4]))
    found = judge(rows, NS_PER_DAY, "krx")
    assert {code: one.first_at_ns for code, one in found.items()} == {"SESSIONS": parse_at("2024-03-06T00:00+09:00")}
