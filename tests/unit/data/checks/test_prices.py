from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.checks.context import TickEra
from geobuk.data.checks.prices import is_off
from geobuk.data.findings import FINDINGS
from geobuk.data.quality import Context, Series, gate
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, parse_at
from geobuk.panel import Finding, FloatArray

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]

FRIDAY = parse_at("2024-01-05T00:00+09:00")


def scale(rows: Rows, part: slice, factor: float) -> Rows:
    for name in ("open", "high", "low", "close"):
        rows.values[name][part] *= factor
    return rows


def test_a_halt_is_told_from_a_row_of_zeros_and_from_a_bad_row(bars: Bars, judge: Judge) -> None:
    rows = bars()
    for name in ("open", "high", "low", "volume"):
        rows.values[name][[10, 20, 30]] = 0.0
    rows.values["close"][20] = 0.0
    rows.values["volume"][30] = 177.0
    found = judge(rows)
    places = {code: one.first_at_ns for code, one in found.items()}
    at = rows.at_ns
    assert places == {"HALT": at[10], "EMPTY": at[20], "NON_POSITIVE": at[30], "OHLC": at[30]}
    assert {found[code].severity for code in ("HALT", "EMPTY")} == {"info"}


def test_halts_do_not_quarantine(bars: Bars) -> None:
    rows = bars()
    for name in ("open", "high", "low", "volume"):
        rows.values[name][:120] = 0.0
    verdict = gate(rows, Series("binance", "A", "bars", NS_PER_HOUR))
    assert (verdict.masked, verdict.quarantine_reason) == (120, "")


def test_a_row_with_a_close_only_is_no_broken_one(bars: Bars, judge: Judge) -> None:
    rows = bars()
    for name in ("open", "high", "low"):
        rows.values[name][:150] = np.nan
    index = Rows(rows.at_ns, {n: rows.values[n] for n in ("open", "high", "low", "close")}, rows.mask)
    found = judge(index, kind="index")
    assert {code: one.count for code, one in found.items()} == {"CLOSE_ONLY": 150}


@pytest.mark.parametrize(("factor", "ratio"), [(0.5, "0.5"), (0.2, "0.2"), (10.0, "10")])
def test_bars_before_a_split_are_masked(bars: Bars, judge: Judge, factor: float, ratio: str) -> None:
    rows = scale(bars(), slice(120, None), factor)
    found = judge(rows)["SPLIT"]
    assert (found.count, found.last_at_ns) == (120, rows.at_ns[119])
    assert found.places == (rows.at_ns[120],)
    assert f"a jump to {ratio}" in found.text


@pytest.mark.parametrize("factor", [1.3, 0.75, 0.37])
def test_a_crash_or_a_rally_is_no_split(bars: Bars, judge: Judge, factor: float) -> None:
    assert judge(scale(bars(), slice(120, None), factor)) == {}


def test_a_jump_back_after_one_bar_is_no_split(bars: Bars, judge: Judge) -> None:
    assert set(judge(scale(bars(), slice(120, 121), 2.0))) == {"SPIKE"}


@pytest.mark.parametrize("factor", [1000.0, 0.001, 100.0])
def test_another_unit_quarantines(bars: Bars, judge: Judge, factor: float) -> None:
    rows = scale(bars(), slice(120, None), factor)
    found = judge(rows)
    assert set(found) == {"SCALE"}
    assert (found["SCALE"].consequence, found["SCALE"].places) == ("quarantine", (rows.at_ns[120],))


def test_another_unit_for_one_bar_is_a_spike(bars: Bars, judge: Judge) -> None:
    assert set(judge(scale(bars(), slice(120, 121), 1000.0))) == {"SPIKE"}


def korean_days(closes: list[float], *, halted: tuple[int, ...] = (), start: int = FRIDAY) -> Rows:
    """Consecutive weekdays from a Friday on; a halted day carries its close."""
    days = np.busday_offset(np.datetime64("2024-01-05"), np.arange(len(closes))).astype("datetime64[ns]")
    close: FloatArray = np.array(closes)
    values = {name: close.copy() for name in ("open", "high", "low", "close")}
    volume = np.full(len(close), 1000.0)
    for row in halted:
        for name in ("open", "high", "low"):
            values[name][row] = 0.0
        volume[row] = 0.0
    at_ns = days.astype(np.int64) - 9 * NS_PER_HOUR
    return Rows(at_ns, values | {"volume": volume}, np.zeros(len(close), dtype=np.uint32))


@pytest.mark.parametrize(
    ("closes", "halted", "masked"),
    [
        ([100.0, 101.0, 130.0, 129.0], (), 0),  # the limit
        ([100.0, 101.0, 64.0, 65.0], (), 2),  # a fall that no trading makes
        ([100.0, 101.0, 101.0, 101.0, 60.0, 61.0], (2, 3), 0),  # reopening auction after a halt
        ([100.0, 101.0, 101.0, 101.0, 50.0, 51.0], (2, 3), 4),  # two for one, with the usual halt
        ([100.0, 101.0, 101.0, 101.0, 20.0, 21.0], (2, 3), 4),
        ([100.0, 60.0, 35.0, 20.0, 12.0], (), 0),  # liquidation trading has no band
    ],
)
def test_a_daily_band_tells_splits(judge: Judge, closes: list[float], halted: tuple[int, ...], masked: int) -> None:
    rows = korean_days(closes, halted=halted)
    found = judge(rows, NS_PER_DAY, "krx", price_band=0.30)
    assert (found["SPLIT"].count if "SPLIT" in found else 0) == masked


@pytest.mark.parametrize(
    ("price", "masked"),
    [(129.0, 0), (165.0, 2)],  # three days of 30 % would allow the second
)
def test_holidays_add_nothing_to_a_daily_band(judge: Judge, price: float, masked: int) -> None:
    days = np.array(["2024-02-07", "2024-02-08", "2024-02-13", "2024-02-14"], dtype="datetime64[ns]")  # new year
    close: FloatArray = np.array([100.0, 100.0, price, price])
    values = {name: close.copy() for name in ("open", "high", "low", "close")}
    rows = Rows(
        days.astype(np.int64) - 9 * NS_PER_HOUR, values | {"volume": np.full(4, 1000.0)}, np.zeros(4, dtype=np.uint32)
    )
    found = judge(rows, NS_PER_DAY, "krx", price_band=0.30)
    assert (found["SPLIT"].count if "SPLIT" in found else 0) == masked


def test_only_the_last_of_two_splits_counts(judge: Judge) -> None:
    found = judge(korean_days([100.0, 50.0] + [50.0] * 12 + [10.0, 10.0]), NS_PER_DAY, "krx", price_band=0.30)
    assert (found["SPLIT"].count, len(found["SPLIT"].places)) == (14, 2)


def test_closes_off_the_tick_of_their_day_are_told(bars: Bars, judge: Judge) -> None:
    rows = bars()
    switch = int(rows.at_ns[100])
    fine = TickEra(0, (0.0,), (0.01,))
    assert judge(rows, ticks=(fine,)) == {}
    found = judge(rows, ticks=(fine, TickEra(switch, (0.0, 50.0), (0.01, 0.05))))["OFF_TICK"]
    off = is_off(rows.values["close"][100:], 0.05)
    assert (found.count, found.first_at_ns) == (off.sum(), rows.at_ns[100:][off][0])
    assert found.consequence == "pass"


def test_ticks_of_later_rules_say_nothing_of_earlier_bars(bars: Bars, judge: Judge) -> None:
    rows = bars()
    assert judge(rows, ticks=(TickEra(int(rows.at_ns[-1]) + 1, (0.0,), (0.5,)),)) == {}


def test_every_era_and_band_has_its_tick() -> None:
    context = Context(ticks=(TickEra(100, (0.0, 1000.0), (1.0, 5.0)), TickEra(200, (0.0,), (0.5,))))
    at_ns, prices = np.array([50, 150, 150, 250]), np.array([10.0, 10.0, 2000.0, 10.0])
    np.testing.assert_array_equal(context.ticks_at(at_ns, prices), [np.nan, 1.0, 5.0, 0.5])
    np.testing.assert_array_equal(context.ticks_at(at_ns, prices, backwards=True), [1.0, 1.0, 5.0, 0.5])
    assert np.isnan(Context().ticks_at(at_ns, prices)).all()


def test_marks_of_a_split_do_not_count_towards_quarantine(bars: Bars) -> None:
    rows = scale(bars(), slice(120, None), 0.5)
    verdict = gate(rows, Series("binance", "A", "bars", NS_PER_HOUR))
    assert verdict.quarantine_reason == ""
    assert (verdict.rows.mask[:120] == FINDINGS["SPLIT"].bit).all()
