import sys
from pathlib import Path

import pytest

from geobuk.domain.errors import StrategyError
from geobuk.strategies.file import is_file, load_file
from geobuk.strategies.registry import load

GOOD = """
from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from geobuk.panel import FloatArray, Panel
from geobuk.strategies.strategy import Strategy
from geobuk.strategies.trend import Trend


class Mine(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "mine"
    value: Annotated[float, Meta(ge=-1, le=1)] = 0.5

    def warmup(self, interval_ns: int) -> int:
        return 0

    def forecast(self, panel: Panel) -> FloatArray:
        return np.full(panel.shape, self.value)
"""


def write(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_told_from_a_name() -> None:
    assert is_file("mine.py")
    assert is_file("mine.py:Mine")
    assert is_file("./mine")
    assert not is_file("trend")


def test_a_file_gives_its_strategy_with_parameters(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert load(path, {"value": "-0.25"}).parameters() == {"value": -0.25}
    assert load(f"{path}:Mine").name == "mine"
    with pytest.raises(StrategyError, match=r"mine: value = 3 is not allowed: give a number from -1 to 1"):
        load(path, {"value": 3})


def test_an_edit_counts_at_once_and_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert load(path).parameters() == {"value": 0.5}
    write(tmp_path, GOOD.replace("= 0.5", "= 0.7"))
    assert load(path).parameters() == {"value": 0.7}
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.py"]


def test_files_of_one_name_in_two_folders_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, second = load_file(write(tmp_path, GOOD)), load_file(write(tmp_path / "other", GOOD))
    assert first is not second
    assert first.__module__ != second.__module__


def test_of_several_strategies_one_must_be_named(tmp_path: Path) -> None:
    path = write(
        tmp_path, GOOD + "\n\nclass Yours(Mine, frozen=True, kw_only=True):\n    name: ClassVar[str] = 'yours'\n"
    )
    assert load_file(f"{path}:Yours").name == "yours"
    with pytest.raises(
        StrategyError, match=r"mine.py defines 2 strategies: Mine, Yours: name one, such as .*mine.py:Mine"
    ):
        load_file(path)
    with pytest.raises(StrategyError, match=r"no strategy class His: it defines: Mine, Yours"):
        load_file(f"{path}:His")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"mine.py defines no strategy: write a class"),
        ("from geobuk.strategies.trend import Trend\n", r"mine.py defines no strategy"),
        ("x = 1\ndef forecast(panel:\n    pass\n", r"mine.py line 2 is not Python .*def forecast"),
        ("x = 1\n\ny = x / 0\n", r"mine.py line 3 failed while loading with ZeroDivisionError: division by zero"),
        ("import does_not_exist_anywhere\n", r"mine.py needs the package 'does_not_exist_anywhere'"),
        ("import sys\nsys.exit(3)\n", r"mine.py line 2 failed while loading with SystemExit: 3"),
        ("raise OSError\n", r"mine.py line 1 failed while loading with OSError: no message"),
        (GOOD.replace('"mine"', '"My Own"'), r"mine.py: Mine.name is 'My Own': write name: ClassVar"),
        (GOOD.replace('    name: ClassVar[str] = "mine"\n', ""), r"mine.py: Mine.name is ''"),
        (GOOD.replace("def warmup", "def warm_up"), r"Mine has no warmup: define warmup\(self, interval_ns\)"),
        (GOOD.replace("def forecast", "def predict"), r"Mine has no forecast: define forecast\(self, panel\)"),
        (GOOD.replace("    value", "    version: ClassVar[int] = 0\n    value"), r"Mine.version is 0"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    before = set(sys.modules)
    with pytest.raises(StrategyError, match=message):
        load_file(write(tmp_path, text))
    assert not any("does_not_exist" in name for name in set(sys.modules) - before)


def test_a_parameter_without_default_must_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("] = 0.5", "]"))
    assert load(path, {"value": 1}).parameters() == {"value": 1.0}
    with pytest.raises(StrategyError, match=r"mine: .*value.*: give the parameter a value"):
        load(path)


def test_a_missing_file_a_folder_and_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StrategyError, match=r"there is no strategy file .*gone.py: check the path"):
        load_file(str(tmp_path / "gone.py"))
    with pytest.raises(StrategyError, match="there is no strategy file"):
        load_file(f"{tmp_path}/")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00name = 1")
    with pytest.raises(StrategyError, match=r"bytes.py is not readable as Python source: .*save it as UTF-8"):
        load_file(str(tmp_path / "bytes.py"))
    with pytest.raises(StrategyError, match=r"notes.txt can't be loaded as Python|notes.txt defines no strategy"):
        load_file(write(tmp_path, "x = 1", "notes.txt"))
