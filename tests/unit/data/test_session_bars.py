"""Coarser bars of a venue with sessions never mix two of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geobuk.data.resample import resample
from geobuk.data.sessions import session_grid
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, at_text, interval_ns, parse_at
from geobuk.panel import Panel

NAN = np.nan


def seoul(text: str) -> int:
    return parse_at(f"{text}+09:00")


def texts(at_ns: np.ndarray) -> list[str]:
    return [at_text(int(at) + 9 * NS_PER_HOUR) for at in at_ns]


def korean(interval: str, first: str, last: str, at_ns: np.ndarray | None = None) -> Panel:
    """Two shares; the n-th bar goes from n to n + 0.5 with a range of 1 around it and volume n + 1."""
    if at_ns is None:
        at_ns = session_grid("krx", interval_ns(interval), seoul(first), seoul(last))
    number = np.arange(len(at_ns), dtype=np.float64)[:, None] + np.array([[100.0, 1000.0]])
    nothing = np.full(number.shape, NAN)
    return Panel(
        venue="krx",
        interval_ns=interval_ns(interval),
        instruments=("005930", "000660"),
        at_ns=at_ns,
        open=number,
        high=number + 1.0,
        low=number - 1.0,
        close=number + 0.5,
        volume=number - 99.0,
        mark=nothing,
        funding=nothing,
        funding_inside=nothing,
        tradable=np.ones(number.shape, dtype=np.bool_),
        funding_hours=np.zeros(2, dtype=np.int64),
    )


@pytest.fixture
def two_days() -> Panel:
    """Minutes of an ordinary day and of the exam's day after it."""
    return korean("1m", "2024-11-13T00:00", "2024-11-14T23:59")


@pytest.mark.parametrize(("interval", "bars"), [("5m", 78), ("30m", 13), ("1h", 7), ("4h", 2), ("1d", 1)])
def test_every_session_makes_its_own_bars(two_days: Panel, interval: str, bars: int) -> None:
    coarse = resample(two_days, interval)
    assert coarse.shape == (2 * bars, 2)
    assert coarse.interval == interval
    assert coarse.open[bars, 0] == 100.0 + 390
    assert coarse.close[bars - 1, 0] == 100.0 + 389.5
    assert coarse.low[bars, 0] == 100.0 + 389
    assert coarse.volume[:bars, 0].sum() == two_days.volume[:390, 0].sum()
    assert coarse.tradable.all()
    assert coarse.close.flags.c_contiguous


def test_hours_are_anchored_at_the_open(two_days: Panel) -> None:
    coarse = resample(two_days, "1h")
    assert texts(coarse.at_ns)[6:8] == ["2024-11-13 15:00", "2024-11-14 10:00"]
    assert coarse.high[6, 0] == 100.0 + 390  # the last half hour only
    assert texts(resample(two_days, "1d").at_ns) == ["2024-11-13 00:00", "2024-11-14 00:00"]


def test_the_grid_of_coarse_bars_is_the_venues(two_days: Panel) -> None:
    for interval in ("30m", "1h", "1d"):
        grid = session_grid("krx", interval_ns(interval), seoul("2024-11-13T00:00"), seoul("2024-11-14T23:59"))
        assert resample(two_days, interval).at_ns.tolist() == grid.tolist()


def test_two_steps_equal_one(two_days: Panel) -> None:
    one, two = resample(two_days, "1d"), resample(resample(two_days, "30m"), "1d")
    for name in ("at_ns", "open", "high", "low", "close", "volume", "tradable"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_the_closing_print_belongs_to_the_last_bar() -> None:
    grid = session_grid("krx", NS_PER_MINUTE, seoul("2024-11-12T00:00"), seoul("2024-11-13T23:59"))
    prints = np.array([seoul("2024-11-12T15:30"), seoul("2024-11-13T15:30")])
    panel = korean("1m", "", "", np.union1d(grid, prints))
    hourly = resample(panel, "1h")
    assert texts(hourly.at_ns)[6] == "2024-11-12 15:00"
    assert hourly.close[[6, 13], 0].tolist() == panel.close[[390, 781], 0].tolist()
    assert resample(panel, "1d").volume[:, 0].sum() == panel.volume[:, 0].sum()
    cut = resample(panel.rows(0, 781), "1d")  # the second day's print is still to come
    assert texts(cut.at_ns) == ["2024-11-12 00:00"]


def test_a_quiet_closing_auction_does_not_close_a_bar() -> None:
    panel = korean("1m", "2024-11-13T00:00", "2024-11-13T23:59")
    tradable = panel.tradable.copy()
    tradable[380:] = False
    quiet = replace(panel, tradable=tradable)
    assert resample(quiet, "1d").tradable.tolist() == [[True, True]]
    assert resample(quiet, "30m").tradable[:, 0].tolist() == [True] * 13
    assert resample(quiet, "5m").tradable[-3:, 0].tolist() == [True, False, False]
    assert resample(replace(panel, tradable=panel.tradable), "5m").tradable.all()
    tradable[379, 0] = False  # the last minute of continuous trading
    assert resample(replace(panel, tradable=tradable), "1d").tradable.tolist() == [[False, True]]


def test_rows_outside_sessions_are_left_out() -> None:
    grid = session_grid("krx", NS_PER_HOUR, seoul("2024-11-13T00:00"), seoul("2024-11-14T23:59"))
    night = np.array([seoul("2024-11-13T20:00"), seoul("2024-11-14T09:00")])
    panel = korean("1h", "", "", np.union1d(grid, night))
    daily = resample(panel, "1d")
    assert len(daily.at_ns) == 2
    is_night = np.isin(panel.at_ns, night)
    assert daily.volume[:, 0].sum() == panel.volume[~is_night, 0].sum()


def test_absent_minutes_are_not_tradable_and_never_moved() -> None:
    full = korean("1m", "2024-11-13T00:00", "2024-11-13T23:59")
    keep = np.ones(390, dtype=np.bool_)
    keep[30:60] = False
    panel = korean("1m", "", "", full.at_ns[keep])
    coarse = resample(panel, "30m")
    assert np.isnan(coarse.close[1]).all()
    assert np.isnan(coarse.volume[1]).all()
    assert coarse.tradable[:, 0].tolist() == [True, False] + [True] * 11


def test_incomplete_bars_at_both_ends_are_dropped(two_days: Panel) -> None:
    assert texts(resample(two_days.rows(5, 400), "30m").at_ns)[::11] == ["2024-11-13 09:30", "2024-11-13 15:00"]
    assert texts(resample(two_days.rows(0, 779), "1d").at_ns) == ["2024-11-13 00:00"]
    with pytest.raises(DataError, match="make no whole coarser bar"):
        resample(two_days.rows(1, 389), "1d")


def test_a_week_holds_its_sessions(two_days: Panel) -> None:
    panel = korean("1d", "2025-09-25T00:00", "2025-10-17T00:00")
    weekly = resample(panel, "1w")
    assert texts(weekly.at_ns) == [f"2025-{day} 00:00" for day in ("09-29", "10-06", "10-13")]
    opens = [texts(panel.at_ns).index(f"2025-{day} 00:00") for day in ("09-29", "10-10", "10-13")]
    assert weekly.open[:, 0].tolist() == panel.open[opens, 0].tolist()
    assert weekly.volume[1].tolist() == panel.volume[opens[1]].tolist()  # a holiday week with one session
    with pytest.raises(DataError, match="can't be 3d long"):
        resample(panel, "3d")


def test_a_week_that_has_not_ended_is_left_out() -> None:
    year_end = korean("1d", "2024-12-16T00:00", "2024-12-30T00:00")
    assert texts(resample(year_end, "1w").at_ns) == ["2024-12-16 00:00", "2024-12-23 00:00"]
    with_it = korean("1d", "2024-12-16T00:00", "2025-01-03T00:00")
    assert texts(resample(with_it, "1w").at_ns)[-1] == "2024-12-30 00:00"
    assert resample(with_it, "1w").close[:2].tolist() == resample(year_end, "1w").close.tolist()


@pytest.mark.parametrize("interval", ["5m", "30m", "1h", "1d", "1w"])
def test_later_bars_never_change_earlier_ones(interval: str) -> None:
    grid = session_grid("krx", NS_PER_MINUTE, seoul("2024-11-11T00:00"), seoul("2024-11-22T23:59"))
    prints = np.array([seoul(f"2024-11-{day}T15:30") for day in (12, 13, 18)])
    panel = korean("1m", "", "", np.union1d(grid, prints))
    whole = resample(panel, interval)
    for rows in range(2_000, len(panel.at_ns), 97):
        part = resample(panel.rows(0, rows), interval)
        size = len(part.at_ns)
        for name in ("at_ns", "open", "high", "low", "close", "volume", "tradable"):
            assert np.array_equal(getattr(part, name), getattr(whole, name)[:size]), (name, rows)


def test_days_stamped_in_utc_keep_their_stamps() -> None:
    days = session_grid("krx", NS_PER_DAY, seoul("2025-09-22T00:00"), seoul("2025-10-17T23:59"), phase_ns=0)
    weekly = resample(korean("1d", "", "", days), "1w")
    assert [at_text(int(at)) for at in weekly.at_ns] == [
        f"2025-{day} 00:00" for day in ("09-22", "09-29", "10-06", "10-13")
    ]


def test_bars_at_night_only_are_refused() -> None:
    panel = korean("1h", "", "", np.array([seoul("2024-11-16T10:00"), seoul("2024-11-16T11:00")]))
    with pytest.raises(DataError, match="outside every session: check their time zone"):
        resample(panel, "1d")


def test_the_real_minutes_make_hours_but_no_tradable_day(shared_data: Path) -> None:
    """The file ends at 14:59 each day: its last half hour and every close are missing."""
    raw = pl.read_parquet(shared_data / "korea/krx_1m_005930_2026-06_2026-07_raw.parquet")
    at_ns = raw["timestamp"].dt.replace_time_zone("UTC").dt.epoch("ns").to_numpy()
    grid = session_grid("krx", NS_PER_MINUTE, int(at_ns[0]), int(at_ns[-1]))
    assert np.isin(at_ns, grid).all()
    place = np.searchsorted(grid, at_ns)
    panel = korean("1m", "", "", grid)
    fields = {}
    for name in ("open", "high", "low", "close", "volume"):
        fields[name] = np.full(panel.shape, NAN)
        fields[name][place, 0] = raw[name].to_numpy()
    tradable = np.isfinite(fields["close"])
    panel = replace(panel, **fields, tradable=tradable)
    daily, hourly = resample(panel, "1d"), resample(panel, "1h")
    assert len(daily.at_ns) == 19  # the last of 20 days is not whole
    assert not daily.tradable.any()
    rows = pl.DataFrame(
        {"day": daily.at_ns // NS_PER_DAY + 1, "close": daily.close[:, 0], "volume": daily.volume[:, 0]}
    )
    by_day = raw.group_by_dynamic("timestamp", every="1d").agg(pl.col("close").last(), pl.col("volume").sum())
    assert rows["close"].to_list() == by_day["close"].to_list()[:19]
    assert rows["volume"].to_list() == by_day["volume"].to_list()[:19]
    is_last = np.array([text.endswith("15:00") for text in texts(hourly.at_ns)])
    assert not hourly.tradable[is_last].any()
    assert hourly.tradable[~is_last, 0].mean() > 0.9
