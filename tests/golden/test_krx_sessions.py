"""The shipped table of Korean sessions against the library that it was made with, and against an index's closes."""

import runpy
from datetime import date
from pathlib import Path

import polars as pl

from geobuk.data.krx_calendar import built_in_sessions, load_overrides
from geobuk.data.session_table import date_of
from geobuk.domain.times import NS_PER_HOUR, at_text

ROOT = Path(__file__).resolve().parents[2]
CORRECTED = load_overrides(ROOT / "src/geobuk/data/krx_overrides.toml")


def ours() -> dict[date, tuple[str, str]]:
    sessions = built_in_sessions()
    return {
        date_of(day): (at_text(opened + 9 * NS_PER_HOUR)[-5:], at_text(closed + 9 * NS_PER_HOUR)[-5:])
        for day, opened, closed in zip(
            sessions.days.tolist(), sessions.open_ns.tolist(), sessions.close_ns.tolist(), strict=True
        )
    }


def test_the_table_is_the_librarys_apart_from_the_corrections() -> None:
    library = runpy.run_path(str(ROOT / "scripts/krx_sessions"))["library_sessions"](date(2027, 12, 31))
    table = ours()
    differing = {day for day in library.keys() | table.keys() if library.get(day) != table.get(day)}
    named = {entry.day for entry in (*CORRECTED.closed, *CORRECTED.session)}
    saturdays = {day for day in table if day.weekday() == 5}
    assert named <= differing
    assert differing == named | saturdays
    assert max(saturdays) == date(1998, 12, 5)


def test_the_index_has_a_close_on_every_session_and_on_no_other_day(shared_data: Path) -> None:
    index = pl.read_parquet(shared_data / "korea/krx_index_1d_to_2024.parquet")
    days = {day for day in ours() if day <= date(2024, 12, 30)}
    closes = {name: set(part["date"].to_list()) for (name,), part in index.partition_by("index", as_dict=True).items()}
    for name, seen in closes.items():
        expected = {day for day in days if day >= min(seen)}
        absent = {date(1995, 2, 2), date(1995, 2, 3)} if name == "ks200" else set()  # the file's own gap
        assert seen == expected - absent, name


def test_bars_of_the_market_lie_on_sessions(shared_data: Path) -> None:
    days = ours()
    gaps = {"krx_1d_top100_2021-04_2024": set(), "krx_1d_005930_2025-06_2026-07": {date(2025, 9, 19)}}
    for name, gap in gaps.items():
        seen = set(pl.read_parquet(shared_data / f"korea/{name}.parquet")["date"].to_list())
        assert seen == {day for day in days if min(seen) <= day <= max(seen)} - gap, name
