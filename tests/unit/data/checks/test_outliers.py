from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.checks.context import Reference
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import Finding

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]
AsReference = Callable[..., Reference]


@pytest.mark.parametrize(("column", "factor"), [("high", 1.5), ("low", 0.6), ("close", 1.4)])
def test_a_spike_that_reverts_is_masked(bars: Bars, judge: Judge, column: str, factor: float) -> None:
    rows = bars()
    rows.values[column][70] *= factor
    rows.values["high"][70] = max(rows.values["high"][70], rows.values["close"][70])
    found = judge(rows)["SPIKE"]
    assert (found.count, found.first_at_ns, found.consequence) == (1, rows.at_ns[70], "mask")


def test_a_spike_in_the_first_or_last_bar_has_no_neighbours_to_tell(bars: Bars, judge: Judge) -> None:
    rows = bars()
    rows.values["high"][[0, -1]] *= 2
    assert "SPIKE" not in judge(rows)


def test_a_jump_that_stays_is_no_spike(bars: Bars, judge: Judge) -> None:
    rows = bars()
    for name in ("open", "high", "low", "close"):
        rows.values[name][100:] *= 1.4
    assert judge(rows) == {}


def test_the_scale_is_the_instruments_own_and_local(bars: Bars, judge: Judge) -> None:
    rows = bars()
    rows.values["high"][70] *= 1.2
    assert "SPIKE" in judge(rows)
    wild = bars()
    wild.values["high"][50:90] *= 1.05
    wild.values["low"][50:90] *= 0.95
    wild.values["high"][70] *= 1.2
    assert "SPIKE" not in judge(wild)


def test_a_hole_beside_a_bar_leaves_it_without_a_neighbour(bars: Bars, judge: Judge) -> None:
    rows = bars().take(np.r_[0:70, 80:200])
    rows.values["high"][70] *= 1.5
    assert set(judge(rows)) == {"GAP"}


def test_distrusted_neighbours_are_passed_over(bars: Bars, judge: Judge) -> None:
    rows = bars()
    rows.values["close"][69] = np.nan
    rows.values["high"][70] *= 1.5
    found = judge(rows)
    assert (found["SPIKE"].count, found["SPIKE"].first_at_ns) == (1, rows.at_ns[70])


def mark_of(rows: Rows, hours: int) -> Rows:
    """The same market as a mark price of longer bars."""
    first = np.arange(0, len(rows), hours)
    values = {
        "open": rows.values["open"][first],
        "high": np.maximum.reduceat(rows.values["high"], first),
        "low": np.minimum.reduceat(rows.values["low"], first),
        "close": rows.values["close"][np.minimum(first + hours - 1, len(rows) - 1)],
    }
    return Rows(rows.at_ns[first], values, np.zeros(len(first), dtype=np.uint32))


@pytest.mark.parametrize("hours", [1, 8])
def test_a_bar_far_from_the_mark_is_masked_and_a_wick_is_told(
    bars: Bars, judge: Judge, reference: AsReference, hours: int
) -> None:
    rows = bars()
    mark = reference(mark_of(bars(), hours), hours * NS_PER_HOUR)
    assert judge(rows, mark=mark) == {}
    last = 23  # the last hour of a mark of eight
    rows.values["close"][last] *= 1.03
    rows.values["high"][last] = rows.values["close"][last]
    rows.values["low"][41] *= 0.96
    found = judge(rows, mark=mark)
    assert (found["MARK"].count, found["MARK"].first_at_ns) == (1, rows.at_ns[last])
    assert (found["MARK_WICK"].first_at_ns, found["MARK_WICK"].consequence) == (rows.at_ns[41], "pass")


def test_a_wick_far_beyond_the_mark_is_masked(bars: Bars, judge: Judge, reference: AsReference) -> None:
    rows = bars()
    rows.values["high"][30:55] *= 1.04
    rows.values["low"][30:55] *= 0.96  # wild enough that one more wick is no spike
    rows.values["low"][41] *= 0.85
    assert judge(rows, mark=reference(mark_of(bars(), 8), 8 * NS_PER_HOUR))["MARK"].first_at_ns == rows.at_ns[41]


def test_a_mark_of_another_time_says_nothing(bars: Bars, judge: Judge, reference: AsReference) -> None:
    later = mark_of(bars(start=bars().at_ns[-1] + 10 * NS_PER_HOUR), 8)
    rows = bars()
    rows.values["close"][23] *= 1.05
    assert "MARK" not in judge(rows, mark=reference(later, 8 * NS_PER_HOUR))
