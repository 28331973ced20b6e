"""`geobuk data ls|show|verify|compact|prune`: what is there, whether it is whole, and what may go."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.support.catalogs import bar_rows, bars_key, keep, write_first_version

from geobuk.cli.catalog_views import size_text
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main
from geobuk.data.catalog import Catalog
from geobuk.domain.times import NS_PER_HOUR

HOURLY = bars_key(interval="1h")


@pytest.fixture
def root(geobuk_home: Path) -> Path:
    """A catalog with a year of hourly bars that was added to once, and another instrument."""
    root = geobuk_home / "catalog"
    keep(root, bar_rows(9_000, start="2022-12-01", step_ns=NS_PER_HOUR), HOURLY)
    keep(root, bar_rows(10, start="2022-12-01", step_ns=NS_PER_HOUR, first=9_000), HOURLY)
    keep(root, bar_rows(100, step_ns=NS_PER_HOUR), bars_key("ETHUSDT", "1h"))
    return root


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = ExitCode.OK) -> dict[str, Any]:
    capsys.readouterr()
    assert main(("data", *words, "--json")) == code
    told = json.loads(capsys.readouterr().out)
    assert isinstance(told, dict)
    return told


def test_the_list_has_sizes_and_hashes_and_can_be_narrowed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = answer(capsys, "ls")["series"]
    assert (first["instrument"], first["rows"], second["instrument"]) == ("BTCUSDT", 9_010, "ETHUSDT")
    assert first["size"] == sum(p.stat().st_size for p in Path(first["folder"]).glob("*.parquet"))
    assert len(first["content_hash"]) == 64
    assert [one["instrument"] for one in answer(capsys, "ls", "--instruments", "ETHUSDT")["series"]] == ["ETHUSDT"]
    assert answer(capsys, "ls", "--interval", "60m")["series"] == [first, second]
    assert "BTCUSDT" in str(
        answer(capsys, "ls", "--instruments", "BTCUSD", code=ExitCode.MISTAKE)["error"]["suggestions"]
    )


@pytest.mark.parametrize("name", ["BTCUSDT", "binance/BTCUSDT/bars/1h", "BTCUSDT/1h"])
def test_a_series_shows_its_provenance_and_files(root: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (one,) = answer(capsys, "show", name)["series"]
    assert [(s["rows"], s["file"]) for s in one["provenance"]] == [(9_000, "made-up.parquet"), (10, "made-up.parquet")]
    assert [f["period"] for f in one["files"]] == ["2022", "2023"]
    assert one["revision"] == 2
    assert main(("data", "show", name)) == ExitCode.OK
    told = capsys.readouterr().out
    for expected in (
        one["content_hash"],
        one["files"][0]["name"],
        "made-up.parquet: 10 rows",
        "version 2",
        "9,010 rows",
    ):
        assert expected in told


def test_an_unknown_series_is_met_with_suggestions(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "show", "BTCUSD", code=ExitCode.MISTAKE)
    assert "unknown series 'BTCUSD'" in told["error"]["message"]
    assert "BTCUSDT" in told["error"]["suggestions"]


def test_verification_names_what_is_damaged(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "verify")["ok"]
    main(("data", "verify"))
    assert "2 series in 3 files" in capsys.readouterr().out
    path = next(root.rglob("2022-*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    told = answer(capsys, "verify", code=ExitCode.QUARANTINED)
    assert not told["ok"]
    assert [(s["instrument"], len(s["problems"])) for s in told["series"]] == [("BTCUSDT", 1), ("ETHUSDT", 0)]
    assert main(("data", "verify")) == ExitCode.QUARANTINED
    out = capsys.readouterr().out
    assert path.name in out
    assert "1 damaged" in out
    assert answer(capsys, "verify", "--instruments", "ETHUSDT")["ok"]


def test_compaction_keeps_the_content(geobuk_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = bar_rows(9_000, step_ns=NS_PER_HOUR)
    write_first_version(geobuk_home / "catalog", HOURLY, rows)
    told = answer(capsys, "compact")
    assert told["changed"] == 1
    assert told["series"][0]["content_hash"] == answer(capsys, "ls")["series"][0]["content_hash"] != ""
    assert answer(capsys, "compact")["changed"] == 0
    main(("data", "compact"))
    assert "0 of 1 series written anew" in capsys.readouterr().out


def test_pruning_says_what_would_go_before_it_goes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planned = answer(capsys, "prune")
    assert not planned["is_done"]
    assert [one["reason"] for one in planned["files"]] == ["superseded"]
    assert Path(planned["files"][0]["path"]).exists()
    assert answer(capsys, "prune", "--yes")["files"] == planned["files"]
    assert not Path(planned["files"][0]["path"]).exists()
    main(("data", "prune"))
    assert "0 leftover files (0 B) and 0 rows would be removed; do it with --yes" in capsys.readouterr().out


def test_old_rows_go_only_when_it_is_meant(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("prune", "--before", "2023-06-01", "--instruments", "BTCUSDT")
    (planned,) = answer(capsys, *words)["rows"]
    assert (planned["instrument"], planned["rows"], planned["whole_series"]) == ("BTCUSDT", 182 * 24, False)
    assert Catalog(root).series()[0].rows == 9_010
    answer(capsys, *words, "--yes")
    assert [one.rows for one in Catalog(root).series()] == [9_010 - 182 * 24, 100]
    told = answer(capsys, "prune", "--instruments", "BTCUSDT", code=ExitCode.MISTAKE)
    assert "--before DATE" in told["error"]["cure"]


@pytest.mark.parametrize("words", [("ls",), ("verify",), ("compact",), ("prune",), ("prune", "--yes")])
def test_an_empty_catalog_is_no_mistake(
    geobuk_home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str]
) -> None:
    assert main(("data", *words)) == ExitCode.OK
    assert not (geobuk_home / "catalog").exists()


def test_sizes_read_as_a_person_says_them() -> None:
    assert [size_text(size) for size in (0, 999, 1_000, 2_500_000, 3_000_000_000)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "2.5 MB",
        "3.0 GB",
    ]


def test_tables_about_instruments_are_imported_by_kind(
    shared_data: Path, capsys: pytest.CaptureFixture[str], geobuk_home: Path
) -> None:
    listing = str(shared_data / "korea/krx_listing_sector_industry_2026-03-22.parquet")
    told = answer(capsys, "import", listing, "--venue", "krx", "--kind", "listing")
    assert told["rows"] == 2_879
    gone = str(shared_data / "korea/krx_delisted_to_2026-03-22.parquet")
    assert answer(capsys, "import", gone, "--venue", "krx", "--kind", "delisting")["rows"] == 4_104
    index = str(shared_data / "korea/krx_index_1d_to_2024.parquet")
    assert answer(capsys, "import", index, "--venue", "krx", "--kind", "index")["rows"] > 20_000
    words = ("import", listing, "--venue", "krx", "--kind", "listing", "--interval", "1d")
    assert "--interval says nothing" in answer(capsys, *words, code=ExitCode.MISTAKE)["error"]["message"]


@pytest.mark.parametrize(
    ("file", "words", "series", "rows"),
    [
        ("krx_1d_top100_2021-04_2024", ("--interval", "1d"), 98, 85_484),
        ("krx_1d_2015_2022_calendar_days_raw", ("--interval", "1d"), 144, 404_980),
        ("krx_1m_005930_2026-06_2026-07_raw", ("--interval", "1m", "--time-zone", "UTC"), 1, 7_086),
        ("krx_1d_005930_2025-06_2026-07", (), 1, 276),
    ],
)
def test_korean_files_are_imported_as_written(
    shared_data: Path, capsys: pytest.CaptureFixture[str], file: str, words: tuple[str, ...], series: int, rows: int
) -> None:
    path = str(shared_data / f"korea/{file}.parquet")
    told = answer(capsys, "import", path, "--venue", "krx", *words)
    assert (len(told["series"]), told["rows_read"], told["rows_new"]) == (series, rows, rows)


def test_the_columns_of_korean_market_files_are_recognised(
    shared_data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = shared_data / "korea/krx_1d_all_names_2024-01_02.parquet"
    pl.read_parquet(path).filter(pl.col("Rank") <= 50).write_parquet(tmp_path / "large.parquet")
    told = answer(capsys, "import", str(tmp_path / "large.parquet"), "--venue", "krx", "--interval", "1d")
    assert told["mapping"] == {
        **{role: role.capitalize() for role in ("open", "high", "low", "close", "volume")},
        "at": "Date",
        "instrument": "Code",
    }
    assert told["rows_new"] == told["rows_read"] == 1_450
