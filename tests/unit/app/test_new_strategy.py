"""A first strategy file: written once, working, never over another."""

from pathlib import Path

import pytest

from geobuk.app.new_strategy import new_strategy
from geobuk.domain.errors import StorageError, StrategyError, UserError
from geobuk.strategies.registry import load
from geobuk.strategies.template import template


@pytest.mark.parametrize("name", ["my_strategy", "my_strategy.py"])
def test_it_is_the_template_under_its_name(tmp_path: Path, name: str) -> None:
    path = new_strategy(name, tmp_path)
    assert path == tmp_path / "my_strategy.py"
    assert path.read_text(encoding="utf-8") == template("my_strategy")
    assert load(str(path)).name == "my_strategy"


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("precious", encoding="utf-8")
    with pytest.raises(UserError, match="is there already: choose another name"):
        new_strategy("mine", tmp_path)
    assert (tmp_path / "mine.py").read_text(encoding="utf-8") == "precious"


def test_a_name_that_can_not_be_one_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StrategyError, match="can't be a strategy's name"):
        new_strategy("../Evil", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="change to another folder"):
        new_strategy("mine", tmp_path / "file")
