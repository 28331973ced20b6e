"""Verifying, compacting and pruning a catalog; catalogs of the first version."""

from pathlib import Path

import numpy as np
import pytest
from tests.support.catalogs import bar_rows, bars_key, keep, write_first_version

from geobuk.data.atomic import write_lock
from geobuk.data.catalog import Catalog
from geobuk.data.compaction import compact
from geobuk.data.layout import MANIFEST, QUARANTINE, series_folder
from geobuk.data.panel_query import PanelQuery
from geobuk.data.pruning import plan_prune, prune
from geobuk.data.rows import Rows
from geobuk.data.series_commit import current, folder_of, load_rows
from geobuk.data.series_files import SUPERSEDED
from geobuk.data.verification import verify
from geobuk.domain.errors import DataError, StorageError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_SECOND, parse_at

HOURLY = bars_key(interval="1h")
QUERY = PanelQuery("binance", "1h")


def hourly(count: int, first: int = 0) -> Rows:
    return bar_rows(count, start="2022-12-01", step_ns=NS_PER_HOUR, first=first)


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file() and p.name != ".lock"
    }


# a catalog of the first version


def test_a_catalog_of_the_first_version_reads_as_it_did(tmp_path: Path) -> None:
    rows = hourly(9_000)
    rows.mask[17] = 128
    write_first_version(tmp_path, HOURLY, rows)
    (entry,) = Catalog(tmp_path).series()
    assert (entry.rows, entry.masked, entry.content_hash, entry.provenance[0].rows) == (9_000, 1, "", 0)
    panel = Catalog(tmp_path).read_panel(QUERY)
    assert np.flatnonzero(~panel.tradable[:, 0]).tolist() == [17]
    assert np.array_equal(np.delete(panel.close[:, 0], 17), np.delete(rows.values["close"], 17))
    chunks = list(Catalog(tmp_path).read_chunks(QUERY, 1_000))
    assert sum(len(c.at_ns) for c in chunks) == 9_000
    assert verify(Catalog(tmp_path), [HOURLY])[0].is_whole


def test_an_import_into_it_leaves_its_older_files_and_says_what_it_holds(tmp_path: Path) -> None:
    write_first_version(tmp_path, HOURLY, hourly(9_000))
    before = {p.name for p in tmp_path.rglob("*.parquet")}
    first_hash = Catalog(tmp_path).read_panel(QUERY).source_hash
    manifest = keep(tmp_path, hourly(10, first=9_000), HOURLY).manifest
    assert (manifest.schema, manifest.revision, manifest.rows, len(manifest.sources)) == (2, 1, 9_010, 2)
    assert {f.name for f in manifest.files} & before == {name for name in before if name[:4] == "2022"}
    assert manifest.content_hash
    panel = Catalog(tmp_path).read_panel(QUERY)
    assert panel.source_hash != first_hash
    assert np.array_equal(panel.close[:, 0], hourly(9_010).values["close"])


def test_compaction_brings_it_into_todays_form(tmp_path: Path) -> None:
    seconds = bars_key(interval="1s")
    rows = bar_rows(200_000, step_ns=NS_PER_SECOND)
    folder = write_first_version(tmp_path, seconds, rows, months=True)
    panel = Catalog(tmp_path).read_panel(PanelQuery("binance", "1s"))
    (done,) = compact(Catalog(tmp_path), [seconds])
    assert (done.files_before, done.files_after, done.is_changed) == (1, 3, True)
    manifest = current(tmp_path, seconds)
    assert manifest is not None
    assert [f.period for f in manifest.files] == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert load_rows(tmp_path, manifest).mask.dtype == np.uint32
    assert Catalog(tmp_path).read_panel(PanelQuery("binance", "1s")).content_hash == panel.content_hash
    other = keep(tmp_path / "other", rows, seconds).manifest
    assert done.content_hash == other.content_hash
    assert len(list(folder.glob(f"*{SUPERSEDED}"))) == 1


def test_a_manifest_of_a_newer_geobuk_is_not_misread(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, keep(tmp_path, hourly(10), HOURLY).manifest)
    path = folder / MANIFEST
    path.write_text(path.read_text().replace('"schema": 2', '"schema": 3'))
    with pytest.raises(DataError, match=r"written by a newer Geobuk \(schema 3, this one knows 2\): install that"):
        Catalog(tmp_path).series()


# verify


@pytest.mark.parametrize(
    ("damage", "problem"), [("flip", "checksum differs"), ("cut", "checksum differs"), ("remove", "is missing")]
)
def test_a_file_that_is_not_what_was_written_is_named(tmp_path: Path, damage: str, problem: str) -> None:
    keep(tmp_path, hourly(9_000), HOURLY)
    path = sorted(tmp_path.rglob("*.parquet"))[1]
    data = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        data[100] ^= 1
        path.write_bytes(data if damage == "flip" else data[:-1])
    (one,) = verify(Catalog(tmp_path), [HOURLY])
    assert not one.is_whole
    assert len(one.problems) == 1
    assert path.name in one.problems[0]
    assert problem in one.problems[0]


def test_a_manifest_that_lies_about_its_rows_is_found(tmp_path: Path) -> None:
    manifest = keep(tmp_path, hourly(9_000), HOURLY).manifest
    path = folder_of(tmp_path, manifest) / MANIFEST
    path.write_text(path.read_text().replace(manifest.blocks[0].sha256, "0" * 64))
    (one,) = verify(Catalog(tmp_path), [HOURLY])
    assert one.problems == ("the rows do not hash to what the manifest recorded",)
    path.write_text(path.read_text().replace('"rows": 9000', '"rows": 8999', 1))
    (one,) = verify(Catalog(tmp_path), [HOURLY])
    assert one.problems == ("9000 rows are stored, the manifest counts 8999",)


def test_compaction_never_writes_over_damage(tmp_path: Path) -> None:
    folder = write_first_version(tmp_path, HOURLY, hourly(9_000))
    path = sorted(folder.glob("*.parquet"))[0]
    path.write_bytes(path.read_bytes()[:-1])
    before = tree(tmp_path)
    with pytest.raises(DataError, match="is not what was written"):
        compact(Catalog(tmp_path), [HOURLY])
    assert tree(tmp_path) == before


# prune


def litter(root: Path) -> dict[str, Path]:
    """What imports and crashes leave behind, and what is not theirs."""
    keep(root, hourly(9_000), HOURLY)
    keep(root, hourly(10, first=9_000), HOURLY)
    folder = series_folder(root, HOURLY)
    orphan = folder / "2023-0123456789ab.parquet"
    orphan.write_bytes(b"PAR1")
    (folder / ".2023-ff.parquet.99.tmp").write_bytes(b"half")
    lost = series_folder(root, bars_key("LOSTUSDT"))
    lost.mkdir(parents=True)
    (lost / "2024-01-0123456789ab.parquet").write_bytes(b"PAR1")
    tape = series_folder(root, bars_key("BTCUSDT", "2h"))
    tape.mkdir(parents=True)
    (tape / "tape.json").write_text("{}")
    (tape / "2024-01-01-0123456789ab.parquet").write_bytes(b"PAR1")
    notes = folder / "notes.txt"
    notes.write_text("mine")
    return {"orphan": orphan, "lost": lost, "tape": tape, "notes": notes}


def test_without_a_word_nothing_is_removed(tmp_path: Path) -> None:
    litter(tmp_path)
    before = tree(tmp_path)
    plan = plan_prune(Catalog(tmp_path), [HOURLY], parse_at("2023-01-01"))
    assert tree(tmp_path) == before
    assert sorted(one.reason for one in plan.leftovers) == [
        "an older copy of a series that moved, or of an import that was cut off",
        "left by an import that was cut off",
        "left by an import that was cut off",
        "superseded",
    ]
    assert [(old.rows, old.is_whole) for old in plan.old_rows] == [(31 * 24, False)]


def test_leftovers_go_and_nothing_else(tmp_path: Path) -> None:
    places = litter(tmp_path)
    panel = Catalog(tmp_path).read_panel(QUERY)
    plan = prune(Catalog(tmp_path))
    assert len(plan.leftovers) == 4
    assert plan.size == sum(one.size for one in plan.leftovers)
    assert not any(one.path.exists() for one in plan.leftovers)
    assert not places["lost"].parent.parent.exists(), "folders of nothing go too"
    assert (places["tape"] / "2024-01-01-0123456789ab.parquet").exists()
    assert places["notes"].exists()
    assert Catalog(tmp_path).read_panel(QUERY).content_hash == panel.content_hash
    assert prune(Catalog(tmp_path)).leftovers == ()


def test_an_older_copy_in_quarantine_goes(tmp_path: Path) -> None:
    manifest = keep(tmp_path, hourly(100), HOURLY).manifest
    copy = series_folder(tmp_path, HOURLY, quarantined=True)
    copy.mkdir(parents=True)
    (copy / MANIFEST).write_text(
        (folder_of(tmp_path, manifest) / MANIFEST).read_text().replace('"revision": 1', '"revision": 0')
    )
    prune(Catalog(tmp_path))
    assert not list((tmp_path / QUARANTINE).rglob(MANIFEST))
    assert current(tmp_path, HOURLY) == manifest


def test_rows_before_a_date_go_and_the_rest_is_judged_again(tmp_path: Path) -> None:
    keep(tmp_path, hourly(9_000), HOURLY)
    keep(tmp_path, hourly(2_000, first=9_000), HOURLY)
    old = bars_key("OLDUSDT", "1h")
    keep(tmp_path, hourly(24), old)
    (kept_file,) = {p.name for p in series_folder(tmp_path, HOURLY).glob("2024-*.parquet")}
    plan = prune(Catalog(tmp_path), [HOURLY, old], parse_at("2023-06-01"))
    assert [(str(one.key), one.is_whole) for one in plan.old_rows] == [
        ("binance BTCUSDT bars 1h", False),
        ("binance OLDUSDT bars 1h", True),
    ]
    assert current(tmp_path, old) is None
    manifest = current(tmp_path, HOURLY)
    assert manifest is not None
    assert manifest.first_at_ns == parse_at("2023-06-01")
    assert manifest.rows == 11_000 - plan.old_rows[0].rows
    assert kept_file in {f.name for f in manifest.files}
    assert Catalog(tmp_path).read_panel(QUERY).at_ns[0] == parse_at("2023-06-01")
    assert not list(tmp_path.rglob(f"*{SUPERSEDED}"))
    assert verify(Catalog(tmp_path), [HOURLY])[0].is_whole


def test_a_source_of_which_nothing_is_left_is_forgotten(tmp_path: Path) -> None:
    keep(tmp_path, hourly(100), HOURLY)
    keep(tmp_path, hourly(100, first=100), HOURLY)
    prune(Catalog(tmp_path), [HOURLY], parse_at("2022-12-01") + 5 * NS_PER_DAY)
    manifest = current(tmp_path, HOURLY)
    assert manifest is not None
    assert [s.first_at_ns for s in manifest.sources] == [parse_at("2022-12-01") + 100 * NS_PER_HOUR]
    assert keep(tmp_path, hourly(100), HOURLY).added == 100, "what was pruned can be imported again"


@pytest.mark.parametrize("work", [lambda c: compact(c, [HOURLY]), prune])
def test_upkeep_waits_for_nobody(tmp_path: Path, work: object) -> None:
    keep(tmp_path, hourly(100), HOURLY)
    assert callable(work)
    with write_lock(tmp_path), pytest.raises(StorageError, match="another import or download is writing to"):
        work(Catalog(tmp_path))
