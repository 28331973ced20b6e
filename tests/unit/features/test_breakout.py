import numpy as np

from geobuk.features.breakout import box, breakout_side, relative_volume

NAN = np.nan


def side(close: list[float], *, confirmed: list[bool] | None = None, leaves_at_middle: bool = True) -> list[float]:
    """Against a box from 10 to 20."""
    prices = np.array(close)[:, None]
    ok = np.ones(prices.shape, dtype=np.bool_) if confirmed is None else np.array(confirmed)[:, None]
    out = breakout_side(prices, np.full(prices.shape, 20.0), np.full(prices.shape, 10.0), ok, leaves_at_middle)
    return list(out[:, 0])


def test_box_leaves_out_the_bar_itself() -> None:
    high, low = np.array([[2.0], [5.0], [3.0], [9.0]]), np.array([[1.0], [0.0], [2.0], [8.0]])
    top, bottom = box(high, low, 2)
    np.testing.assert_array_equal(top.T, [[NAN, NAN, 5.0, 5.0]])
    np.testing.assert_array_equal(bottom.T, [[NAN, NAN, 0.0, 0.0]])


def test_a_hole_keeps_the_last_box() -> None:
    high = np.array([[2.0], [5.0], [NAN], [3.0], [4.0]])
    top, _ = box(high, high, 2)
    np.testing.assert_array_equal(top.T, [[NAN, NAN, 5.0, 5.0, 5.0]])


def test_enters_only_beyond_the_edge() -> None:
    assert side([20.0, 20.1, 10.0]) == [0.0, 1.0, 0.0]
    assert side([10.0, 9.9]) == [0.0, -1.0]


def test_leaves_at_the_middle() -> None:
    assert side([21.0, 15.1, 15.0, 19.0]) == [1.0, 1.0, 0.0, 0.0]
    assert side([9.0, 14.9, 15.0]) == [-1.0, -1.0, 0.0]


def test_leaves_at_the_far_end_when_asked() -> None:
    assert side([21.0, 12.0, 10.0], leaves_at_middle=False) == [1.0, 1.0, 0.0]
    assert side([9.0, 19.0, 20.0], leaves_at_middle=False) == [-1.0, -1.0, 0.0]


def test_turns_around_in_one_bar() -> None:
    assert side([21.0, 9.0, 21.0]) == [1.0, -1.0, 1.0]


def test_an_unconfirmed_breakout_does_not_enter_but_does_leave() -> None:
    assert side([21.0, 21.0, 9.0], confirmed=[False, True, False]) == [0.0, 1.0, 0.0]


def test_remembers_its_side_over_a_hole() -> None:
    result = side([21.0, NAN, 18.0])
    assert result[0] == 1.0
    assert np.isnan(result[1])
    assert result[2] == 1.0


def test_relative_volume_compares_with_the_bars_before() -> None:
    volume = np.array([[1.0], [3.0], [4.0], [NAN], [6.0]])
    np.testing.assert_allclose(relative_volume(volume, 2).T, [[NAN, NAN, 2.0, NAN, 3.0]])
    assert np.isnan(relative_volume(np.zeros((5, 1)), 2)).all()
