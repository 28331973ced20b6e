import numpy as np
import pytest
from tests.unit.strategies.panels import panel_of

from geobuk.features.gaps import forward_fill, lagged, log_price, observed

NAN = np.nan


def test_forward_fill_keeps_leading_holes_and_fills_the_others() -> None:
    values = np.array([[NAN, 1.0], [2.0, NAN], [NAN, NAN], [3.0, 4.0]])
    np.testing.assert_array_equal(forward_fill(values), [[NAN, 1.0], [2.0, 1.0], [2.0, 1.0], [3.0, 4.0]])


def test_forward_fill_of_nothing_is_nothing() -> None:
    assert forward_fill(np.empty((0, 3))).shape == (0, 3)
    assert np.isnan(forward_fill(np.full((3, 1), NAN))).all()


def test_observed_hides_masked_bars_and_leaves_the_panel_alone() -> None:
    panel = panel_of(np.array([[1.0], [2.0], [3.0]]), tradable=np.array([[True], [False], [True]]))
    seen = observed(panel, "close")
    np.testing.assert_array_equal(seen.T, [[1.0, NAN, 3.0]])
    seen[0] = 9.0
    assert panel.close[0, 0] == 1.0


def test_log_price_of_a_price_that_is_not_positive_is_unknown() -> None:
    panel = panel_of(np.array([[np.e], [0.0], [-1.0]]))
    np.testing.assert_array_equal(log_price(panel).T, [[1.0, NAN, NAN]])


def test_lagged_shows_the_past_only() -> None:
    values = np.array([[1.0], [2.0], [3.0]])
    np.testing.assert_array_equal(lagged(values, 2).T, [[NAN, NAN, 1.0]])
    assert np.isnan(lagged(values, 5)).all()
    with pytest.raises(ValueError, match="future"):
        lagged(values, 0)
