"""`geobuk data`: files in, what is there, what is refused; a bad file leaves the catalog as it was."""

import json
from pathlib import Path

import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

HEADER = "time,open,high,low,close,volume\n"
GOOD = HEADER + "".join(f"2024-01-01T{hour:02d}:00:00Z,100,101,99,100.5,10\n" for hour in range(24))
IMPORT = ("data", "import", "BTCUSDT.csv", "--venue", "binance", "--interval", "1h")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """BTCUSDT.csv in the working folder, with a good day in it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "BTCUSDT.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(("data", "ls", "--json")) == ExitCode.OK
    series = json.loads(capsys.readouterr().out)["series"]
    assert isinstance(series, list)
    return series


def test_an_import_tells_what_it_did_and_twice_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main((*IMPORT, "--json")) == ExitCode.OK
    first = json.loads(capsys.readouterr().out)
    assert (first["rows_read"], first["rows_new"], first["is_unchanged"]) == (24, 24, False)
    assert main((*IMPORT, "--json")) == ExitCode.OK
    second = json.loads(capsys.readouterr().out)
    assert (second["rows_read"], second["rows_new"], second["is_unchanged"]) == (24, 0, True)
    (entry,) = listed(capsys)
    assert (entry["venue"], entry["instrument"], entry["interval"], entry["rows"]) == ("binance", "BTCUSDT", "1h", 24)


def test_people_read_sentences_and_tables(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(("data", "ls"))
    assert "is empty" in capsys.readouterr().out
    main(IMPORT)
    main(("data", "ls"))
    main(("data", "check"))
    out = capsys.readouterr().out
    assert "24 new rows of 24" in out
    assert "BTCUSDT" in out
    assert "1 series: 1 clean, 0 with masked bars, 0 quarantined." in out


def test_columns_are_mapped_by_role(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD.replace("time,open", "wann,offen"), encoding="utf-8")
    assert main((*IMPORT, "--column", "at=wann", "--column", "open=offen")) == ExitCode.OK
    assert len(listed(capsys)) == 1


def test_a_column_that_maps_nothing_shows_the_form(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main((*IMPORT, "--column", "open")) == ExitCode.MISTAKE
    assert "--column open=NAME_OF_THE_COLUMN" in capsys.readouterr().err


BAD_FILES = {
    "wrong column": (HEADER.replace("close", "clse") + "2024-01-01T00:00:00Z,1,1,1,1,1\n", "close"),
    "empty file": ("", "empty"),
    "no rows": (HEADER, "row"),
    "no time": (HEADER + "yesterday,1,1,1,1,1\n", "yesterday"),
    "no number": (HEADER + "2024-01-01T00:00:00Z,much,1,1,1,1\n", "much"),
    "future date": (HEADER + "2124-01-01T00:00:00Z,1,1,1,1,1\n", "2124"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_told_and_leaves_the_catalog_as_it_was(
    case: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(IMPORT) == ExitCode.OK
    before = listed(capsys)
    text, expected = BAD_FILES[case]
    file.write_text(text, encoding="utf-8")
    assert main(IMPORT) == ExitCode.MISTAKE
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert "Traceback" not in err
    assert listed(capsys) == before


def test_an_unknown_instrument_gets_a_suggestion(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(IMPORT)
    for command in (("data", "check"), ("backtest", "--strategy", "trend", "--venue", "binance", "--interval", "1h")):
        assert main((*command, "--instruments", "BTCUSD", "--json")) == ExitCode.MISTAKE
        assert '"BTCUSDT"' in capsys.readouterr().out.partition("suggestions")[2]


def test_trading_rules_are_imported_from_the_venues_own_files(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared_data / "payloads/binance/nautilus_http_responses/http_futures_market_exchange_info.json"
    assert main(("data", "rules", str(source), "--json")) == ExitCode.OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["venue"] == "binance"
    assert answer["instruments"]
    assert Path(answer["file"]).is_file()
