"""Every query of the guide runs, as written, on a catalog as imports leave it."""

import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from tests.support.catalogs import bar_rows, bars_key, keep

from geobuk.data.layout import series_key
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_HOUR, parse_at

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "catalog.md"
BLOCKS = re.findall(r"```(sql|python)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
QUERIES = [text for language, text in BLOCKS if language == "sql"]
SCRIPTS = [text for language, text in BLOCKS if language == "python"]
HOURLY = bars_key(interval="1h")
BARS = 400


@pytest.fixture(autouse=True)
def beside_a_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hourly bars of two instruments, one row masked, funding of one; added to once, so that old files are about."""
    root = tmp_path / "catalog"
    rows = bar_rows(BARS, start="2023-12-25", step_ns=NS_PER_HOUR)
    rows.values["low"][5] = 0.0
    keep(root, rows.take(slice(0, 300)), HOURLY)
    keep(root, rows, HOURLY)
    keep(root, bar_rows(BARS, start="2023-12-25", step_ns=NS_PER_HOUR), bars_key("币USDT", "1h"))
    stamps = parse_at("2023-12-25") + 8 * NS_PER_HOUR * np.arange(50, dtype=np.int64) + 9_000_000
    rates = Rows(stamps, {"rate": np.full(50, 1e-4)}, np.zeros(50, dtype=np.uint32))
    keep(root, rates, series_key("binance", "BTCUSDT", "funding", ""))
    assert list(root.rglob("*.superseded"))
    monkeypatch.chdir(tmp_path)


def asked(number: int) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(QUERIES[number]).fetchall()


def test_the_guide_has_the_queries_that_are_tried_here() -> None:
    assert (len(QUERIES), len(SCRIPTS)) == (4, 3)


def test_duckdb_counts_bars_and_masked_ones() -> None:
    (bitcoin, other) = asked(0)
    assert bitcoin[:3] == ("BTCUSDT", BARS, 1)
    assert other[:3] == ("币USDT", BARS, 0)
    assert str(bitcoin[3]) == "2023-12-25 00:00:00"


def test_duckdb_makes_days_of_trusted_hours() -> None:
    days = [row for row in asked(1) if row[0] == "BTCUSDT"]
    assert len(days) == 17
    assert min(row[4] for row in days) > 0
    assert days[0][6] == bar_rows(24).values["volume"].sum() - bar_rows(24).values["volume"][5]


def test_duckdb_joins_funding() -> None:
    joined = asked(2)
    assert len(joined) == 50
    assert {row[2] for row in joined} == {1e-4}


def test_duckdb_reads_manifests() -> None:
    told = asked(3)
    assert [row[:7] for row in told] == [
        ("binance", "BTCUSDT", "bars", "1h", BARS, 1, 2),
        ("binance", "BTCUSDT", "funding", "stamps", 50, 0, 1),
        ("binance", "币USDT", "bars", "1h", BARS, 0, 1),
    ]
    assert told[0][7] > 0


def test_polars_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    found: list[dict[str, Any]] = []
    for script in SCRIPTS:
        found.append({})
        exec(compile(script, "catalog.md", "exec"), found[-1])
    bars = found[0]["bars"]
    assert set(bars["instrument"].unique()) == {"BTCUSDT", "币USDT"}
    assert bars.height == 2 * (BARS - 7 * 24)
    assert str(bars["at"].min()) == "2024-01-01 00:00:00"
    assert found[1]["frame"].height == BARS
    assert found[2]["panel"].shape == (BARS, 1)
    assert capsys.readouterr().out.count("\n") == 1
