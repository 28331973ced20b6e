"""`geobuk universe` on a synthetic market: the table, the reasons, one JSON object, and clear refusals."""

import json
import re
from pathlib import Path

import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

SYNTHETIC = ("universe", "--venue", "synthetic", "--interval", "1h", "--set", "synthetic.instruments=14")
LIKE = ("--set", "universe.max_correlation=1", "--set", "universe.min_turnover_usd=0")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_the_choice_is_a_table_with_a_line_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, *SYNTHETIC, *LIKE)
    assert (code, err) == (ExitCode.OK, "")
    assert out.startswith("Universe of synthetic 1h as known at 2024-12-31 00:00 UTC\n")
    assert "the data is synthetic" in out
    pasted = re.search(r"geobuk backtest --strategy trend --venue synthetic .* --instruments (\S+)", out)
    assert pasted is not None
    names = pasted.group(1).split(",")
    assert 1 <= len(names) <= 14
    rows = re.findall(r"^ *(\d+) (SYN\d+USDT) ", out, flags=re.MULTILINE)
    assert rows == [(str(place + 1), name) for place, name in enumerate(names)]


def test_every_line_fits_a_narrow_terminal(narrow: None, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, *SYNTHETIC, *LIKE, "--explain")
    lines = [line for line in out.splitlines() if not line.startswith("geobuk backtest")]
    assert max(map(len, lines)) <= 80
    assert "…" not in out


def test_explain_gives_reasons_for_and_against_each(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, *SYNTHETIC, *LIKE, "--explain", "--capital", "400")
    heads = re.findall(r"^[✔✘] (?:\d+ )?(SYN\d+USDT)  \d+ points", out, flags=re.MULTILINE)
    assert len(heads) == len(set(heads)) == 14
    assert "  + TURNOVER " in out
    assert "  − AFFORDABLE with 400 USDT shared among" in out


def test_the_reasons_are_there_in_korean(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, *SYNTHETIC, *LIKE, "--explain", "--lang", "ko")
    assert "유니버스" in out
    assert "하루 거래대금" in out
    assert "change hands" not in out


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, *SYNTHETIC, *LIKE, "--at", "2024-06-01", "--count", "10", "--json")
    value = json.loads(out)
    assert (code, value["at"], value["settings"]["count"]) == (ExitCode.OK, "2024-06-01T00:00:00Z", 10)
    assert len(value["candidates"]) == 14
    assert len(value["chosen"]) <= 10
    first = value["candidates"][0]
    assert first["instrument"] == value["chosen"][0]
    assert {"code", "value", "limit", "text", "text_ko", "is_veto"} == set(first["reasons_for"][0])
    assert first["fit"]["headroom"] == pytest.approx(first["fit"]["position"] / first["fit"]["smallest_order"])
    assert sum(part["points"] for part in first["parts"]) == pytest.approx(first["points"])
    assert value["is_synthetic"] is True


def test_names_held_already_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, *SYNTHETIC, *LIKE, "--keep", "SYN3USDT", "--json")
    held = [
        one["instrument"]
        for one in json.loads(out)["candidates"]
        if any(why["code"] == "KEPT" for why in one["reasons_for"])
    ]
    assert held == ["SYN3USDT"]


def test_nobody_qualifies_and_every_reason_is_still_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, *SYNTHETIC, "--capital", "0.5", "--explain")
    assert code == ExitCode.MISTAKE
    assert "  − AFFORDABLE" in out
    told_of = " ".join(err.replace("│", " ").split())
    assert "no instrument of synthetic 1h qualifies at 2024-12-31 00:00 UTC" in told_of
    assert "one alone would need" in told_of


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--capital", "0"), "--capital 0.0: backtest.account.capital = 0.0 is not allowed"),
        (("--capital", "-5"), "it must be a number above 0"),
        (("--count", "9"), "--count 9: universe.count = 9 is not allowed → it must be a whole number from 10 to 25"),
        (("--count", "26"), "a whole number from 10 to 25"),
        (("--at", "yesterday"), "'yesterday' is not a date"),
        (("--at", "2022-12-01"), "synthetic"),
        (("--at", "2031-01-01"), "synthetic"),
        (("--keep", "SYN99USDT"), "unknown instrument 'SYN99USDT'"),
        (("--instruments", "SIN1USDT"), "did you mean SYN1USDT"),
        (("--interval", "1 hour"), "is not an interval"),
        (("--venue", "binance"), "unknown venue 'binance'"),
        (("--set", "universe.max_spred=1"), "did you mean max_spread?"),
        (("--lang", "fr"), "report.language"),
    ],
)
def test_a_mistake_is_told_with_its_cure(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(capsys, *SYNTHETIC, *arguments)
    assert (code, out) == (ExitCode.MISTAKE, "")
    assert message in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


def test_settings_of_the_file_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[universe]\ncount = 11\n[universe.weights]\nturnover = 50\n", encoding="utf-8")
    _, out, _ = told(capsys, *SYNTHETIC, *LIKE, "--settings", str(file), "--json")
    assert json.loads(out)["settings"]["count"] == 11
    assert json.loads(out)["settings"]["weights"]["turnover"] == 50
