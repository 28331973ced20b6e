"""A list of holidays from elsewhere against the table of sessions."""

from datetime import date
from pathlib import Path

import pytest

from geobuk.data.krx_calendar import built_in_sessions
from geobuk.data.krx_halts import CIRCUIT_BREAKERS, DYNAMIC, STATIC_MOVE
from geobuk.data.krx_holidays import compare_holidays
from geobuk.domain.errors import DataError


def test_a_list_and_the_table_are_compared_by_weekdays(tmp_path: Path) -> None:
    path = tmp_path / "days.json"
    path.write_text('{"2026": ["2026-01-01", "2026-01-02", "2026-01-03"], "2035": ["2035-01-01"]}')
    found = compare_holidays(path, built_in_sessions())
    assert found.only_in_list == (date(2026, 1, 2),)
    assert date(2026, 6, 3) in found.only_in_table
    assert not found.agrees


@pytest.mark.parametrize("text", ["[]", '{"2026": ["soon"]}', "{"])
def test_what_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "days.json"
    path.write_text(text)
    with pytest.raises(DataError, match="is no list of holidays"):
        compare_holidays(path, built_in_sessions())


def test_the_real_list_lacks_what_every_market_closes_for(shared_data: Path) -> None:
    found = compare_holidays(shared_data / "korea/krx_holidays_2025_2026.json", built_in_sessions())
    assert [day for day in found.only_in_table if day.year < 2027] == [
        date(2025, 1, 27),
        date(2025, 5, 1),
        date(2025, 6, 3),
        date(2025, 12, 31),
        date(2026, 5, 1),
        date(2026, 6, 3),
        date(2026, 7, 17),
        date(2026, 12, 31),
    ]
    assert [day for day in found.only_in_list if day.year < 2027] == [date(2026, 9, 28)]


def test_interruptions_grow_with_their_level() -> None:
    assert [breaker.level for breaker in CIRCUIT_BREAKERS] == [1, 2, 3]
    falls = [breaker.fall for breaker in CIRCUIT_BREAKERS]
    assert falls == sorted(falls)
    assert all(rule.closing_auction <= rule.continuous < STATIC_MOVE for rule in DYNAMIC)
