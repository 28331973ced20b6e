"""Bad input as installed: a clear sentence, the documented exit code, and nothing lost."""

from pathlib import Path

from tests.e2e.geobuk_command import geobuk, in_shell

HEADER = "time,open,high,low,close,volume\n"
GOOD = HEADER + "".join(f"2024-01-01T{hour:02d}:00:00Z,100,101,99,100.5,10\n" for hour in range(24))
IMPORT = ("data", "import", "BTCUSDT.csv", "--venue", "binance", "--interval", "1h")
TREND = ("backtest", "--strategy", "trend", "--venue", "synthetic")
SMALL = {"GEOBUK_SYNTHETIC__DAYS": "30", "GEOBUK_SYNTHETIC__INSTRUMENTS": "2"}


def written(folder: Path, text: str) -> Path:
    (folder / "BTCUSDT.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_quarantined_series_makes_the_check_exit_with_3(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-01T{hour:02d}:00:00Z,100,90,99,100.5,10\n" for hour in range(24))
    geobuk(*IMPORT, folder=written(tmp_path, HEADER + rows))
    answer = geobuk("data", "check", "--venue", "binance", "--interval", "1h", "--json")
    assert answer.code == 3
    assert answer.value["quarantined"] == 1
    assert answer.value["series"][0]["verdict"] == "quarantine"
    refused = geobuk("backtest", "--strategy", "trend", "--venue", "binance", "--interval", "1h")
    assert refused.code == 2
    assert "quarantined" in refused.err


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = geobuk(*IMPORT, folder=written(tmp_path, GOOD), GEOBUK_HOME=str(tmp_path / "file" / "home"))
    assert answer.code == 2
    assert "GEOBUK_HOME" in answer.err


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = geobuk(*TREND, "--report", str(tmp_path / "file" / "out.html"), **SMALL)
    assert answer.code == 2
    assert "report" in answer.err


def test_a_full_disk_is_told_and_nothing_stored_is_lost(tmp_path: Path) -> None:
    assert geobuk(*IMPORT, folder=written(tmp_path, GOOD)).code == 0
    before = geobuk("data", "check", "--json").value
    minutes = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)]
    rows = "".join(f"2024-01-02T{minute}:00Z,100,101,99,100.5,10\n" for minute in minutes)
    written(tmp_path, HEADER + rows)
    answer = in_shell(f"ulimit -f 1; exec geobuk {' '.join(IMPORT[:-1])} 1m", tmp_path)
    assert answer.code == 2
    assert "can't write" in answer.err
    assert geobuk("data", "check", "--json").value == before


def test_nonsense_settings_name_file_line_and_range(tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("[backtest.costs]\nparticipation = 7\n")
    answer = geobuk(*TREND, "--settings", str(settings), "--json", **SMALL)
    assert answer.code == 2
    error = answer.value["error"]
    assert f"{settings}, line 2" in error["message"]
    assert "at most 1" in error["cure"]
