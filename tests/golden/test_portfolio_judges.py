"""Weights and covariances against skfolio and PyPortfolioOpt. Values: benchmarks/golden/portfolio_values.py.

Tolerances: what has a closed form (trees, shrinkage) agrees to rounding, 1e-9. skfolio's weights are 2e-6 away from the
exact solution on the assets that it holds (ours 2e-9), so they are compared at 5e-6. Its utility is mu'w - a w'Sigma w,
ours halves the variance: its a is half of ours.
PyPortfolioOpt shrinks toward constant correlation from the covariance of n - 1.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geobuk.quant.portfolio import (
    WeightLimits,
    constant_correlation,
    equal_risk,
    hierarchical_risk_parity,
    ledoit_wolf,
    mean_variance,
    minimum_variance,
)

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "portfolio_values.json").read_text(encoding="utf-8"))
CASES: dict[str, Any] = DOCUMENT["cases"]
SOLVED = 5e-6


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CASES[request.param]


@pytest.fixture
def covariance(case: dict[str, Any]) -> np.ndarray:
    return np.cov(np.array(case["returns"]), rowvar=False)


def test_hierarchical_risk_parity_equals_pyportfolioopt(case: dict[str, Any], covariance: np.ndarray) -> None:
    assert hierarchical_risk_parity(covariance).weights == pytest.approx(case["hrp"], abs=1e-9)


def test_equal_risk_equals_skfolio(case: dict[str, Any], covariance: np.ndarray) -> None:
    assert equal_risk(covariance).weights == pytest.approx(case["equal_risk"], abs=SOLVED)


def test_risk_budgets_equal_skfolio(case: dict[str, Any], covariance: np.ndarray) -> None:
    assert equal_risk(covariance, case["budgets"]).weights == pytest.approx(case["risk_budgets"], abs=SOLVED)


def test_minimum_variance_equals_skfolio(case: dict[str, Any], covariance: np.ndarray) -> None:
    assert minimum_variance(covariance).weights == pytest.approx(case["minimum_variance"], abs=SOLVED)


def test_minimum_variance_is_exact_on_the_assets_it_holds(covariance: np.ndarray) -> None:
    found = minimum_variance(covariance).weights
    held = found > 1e-6
    inverse = np.linalg.solve(covariance[np.ix_(held, held)], np.ones(held.sum()))
    assert found[held] == pytest.approx(inverse / inverse.sum(), abs=1e-8)
    assert (covariance @ found)[~held].min(initial=np.inf) >= found @ covariance @ found


def test_bounded_minimum_variance_equals_pyportfolioopt(case: dict[str, Any], covariance: np.ndarray) -> None:
    found = minimum_variance(covariance, WeightLimits(-0.2, 0.5))
    assert found.weights == pytest.approx(case["minimum_variance_bounded"], abs=1e-6)


def test_mean_variance_equals_skfolio(case: dict[str, Any], covariance: np.ndarray) -> None:
    means = np.array(case["returns"]).mean(axis=0)
    aversion = 2.0 * DOCUMENT["risk_aversion"]
    found = mean_variance(covariance, means, aversion)
    assert found.weights == pytest.approx(case["mean_variance"], abs=SOLVED)
    limits = WeightLimits(previous=np.full(len(means), 1 / len(means)), turnover_cost=DOCUMENT["transaction_cost"])
    trading = mean_variance(covariance, means, aversion, limits)
    assert trading.weights == pytest.approx(case["mean_variance_with_cost"], abs=SOLVED)


def test_ledoit_wolf_equals_pyportfolioopt(case: dict[str, Any]) -> None:
    found = ledoit_wolf(case["returns"])
    assert found.shrinkage == pytest.approx(case["ledoit_wolf_shrinkage"], rel=1e-9)
    assert found.covariance == pytest.approx(np.array(case["ledoit_wolf"]), rel=1e-9, abs=1e-15)


def test_constant_correlation_from_n_minus_one_equals_pyportfolioopt(case: dict[str, Any]) -> None:
    found = constant_correlation(case["returns"], divisor="n-1")
    assert found.shrinkage == pytest.approx(case["constant_correlation_shrinkage"], rel=1e-9)
    assert found.covariance == pytest.approx(np.array(case["constant_correlation"]), rel=1e-9, abs=1e-15)
