"""The home folder: where it is."""

from pathlib import Path

import pytest

from geobuk.app.home import Home, default_home


def test_home_is_what_the_variable_says(tmp_path: Path) -> None:
    assert default_home({"GEOBUK_HOME": str(tmp_path)}) == Home(tmp_path)


@pytest.mark.parametrize("env", [{}, {"GEOBUK_HOME": ""}])
def test_home_is_in_the_persons_folder_otherwise(env: dict[str, str]) -> None:
    assert default_home(env).root == Path.home() / ".geobuk"
