"""A panel read in chunks is the panel read at once, row for row, and both are what a plain loop makes of the rows."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.data import sheets
from geobuk.data.catalog import Catalog
from geobuk.data.findings import PRICE_BITS
from geobuk.data.layout import SeriesKey, series_key
from geobuk.data.manifest import Source
from geobuk.data.panel_query import PanelQuery
from geobuk.data.rows import KIND_COLUMNS, Rows
from geobuk.data.series_store import Batch, current, load_rows, store
from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, parse_at
from geobuk.panel import ARRAY_FIELDS, Panel

SOURCE = Source("made-up.parquet", "0" * 64, 0, {"at": "ts"})
START = parse_at("2023-12-30")
NAMES = ("AUSDT", "BUSDT", "CUSDT")


@dataclass(frozen=True)
class History:
    """Which rows are stored: for each instrument the steps at which it has bars, and its funding stamps in hours."""

    interval: str
    bars: tuple[tuple[int, ...], ...]
    stamps: tuple[tuple[int, ...], ...]
    mark_interval: str


def rows_at(kind: str, at_ns: list[int], seed: int) -> Rows:
    """Sensible rows of random prices."""
    rng = np.random.default_rng(seed)
    at = np.array(sorted(set(at_ns)), dtype=np.int64)
    if kind == "funding":
        return Rows(at, {"rate": np.round(rng.normal(1e-4, 1e-5, len(at)), 8)}, np.zeros(len(at), dtype=np.uint32))
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.001, len(at)))), 2)
    columns = dict(zip(KIND_COLUMNS["bars"], (close, close + 1, close - 1, close, close * 7), strict=True))
    values = {name: columns[name] for name in KIND_COLUMNS[kind]}
    return Rows(at, values, np.zeros(len(at), dtype=np.uint32))


def stock(root: Path, history: History) -> None:
    """Store a history without going through files of a user."""
    step = 60 * NS_PER_MINUTE if history.interval == "1h" else NS_PER_MINUTE
    mark_step = {"1m": NS_PER_MINUTE, "15m": 15 * NS_PER_MINUTE, "1h": NS_PER_HOUR, "8h": 8 * NS_PER_HOUR}
    for number, (name, bars, stamps) in enumerate(zip(NAMES, history.bars, history.stamps, strict=False)):
        at_ns = [START + one * step for one in bars]
        keep(root, series_key("binance", name, "bars", history.interval), rows_at("bars", at_ns, number))
        if stamps:
            settled = [START + hour * NS_PER_HOUR + 7_000_000 for hour in stamps]
            keep(root, series_key("binance", name, "funding", ""), rows_at("funding", settled, number))
        every = mark_step[history.mark_interval]
        marks = list(range(START // every * every, START + (max(bars) + 1) * step, every))
        keep(root, series_key("binance", name, "mark", history.mark_interval), rows_at("mark", marks, 100 + number))


def keep(root: Path, key: SeriesKey, rows: Rows) -> None:
    store(root, Batch(key, rows, SOURCE))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One to three instruments with holes, all of them, over New Year."""
    interval = draw(st.sampled_from(["1m", "1h"]))
    count = draw(st.integers(1, 3))
    bars, stamps = [], []
    for _ in range(count):
        start, length = draw(st.integers(0, 90)), draw(st.integers(30, 160))
        holes = draw(st.sets(st.integers(0, length - 1), max_size=4))
        gap = draw(st.sampled_from([0, 0, 3_000]))
        steps = [start + n + (gap if 2 * n > length else 0) for n in range(length) if n not in holes]
        bars.append(tuple(steps))
        every = draw(st.sampled_from([0, 1, 4, 8]))
        lost = draw(st.sets(st.integers(0, 12), max_size=3))
        stamps.append(tuple(h for n, h in enumerate(range(0, 170, every or 1_000)) if n not in lost) if every else ())
    return History(interval, tuple(bars), tuple(stamps), draw(st.sampled_from(["1m", "15m", "1h", "8h"])))


def joined(chunks: list[Panel]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """The arrays of consecutive panels as one."""
    whole = {
        name: np.concatenate([getattr(c, name) for c in chunks]) for name in ARRAY_FIELDS if name != "funding_hours"
    }
    return whole | {"funding_hours": chunks[0].funding_hours}


def read(root: Path, query: PanelQuery, size: int) -> Panel | None:
    """The panel; None where there is none, for the same reason as there are no chunks."""
    try:
        return Catalog(root).read_panel(query)
    except DataError as error:
        cure = error.cure
    with pytest.raises(DataError) as caught:
        list(Catalog(root).read_chunks(query, size))
    assert caught.value.cure == cure
    return None


def assert_same_rows(chunks: list[Panel], whole: Panel) -> None:
    arrays = joined(chunks)
    for name in ARRAY_FIELDS:
        assert np.array_equal(arrays[name], getattr(whole, name), equal_nan=arrays[name].dtype.kind == "f"), name
    for chunk in chunks:
        assert np.array_equal(chunk.funding_hours, whole.funding_hours)
        assert (chunk.instruments, chunk.source_hash, chunk.year) == (whole.instruments, whole.source_hash, whole.year)
        assert set(chunk.findings) <= set(whole.findings)


@given(histories(), st.integers(1, 400), st.booleans(), st.data())
def test_chunks_are_the_panel_whatever_their_size(history: History, size: int, tiny: bool, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "_SHEET_ROWS", 50 if tiny else 1_000_000)
        root = Path(folder)
        stock(root, history)
        span = data.draw(st.tuples(st.integers(-5, 200), st.integers(1, 4_000)))
        step = NS_PER_HOUR if history.interval == "1h" else NS_PER_MINUTE
        begin = START + span[0] * step + data.draw(st.sampled_from([0, 1, step // 2]))
        query = PanelQuery("binance", history.interval, (), begin, begin + span[1] * step)
        whole = read(root, query, size)
        if whole is None:
            return
        chunks = list(Catalog(root).read_chunks(query, size))
        assert [len(c.at_ns) for c in chunks[:-1]] == [size] * (len(chunks) - 1)
        assert_same_rows(chunks, whole)
        assert_placed_plainly(root, query, whole)


def assert_placed_plainly(root: Path, query: PanelQuery, panel: Panel) -> None:
    """Every stored row in range is in its place, and nothing else is in the panel."""
    row_of = {int(at): t for t, at in enumerate(panel.at_ns)}
    for n, name in enumerate(panel.instruments):
        manifest = current(root, SeriesKey("binance", name, "bars", query.interval))
        assert manifest is not None
        rows = load_rows(root, manifest)
        expected = {field: np.full(len(row_of), np.nan) for field in KIND_COLUMNS["bars"]}
        tradable = np.zeros(len(row_of), dtype=np.bool_)
        for r, at in enumerate(rows.at_ns.tolist()):
            if query.from_ns <= at < query.to_ns and not rows.mask[r] & PRICE_BITS:
                for field, column in expected.items():
                    column[row_of[at]] = rows.values[field][r]
                tradable[row_of[at]] = rows.mask[r] == 0
        for field, column in expected.items():
            assert np.array_equal(getattr(panel, field)[:, n], column, equal_nan=True)
        assert np.array_equal(panel.tradable[:, n], tradable)
    assert not np.isnan(panel.close[0]).all()
    assert not np.isnan(panel.close[-1]).all()


@given(histories(), st.integers(1, 60), st.sampled_from(["4h", "8h", "1d"]))
def test_coarser_bars_are_never_cut(history: History, size: int, coarse: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stock(root, history)
        query = PanelQuery("binance", history.interval, resample=coarse)
        whole = read(root, query, size)
        if whole is not None:
            assert_same_rows(list(Catalog(root).read_chunks(query, size)), whole)


def korean_minutes(days: list[str], *, closing_prints: bool) -> list[int]:
    opens = [parse_at(f"{day}T09:00+09:00") for day in days]
    minutes = [*range(390), *([390] if closing_prints else [])]
    return [opened + minute * NS_PER_MINUTE for opened in opens for minute in minutes]


KOREAN_DAYS = ["2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-15"]


@given(
    st.integers(40, 900),
    st.sampled_from(["", "5m", "1h", "1d", "7d"]),
    st.booleans(),
    st.sets(st.integers(0, len(KOREAN_DAYS) * 390 - 1), max_size=30),
    st.integers(0, 300),
)
def test_sessions_are_never_cut(size: int, coarse: str, closing: bool, holes: set[int], late: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        at_ns = korean_minutes(KOREAN_DAYS, closing_prints=closing)
        at_ns = [at for n, at in enumerate(at_ns) if n >= late and n not in holes]
        keep(root, series_key("krx", "005930", "bars", "1m"), rows_at("bars", at_ns, 3))
        query = PanelQuery("krx", "1m", ("005930",), resample=coarse)
        whole = read(root, query, size)
        if whole is None:
            return
        assert_same_rows(list(Catalog(root).read_chunks(query, size)), whole)
        if not coarse:
            assert set(at_ns) <= set(whole.at_ns.tolist())
            assert whole.utc_offset_ns == 9 * NS_PER_HOUR
            per_day = np.bincount((whole.at_ns + whole.utc_offset_ns) // NS_PER_DAY - whole.at_ns[0] // NS_PER_DAY)
            assert set(per_day[per_day > 0].tolist()[1:-1]) == {391 if closing else 390}


def test_a_chunk_has_at_least_one_bar(tmp_path: Path) -> None:
    stock(tmp_path, History("1h", ((0, 1, 2),), ((),), "1h"))
    with pytest.raises(UserError, match="0 bars make no chunk: ask for 1 or more"):
        next(Catalog(tmp_path).read_chunks(PanelQuery("binance", "1h"), 0))


def test_whoever_stops_early_is_not_kept_waiting(tmp_path: Path) -> None:
    stock(tmp_path, History("1h", (tuple(range(150)),), ((),), "1h"))
    chunks = Catalog(tmp_path).read_chunks(PanelQuery("binance", "1h"), 7)
    assert next(chunks).shape == (7, 1)
    chunks.close()
