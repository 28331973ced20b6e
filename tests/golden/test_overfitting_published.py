"""Overfitting, bootstrap and validation against published and independently recomputed values.

Bailey & Lopez de Prado 2014 (deflated Sharpe), Bailey et al. 2014 (1.57 for 10 trials, 5 years for 45), Bacon 2008
(returns as in PerformanceAnalytics). Tolerance: half a unit in the last printed digit.
"""

import math

import numpy as np
import pytest

from geobuk.quant.funding_rate import funding_rate
from geobuk.quant.mean_reversion import half_life, half_life_linear
from geobuk.quant.overfitting import (
    backtest_overfitting,
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_length,
    variance_of_bootstrap_mean,
)
from geobuk.quant.ratios import autocorrelated_annualisation, upside_deviation
from geobuk.quant.returns import mean_absolute_deviation
from geobuk.quant.validation import PurgeSpec, WalkSpec, combined_counts, purged_folds, walk_forward

_PER_CENT = """
    0.3 2.6 1.1 -1.0 1.5 2.5 1.6 6.7 -1.4 4.0 -0.5 8.1
    4.0 -3.7 -6.1 1.7 -4.9 -2.2 7.0 5.8 -6.5 2.4 -0.5 -0.9
"""
BACON = np.array([float(value) for value in _PER_CENT.split()])
FOUR_CONFIGURATIONS = [
    [3, 2, 1, -1],
    [-1, -3, -3, -3],
    [-2, 3, 2, 4],
    [1, 1, 4, 2],
    [2, 1, 1, 4],
    [-1, 3, 2, -3],
    [0, 3, 1, -3],
    [3, 2, 3, -2],
]


def test_upside_risk_and_mean_absolute_deviation() -> None:
    assert upside_deviation(BACON / 100.0, floor=0.005) == pytest.approx(0.0293733, abs=5e-8)
    assert mean_absolute_deviation(BACON / 100.0) == pytest.approx(0.0310833, abs=5e-8)


@pytest.mark.parametrize(("trials", "expected"), [(10, 1.574598), (45, 2.235640)])
def test_best_of_trials_without_skill(trials: int, expected: float) -> None:
    assert expected_maximum(trials) == pytest.approx(expected, abs=5e-7)


def test_five_years_are_spent_by_forty_five_trials() -> None:
    assert minimum_backtest_length(45) == pytest.approx(4.998, abs=5e-4)


def test_deflated_sharpe_ratio() -> None:
    found = deflated_sharpe(2.5 / math.sqrt(250), 1250, -3.0, 10.0, 100, 0.5 / 250)
    assert found.benchmark == pytest.approx(0.113172, abs=5e-7)
    assert found.probability == pytest.approx(0.90040, abs=5e-6)
    normal = deflated_sharpe(2.5 / math.sqrt(250), 1250, 0.0, 3.0, 88, 0.5 / 250)
    assert normal.probability == pytest.approx(0.9505, abs=5e-5)


def test_annualisation_of_autocorrelated_returns() -> None:
    assert autocorrelated_annualisation((-0.2) ** np.arange(1, 12), 12) == pytest.approx(4.170848, abs=5e-7)


def test_overfitting_of_four_configurations() -> None:
    found = backtest_overfitting(np.array(FOUR_CONFIGURATIONS) / 100.0, 4)
    assert found.pbo == 0.5
    expected = [-1.386294, -0.405465, -0.405465, 0.405465, 0.405465, 0.405465]
    assert np.sort(found.logits) == pytest.approx(np.array(expected), abs=5e-7)


def test_variance_of_the_mean_under_the_stationary_bootstrap() -> None:
    assert variance_of_bootstrap_mean([1.0, 2.0, 4.0, 3.0], 2.0) == pytest.approx(0.234375, abs=5e-7)


def test_purged_folds_of_twelve_rows() -> None:
    found = purged_folds(12, 3, PurgeSpec(horizon=1, embargo=1))
    assert [fold.train.tolist() for fold in found] == [[6, 7, 8, 9, 10, 11], [0, 1, 2, 10, 11], [0, 1, 2, 3, 4, 5, 6]]
    assert [fold.test.tolist() for fold in found] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_two_of_ten_groups_make_nine_paths() -> None:
    assert combined_counts(10, 2) == (45, 9)


def test_windows_of_twenty_rows() -> None:
    found = walk_forward(20, WalkSpec(train=8, gap=1, test=4, step=4))
    assert [(fold.train.tolist(), fold.test.tolist()) for fold in found] == [
        (list(range(8)), [9, 10, 11, 12]),
        (list(range(4, 12)), [13, 14, 15, 16]),
    ]


def test_half_life_and_its_approximation() -> None:
    assert half_life(0.9) == pytest.approx(6.5788134, abs=1e-7)  # the source cuts its last digit
    assert half_life_linear(0.9) == pytest.approx(6.9314718, abs=5e-8)


@pytest.mark.parametrize(("premium", "rate"), [(0.0, 0.0001), (0.0008, 0.0003), (-0.0008, -0.0003), (0.0005, 0.0001)])
def test_funding_rate_of_a_premium(premium: float, rate: float) -> None:
    assert funding_rate(premium) == pytest.approx(rate, abs=1e-15)
