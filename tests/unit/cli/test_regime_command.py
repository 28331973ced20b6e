"""`geobuk regime`: a sentence, the latest changes, or one JSON object."""

import json

import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

SETS = [
    argument
    for text in (
        "synthetic.days=50",
        "synthetic.instruments=2",
        "regime_detector.every=4h",
        "regime_detector.states=2",
        "regime_detector.min_days=25",
        "regime_detector.starts=2",
        "regime_detector.min_dwell_days=1",
        "regime_detector.return_days=1",
    )
    for argument in ("--set", text)
]
COMMAND = ["regime", "--venue", "synthetic", *SETS]


def test_it_says_what_the_market_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--last", "2"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("2023-02-20 00:00 UTC: ")
    assert sum("->" in line for line in lines) == 2
    assert "switches in 1,200 bars" in lines[3]
    assert "synthetic" in lines[-1]


def test_it_says_so_in_korean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--lang", "ko"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "변동성은 평소의" in out
    assert "합성 시장입니다." in out


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert found["regime"] in {"bull", "bear", "sideways", "neutral"}
    assert found["is_synthetic"] is True
    assert 0.0 <= found["probability"] <= 1.0
    assert found["age_days"] == found["age_bars"] / 24


def test_too_short_a_history_is_unknown_and_null(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["regime", "--venue", "synthetic", "--set", "synthetic.days=20", "--json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["regime"], found["probability"], found["last_fit"]) == ("unknown", None, None)


def test_a_refused_fit_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    short = ["--set", "regime_detector.min_days=10", "--set", "regime_detector.window_days=12"]
    assert main([*COMMAND, *short]) == ExitCode.OK
    assert "too_few_observations" in capsys.readouterr().out


def test_an_unknown_index_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--set", 'regime_detector.instruments=["SYN9USDT"]']) == ExitCode.MISTAKE
    assert "unknown instrument of the regime's index 'SYN9USDT'" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_rate_that_is_not_known_is_a_dash(capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert main([*COMMAND, "--to", "2023-01-05", "--lang", language]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "–" in out.splitlines()[1]
    assert "nan" not in out
