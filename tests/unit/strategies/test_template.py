from pathlib import Path

import numpy as np
import pytest
from tests.unit.strategies.panels import random_panel

from geobuk.domain.errors import StrategyError
from geobuk.research.look_ahead import look_ahead_check
from geobuk.strategies.contract import forecast_of
from geobuk.strategies.registry import load
from geobuk.strategies.template import template


@pytest.mark.parametrize("name", ["my_strategy", "a", "x_2", "s__odd_"])
def test_a_new_file_works_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(template(name), encoding="utf-8")
    strategy = load(str(path), {"days": 2})
    panel = random_panel(bars=500)
    forecast = forecast_of(strategy, panel)
    assert strategy.name == name
    assert np.nanmean(np.abs(forecast)) > 0.2
    assert look_ahead_check(strategy, panel) == []


@pytest.mark.parametrize("name", ["", "My", "2fast", "my-strategy", "class", "한국", "a b"])
def test_a_name_that_python_can_not_take_is_refused(name: str) -> None:
    with pytest.raises(StrategyError, match="can't be a strategy's name: use lower case letters"):
        template(name)
