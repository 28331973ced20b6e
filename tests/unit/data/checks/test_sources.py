from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.calendars import hours_of
from geobuk.data.checks.context import Reference
from geobuk.data.checks.folding import fold, shared
from geobuk.data.quality import Context, Series, gate
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, parse_at
from geobuk.panel import Finding

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]
AsReference = Callable[..., Reference]

QUARTER = 15 * NS_PER_MINUTE


def hourly(quarters: Rows) -> Rows:
    """The same market in hours."""
    folded = fold(quarters, QUARTER, NS_PER_HOUR, hours_of("binance"))
    return Rows(quarters.at_ns[folded.first], folded.values, np.zeros(len(folded.first), dtype=np.uint32))


def test_bars_that_agree_with_finer_and_coarser_ones_pass(bars: Bars, judge: Judge, reference: AsReference) -> None:
    quarters = bars(800, QUARTER)
    hours = hourly(bars(800, QUARTER))
    assert judge(quarters, QUARTER, references=(reference(hours),)) == {}
    assert judge(hours, references=(reference(quarters, QUARTER),)) == {}


def test_a_disagreement_is_masked_on_both_sides(bars: Bars, judge: Judge, reference: AsReference) -> None:
    quarters, hours = bars(800, QUARTER), hourly(bars(800, QUARTER))
    hours.values["close"][33] *= 1.0005
    hours.values["high"][33] *= 1.001
    found = judge(hours, references=(reference(quarters, QUARTER, "binance 15m"),))["SOURCES"]
    assert (found.count, found.first_at_ns) == (1, hours.at_ns[33])
    assert "contradicts binance 15m (1 of 200 apart, by 0.10% at most)" in found.text
    found = judge(quarters, QUARTER, references=(reference(hours),))["SOURCES"]
    assert (found.count, found.first_at_ns) == (4, hours.at_ns[33])


def test_another_volume_passes(bars: Bars, judge: Judge, reference: AsReference) -> None:
    rows = bars()
    rows.values["volume"][40] *= 1.5
    found = judge(rows, references=(reference(bars()),))
    assert {code: (one.count, one.consequence) for code, one in found.items()} == {"SOURCES_VOLUME": (1, "pass")}


def test_hours_with_a_missing_quarter_are_not_compared(bars: Bars, judge: Judge, reference: AsReference) -> None:
    quarters = bars(800, QUARTER).take(np.delete(np.arange(800), 100))
    hours = hourly(bars(800, QUARTER))
    hours.values["close"][25] += 0.05
    hours.values["high"][25] += 0.05
    assert judge(hours, references=(reference(quarters, QUARTER),)) == {}


@pytest.mark.parametrize(("ratio", "code"), [(0.9618, "ADJUSTMENT"), (5.0, "ADJUSTMENT"), (1000.0, "WRONG_INSTRUMENT")])
def test_a_constant_ratio_is_another_basis_or_another_contract(
    bars: Bars, judge: Judge, reference: AsReference, ratio: float, code: str
) -> None:
    found = judge(bars(scale=ratio), references=(reference(bars(), label="krx 1h"),))
    assert set(found) == {code}
    assert "krx 1h" in found[code].text


def test_part_of_a_series_on_another_basis_is_counted(bars: Bars, judge: Judge, reference: AsReference) -> None:
    rows = bars()
    for name in ("open", "high", "low", "close"):
        rows.values[name][:40] *= 0.8
    assert judge(rows, references=(reference(bars()),))["ADJUSTMENT"].count == 40


def test_several_adjustments_are_no_other_instrument(bars: Bars, judge: Judge, reference: AsReference) -> None:
    rows = bars()
    for part, factor in ((slice(0, 70), 0.4), (slice(70, 150), 0.8)):
        for name in ("open", "high", "low", "close"):
            rows.values[name][part] *= factor
    found = judge(rows, references=(reference(bars()),))
    assert found["ADJUSTMENT"].count == 150
    assert "WRONG_INSTRUMENT" not in found


def test_a_wandering_ratio_is_another_instrument(bars: Bars, judge: Judge, reference: AsReference) -> None:
    rows = bars()
    other = 1.5 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.002, len(rows))))
    for name in ("open", "high", "low", "close"):
        rows.values[name][:] *= other
    rows.values["high"][:] *= 1.01
    rows.values["low"][:] *= 0.99
    assert "WRONG_INSTRUMENT" in judge(rows, references=(reference(bars()),))


def test_two_instruments_of_about_one_price_are_told_apart(bars: Bars, judge: Judge, reference: AsReference) -> None:
    rng = np.random.default_rng(8)
    spot = bars()
    noise = 1 + rng.normal(0, 3e-4, len(spot))
    for name in ("open", "high", "low", "close"):
        spot.values[name][:] *= noise
    spot.values["volume"][:] = 1.0
    found = judge(spot, references=(reference(bars(), label="binance 15m"),))
    assert set(found) == {"WRONG_INSTRUMENT"}
    assert (
        "closes equal those of binance 15m in 0.50% of 200 bars, the volume is 0.2 of it"
        in found["WRONG_INSTRUMENT"].text
    )


def test_a_session_that_minutes_cover_in_part_is_compared_as_such(bars: Bars, reference: AsReference) -> None:
    day = parse_at("2024-03-04T00:00+09:00")
    whole = bars(390, NS_PER_MINUTE, day + 9 * NS_PER_HOUR)
    folded = fold(whole, NS_PER_MINUTE, NS_PER_DAY, hours_of("krx"))
    assert folded.is_whole.tolist() == [True]
    daily = Rows(np.array([day]), folded.values, np.zeros(1, dtype=np.uint32))
    cut = whole.take(np.arange(360))
    context = Context(references=(reference(daily, NS_PER_DAY, "krx 1d"),))
    verdict = gate(cut, Series("krx", "005930", "bars", NS_PER_MINUTE), context)
    found = {f.code: f for f in verdict.findings}
    assert set(found) == {"PARTIAL", "SOURCES_PARTIAL"}
    assert "8% of the volume is missing" in found["SOURCES_PARTIAL"].text


def test_folding_takes_first_extremes_last_and_sum(bars: Bars) -> None:
    rows = bars(8, QUARTER)
    folded = fold(rows, QUARTER, NS_PER_HOUR, hours_of("binance"))
    first = rows.take(slice(0, 4)).values
    assert folded.values["open"][0] == first["open"][0]
    assert folded.values["high"][0] == first["high"].max()
    assert folded.values["low"][0] == first["low"].min()
    assert (folded.values["close"][0], folded.values["volume"][0]) == (first["close"][3], 20.0)
    later = fold(bars(8, QUARTER, int(rows.at_ns[4])), QUARTER, NS_PER_HOUR, hours_of("binance"))
    left, right = shared(folded, later)
    assert left.bucket.tolist() == right.bucket.tolist() == [folded.bucket[1]]
