"""Which files stay when rows are added, and what a series' content hash depends on."""

from pathlib import Path

import numpy as np
import pytest
from tests.support.catalogs import bar_rows, bars_key, keep

from geobuk.data import series_files
from geobuk.data.catalog import Catalog
from geobuk.data.compaction import compact
from geobuk.data.content import blocks_of, hash_rows
from geobuk.data.layout import periods_of
from geobuk.data.manifest import Source
from geobuk.data.panel_query import PanelQuery
from geobuk.data.series_commit import current, folder_of, load_rows
from geobuk.data.series_store import Batch, store
from geobuk.domain.times import NS_PER_HOUR, NS_PER_SECOND, parse_at

HOURLY = bars_key(interval="1h")
SOURCE_B = Source("b.zip", "1" * 64, 6, {"at": "ts"}, url="https://archive.example/b.zip", fetched_at_ns=5)


def files_of(root: Path) -> dict[str, int]:
    """Name and inode of every file in force: an untouched file keeps its inode."""
    return {path.name: path.stat().st_ino for path in root.rglob("*.parquet")}


def test_an_append_leaves_older_periods_untouched(tmp_path: Path) -> None:
    keep(tmp_path, bar_rows(20_000, start="2022-12-01", step_ns=NS_PER_HOUR), HOURLY)
    before = files_of(tmp_path)
    more = bar_rows(48, start="2022-12-01", step_ns=NS_PER_HOUR, first=20_000)
    stored = keep(tmp_path, more, HOURLY)
    after = files_of(tmp_path)
    assert stored.manifest.rows == 20_048
    assert [name[:4] for name in sorted(before)] == ["2022", "2023", "2024", "2025"]
    assert {n: i for n, i in after.items() if n[:4] < "2025"} == {n: i for n, i in before.items() if n[:4] < "2025"}
    assert {name for name in after if name[:4] == "2025"}.isdisjoint(before)
    assert len(after) == 4


def test_a_large_period_grows_by_parts_and_is_joined_by_compaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_files, "PART_ROWS", 1_000)
    whole = bar_rows(3_000)
    for start, stop in ((0, 1_200), (1_200, 1_700), (1_700, 3_000)):
        stored = keep(tmp_path, whole.take(slice(start, stop)))
    assert [f.rows for f in stored.manifest.files] == [1_200, 1_800]
    assert [f.period for f in stored.manifest.files] == ["2024-01", "2024-01"]
    (done,) = compact(Catalog(tmp_path), [bars_key()])
    assert (done.files_before, done.files_after, done.is_changed) == (2, 1, True)
    assert done.content_hash == stored.manifest.content_hash
    manifest = current(tmp_path, bars_key())
    assert manifest is not None
    assert manifest.revision == 4
    assert np.array_equal(load_rows(tmp_path, manifest).values["close"], whole.values["close"])
    (again,) = compact(Catalog(tmp_path), [bars_key()])
    assert not again.is_changed


def test_rows_that_come_between_or_before_are_parts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_files, "PART_ROWS", 100)
    whole = bar_rows(1_000)
    for rows in ((400, 600), (900, 1_000), (0, 150), (150, 400), (600, 900)):
        stored = keep(tmp_path, whole.take(slice(*rows)))
    assert sum(f.rows for f in stored.manifest.files) == 1_000
    assert [f.first_at_ns for f in stored.manifest.files] == sorted(f.first_at_ns for f in stored.manifest.files)
    assert load_rows(tmp_path, stored.manifest).at_ns.tolist() == whole.at_ns.tolist()
    assert {p.name for p in tmp_path.rglob("*.parquet")} == {f.name for f in stored.manifest.files}


def test_a_mark_that_changes_rewrites_its_file_only(tmp_path: Path) -> None:
    rows = bar_rows(20_000, start="2022-12-01", step_ns=NS_PER_HOUR)
    quiet = rows.take(slice(0, 17_520 - 2))
    quiet.values["volume"][-2:] = 0.0
    keep(tmp_path, quiet, HOURLY)
    before = files_of(tmp_path)
    silent = rows.take(slice(17_518, 17_519))
    silent.values["volume"][:] = 0.0
    manifest = keep(tmp_path, silent, HOURLY).manifest
    assert manifest.masked == 3, "the third bar without volume marks the two before it"
    changed = set(before) - set(files_of(tmp_path))
    assert {name[:4] for name in changed} == {"2024"}


def test_the_content_hash_depends_on_rows_and_on_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bar_rows(100_000)
    at_once = keep(tmp_path / "a", whole).manifest
    for part in (slice(0, 30_000), slice(60_000, 100_000), slice(20_000, 70_000)):
        in_parts = keep(tmp_path / "b", whole.take(part)).manifest
    monkeypatch.setattr(series_files, "PART_ROWS", 10)
    monkeypatch.setattr(series_files, "QUICK", "zstd")
    for part in (slice(90_000, 100_000), slice(0, 90_000)):
        otherwise = keep(tmp_path / "c", whole.take(part)).manifest
    assert len({at_once.content_hash, in_parts.content_hash, otherwise.content_hash}) == 1
    assert {f.sha256 for f in at_once.files} != {f.sha256 for f in otherwise.files}


def test_minutes_are_packed_quickly_and_densely_by_compaction_everything_else_at_once(tmp_path: Path) -> None:
    minutes = keep(tmp_path, bar_rows(5_000)).manifest
    hours = keep(tmp_path, bar_rows(500, step_ns=NS_PER_HOUR), HOURLY).manifest
    assert ({f.codec for f in minutes.files}, {f.codec for f in hours.files}) == ({"lz4"}, {"zstd"})
    before = Catalog(tmp_path).read_panel(PanelQuery("binance", "1m"))
    done = compact(Catalog(tmp_path), [bars_key(), HOURLY])
    assert [one.is_changed for one in done] == [True, False]
    assert done[0].bytes_after < done[0].bytes_before
    after = current(tmp_path, bars_key())
    assert after is not None
    assert {f.codec for f in after.files} == {"zstd"}
    assert after.content_hash == minutes.content_hash
    np.testing.assert_array_equal(Catalog(tmp_path).read_panel(PanelQuery("binance", "1m")).close, before.close)


@pytest.mark.parametrize("change", ["at_ns", "close", "mask"])
def test_every_bit_of_a_row_counts(change: str) -> None:
    rows, other = bar_rows(10), bar_rows(10)
    column = {"at_ns": other.at_ns, "mask": other.mask}.get(change, other.values["close"])
    column[7] += 1
    assert hash_rows(rows) == hash_rows(bar_rows(10)) != hash_rows(other)


def test_periods_are_days_months_or_years() -> None:
    first, last = parse_at("2023-12-31T23:00"), parse_at("2024-02-01T00:00")
    at_ns = np.array([first, first + NS_PER_HOUR, last], dtype=np.int64)
    labels = {step: [name for name, _ in periods_of(at_ns, step)] for step in (NS_PER_SECOND, 60 * NS_PER_SECOND, 0)}
    assert labels[NS_PER_SECOND] == ["2023-12-31", "2024-01-01", "2024-02-01"]
    assert labels[60 * NS_PER_SECOND] == ["2023-12", "2024-01", "2024-02"]
    assert labels[0] == ["2023", "2024"]
    assert periods_of(at_ns[:0], 0) == []


def test_blocks_cover_every_row_once() -> None:
    rows = bar_rows(100_000)
    blocks = blocks_of(rows, bars_key())
    assert [block.period for block in blocks] == ["2024-01", "2024-02", "2024-03"]
    assert sum(block.rows for block in blocks) == 100_000


def test_each_source_says_which_range_it_held(tmp_path: Path) -> None:
    keep(tmp_path, bar_rows(100))
    manifest = store(tmp_path, Batch(bars_key(), bar_rows(50, first=80), SOURCE_B)).manifest
    assert [(s.rows, s.first_at_ns, s.last_at_ns) for s in manifest.sources] == [
        (100, parse_at("2024-01-01"), parse_at("2024-01-01T01:39")),
        (50, parse_at("2024-01-01T01:20"), parse_at("2024-01-01T02:09")),
    ]
    assert (manifest.sources[1].url, manifest.sources[1].fetched_at_ns) == ("https://archive.example/b.zip", 5)
    assert folder_of(tmp_path, manifest).is_dir()
