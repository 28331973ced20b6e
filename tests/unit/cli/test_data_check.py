"""`geobuk data check`: a table and sentences for people, one object for machines, a report, and clear refusals."""

import json
from pathlib import Path

import polars as pl
import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

HEADER = "time,open,high,low,close,volume\n"


def day(low: float = 99.0, hours: int = 24) -> str:
    return HEADER + "".join(
        f"2024-01-01T{hour:02d}:00:00Z,100,101,{low if hour == 5 else 99},100.5,10\n" for hour in range(hours)
    )


def bring(tmp_path: Path, text: str, name: str = "BTCUSDT") -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    assert main(("data", "import", str(path), "--venue", "binance", "--interval", "1h", "--json")) == ExitCode.OK


@pytest.fixture
def stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A catalog with one good series and one with a bad bar."""
    bring(tmp_path, day())
    bring(tmp_path, day(low=100.6), "ETHUSDT")
    capsys.readouterr()
    return tmp_path


def test_people_read_a_table_and_sentences(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("data", "check")) == ExitCode.OK
    out = capsys.readouterr().out
    assert "binance BTCUSDT bars 1h" in out
    assert "OHLC 1" in out
    assert "error OHLC ETHUSDT: bar whose high or low contradicts its other prices (2024-01-01 05:00 UTC)" in out
    assert "2 series: 1 clean, 1 with masked bars, 0 quarantined." in out


def test_korean_sentences(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("data", "check", "--lang", "ko")) == ExitCode.OK
    assert "고가나 저가가 다른 가격과 모순인 봉" in capsys.readouterr().out


def test_machines_read_one_object(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("data", "check", "--venue", "binance", "--interval", "1h", "--json")) == ExitCode.OK
    value = json.loads(capsys.readouterr().out)
    assert (value["ok"], value["quarantined"], value["report"]) == (True, 0, None)
    (found,) = value["series"][1]["findings"]
    assert {name: found[name] for name in ("code", "severity", "consequence", "count")} == {
        "code": "OHLC",
        "severity": "error",
        "consequence": "mask",
        "count": 1,
    }
    assert found["places"] == [1_704_085_200_000_000_000]
    assert found["text_ko"]


def test_only_what_is_asked_for_is_checked(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("data", "check", "--instruments", "ETHUSDT", "--json")) == ExitCode.OK
    assert [one["instrument"] for one in json.loads(capsys.readouterr().out)["series"]] == ["ETHUSDT"]
    assert main(("data", "check", "--instruments", "ETHUSD")) == ExitCode.MISTAKE
    assert "ETHUSDT" in capsys.readouterr().err


def test_a_report_is_written(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = stored / "check.html"
    assert main(("data", "check", "--venue", "binance", "--report", str(path))) == ExitCode.OK
    assert "Report:" in capsys.readouterr().out
    assert "<h1>binance</h1>" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("where", ["nowhere/check.html", "."])
def test_a_report_that_can_t_be_written_is_refused_first(
    stored: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    assert main(("data", "check", "--report", str(stored / where))) == ExitCode.MISTAKE
    captured = capsys.readouterr()
    assert "the report can't be written" in captured.err
    assert captured.out == ""


def test_quarantine_is_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEADER + "".join(f"2024-01-01T{hour:02d}:00:00Z,100,101,0,100.5,10\n" for hour in range(24))
    bring(tmp_path, text)
    capsys.readouterr()
    assert main(("data", "check")) == ExitCode.QUARANTINED
    assert "1 quarantined" in capsys.readouterr().out


def test_a_tape_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trades.parquet"
    pl.DataFrame({"event_time_ms": [1, 2, 3], "trade_id": [1, 2, 5], "price": [1.0, 1.0, 1.0]}).write_parquet(path)
    assert main(("data", "check", "--tape", str(path))) == ExitCode.OK
    assert "TAPE_IDS" in capsys.readouterr().out
    assert main(("data", "check", "--tape", str(path), "--json")) == ExitCode.OK
    assert [f["code"] for f in json.loads(capsys.readouterr().out)["findings"]] == ["TAPE_IDS"]
    pl.read_parquet(path).head(2).write_parquet(path)
    assert main(("data", "check", "--tape", str(path))) == ExitCode.OK
    assert "nothing was found" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "words"), [("none.parquet", "there is no file"), ("text.parquet", "is no Parquet")])
def test_a_tape_that_can_t_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, words: str
) -> None:
    (tmp_path / "text.parquet").write_text("not a tape", encoding="utf-8")
    assert main(("data", "check", "--tape", str(tmp_path / name))) == ExitCode.MISTAKE
    assert words in " ".join(capsys.readouterr().err.split())


def test_an_unknown_language_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("data", "check", "--lang", "fr")) == ExitCode.MISTAKE
    assert "no language" in capsys.readouterr().err
