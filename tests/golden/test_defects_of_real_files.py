"""Every defect that the notes on the shared market data describe is found by a code, and the good files stay quiet."""

from pathlib import Path

import polars as pl
import pytest
from tests.support.shared_series import SharedSeries

from geobuk.data.quality import Series, gate
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY, parse_at

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def shared(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> SharedSeries:
    return SharedSeries(shared_data, tmp_path_factory.mktemp("shared"))


DEFECTS = [
    # crypto, described under "Known gaps and defects"
    ("minutes 2023", "TRXUSDT 1m", "QUIET", 7, "2023-07-15T22:57"),
    ("fives and quarters", "BTCUSDT 5m", "ZERO_VOLUME", 3, "2023-09-12T08:35"),
    ("fives and quarters", "ETHUSDT 5m", "ZERO_VOLUME", 3, "2023-09-12T08:35"),
    ("fives and quarters", "LTCUSDT 5m", "ZERO_VOLUME", 3, "2023-09-12T08:35"),
    ("quarters and hours", "BTCUSDT 15m", "ZERO_VOLUME", 4, "2024-10-28T20:00"),
    ("quarters and hours", "ETHUSDT 15m", "ZERO_VOLUME", 4, "2024-10-28T20:00"),
    ("quarters and hours", "BTCUSDT 1h", "SOURCES", 2, "2024-10-28T20:00"),
    ("quarters and hours", "BTCUSDT 15m", "SOURCES", 8, "2024-10-28T20:00"),
    ("quarters and hours", "ETHUSDT 1h", "SOURCES", 2, "2024-10-28T20:00"),
    ("archive and hours", "BTCUSDT 1h", "CONFLICT", 2, "2024-10-28T20:00"),
    ("archive and quarters", "BTCUSDT 1h", "QUIET", 1, "2024-10-28T20:00"),
    ("fives and quarters", "BTCUSDT 15m", "SOURCES", 3, "2024-03-27T12:15"),
    ("fives and quarters", "BTCUSDT 5m", "SOURCES", 9, "2024-03-27T12:15"),
    ("fives and quarters", "ETHUSDT 15m", "SOURCES", 3, "2024-03-27T12:15"),
    ("bitfinex", "BTCUSD 1m", "GAP", 5_101, "2018-01-12T05:06"),
    ("bitfinex", "ETHUSD 1m", "GAP", 17_552, "2018-01-12T05:06"),
    ("bitfinex", "BTCUSD 1m", "OUTAGE", 8, "2018-03-21T09:32"),
    ("bitfinex", "ETHUSD 1m", "OUTAGE", 11, "2018-03-21T09:32"),
    # korea
    ("korean days", "017670 1d", "HALT", 24, "2021-10-26T00:00+09:00"),
    ("korean days", "017670 1d", "SPLIT", 150, "2021-04-21T00:00+09:00"),
    ("calendar days", "000080 1d", "EMPTY", 920, "2015-01-03T00:00+09:00"),
    ("calendar days", "000080 1d", "CALENDAR", 920, "2015-01-03T00:00+09:00"),
    ("calendar days", "035720 1d", "SPLIT", 2_295, "2015-01-02T00:00+09:00"),
    ("adjustment", "066970 1d", "ADJUSTMENT", 2 * 33, "2021-01-04T00:00+09:00"),  # both see the other
    ("adjustment", "141070 1d", "NON_POSITIVE", 1, "2021-02-01T00:00+09:00"),
    ("korean minutes", "005930 1m", "PARTIAL", 20, "2026-06-16T09:00+09:00"),
    ("korean minutes", "005930 1m", "MOVE_WITHOUT_VOLUME", 4, "2026-06-16T09:00+09:00"),
    ("korean minutes", "005930 1m", "OFF_TICK", 1_589, "2026-06-16T09:08+09:00"),
    ("korean minutes", "005930 1m", "SOURCES_PARTIAL", 20, "2026-06-16T09:00+09:00"),
    ("korean minutes in the wrong zone", "005930 1m", "TIME_ZONE", 1, "2026-06-16T00:00+09:00"),
    ("index", "ks200 index 1d", "CLOSE_ONLY", 1_470, "1990-01-03T00:00+09:00"),
    ("index", "ks200 index 1d", "NOT_A_NUMBER", 1, "1995-01-04T00:00+09:00"),
    # defects
    ("bybit", "BTCUSDT 1m", "GAP", 269_937, "2024-09-08T10:11"),
    ("bybit", "BTCUSDT 1m", "OUTAGE", 337, "2024-09-08T10:11"),
    ("bybit", "BTCUSDT 1m", "SPARSE", 1, "2024-09-08T06:51"),
    ("mixed", "BTCUSDT 1h", "LOT_STEP", 22_839, "2022-05-25T08:00"),
    ("mixed", "ETHUSDT 1h", "LOT_STEP", 22_839, "2022-05-25T08:00"),
    ("mixed", "BTCUSDT 1h", "QUIET", 1, "2023-03-24T12:00"),
    ("mixed", "BTCUSDT 1h", "GAP", 1, "2023-03-24T13:00"),
    ("mixed", "BTCUSDT 1h", "WRONG_INSTRUMENT", 1, "2022-05-25T08:00"),
    ("mixed", "ETHUSDT 1h", "WRONG_INSTRUMENT", 1, "2022-05-25T08:00"),
    ("meme", "BONKUSDT 1h", "WRONG_INSTRUMENT", 1, "2023-12-15T08:00"),
    ("meme", "FLOKIUSDT 1h", "WRONG_INSTRUMENT", 1, "2023-05-05T18:00"),
    ("meme", "PEPEUSDT 1h", "WRONG_INSTRUMENT", 1, "2023-05-05T18:00"),
    ("meme", "SHIBUSDT 1h", "WRONG_INSTRUMENT", 1, "2023-01-01T00:00"),
    ("meme", "SHIBUSDT 1h", "GAP", 1, "2023-03-24T13:00"),
]
"""Scenario, series, code, how many, and where the first one is."""


@pytest.mark.parametrize(("scenario", "series", "code", "count", "first"), DEFECTS)
def test_the_defect_is_found_where_it_is(
    shared: SharedSeries, scenario: str, series: str, code: str, count: int, first: str
) -> None:
    found = shared.finding(scenario, series, code)
    assert (sum(f.count for f in found), min(f.first_at_ns for f in found)) == (count, parse_at(first))


TOTALS = [
    ("funding", "LATE_STAMPS", 2_308),
    ("funding 2026", "FUNDING_INTERVAL", 37),
    ("korean days", "HALT", 107),
    ("calendar days", "EMPTY", 166_104),
    ("calendar days", "HALT", 792 + 107),
    ("calendar days", "OHLC", 2_407 - 792),  # the notes count halts among the contradictions
    ("calendar days", "SESSIONS", 6),  # the seventh missing day is no session
]


@pytest.mark.parametrize(("scenario", "code", "count"), TOTALS)
def test_a_whole_file_has_as_many_as_its_notes_say(shared: SharedSeries, scenario: str, code: str, count: int) -> None:
    assert shared.counts(scenario)[code] == count


SAID = [
    ("bybit", "BTCUSDT 1m", "GAP", "in 337 gaps"),
    ("bybit", "BTCUSDT 1m", "SPARSE", "80.0% of the bars are missing"),
    ("bitfinex", "BTCUSD 1m", "OUTAGE", "24 to 67 minutes"),
    ("bitfinex", "ETHUSD 1m", "OUTAGE", "23 to 106 minutes"),
    ("funding", "BTCUSDT funding stamps", "LATE_STAMPS", "by 29 ms at most"),
    ("funding 2026", "ALICEUSDT funding stamps", "FUNDING_INTERVAL", "8 → 1 h, 1 → 4 h"),
    ("mark", "ETHUSDT 1h", "MARK_WICK", "by 3.6% at most"),
    ("mark", "LTCUSDT 1h", "MARK_WICK", "by 3.8% at most"),
    ("korean minutes", "005930 1m", "PARTIAL", "session of 20 that lacks 30-56 of the last minutes"),
    (
        "korean minutes",
        "005930 1m",
        "SOURCES_PARTIAL",
        "closes differ on 20 of 20, highs on 1, lows on 2; 20% of the volume",
    ),
    ("korean minutes in the wrong zone", "005930 1m", "TIME_ZONE", "whose clock shows 00:00 to 05:59: 9 h later"),
    ("adjustment", "066970 1d", "ADJUSTMENT", "0.9618 times the price of krx 1d"),
    ("mixed", "BTCUSDT 1h", "WRONG_INSTRUMENT", "99% of the volumes have fractions below the lot step of 0.001"),
    ("mixed", "BTCUSDT 1h", "WRONG_INSTRUMENT", "83% of the closes lie off the tick"),
    ("mixed beside quarters", "BTCUSDT 1h", "WRONG_INSTRUMENT", "closes equal those of binance 15m in 0.07%"),
    ("mixed beside quarters", "ETHUSDT 1h", "WRONG_INSTRUMENT", "the volume is 0.13 of it"),
    ("meme", "BONKUSDT 1h", "WRONG_INSTRUMENT", "it trades 1000BONKUSDT"),
    ("meme beside days", "SHIBUSDT 1h", "WRONG_INSTRUMENT", "whose price is 1,000 times this"),
]


@pytest.mark.parametrize(("scenario", "series", "code", "words"), SAID)
def test_the_finding_says_what_the_notes_say(
    shared: SharedSeries, scenario: str, series: str, code: str, words: str
) -> None:
    found = shared.finding(scenario, series, code)
    assert any(words in f.text for f in found), [f.text for f in found]
    assert all(max(f.text_ko) >= "가" for f in found)


@pytest.mark.parametrize(
    ("scenario", "quarantined"),
    [
        ("bybit", {"BTCUSDT"}),
        ("mixed", {"BTCUSDT", "ETHUSDT"}),  # BCH and LTC of that file are futures
        ("meme", {"BONKUSDT", "FLOKIUSDT", "PEPEUSDT", "SHIBUSDT"}),
        ("korean minutes in the wrong zone", {"005930"}),
        ("calendar days", {"002810", "230240"}),  # 5.8 and 5.3 % of their bars contradict themselves by a won
    ],
)
def test_these_series_and_no_others_are_quarantined(shared: SharedSeries, scenario: str, quarantined: set[str]) -> None:
    assert {c.key.instrument for c in shared.checks(scenario) if c.verdict == "quarantine"} == quarantined


def test_outages_of_bitfinex_fall_on_the_days_that_the_notes_name(shared: SharedSeries) -> None:
    days = [parse_at(f"2018-{day}") for day in ("03-21", "04-11", "06-05", "08-22", "08-31", "10-04")]
    outages = [f for series in ("BTCUSD 1m", "ETHUSD 1m") for f in shared.finding("bitfinex", series, "OUTAGE")]
    assert {f.places[0] // NS_PER_DAY * NS_PER_DAY for f in outages} == {days[0]}
    for at_ns in (at for found in outages for at in (*found.places, found.last_at_ns)):
        assert any(day <= at_ns < day + NS_PER_DAY for day in days)


def test_closes_of_two_korean_sources_differ_on_exam_day_only(shared: SharedSeries) -> None:
    found = [
        f
        for c in shared.checks("calendar days")
        if c.key.venue == "kiwoom"
        for f in c.findings
        if f.code == "SOURCES" and f.first_at_ns == parse_at("2021-11-18T00:00+09:00")
    ]
    assert sum(f.count for f in found) == 28


def test_adjusted_volumes_are_half_a_percent_below_the_totals(shared: SharedSeries) -> None:
    found = [
        f
        for c in shared.checks("calendar days")
        if c.key.venue == "kiwoom"
        for f in c.findings
        if f.code == "SOURCES_VOLUME"
    ]
    assert sum(f.count for f in found) > 8_000
    assert any("median 0.99" in f.text for f in found)


@pytest.mark.parametrize(("year", "halts", "bad"), [("2021-01_02", 0, {"141070"}), ("2024-01_02", 3_294, set())])
def test_every_name_of_a_year(shared_data: Path, year: str, halts: int, bad: set[str]) -> None:
    frame = pl.read_parquet(shared_data / f"korea/krx_1d_all_names_{year}.parquet").rename(
        {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume"}
    )
    at_ns = frame["Date"].cast(pl.Datetime("ns")).dt.replace_time_zone("Asia/Seoul").dt.epoch("ns")
    halted, wrong = 0, set()
    for (name,), part in (
        frame.with_columns(at_ns=at_ns).sort("Code", "at_ns").partition_by("Code", as_dict=True).items()
    ):
        verdict = gate(Rows.from_frame(part, "bars"), Series("krx", str(name), "bars", NS_PER_DAY))
        halted += sum(f.count for f in verdict.findings if f.code == "HALT")
        wrong |= {f.instrument for f in verdict.findings if f.code in {"NON_POSITIVE", "OHLC"}}
    assert (halted, wrong) == (halts, bad)


@pytest.mark.parametrize(
    ("tape", "code", "count", "words"),
    [
        ("binance_um_btcusdt_20240808_trades", "LATENCY", 21_313, "1,227 to 1,273 ms before"),
        ("binance_um_btcusdt_20240808_book_ticker", "LATENCY", 66_089, "1,219 to 1,273 ms before"),
        ("binance_um_btcusdt_20240808_depth_updates", "LATENCY", 443_521, "1,234 to 1,272 ms before"),
        ("binance_um_apeusdt_20241018_aggtrades", "SAME_INSTANT", 6_442, "shares its millisecond"),
    ],
)
def test_tapes(shared: SharedSeries, tape: str, code: str, count: int, words: str) -> None:
    found = shared.tape(tape)
    assert (found[code].count, words in found[code].text) == (count, True)
    assert not {"TAPE_IDS", "CROSSED", "ORDER", "NON_POSITIVE"} & set(found)


GOOD_FILES = [
    ("hours", {}),
    ("minutes 2023", {"QUIET": 7}),
    ("minutes 2025", {}),
    ("days", {}),
    (
        "fives and quarters",
        {"ZERO_VOLUME": 17, "SOURCES": 24, "SOURCES_VOLUME": 4},
    ),
    ("mark", {"MARK_WICK": 100}),
    ("funding", {"LATE_STAMPS": 2_308}),
    ("funding 2026", {"LATE_STAMPS": 62_171, "FUNDING_INTERVAL": 37, "RATE_EXTREME": 132, "GAP": 22}),
    ("bitfinex", {"GAP": 22_653, "OUTAGE": 19, "FLAT": 109, "SPIKE": 5}),
    ("korean days", {"HALT": 107, "SPLIT": 1_345}),
]
"""All that is found in the good files. What of it is a false alarm is told in docs/data-quality.md."""


@pytest.mark.parametrize(("scenario", "counts"), GOOD_FILES)
def test_nothing_else_is_found_in_the_good_files(shared: SharedSeries, scenario: str, counts: dict[str, int]) -> None:
    assert shared.counts(scenario) == counts
    assert not [c.key for c in shared.checks(scenario) if c.verdict == "quarantine"]
