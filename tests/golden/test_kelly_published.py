"""Kelly and drawdown control against published and independently recomputed values.

Thorp 2006, The Kelly Criterion in Blackjack, Sports Betting and the Stock Market: the even bet at 53 %, the stock
index and the chances of falling. The others were computed two ways. Tolerance: half a unit in the last printed digit.
"""

import numpy as np
import pytest

from geobuk.quant.drawdown_control import (
    CppiSpec,
    CppiState,
    cppi_continuous,
    cppi_path,
    drawdown_exposure,
    start_cppi,
)
from geobuk.quant.kelly import (
    bet_fraction,
    bet_growth,
    chance_of_falling_to,
    chance_of_reaching_first,
    continuous_growth,
    continuous_kelly,
    discrete_kelly,
    ema_moments,
    kept_growth,
    plug_in_multiple,
    several_kelly,
)


@pytest.mark.parametrize(
    ("chance", "gain", "fraction", "growth"),
    [(0.53, 1.0, 0.06, 0.0018010816), (0.6, 1.0, 0.20, 0.0201355136), (0.4, 2.0, 0.10, 0.0097123133)],
)
def test_bets(chance: float, gain: float, fraction: float, growth: float) -> None:
    assert bet_fraction(chance, gain) == pytest.approx(fraction, abs=1e-12)
    assert bet_growth(fraction, chance, gain) == pytest.approx(growth, abs=5e-11)


def test_stock_index() -> None:
    found = continuous_kelly(0.11, 0.15, 0.06)
    assert found.fraction == pytest.approx(2.2222, abs=5e-5)
    assert found.growth == pytest.approx(0.115556, abs=5e-7)
    assert continuous_growth(found.fraction, 0.11, 0.15, 0.06) == pytest.approx(found.growth, abs=1e-12)


@pytest.mark.parametrize(("part", "kept"), [(0.5, 0.75), (0.25, 0.4375), (1.0, 1.0), (2.0, 0.0)])
def test_growth_kept_by_a_part(part: float, kept: float) -> None:
    assert kept_growth(part) == pytest.approx(kept, abs=1e-15)


@pytest.mark.parametrize(("part", "chance"), [(1.0, 0.5), (0.5, 0.125), (0.25, 0.0078125)])
def test_chance_of_ever_halving(part: float, chance: float) -> None:
    assert chance_of_falling_to(0.5, part) == pytest.approx(chance, abs=1e-15)


@pytest.mark.parametrize(("part", "chance"), [(1.0, 2 / 3), (0.5, 8 / 9)])
def test_chance_of_doubling_before_halving(part: float, chance: float) -> None:
    assert chance_of_reaching_first(2.0, 0.5, part) == pytest.approx(chance, abs=1e-14)


def test_two_assets() -> None:
    found = several_kelly([0.05, 0.08], [[0.04, 0.018], [0.018, 0.09]])
    assert found.fractions == pytest.approx(np.array([0.9340659, 0.7020757]), abs=5e-8)
    assert found.excess_growth == pytest.approx(0.0514347, abs=5e-8)


def test_three_outcomes() -> None:
    found = discrete_kelly([-0.2, 0.1, 0.3], [0.3, 0.5, 0.2])
    assert found.fraction == pytest.approx(1.4766682, abs=5e-8)
    assert found.growth == pytest.approx(0.0372012, abs=5e-8)
    assert found.quadratic == pytest.approx(1.4285714, abs=5e-8)


def test_multiple_after_ten_years() -> None:
    assert plug_in_multiple(0.1 / 0.2, 10.0) == pytest.approx(0.7142857, abs=5e-8)


def test_weighted_moments() -> None:
    found = ema_moments([0.01, -0.02, 0.03], 3)
    assert found.mean == pytest.approx(0.012857143, abs=5e-10)
    assert found.variance == pytest.approx(8.35714286e-4, abs=5e-13)
    assert found.variance_biased == pytest.approx(4.77551020e-4, abs=5e-13)


def test_constant_proportion() -> None:
    spec = CppiSpec(multiplier=3.0)
    path = cppi_path([0.1, -0.1, -0.25], start_cppi(100.0, spec, 90.0), spec)
    assert path.exposure == pytest.approx(np.array([30.0, 39.0, 27.3]), abs=1e-9)
    assert path.value == pytest.approx(np.array([100.0, 103.0, 99.1, 92.275]), abs=1e-9)
    assert path.locked_at is None


def test_time_invariant_protection() -> None:
    spec = CppiSpec(multiplier=2.0, ratchet=0.8)
    path = cppi_path([0.1, -0.2], start_cppi(100.0, spec), spec)
    assert path.value == pytest.approx(np.array([100.0, 104.0, 95.68]), abs=1e-9)
    assert path.floor == pytest.approx(np.array([80.0, 83.2, 83.2]), abs=1e-9)


def test_continuous_rebalancing() -> None:
    assert cppi_continuous(CppiState(100.0, 90.0), 2.0, 1.1, 0.2, 1.0) == pytest.approx(101.6255522, abs=5e-8)


def test_growth_under_a_drawdown_limit() -> None:
    found = drawdown_exposure(1.0, 1.0, 0.1, 0.2, 0.5)
    assert (found.fraction, found.growth) == (pytest.approx(1.25, abs=1e-12), pytest.approx(0.0625, abs=1e-12))
