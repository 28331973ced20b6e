"""Weights against published and independently recomputed examples. Tolerance: half a unit in the last printed digit.

Equal risk: Maillard, Roncalli & Teiletche 2010, four assets. Trees: Lopez de Prado 2016 on the same covariance.
"""

import numpy as np
import pytest

from geobuk.quant.portfolio import (
    equal_risk,
    hierarchical_risk_parity,
    ledoit_wolf,
    minimum_variance,
    target_leverage,
    unlimited_minimum_variance,
)

DEVIATIONS = np.array([0.1, 0.2, 0.3, 0.4])
PAIRS = np.array([[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]])
COVARIANCE = PAIRS * np.outer(DEVIATIONS, DEVIATIONS)


def test_equal_risk_of_four_assets() -> None:
    found = equal_risk(COVARIANCE)
    assert found.weights == pytest.approx([0.3836125, 0.1918063, 0.2426179, 0.1819634], abs=6e-8)
    assert found.volatility == pytest.approx(0.1029340, abs=5e-8)
    assert found.contributions == pytest.approx([0.25] * 4, abs=1e-9)


def test_hierarchical_risk_parity_of_the_same_assets() -> None:
    found = hierarchical_risk_parity(COVARIANCE)
    assert found.weights == pytest.approx([0.5563150, 0.1390788, 0.1949480, 0.1096582], abs=6e-8)
    assert found.method == "hrp_condensed"


@pytest.mark.parametrize("rule", [minimum_variance, unlimited_minimum_variance])
def test_minimum_variance_of_two_assets(rule: object) -> None:
    found = rule([[0.04, 0.006], [0.006, 0.09]])  # type: ignore[operator]
    assert found.weights == pytest.approx([0.7118644, 0.2881356], abs=5e-8)


def test_ledoit_wolf_of_six_rows() -> None:
    found = ledoit_wolf([(1, 2), (2, 1), (3, 5), (4, 4), (6, 5), (5, 8)])
    assert found.shrinkage == pytest.approx(0.4209637, abs=5e-8)
    expected = np.array([[3.3844041, 1.6888559], [1.6888559, 4.6711514]])
    assert found.covariance == pytest.approx(expected, abs=6e-8)


def test_leverage_of_a_volatility_of_sixty_per_cent() -> None:
    assert target_leverage(0.60, 0.15, cap=3.0) == 0.25
