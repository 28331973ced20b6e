"""The command as a person or a script meets it: help, mistakes, exit codes, one JSON object."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from geobuk.cli import main as front
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def told_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code, out, err = told(capsys, *arguments, "--json")
    assert err == ""
    value = json.loads(out)
    assert isinstance(value, dict)
    return code, value


def commands(command: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Names of a command and of all below it, and whether it acts itself; geobuk's own help shows examples as well."""
    inner = getattr(command, "commands", {})
    yield name, not (name and inner)
    for word, one in inner.items():
        yield from commands(one, (*name, word))


HELPS = dict(commands(get_command(front.app)))


def test_all_commands_are_asked_for_help() -> None:
    assert {(), ("data",), ("data", "import"), ("strategy", "check"), ("backtest",), ("doctor",)} < HELPS.keys()


@pytest.mark.parametrize("command", HELPS, ids=lambda command: " ".join(command) or "geobuk")
def test_every_command_has_help_and_each_that_acts_has_examples(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = told(capsys, *command, "--help")
    assert code == ExitCode.OK
    assert "Usage: geobuk" in out
    if HELPS[command]:
        assert f"$ geobuk {' '.join(command)}" in out


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "--version")[:2] == (ExitCode.OK, "geobuk 0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (("dta",), "data"),
        (("data", "imprt"), "import"),
        (("strategy", "chck"), "check"),
        (("backtest", "--strateg", "x"), "--strategy"),
        (("strategy", "check", "trned"), "trend"),
        (("backtest", "--strategy", "trend,mean_revrsion", "--venue", "synthetic"), "mean_reversion"),
        (("backtest", "--strategy", "trend", "--venue", "synthetic", "--param", "trend.pars=2"), "pairs"),
        (("backtest", "--strategy", "trend", "--venue", "synthetic", "--set", "costs.impct=2"), "impact"),
        (("backtest", "--strategy", "trend", "--venue", "synthetic", "--instruments", "SIN1USDT"), "SYN1USDT"),
    ],
)
def test_a_mistyped_name_gets_a_suggestion(
    arguments: tuple[str, ...], suggestion: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(capsys, *arguments)
    assert (code, out) == (ExitCode.MISTAKE, "")
    assert suggestion in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("backtest",), "UsageError"),
        (("dta",), "UsageError"),
        (("strategy", "check", "trned"), "UnknownNameError"),
        (("strategy", "check", "not_there.py"), "StrategyError"),
        (("backtest", "--strategy", "trend", "--set", "costs.impact=99"), "SettingsError"),
        (("backtest", "--strategy", "trend", "--settings", "not_there.toml"), "SettingsError"),
        (
            ("backtest", "--strategy", "trend", "--venue", "synthetic", "--set", "stops.take_profit=[1,2]"),
            "SettingsError",
        ),
        (("backtest", "--strategy", "trend", "--lang", "fr"), "SettingsError"),
        (("backtest", "--strategy", ",", "--venue", "synthetic"), "UserError"),
        (("backtest", "--strategy", "trend", "--venue", "binance"), "UnknownNameError"),
        (("backtest", "--strategy", "trend", "--venue", "synthetic", "--interval", "4 hours"), "UserError"),
        (("backtest", "--strategy", "trend", "--venue", "synthetic", "--from", "yesterday"), "UserError"),
        (("backtest", "--strategy", "trend", "--venue", "synthetic", "--from", "2030-01-01"), "DataError"),
        (
            ("backtest", "--strategy", "trend", "--venue", "synthetic", "--from", "2024-01-02", "--to", "2024-01-01"),
            "DataError",
        ),
        (("data", "import", "not_there.csv", "--venue", "binance"), "DataError"),
        (("data", "check", "--venue", "binance"), "UnknownNameError"),
        (("strategy", "new", "Not A Name"), "StrategyError"),
    ],
)
def test_an_error_is_one_json_object_with_message_cure_and_code(
    arguments: tuple[str, ...], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, value = told_json(capsys, *arguments)
    error = value["error"]
    assert isinstance(error, dict)
    assert (code, error["code"], error["kind"]) == (ExitCode.MISTAKE, ExitCode.MISTAKE, kind)
    assert error["message"]
    assert error["cure"]


def test_rungs_without_shares_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("backtest", "--strategy", "trend", "--venue", "synthetic", "--set", "stops.take_profit=[1,2]")
    code, value = told_json(capsys, *arguments)
    assert code == ExitCode.MISTAKE
    assert value["error"]["message"] == (  # type: ignore[index]
        "stops.take_profit [1, 2] and stops.take_share [] are not of one length"
    )


def test_a_defect_is_a_short_message_and_its_traceback_goes_to_the_log(
    geobuk_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("a defect for the test")

    monkeypatch.setattr(front, "app", broken)
    code, out, err = told(capsys, "demo")
    assert (code, out) == (ExitCode.DEFECT, "")
    assert "a defect for the test" in err
    assert "Traceback" not in err
    log = (geobuk_home / "logs" / "defects.log").read_text(encoding="utf-8")
    assert "ZeroDivisionError: a defect for the test" in log
    assert "Traceback" in log


def test_an_interruption_is_quiet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(front, "app", interrupted)
    assert told(capsys, "demo") == (ExitCode.INTERRUPTED, "", "")


def test_doctor_says_what_it_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    code, value = told_json(capsys, "doctor")
    assert (code, value["ok"]) == (ExitCode.OK, True)
    checks = value["checks"]
    assert isinstance(checks, list)
    assert {"python", "package numpy", "indicators", "kernels", "home", "disk", "clock", "catalog"} <= {
        check["name"] for check in checks
    }


def test_doctor_finds_a_home_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GEOBUK_HOME", str(tmp_path / "file" / "home"))
    code, out, _ = told(capsys, "doctor")
    assert code == ExitCode.ENVIRONMENT
    assert "set GEOBUK_HOME" in out


def test_doctor_finds_a_broken_settings_file(geobuk_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (geobuk_home / "settings.toml").write_text("[backtest.costs]\nimpact = 99\n")
    code, out, _ = told(capsys, "doctor")
    assert code == ExitCode.ENVIRONMENT
    assert "line 2" in out
