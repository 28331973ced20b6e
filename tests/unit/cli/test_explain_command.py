"""`geobuk explain` on a synthetic market: the chain, the table, one JSON object, Korean, and clear refusals."""

import json
from pathlib import Path
from typing import Any

import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

SETS = ("--set", "synthetic.days=40", "--set", "synthetic.instruments=2", "--set", "limits.max_weight=0.05")
QUICK = ("--param", "trend.fast_days=0.5", "--param", "trend.pairs=2", "--param", "trend.volatility_days=2.0")
AT = ("--at", "2023-02-01T12:30")


@pytest.fixture(autouse=True)
def run_id(geobuk_home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A recorded run."""
    assert main(["backtest", "--strategy", "trend", "--venue", "synthetic", *SETS, *QUICK, "--json"]) == ExitCode.OK
    return str(json.loads(capsys.readouterr().out)["run_id"])


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(["explain", *arguments])
    out, err = capsys.readouterr()
    assert (code, err) == (ExitCode.OK, "")
    return out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = main(["explain", *arguments, "--json"])
    out, err = capsys.readouterr()
    assert (code, err) == (ExitCode.MISTAKE, "")
    error = json.loads(out)["error"]
    assert isinstance(error, dict)
    return error


def test_one_instrument_is_told_as_a_chain(capsys: pytest.CaptureFixture[str], run_id: str) -> None:
    out = told(capsys, "last", *AT, "--instrument", "SYN2USDT")
    assert f"run {run_id}" in out
    assert "SYNTHETIC" in out
    assert "SYN2USDT  decision of 2023-02-01 12:00 UTC" in out
    assert "the last decision at or before 2023-02-01 12:30 UTC" in out
    for word in ("forecast: ", "of it: trend ", "wanted weight: "):
        assert word in out


def test_without_an_instrument_all_stand_in_a_table(capsys: pytest.CaptureFixture[str], run_id: str) -> None:
    lines = told(capsys, run_id[:6], *AT).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("instrument"))
    assert [line.split()[0] for line in lines[at + 1 : at + 3]] == ["SYN1USDT", "SYN2USDT"]


def test_korean_is_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    assert "합성 데이터" in told(capsys, "last", "--lang", "ko")
    assert "희망 비중" in told(capsys, "last", *AT, "--lang", "ko", "--instrument", "SYN1USDT")


def test_json_is_one_object_in_both_languages(capsys: pytest.CaptureFixture[str], run_id: str) -> None:
    value = json.loads(told(capsys, "last", *AT, "--json"))
    assert (value["run_id"], value["is_synthetic"], value["changed"]) == (run_id, True, [])
    account = value["account"]
    assert (account["asked_at"], account["decided_at"]) == ("2023-02-01T12:30:00Z", "2023-02-01T12:00:00Z")
    assert (account["lock"], account["regime"]) == ("open", None)
    assert [one["instrument"] for one in value["decisions"]] == ["SYN1USDT", "SYN2USDT"]
    one = json.loads(told(capsys, "last", *AT, "--instrument", "SYN2USDT", "--json"))["decisions"]
    assert len(one) == 1
    assert one[0] == value["decisions"][1]
    assert [step["step"] for step in one[0]["steps"]][:3] == ["wanted", "regime", "condition"]
    assert any("예측" in line for line in one[0]["lines_ko"])


def test_a_changed_run_is_refused_and_said_to_be_changed(
    capsys: pytest.CaptureFixture[str], geobuk_home: Path, run_id: str
) -> None:
    path = geobuk_home / "store" / "runs" / f"{run_id}.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["hashes"]["panel"] = record["hashes"]["inputs"] = "another"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert "the data has changed since" in refused(capsys, "last")["message"]
    assert "NOT AS IT WAS RUN: the data changed since" in told(capsys, "last", "--anyway")
    assert json.loads(told(capsys, "last", "--anyway", "--json"))["changed"] == ["panel"]


@pytest.mark.parametrize(
    ("arguments", "kind", "word"),
    [
        (("zzz",), "UnknownNameError", "unknown run 'zzz'"),
        (("last", "--at", "noon"), "UserError", "'noon' is not a date"),
        (("last", "--at", "2031-01-01"), "UserError", "outside the run"),
        (("last", "--instrument", "SYN2"), "UnknownNameError", "unknown instrument 'SYN2'"),
        (("last", "--lang", "fr"), "UserError", "'fr' is no language of Geobuk"),
    ],
)
def test_mistakes_are_told_with_their_cure(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], kind: str, word: str
) -> None:
    error = refused(capsys, *arguments)
    assert error["kind"] == kind
    assert word in error["message"]
    assert error["cure"]
