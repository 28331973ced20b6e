import numpy as np
import pytest

from geobuk.data.checks.funding import look_like_percent
from geobuk.data.checks.grid import missing_share, phase_of
from geobuk.data.checks.look import in_runs
from geobuk.data.findings import FINDINGS, PRICE_BITS
from geobuk.data.quality import Series, Verdict, gate
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_HOUR, parse_at

START = parse_at("2024-01-01")  # a Monday
SERIES = Series("binance", "BTCUSDT", "bars", NS_PER_HOUR)


def good(rows: int = 200, step: int = NS_PER_HOUR) -> Rows:
    close = 100.0 + np.arange(rows)
    values = {"open": close - 0.5, "high": close + 1, "low": close - 1, "close": close, "volume": np.full(rows, 5.0)}
    return Rows(START + step * np.arange(rows), values, np.zeros(rows, dtype=np.uint32))


def change(**cells: tuple[int, float]) -> Rows:
    rows = good()
    for name, (row, value) in cells.items():
        rows.values[name][row] = value
    return rows


def codes(verdict: Verdict) -> dict[str, int]:
    return {f.code: f.count for f in verdict.findings}


def test_good_bars_pass_without_a_finding() -> None:
    verdict = gate(good(), SERIES)
    assert (verdict.findings, verdict.quarantine_reason, verdict.masked) == ((), "", 0)


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("OHLC", change(high=(7, 1.0))),
        ("OHLC", change(low=(7, 1e6), high=(7, 1e6))),
        ("NON_POSITIVE", change(low=(7, 0.0))),
        ("NON_POSITIVE", change(low=(7, -5.0))),
        ("NOT_A_NUMBER", change(close=(7, np.nan))),
        ("NOT_A_NUMBER", change(volume=(7, np.inf))),
        ("NEGATIVE_VOLUME", change(volume=(7, -1.0))),
    ],
)
def test_a_bad_bar_is_masked_and_nothing_is_changed(code: str, rows: Rows) -> None:
    verdict = gate(rows, SERIES)
    assert codes(verdict) == {code: 1}
    assert verdict.findings[0].consequence == "mask"
    assert verdict.findings[0].first_at_ns == rows.at_ns[7]
    assert np.flatnonzero(verdict.rows.mask).tolist() == [7]
    assert verdict.rows.mask[7] == FINDINGS[code].bit
    assert verdict.rows.values is rows.values


def test_three_bars_without_volume_are_masked_two_are_not() -> None:
    rows = good()
    quiet = [10, 11, 20, 21, 22]
    rows.values["volume"][quiet] = 0.0
    for name in ("open", "high", "low"):
        rows.values[name][quiet] = rows.values["close"][quiet]
    verdict = gate(rows, SERIES)
    assert np.flatnonzero(verdict.rows.mask).tolist() == [20, 21, 22]
    assert codes(verdict) == {"ZERO_VOLUME": 3, "QUIET": 2}


def test_a_bar_that_moves_without_volume_is_masked_and_keeps_its_price() -> None:
    verdict = gate(change(volume=(7, 0.0)), SERIES)
    assert codes(verdict) == {"MOVE_WITHOUT_VOLUME": 1}
    assert verdict.rows.mask[7] == FINDINGS["MOVE_WITHOUT_VOLUME"].bit
    assert FINDINGS["MOVE_WITHOUT_VOLUME"].bit & PRICE_BITS == 0


def test_missing_bars_are_counted_with_their_span() -> None:
    rows = good().take(np.delete(np.arange(200), [50, 51, 90]))
    finding = gate(rows, SERIES).findings[0]
    assert (finding.code, finding.consequence, finding.count) == ("GAP", "mask", 3)
    assert (finding.first_at_ns, finding.last_at_ns) == (START + 50 * NS_PER_HOUR, START + 90 * NS_PER_HOUR)
    assert "in 2 gaps" in finding.text


def test_a_bar_off_the_grid_is_masked_and_the_grid_is_the_commonest() -> None:
    rows = good()
    rows.at_ns[:] += 60_000_000_000
    rows.at_ns[7] += 1
    verdict = gate(rows, SERIES)
    assert codes(verdict) == {"MISALIGNED": 1, "GAP": 1}
    assert verdict.phase_ns == 60_000_000_000


def test_a_price_that_stands_still_with_volume_is_reported_and_passes() -> None:
    rows = good()
    for name in ("open", "high", "low", "close"):
        rows.values[name][30:45] = 123.0
    verdict = gate(rows, SERIES)
    assert codes(verdict) == {"FLAT": 14}
    assert verdict.masked == 0


def test_more_than_five_percent_bad_rows_quarantine_the_series() -> None:
    rows = good()
    rows.values["low"][:11] = 0.0
    verdict = gate(rows, SERIES)
    assert "5.5% of the rows are bad" in verdict.quarantine_reason
    assert codes(verdict)["BAD_SHARE"] == 1


def test_a_series_full_of_holes_is_quarantined() -> None:
    rows = good(1000).take(np.arange(1000)[np.arange(1000) % 10 < 7])
    assert "of the bars are missing" in gate(rows, SERIES).quarantine_reason


def test_two_stretches_far_apart_are_no_reason_for_quarantine() -> None:
    rows = good(2000).take(np.r_[0:500, 1500:2000])
    verdict = gate(rows, SERIES)
    assert verdict.quarantine_reason == ""
    assert codes(verdict) == {"GAP": 1000}


def test_a_dead_market_is_quarantined() -> None:
    rows = good()
    rows.values["volume"][:120] = 0.0
    assert "no volume" in gate(rows, SERIES).quarantine_reason


def test_contradictions_seen_at_import_stay_marked() -> None:
    rows = good()
    rows.mask[3] = FINDINGS["DUPLICATE_CONFLICT"].bit | FINDINGS["OHLC"].bit
    verdict = gate(rows, SERIES)
    assert verdict.rows.mask[3] == FINDINGS["DUPLICATE_CONFLICT"].bit
    assert codes(verdict) == {"DUPLICATE_CONFLICT": 1}


def funding(rates: list[float], hours: list[int]) -> Rows:
    return Rows(START + NS_PER_HOUR * np.array(hours), {"rate": np.array(rates)}, np.zeros(len(rates), dtype=np.uint32))


def test_a_missing_funding_stamp_is_reported() -> None:
    hours = [8 * n for n in range(20) if n not in {4, 5}]
    verdict = gate(funding([1e-4] * 18, hours), Series("binance", "BTCUSDT", "funding", 0))
    assert codes(verdict) == {"GAP": 2}
    assert verdict.findings[0].text.startswith("BTCUSDT funding: 2 x funding stamp missing")


def test_an_unknown_rate_is_masked() -> None:
    rates = [1e-4] * 30
    rates[4] = np.nan
    verdict = gate(funding(rates, [8 * n for n in range(30)]), Series("binance", "BTCUSDT", "funding", 0))
    assert codes(verdict) == {"NOT_A_NUMBER": 1}


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([0.01] * 8 + [0.004, -0.02], True),  # percent at the usual interest rate
        ([0.0001] * 8 + [0.0012], False),
        ([0.0048, 0.0051, 0.0047, -0.003], False),  # a market gone wild
        ([0.05, 0.04], True),
        ([np.nan], False),
    ],
)
def test_percent_is_told_from_fractions(rates: list[float], expected: bool) -> None:
    assert look_like_percent(np.array(rates)) is expected


def test_runs_phases_and_shares() -> None:
    assert in_runs(np.array([False, True, True, True]), 3).tolist() == [False, True, True, True]
    assert in_runs(np.empty(0, dtype=np.bool_), 3).tolist() == []
    assert phase_of(np.array([5, 15, 26, 35]), 10) == 5
    assert phase_of(np.array([5]), 0) == 0
    assert missing_share(np.array([0, 1, 2, 5]) * NS_PER_HOUR, NS_PER_HOUR) == pytest.approx(2 / 6)
