from collections.abc import Callable

from geobuk.data.rows import Rows
from geobuk.panel import Finding

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]


def still(rows: Rows, part: slice, volume: float) -> Rows:
    price = rows.values["close"][part.start - 1]
    for name in ("open", "high", "low", "close"):
        rows.values[name][part] = price
    rows.values["volume"][part] = volume
    return rows


def test_single_bars_without_volume_pass_and_runs_are_masked(bars: Bars, judge: Judge) -> None:
    rows = still(still(bars(), slice(20, 22), 0.0), slice(50, 53), 0.0)
    found = judge(rows)
    assert {code: (one.count, one.consequence) for code, one in found.items()} == {
        "QUIET": (2, "pass"),
        "ZERO_VOLUME": (3, "mask"),
    }


def test_a_frozen_run_needs_ten_bars_at_one_price(bars: Bars, judge: Judge) -> None:
    assert judge(still(bars(), slice(20, 29), 5.0)) == {}
    found = judge(still(bars(), slice(20, 30), 5.0))
    assert (found["FLAT"].count, found["FLAT"].consequence) == (10, "pass")


def test_a_run_whose_price_steps_is_not_frozen(bars: Bars, judge: Judge) -> None:
    rows = bars()
    for row in range(20, 40):
        still(rows, slice(row, row + 1), 5.0)
        for name in ("open", "high", "low", "close"):
            rows.values[name][row] += 0.01 * (row % 2)
    assert judge(rows) == {}
