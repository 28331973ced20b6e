"""`geobuk explain` as documented: docs/explain.md word for word, but for the id, which changes with the code."""

import re
from datetime import UTC, datetime, timedelta
from math import sin
from pathlib import Path

import pytest
from tests.e2e.geobuk_command import geobuk

PAGE = Path(__file__).parents[2] / "docs" / "explain.md"
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
NARROW = "\N{NARROW NO-BREAK SPACE}"
RUN = re.compile(r"run [0-9a-f]{16}")
FAST = ("--param", "trend.fast_days=1", "--param", "trend.volatility_days=5")
TREND = ("backtest", "--strategy", "trend", *FAST, "--json")


def lines(text: str) -> list[str]:
    return [RUN.sub("run …", line.rstrip().replace(NARROW, " ")) for line in text.strip().splitlines()]


def said(home: Path, command: str) -> str:
    answer = geobuk(*command.split()[1:], folder=home, GEOBUK_HOME=str(home))
    assert (answer.code, answer.err) == (0, ""), answer
    return answer.out


def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    (backtest, chain), told, table, listed = BLOCKS[0].strip().splitlines(), *BLOCKS[1:4]
    said(tmp_path, f"{backtest} --json")
    assert lines(said(tmp_path, chain)) == lines(told)
    assert lines(said(tmp_path, table)) == lines(listed)


@pytest.mark.real_data
def test_real_runs_are_explained_in_their_venues_time(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "korea" / "krx_1d_top100_2021-04_2024.parquet"
    said(tmp_path, f"geobuk data import {file} --venue krx --interval 1d --json")
    run = f"geobuk {' '.join(TREND)} --venue krx --interval 1d --from 2022-01-01 --to 2022-12-31 --capital 10000000"
    said(tmp_path, run)
    told = said(tmp_path, "geobuk explain last --at 2022-09-15 --instrument 005930")
    assert "on the close of the bar that opened at 2022-09-15 09:00 KST" in told
    assert "opened at 2022-09-14 09:00 KST" in said(tmp_path, "geobuk explain last --at 2022-09-15T09:00")
    assert "opened at 2022-09-14 09:00 KST" in said(tmp_path, "geobuk explain last --at 2022-09-15T00:00+00:00")


def test_history_that_came_later_does_not_change_a_run(tmp_path: Path) -> None:
    def write(days: int) -> None:
        bars = [f"{at},{open_},{open_ + 9},{open_ - 9},{open_ + 3},50\n" for at, open_ in enumerate_bars(days)]
        (tmp_path / "BTCUSDT.csv").write_text(f"ts,open,high,low,close,volume\n{''.join(bars)}", encoding="utf-8")
        said(tmp_path, "geobuk data import BTCUSDT.csv --venue binance --interval 1h --json")

    write(30)
    said(tmp_path, f"geobuk {' '.join(TREND)} --venue binance --interval 1h")
    first = said(tmp_path, "geobuk explain last --instrument BTCUSDT")
    assert "decision of 2023-01-31 00:00 UTC" in first
    write(40)
    assert said(tmp_path, "geobuk explain last --instrument BTCUSDT") == first


def enumerate_bars(days: int) -> list[tuple[str, float]]:
    """Hours of January 2023 and on, and a price that swings."""
    start = datetime(2023, 1, 1, tzinfo=UTC)
    return [
        ((start + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%SZ"), round(20_000 + 500 * sin(n / 30) + n, 1))
        for n in range(24 * days)
    ]
