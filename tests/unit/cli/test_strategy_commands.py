"""`geobuk strategy`: the list, a new file that keeps its contract, and a cheat that is caught."""

import json
import re
from pathlib import Path

import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main

CHEAT = """
from typing import ClassVar
import numpy as np
from geobuk.strategies.strategy import Strategy

class Cheat(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "cheat"

    def warmup(self, interval_ns):
        return 10

    def forecast(self, panel):
        out = np.zeros(panel.shape)
        out[:-1] = np.sign(panel.close[1:] - panel.close[:-1])
        return np.nan_to_num(out)
"""

FRAGILE = """
from typing import ClassVar
import numpy as np
from geobuk.strategies.strategy import Strategy

class Fragile(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "fragile"

    def warmup(self, interval_ns):
        return 1

    def forecast(self, panel):
        out = np.full(panel.shape, np.nan)
        out[1] = np.sign(panel.close[1] - panel.close[0])
        return out
"""

PEEKS_INSIDE = CHEAT.replace(
    "np.sign(panel.close[1:] - panel.close[:-1])", "np.clip(1_000.0 * np.nan_to_num(panel.funding_inside[1:]), -1, 1)"
)

ONLY_HOURS = """
from typing import ClassVar
import numpy as np
from geobuk.domain.errors import StrategyError
from geobuk.strategies.strategy import Strategy

class OnlyHours(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "hours"

    def warmup(self, interval_ns):
        return 10

    def forecast(self, panel):
        if panel.interval != "1h":
            raise StrategyError("hours only", cure="give it hourly bars")
        return np.zeros(panel.shape)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list_names_parameters_ranges_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "ls", "--json"]) == ExitCode.OK
    strategies = {one["name"]: one for one in json.loads(capsys.readouterr().out)["strategies"]}
    assert {"trend", "mean_reversion", "funding_carry", "box_breakout"} <= set(strategies)
    assert all(one["source"] and one["summary"] and one["summary_ko"] for one in strategies.values())
    assert {parameter["name"] for parameter in strategies["trend"]["parameters"]} >= {"fast_days", "pairs"}


def test_a_new_strategy_keeps_its_contract(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "new", "my_strategy"]) == ExitCode.OK
    assert (here / "my_strategy.py").is_file()
    assert main(["strategy", "check", "my_strategy.py"]) == ExitCode.OK
    assert "It keeps its contract." in capsys.readouterr().out


def test_a_new_strategy_never_overwrites(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "mine.py").write_text("precious")
    assert main(["strategy", "new", "mine"]) == ExitCode.MISTAKE
    assert (here / "mine.py").read_text() == "precious"
    assert "is there already" in capsys.readouterr().err


def test_a_cheat_is_caught_with_its_bar_and_instrument(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "cheat.py").write_text(CHEAT)
    assert main(["strategy", "check", "cheat.py", "--json"]) == ExitCode.LOOK_AHEAD
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["kind"], error["code"]) == ("LookAheadError", ExitCode.LOOK_AHEAD)
    assert re.search(
        r"cheat forecast \S+ for SYN\dUSDT at bar \d+ \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\), but", error["message"]
    )
    assert main(["strategy", "check", "cheat.py"]) == ExitCode.LOOK_AHEAD
    assert "it sees the future" in capsys.readouterr().err


def test_a_peek_at_the_funding_inside_a_bar_is_caught(here: Path) -> None:
    (here / "inside.py").write_text(PEEKS_INSIDE)
    assert main(["strategy", "check", "inside.py"]) == ExitCode.LOOK_AHEAD


def test_a_strategy_that_refuses_days_is_checked_on_hours(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "hours.py").write_text(ONLY_HOURS)
    assert main(["strategy", "check", "hours.py", "--json"]) == ExitCode.OK
    assert [text.partition(",")[0] for text in json.loads(capsys.readouterr().out)["panels"]] == ["synthetic 1h"]


def test_a_strategy_that_fails_on_hard_conditions_breaks_its_contract(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "fragile.py").write_text(FRAGILE)
    assert main(["strategy", "check", "fragile.py", "--json"]) == ExitCode.MISTAKE
    found = json.loads(capsys.readouterr().out)
    broken = {duty["name"]: duty["text"] for duty in found["duties"] if not duty["is_met"]}
    assert list(broken) == ["a single bar"]
    assert "IndexError" in broken["a single bar"]


def test_parameters_reach_a_file_by_its_path_or_its_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["strategy", "new", "mine"])
    capsys.readouterr()
    for param in ("mine.py.days=2", "mine.days=2"):
        assert main(["strategy", "check", "mine.py", "--param", param, "--json"]) == ExitCode.OK
        assert json.loads(capsys.readouterr().out)["warmup_bars"] == 48


def test_a_parameter_out_of_its_range_is_told_with_the_range(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "check", "trend", "--param", "trend.pairs=99"]) == ExitCode.MISTAKE
    message = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "--param trend.pairs=99" in message
    assert "a whole number from 1 to 6" in message
