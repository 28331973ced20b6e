"""Which files and requests cover a stretch: whole months, then days, then REST; nothing that is there already."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from geobuk.data.sources.coverage import NOTHING, Coverage, rest_name
from geobuk.data.sources.plan import Plan, SeriesPlan, SeriesWant, plan_series
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, parse_at

NOW = parse_at("2024-05-10T12:34:56")


def plan(first: str, last: str = "", have: Coverage = NOTHING, **changes: Any) -> SeriesPlan:
    """Hourly bars of BTCUSDT from ``first`` to the end of the day ``last``."""
    end = parse_at(last) + NS_PER_DAY if last else 1 << 62
    fields = {"kind": "bars", "interval": "1h", "from_ns": parse_at(first), "to_ns": end, **changes}
    return plan_series(SeriesWant("binance", "BTCUSDT", **fields), have, NOW)


def hours(first: str, last: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.arange(parse_at(first), parse_at(last), NS_PER_HOUR)


def periods(planned: SeriesPlan) -> list[str]:
    return [file.period for file in planned.files]


def spans(planned: SeriesPlan) -> list[tuple[int, int]]:
    return [(span.from_ns, span.to_ns) for span in planned.spans]


def test_months_then_days_then_rest_up_to_the_last_ended_bar() -> None:
    planned = plan("2024-03-01")
    assert periods(planned) == ["2024-03", "2024-04", *(f"2024-05-{day:02}" for day in range(1, 10))]
    assert spans(planned) == [(parse_at("2024-05-10"), parse_at("2024-05-10T12:00"))]
    assert planned.rows == (31 + 30 + 9) * 24 + 12


def test_a_month_that_is_wanted_in_part_comes_by_days() -> None:
    planned = plan("2024-03-29", "2024-04-02")
    assert periods(planned) == ["2024-03-29", "2024-03-30", "2024-03-31", "2024-04-01", "2024-04-02"]
    assert spans(planned) == []


def test_a_day_that_is_wanted_in_part_comes_by_rest() -> None:
    planned = plan("2024-03-29T18:00", "2024-03-30")
    assert periods(planned) == ["2024-03-30"]
    assert spans(planned) == [(parse_at("2024-03-29T18:00"), parse_at("2024-03-30"))]


def test_what_is_stored_is_not_fetched_again() -> None:
    have = Coverage.of(hours("2024-03-01", "2024-05-03"), [])
    planned = plan("2024-03-01", "2024-05-05", have)
    assert periods(planned) == ["2024-05-03", "2024-05-04", "2024-05-05"]
    assert planned.days_had == 63
    assert plan("2024-03-01", "2024-05-02", have).files == ()


def test_few_missing_days_come_one_by_one_and_many_as_the_month() -> None:
    stored = hours("2024-03-01", "2024-04-01")
    some = stored[(stored < parse_at("2024-03-10")) | (stored >= parse_at("2024-03-13"))]
    assert periods(plan("2024-03-01", "2024-03-31", Coverage.of(some, []))) == [
        "2024-03-10",
        "2024-03-11",
        "2024-03-12",
    ]
    assert periods(plan("2024-03-01", "2024-03-31", Coverage.of(stored[:240], []))) == ["2024-03"]


def test_a_day_with_holes_asks_rest_for_the_missing_stretch_only() -> None:
    stored = np.delete(hours("2024-03-01", "2024-04-01"), [50, 53])
    planned = plan("2024-03-01", "2024-03-31", Coverage.of(stored, []))
    day = parse_at("2024-03-03")
    assert (planned.files, spans(planned)) == ((), [(day + 2 * NS_PER_HOUR, day + 6 * NS_PER_HOUR)])


@pytest.mark.parametrize(
    "sources", [["BTCUSDT-1h-2024-03.zip"], [f"BTCUSDT-1h-2024-03-{day:02}.zip" for day in range(1, 32)]]
)
def test_holes_of_a_file_that_was_fetched_whole_are_not_asked_for_again(sources: list[str]) -> None:
    stored = np.delete(hours("2024-03-01", "2024-04-01"), slice(100, 200))
    planned = plan("2024-03-01", "2024-03-31", Coverage.of(stored, sources))
    assert (planned.files, planned.spans, planned.days_had) == ((), (), 31)


def test_a_rest_answer_covers_its_stretch() -> None:
    name = rest_name("BTCUSDT", "1h", parse_at("2024-05-10"), parse_at("2024-05-10T09:00"))
    have = Coverage.of(np.delete(hours("2024-05-10", "2024-05-10T09:00"), 3), [name])
    assert have.has(parse_at("2024-05-10"), parse_at("2024-05-10T09:00"), NS_PER_HOUR)
    assert not have.has(parse_at("2024-05-10"), parse_at("2024-05-10T10:00"), NS_PER_HOUR)


def test_the_listing_makes_the_first_month_whole_and_the_end_cuts_the_last() -> None:
    planned = plan("2020-01-01", "2024-03-31", listed_ns=parse_at("2024-02-20T05:00"))
    assert periods(planned) == ["2024-02", "2024-03"]
    planned = plan("2024-02-01", delisted_ns=parse_at("2024-03-02T09:00"))
    assert periods(planned) == ["2024-02", "2024-03-01"]
    assert spans(planned) == [(parse_at("2024-03-02"), parse_at("2024-03-02T09:00"))]
    assert plan("2024-01-01", listed_ns=parse_at("2025-01-01")) == SeriesPlan(plan("2025-01-01").want).__class__(
        plan("2024-01-01", listed_ns=parse_at("2025-01-01")).want
    )


def test_without_rest_the_newest_is_left_out() -> None:
    planned = plan("2024-05-08", asks_rest=False)
    assert (periods(planned), planned.spans) == (["2024-05-08", "2024-05-09"], ())
    assert planned.left_out == ((parse_at("2024-05-10"), parse_at("2024-05-10T12:00")),)


def test_without_rest_parts_of_days_come_as_the_days_that_hold_them() -> None:
    planned = plan("2024-03-29T18:00", "2024-03-30", asks_rest=False)
    assert (periods(planned), planned.spans, planned.left_out) == (["2024-03-29", "2024-03-30"], (), ())
    holed = Coverage.of(np.delete(hours("2024-03-01", "2024-04-01"), [23, 24, 53]), [])
    planned = plan("2024-03-01", "2024-03-31", holed, asks_rest=False)
    assert periods(planned) == ["2024-03-01", "2024-03-02", "2024-03-03"]


def test_without_rest_parts_of_months_of_funding_come_as_the_months_that_hold_them() -> None:
    planned = plan("2024-02-10", "2024-03-15", kind="funding", interval="", asks_rest=False)
    assert (periods(planned), planned.left_out) == (["2024-02", "2024-03"], ())
    planned = plan("2024-04-10", kind="funding", interval="", asks_rest=False)
    assert (periods(planned), planned.left_out) == (["2024-04"], ((parse_at("2024-05-01"), NOW),))


def test_funding_has_months_and_rest_but_no_days() -> None:
    planned = plan("2024-02-10", kind="funding", interval="")
    assert periods(planned) == ["2024-03", "2024-04"]
    assert spans(planned) == [(parse_at("2024-02-10"), parse_at("2024-03-01")), (parse_at("2024-05-01"), NOW)]


def stamps(first: str, last: str, hours_apart: int = 8) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.arange(parse_at(first) + 3_000_000, parse_at(last), hours_apart * NS_PER_HOUR)


def test_funding_that_is_stored_without_a_hole_is_there() -> None:
    have = Coverage.of(stamps("2024-03-01", "2024-04-20"), [])
    assert periods(plan("2024-03-01", "2024-04-30", have, kind="funding", interval="")) == ["2024-04"]
    holed = Coverage.of(np.delete(have.at_ns, [10, 11]), [])
    assert periods(plan("2024-03-01", "2024-03-31", holed, kind="funding", interval="")) == ["2024-03"]


@pytest.mark.parametrize(
    ("lost", "asked"), [(slice(0, 0), []), (slice(100, 107), ["2024-03"]), (slice(0, 1), ["2024-03"])]
)
def test_funding_every_hour_with_a_short_hole_is_not_complete(lost: slice, asked: list[str]) -> None:
    have = Coverage.of(np.delete(stamps("2024-03-01", "2024-04-01", 1), lost), [])
    assert periods(plan("2024-03-01", "2024-03-31", have, kind="funding", interval="")) == asked


def test_the_rules_tell_how_often_funding_is_due_where_the_stamps_do_not() -> None:
    every_eight = stamps("2024-03-01", "2024-04-01")
    for rules, asked in ((0, []), (8, []), (4, ["2024-03"])):
        have = Coverage(every_eight, rules_hours=rules)
        assert periods(plan("2024-03-01", "2024-03-31", have, kind="funding", interval="")) == asked


def test_a_change_of_the_funding_interval_is_no_hole() -> None:
    have = Coverage.of(np.concatenate([stamps("2024-03-01", "2024-03-10"), stamps("2024-03-10", "2024-04-01", 4)]), [])
    assert plan("2024-03-01", "2024-03-31", have, kind="funding", interval="").files == ()


def test_of_a_month_of_funding_that_runs_only_what_is_new_is_asked_for() -> None:
    have = Coverage.of(stamps("2024-05-01", "2024-05-08"), [])
    planned = plan("2024-05-01", have=have, kind="funding", interval="")
    assert spans(planned) == [(parse_at("2024-05-07T23:59"), NOW)]


def test_a_hole_that_rest_was_asked_for_is_not_asked_for_again() -> None:
    name = rest_name("BTCUSDT", "1h", parse_at("2024-05-10"), parse_at("2024-05-10T09:00"))
    have = Coverage.of(np.delete(hours("2024-05-10", "2024-05-10T09:00"), 3), [name])
    assert spans(plan("2024-05-10", have=have)) == [(parse_at("2024-05-10T09:00"), parse_at("2024-05-10T12:00"))]


def test_tapes_come_by_whole_days_that_have_ended() -> None:
    planned = plan("2024-05-08T12:00", kind="aggtrades", interval="")
    assert (periods(planned), planned.spans) == (["2024-05-08", "2024-05-09"], ())
    have = Coverage.of(NOTHING.at_ns, ["BTCUSDT-aggTrades-2024-05-08.zip"])
    assert periods(plan("2024-05-08", have=have, kind="aggtrades", interval="")) == ["2024-05-09"]


def of(parts: Sequence[SeriesPlan]) -> Plan:
    return Plan(tuple(parts), NOW)


def test_a_plan_says_what_it_costs() -> None:
    whole = of([plan("2024-03-01", "2024-03-31", interval="1m"), plan("2024-05-10", interval="1m")])
    assert (whole.files, whole.requests) == (1, 1)
    assert whole.rows == 31 * 1440 + 754
    assert 1.5e6 < whole.bytes < 2.5e6
    assert whole.text.startswith("1 files and 1 requests, about 2.0 MB, about 45,394 rows in 2 series")
    assert of([plan("2030-01-01")]).text == "nothing to fetch"
    assert of([plan("2030-01-01")]).is_empty


def test_sizes_that_the_archive_told_count_instead_of_the_table() -> None:
    planned = plan("2024-05-08", kind="aggtrades", interval="")
    assert planned.bytes == 0
    sized = SeriesPlan(planned.want, planned.files, sizes=(1_300_000, 0))
    assert (sized.bytes, sized.rows) == (1_300_000, 100_000)
