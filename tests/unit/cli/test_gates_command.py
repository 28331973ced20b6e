"""`geobuk gates` on a synthetic market: the lines, both languages, one JSON object, exit codes, clear refusals."""

import json
from pathlib import Path

import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

RUN = (
    *("backtest", "--strategy", "trend", "--venue", "synthetic", "--set", "synthetic.days=70", "--json"),
    *("--set", "synthetic.instruments=2"),
    *("--param", "trend.fast_days=0.5", "--param", "trend.pairs=2", "--param", "trend.volatility_days=2.0"),
)


WINDOWS = ("--set", "gates.train_days=25", "--set", "gates.test_days=10")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def run_id(geobuk_home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    return str(json.loads(told(capsys, *RUN)[1])["run_id"])


def test_every_gate_is_a_line_and_missing_evidence_says_so(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "gates", "last", *WINDOWS)
    assert (code, err) == (ExitCode.NOT_PASSED, "")
    assert out.startswith(f"Gates to LIVE of run {run_id} · trend · synthetic\n")
    lines = [line for line in out.splitlines() if line.startswith((" PASS ", " FAIL "))]
    assert len(lines) == 11
    assert sum("no evidence" in line for line in lines) >= 5
    assert not [line for line in lines if line.startswith(" PASS ") and "no evidence" in line]
    assert "NOT PASSED: " in out
    assert "2023-01-31 – 2023-02-09" in out
    assert "Not as the house asks: train_days, test_days" in out
    assert f"{run_id}.gates.json" in out


def test_the_lines_are_there_in_korean(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "gates", run_id[:8], "--lang", "ko")
    assert "LIVE 관문" in out
    assert "증거 없음" in out
    assert "NOT PASSED" not in out


def test_json_has_every_line_with_how_it_was_computed(
    run_id: str, geobuk_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = told(capsys, "gates", run_id, "--json")
    value = json.loads(out)
    assert (code, value["passed"], value["run_id"]) == (ExitCode.NOT_PASSED, False, run_id)
    assert len(value["lines"]) == 11
    assert {
        "code",
        "name",
        "name_ko",
        "value",
        "limit",
        "relation",
        "verdict",
        "text",
        "text_ko",
        "how",
        "how_ko",
    } == set(value["lines"][0])
    kept = json.loads(Path(value["evidence"]).read_bytes())
    assert kept["lines"] == value["lines"]
    assert Path(value["evidence"]) == geobuk_home / "store" / "runs" / f"{run_id}.gates.json"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0000",), "unknown run '0000'"),
        (("not_there.json",), "unknown run 'not_there.json'"),
        (("last", "--lang", "fr"), "'fr' is no language of Geobuk"),
        ((), "Missing argument 'RUN'"),
    ],
)
def test_a_mistake_is_told_with_its_cure(
    arguments: tuple[str, ...], message: str, run_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(capsys, "gates", *arguments)
    assert (code, out) == (ExitCode.MISTAKE, "")
    assert message in " ".join(err.replace("│", " ").split())


def test_a_record_of_an_older_version_is_told(
    run_id: str, geobuk_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = geobuk_home / "store" / "runs" / f"{run_id}.json"
    record = json.loads(path.read_bytes())
    del record["request"]
    path.write_text(json.dumps(record))
    code, out, _ = told(capsys, "gates", "last", "--json")
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (ExitCode.MISTAKE, ExitCode.MISTAKE)
    assert "does not say what was asked for" in error["message"]
