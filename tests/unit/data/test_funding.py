"""Which stamps were due, when some of them are not known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.check import CheckRequest, check_series
from geobuk.data.funding import Schedule, due_inside, fill_rates, schedule_of
from geobuk.data.importer import ImportReport
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, parse_at
from geobuk.panel import IntArray
from geobuk.simulate.inputs import funding_events
from geobuk.simulate.spec import BacktestSpec

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]
START_MS = parse_at("2024-01-01") // 1_000_000
EIGHT_HOURLY = np.arange(0, 960, 8)


def schedule(hours: list[int] | IntArray, rules_hours: int = 0) -> Schedule:
    return schedule_of(np.array(hours, dtype=np.int64) * NS_PER_HOUR, rules_hours)


def stretches(*parts: tuple[int, int]) -> IntArray:
    """Hours of stamps: (spacing, how many) one after the other."""
    return np.concatenate(([0], np.cumsum(np.concatenate([np.full(count, gap) for gap, count in parts]))))


@pytest.mark.parametrize(
    ("hours", "rules", "expected"),
    [
        ([], 0, 0),
        ([0], 0, 0),
        ([0], 8, 8),
        ([0, 8, 16, 24], 0, 8),
        ([0, 4, 8, 12, 16, 24, 32], 0, 4),  # some of both: the commonest
        ([*range(0, 400, 4), 500], 0, 4),  # one hole is no other spacing
        (range(0, 960, 24), 8, 8),  # one stamp a day known of three
        (range(0, 960, 24), 0, 24),  # nothing finer is ever seen, no rules known
        ([*range(0, 480, 24), 488], 0, 8),
        (range(0, 960, 4), 8, 4),  # the stamps show more than the rules say
        (range(1, 960, 8), 8, 1),  # stamps at 1, 9 and 17 o'clock
        ([0, 5, 18, 40], 0, 0),  # nothing regular
    ],
)
def test_hours_between_stamps(hours: list[int], rules: int, expected: int) -> None:
    assert schedule(list(hours), rules).hours == expected


@pytest.mark.parametrize("lost", [lambda k: k % 9 in (1, 2), lambda k: k % 15 in (1, 2), lambda k: k % 3 != 0])
def test_lost_stamps_are_holes_and_no_wider_spacing(lost: Callable[[int], bool]) -> None:
    kept = np.array([h for k, h in enumerate(EIGHT_HOURLY) if not lost(k)])
    found = schedule(kept, 8)
    assert found.hours == 8
    assert found.is_hole.tolist() == (np.diff(kept) > 8).tolist()


def test_a_few_wider_gaps_in_a_four_hourly_series_are_holes() -> None:
    found = schedule(stretches((4, 40), (8, 3), (4, 30), (8, 1), (4, 5), (8, 2)), 8)
    assert found.hours == 4
    assert found.is_hole.sum() == 6


def test_a_stretch_of_its_own_spacing_is_no_hole() -> None:
    found = schedule(stretches((8, 20), (1, 80), (3, 1), (4, 100), (12, 1), (4, 10)), 8)
    assert found.hours == 1
    assert np.flatnonzero(found.is_hole).tolist() == [201]


def test_what_is_not_due_is_zero_and_what_is_not_known_stays_unknown() -> None:
    stamps = np.concatenate((stretches((8, 10), (4, 10)), [80 + 40 + 12])) * NS_PER_HOUR
    found = schedule_of(stamps, 8)
    at_ns = np.arange(-8, 150) * NS_PER_HOUR
    rates, inside = fill_rates(at_ns, NS_PER_HOUR, stamps, np.full(len(stamps), 1e-4), found)
    hour = at_ns // NS_PER_HOUR
    assert found.hours == 4
    assert hour[rates == 1e-4].tolist() == (stamps // NS_PER_HOUR).tolist()
    assert hour[rates == 0.0].tolist() == list(range(4, 80, 8))
    assert np.isnan(rates[(hour < 0) | (hour > 132) | (hour == 124) | (hour == 128)]).all()
    assert np.isnan(inside).all()


@pytest.mark.parametrize("step", [2, 4, 12, 24])
def test_a_sum_inside_a_bar_is_known_as_a_whole_or_not_at_all(step: int) -> None:
    stamps = np.delete(stretches((8, 21), (4, 18), (1, 24)), [5, 40]) * NS_PER_HOUR
    found, rates = schedule_of(stamps, 8), np.arange(1, len(stamps) + 1) * 1e-5
    at_ns = np.arange(0, 260, step) * NS_PER_HOUR
    _, inside = fill_rates(at_ns, step * NS_PER_HOUR, stamps, rates, found)
    for at, value in zip(at_ns, inside, strict=True):
        within = (stamps > at) & (stamps < at + step * NS_PER_HOUR)
        due = np.arange(at + NS_PER_HOUR, at + step * NS_PER_HOUR, NS_PER_HOUR)
        gap = np.searchsorted(stamps, due) - 1
        unknown = ~np.isin(due, stamps) & ((gap + 1 == len(stamps)) | found.is_hole[np.minimum(gap, len(stamps) - 2)])
        if unknown.any():
            assert np.isnan(value)
        else:
            assert value == pytest.approx(rates[within].sum())


def test_due_stamps_inside_bars() -> None:
    day = np.array([0, NS_PER_DAY])
    assert due_inside(day, NS_PER_DAY, 8).tolist() == [2, 2]
    assert due_inside(day, NS_PER_HOUR, 8).tolist() == [0, 0]
    assert due_inside(day, NS_PER_DAY, 0).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("lost", "unknown"),
    [
        pytest.param(lambda k: k % 3 != 0, 80, id="one a day of three"),
        pytest.param(lambda k: k % 9 in (1, 2), 28, id="two of nine"),
        pytest.param(lambda k: k % 15 in (1, 2), 16, id="two of fifteen"),
    ],
)
@pytest.mark.parametrize("interval", ["1h", "1d"])
def test_lost_stamps_are_charged_as_unknown_and_reported(
    import_frame: Import, bars: Bars, catalog: Catalog, lost: Callable[[int], bool], unknown: int, interval: str
) -> None:
    import_frame(bars(960 if interval == "1h" else 40, step_minutes=60 if interval == "1h" else 1440))
    hours = [int(h) for k, h in enumerate(EIGHT_HOURLY) if not lost(k)]
    frame = pl.DataFrame({"ts": [START_MS + h * 3_600_000 for h in hours], "funding_rate": [1e-4] * len(hours)})
    report = import_frame(frame, "BTCUSDT-f.parquet", kind="funding")
    # stamps after the last known one are not holes between two
    after = (int(EIGHT_HOURLY[-1]) - hours[-1]) // 8
    assert [(f.code, f.count) for f in report.findings] == [("GAP", unknown - after)]
    checked = [c for c in check_series(catalog, CheckRequest()) if c.key.kind == "funding"]
    assert [(f.code, f.count) for f in checked[0].findings] == [("GAP", unknown - after)]
    panel = catalog.read_panel(PanelQuery("binance", interval))
    assert panel.funding_hours.tolist() == [8]
    assert any(f.code == "GAP" for f in panel.findings)
    events = funding_events(panel, BacktestSpec())
    if interval == "1h":
        assert (len(events), np.isnan(events["rate"]).sum()) == (120, unknown)
        assert panel.funding[np.isfinite(panel.funding)].tolist() == [1e-4] * len(hours)
    else:
        days = EIGHT_HOURLY // 24
        inner = (EIGHT_HOURLY % 24 != 0) & ~np.isin(EIGHT_HOURLY, hours)
        assert np.flatnonzero(np.isnan(panel.funding_inside[:, 0])).tolist() == sorted(set(days[inner].tolist()))


def test_intervals_that_change_in_real_history(
    shared_data: Path, import_frame: Import, bars: Bars, catalog: Catalog
) -> None:
    raw = pl.read_parquet(shared_data / "crypto/binance_um_funding_all_symbols_2026.parquet")
    few = raw.filter(pl.col("symbol").is_in(["BTCUSDT", "ALICEUSDT", "1000BONKUSDT", "BARDUSDT", "COSUSDT"]))
    found = {}
    for (name,), part in few.sort("ts").partition_by("symbol", as_dict=True).items():
        stamps = (part["ts"].dt.epoch("ms").to_numpy() + 30_000) // 60_000 * 60_000_000_000
        found[name] = schedule_of(stamps, 8)
    assert {name: (s.hours, int(s.is_hole.sum())) for name, s in found.items()} == {
        "BTCUSDT": (8, 0),
        "ALICEUSDT": (1, 0),  # 8, then 1, then 4 hours
        "1000BONKUSDT": (4, 0),
        "BARDUSDT": (1, 0),
        "COSUSDT": (1, 0),
    }
