import numpy as np
import pytest

from geobuk.features.fade import FadeLevels, fade

LEVELS = FadeLevels(enter=2.0, leave=0.5, full=4.0, give_up=5.0)


def held(z: list[float], *, enter: list[bool] | None = None, hold: list[bool] | None = None) -> list[float]:
    column = np.array(z)[:, None]
    always = np.ones(column.shape, dtype=np.bool_)
    may_enter = always if enter is None else np.array(enter)[:, None]
    may_hold = always if hold is None else np.array(hold)[:, None]
    return list(fade(column, may_enter, may_hold, LEVELS)[:, 0])


def test_enters_against_the_stretch_with_its_size() -> None:
    assert held([1.9, 2.0, -2.0]) == [0.0, -0.5, 0.5]


def test_holds_until_near_the_mean() -> None:
    assert held([2.0, 1.0, 0.6, 0.5, 0.6]) == [0.0 - 0.5, -0.5, -0.5, 0.0, 0.0]
    assert held([-2.0, -0.6, 0.1]) == [0.5, 0.5, 0.0]


def test_size_only_grows_while_held_and_never_beyond_one() -> None:
    assert held([2.0, 3.0, 2.0, 4.8]) == [-0.5, -0.75, -0.75, -1.0]


def test_gives_up_and_stays_out_until_back_at_the_mean() -> None:
    assert held([3.0, 5.0, 3.0, 0.4, 2.0]) == [-0.75, 0.0, 0.0, 0.0, -0.5]


def test_filters_stop_entering_and_holding() -> None:
    assert held([2.0, 2.0, 1.0], enter=[False, True, False]) == [0.0, -0.5, -0.5]
    assert held([2.0, 1.5, 1.0], hold=[True, False, True]) == [-0.5, 0.0, 0.0]


def test_a_size_does_not_grow_on_the_bar_whose_filter_ends_it() -> None:
    assert held([2.0, 3.0], enter=[True, True], hold=[True, False])[1] == pytest.approx(0.0)


def test_remembers_over_a_hole() -> None:
    result = held([2.0, np.nan, 1.0])
    assert np.isnan(result[1])
    assert result[2] == -0.5
