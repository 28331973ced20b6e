from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.checks.grid import phase_of
from geobuk.data.checks.scan import breaks_of
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_MINUTE
from geobuk.panel import Finding

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]


def test_breaks_are_the_rows_before_each_irregular_step() -> None:
    at_ns = np.array([0, 10, 20, 45, 50, 60, 70])
    assert breaks_of(at_ns, 10).tolist() == [2, 3]
    assert breaks_of(at_ns[:1], 10).tolist() == []


@pytest.mark.parametrize(("times", "phase"), [([3, 13, 25, 33, 43], 3), ([5], 5), ([], 0)])
def test_the_phase_is_the_commonest(times: list[int], phase: int) -> None:
    assert phase_of(np.array(times, dtype=np.int64), 10) == phase


@pytest.mark.parametrize(("lost", "outages"), [(19, 0), (20, 1), (8 * 24 * 60, 0)])
def test_an_outage_lasts_twenty_minutes_and_no_week(bars: Bars, judge: Judge, lost: int, outages: int) -> None:
    rows = bars(200, NS_PER_MINUTE)
    rows.at_ns[100:] += lost * NS_PER_MINUTE
    found = judge(rows, NS_PER_MINUTE)
    assert (found["GAP"].count, found["OUTAGE"].count if "OUTAGE" in found else 0) == (lost, outages)
    assert found["GAP"].places == (rows.at_ns[99] + NS_PER_MINUTE,)


def test_every_gap_is_counted_and_the_first_five_named(bars: Bars, judge: Judge) -> None:
    rows = bars().take(np.delete(np.arange(200), np.arange(10, 190, 20)))
    found = judge(rows)["GAP"]
    assert (found.count, len(found.places)) == (9, 5)
    assert "in 9 gaps" in found.text
    assert "공백 9곳" in found.text_ko


def test_rows_off_the_grid_make_no_gap_of_their_own(bars: Bars, judge: Judge) -> None:
    rows = bars()
    rows.at_ns[40] += 7 * NS_PER_MINUTE
    found = judge(rows)
    assert {code: one.count for code, one in found.items()} == {"MISALIGNED": 1, "GAP": 1}
