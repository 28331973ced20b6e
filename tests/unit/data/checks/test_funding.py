from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.funding import regimes_of
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_HOUR, parse_at
from geobuk.panel import Finding

Judge = Callable[..., dict[str, Finding]]
START = parse_at("2024-01-01")


def stamps(hours: list[int], late_ms: int = 0) -> Rows:
    at_ns = START + NS_PER_HOUR * np.cumsum([0, *hours]) + late_ms * 1_000_000
    return Rows(at_ns, {"rate": np.full(len(at_ns), 1e-4)}, np.zeros(len(at_ns), dtype=np.uint32))


def judged(judge: Judge, rows: Rows) -> dict[str, Finding]:
    return judge(rows, 0, kind="funding")


def test_changes_of_the_interval_are_told_with_their_moments(judge: Judge) -> None:
    rows = stamps([8] * 10 + [4] * 10 + [1] * 10)
    found = judged(judge, rows)["FUNDING_INTERVAL"]
    assert (found.count, found.consequence, found.severity) == (2, "pass", "info")
    assert "8 → 4 h, 4 → 1 h" in found.text
    assert found.places == (rows.at_ns[10], rows.at_ns[20])
    assert regimes_of(rows.at_ns) == [(0, 8), (10, 4), (20, 1)]


def test_one_interval_is_no_change(judge: Judge) -> None:
    assert judged(judge, stamps([8] * 30)) == {}
    assert judged(judge, stamps([8] * 15 + [24] + [8] * 15)).keys() == {"GAP"}


@pytest.mark.parametrize(("late_ms", "code"), [(29, "LATE_STAMPS"), (999, "LATE_STAMPS"), (1500, "MISALIGNED")])
def test_late_stamps_pass_and_those_off_their_minute_are_masked(judge: Judge, late_ms: int, code: str) -> None:
    rows = stamps([8] * 30)
    rows.at_ns[4] += late_ms * 1_000_000
    found = judged(judge, rows)
    assert {name: one.count for name, one in found.items()} == {code: 1}


def test_an_extreme_rate_is_told(judge: Judge) -> None:
    rows = stamps([8] * 30)
    rows.values["rate"][[3, 9]] = -0.02, 0.0101
    found = judged(judge, rows)["RATE_EXTREME"]
    assert found.count == 2
    assert "-2.00% to +1.01%" in found.text
