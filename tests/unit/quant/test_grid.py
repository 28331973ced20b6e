"""Bands, ticks and steps: float dust must never cost or gain a step."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.quant.grid import band_of, round_down, round_toward_zero, round_up, snapped

GRIDS = ("0.001", "0.01", "0.1", "0.5", "1", "5", "0.00001")


@pytest.mark.parametrize(
    ("value", "grid", "down", "up"),
    [
        (10.05, 0.1, 10.0, 10.1),
        (10.0, 0.1, 10.0, 10.0),
        (0.3, 0.1, 0.3, 0.3),  # 0.3 / 0.1 is 2.9999999999999996
        (0.7, 0.1, 0.7, 0.7),
        (1.1 + 2.2, 0.1, 3.3, 3.3),  # 3.3000000000000003
        (0.0, 0.1, 0.0, 0.0),
        (61_234.56, 0.1, 61_234.5, 61_234.6),
        (0.0004, 0.001, 0.0, 0.001),
        (7.0, 5.0, 5.0, 10.0),
    ],
)
def test_rounding_down_and_up_by_hand(value: float, grid: float, down: float, up: float) -> None:
    assert round_down(value, grid) == pytest.approx(down, rel=1e-12, abs=1e-12)
    assert round_up(value, grid) == pytest.approx(up, rel=1e-12, abs=1e-12)


@given(st.integers(0, 10**7), st.sampled_from(GRIDS))
def test_a_value_on_the_grid_stays_where_it_is(steps: int, grid: str) -> None:
    value = float(steps * Decimal(grid))
    for rounded in (round_down(value, float(grid)), round_up(value, float(grid)), snapped(value, float(grid))):
        assert rounded == pytest.approx(value, rel=1e-12, abs=1e-15)


@given(st.floats(0, 1e6), st.sampled_from(GRIDS))
def test_the_value_lies_between_its_roundings(value: float, grid: str) -> None:
    size = float(grid)
    slack = size * 1e-8 + value * 1e-12
    assert round_down(value, size) <= value + slack
    assert round_up(value, size) >= value - slack
    assert round_up(value, size) - round_down(value, size) <= size + slack


@given(st.floats(-1e6, 1e6), st.sampled_from(GRIDS))
def test_rounding_toward_zero_never_enlarges_and_keeps_the_sign(value: float, grid: str) -> None:
    rounded = round_toward_zero(value, float(grid))
    assert abs(rounded) <= abs(value) + float(grid) * 1e-8 + abs(value) * 1e-12
    assert rounded * value >= 0.0


def test_a_grid_of_zero_rounds_nothing() -> None:
    assert [f(1.2345, 0.0) for f in (round_down, round_up, snapped, round_toward_zero)] == [1.2345] * 4


def test_sums_of_steps_are_put_back_on_the_grid() -> None:
    total = 0.0
    for _ in range(10):
        total += 0.1
    assert total != 1.0
    assert snapped(total, 0.1) == 1.0
    assert snapped(-total, 0.1) == -1.0
    assert snapped(1e-17, 0.001) == 0.0


@pytest.mark.parametrize(
    ("value", "band"), [(0.0, 0), (1_999.0, 0), (2_000.0, 1), (4_999.9, 1), (5_000.0, 2), (1e12, 2)]
)
def test_a_band_begins_at_its_floor(value: float, band: int) -> None:
    assert band_of(value, np.array([0.0, 2_000.0, 5_000.0, np.inf, np.inf])) == band


def test_a_single_band_holds_everything() -> None:
    assert band_of(1e15, np.array([0.0])) == 0
