"""Weights walk toward their targets, no faster than they may."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.quant.portfolio import limited_moves

TARGETS = np.array([[1.0, 0.0, 0.0], [0.0, 0.6, 0.4], [0.2, 0.2, 0.2]])


def test_a_walk_by_hand() -> None:
    found = limited_moves(TARGETS, np.array([0, 1, 1, 1, 0]), np.array([0.0, 0.5, 0.25, 9.0, np.inf]))
    np.testing.assert_allclose(
        found, [[1, 0, 0], [0.5, 0.3, 0.2], [0.25, 0.45, 0.3], [0.0, 0.6, 0.4], [1, 0, 0]], atol=1e-15
    )


def test_no_move_allowed_keeps_the_first_weights() -> None:
    found = limited_moves(TARGETS, np.array([2, 0, 1]), np.zeros(3))
    np.testing.assert_array_equal(found, np.tile(TARGETS[2], (3, 1)))


@given(
    seed=st.integers(min_value=0, max_value=2**32 - 1),
    most=st.floats(min_value=0.0, max_value=1.5),
    bars=st.integers(min_value=1, max_value=60),
)
def test_weights_stay_weights_and_never_hurry(seed: int, most: float, bars: int) -> None:
    rng = np.random.default_rng(seed)
    targets = rng.dirichlet(np.ones(4), size=5) * rng.random((5, 1))
    found = limited_moves(targets, rng.integers(0, 5, bars), np.full(bars, most))
    assert found.min() >= -1e-15
    assert found.sum(axis=1).max() <= 1.0 + 1e-12
    assert (0.5 * np.abs(np.diff(found, axis=0)).sum(axis=1) <= most + 1e-12).all()


@pytest.mark.parametrize(
    ("targets", "which", "most", "says"),
    [
        (TARGETS, [0, 3], [0.1, 0.1], "which runs from 0 to 3"),
        (TARGETS, [0, -1], [0.1, 0.1], "which runs from -1"),
        (TARGETS, [0], [0.1, 0.1], "which has 1 rows, most 2"),
        (TARGETS, [0, 1], [0.1, -0.1], "most holds a negative"),
        (TARGETS, [0, 1], [0.1, np.nan], "most holds a negative"),
        (np.full((1, 2), np.nan), [0], [0.1], "targets hold a value"),
    ],
)
def test_what_is_no_walk_is_refused(targets: np.ndarray, which: list[int], most: list[float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        limited_moves(targets, np.array(which), np.array(most))


def test_no_rows_give_no_rows() -> None:
    assert limited_moves(TARGETS, np.empty(0, dtype=np.int64), np.empty(0)).shape == (0, 3)
