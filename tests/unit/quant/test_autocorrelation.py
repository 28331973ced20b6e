"""Sharpe ratios of returns that depend on each other, and deviations about a floor and the mean."""

import math

import numpy as np
import pytest
from statsmodels.tsa.stattools import acf

from geobuk.quant.ratios import (
    autocorrelated_annualisation,
    autocorrelations,
    downside_deviation,
    upside_deviation,
)
from geobuk.quant.returns import mean_absolute_deviation


def test_autocorrelations_are_those_of_statsmodels() -> None:
    values = np.random.default_rng(95).normal(size=80).cumsum()
    assert autocorrelations(values, 10) == pytest.approx(acf(values, nlags=10, fft=False)[1:])
    assert np.isnan(autocorrelations(np.full(9, 0.01), 3)).all()
    assert autocorrelations([0.1, -0.1], 3).tolist() == [-0.5, 0.0, 0.0]
    with pytest.raises(ValueError, match="lags"):
        autocorrelations(values, 0)


def test_independent_returns_annualise_by_the_root() -> None:
    assert autocorrelated_annualisation([0.0], 12) == pytest.approx(math.sqrt(12))
    assert autocorrelated_annualisation([0.3, 0.1], 1) == 1.0


def test_the_factor_is_mean_over_deviation_of_sums() -> None:
    rho = 0.4 ** np.arange(1, 6)
    lags = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    variance = (0.4**lags).sum()
    assert autocorrelated_annualisation(rho, 6) == pytest.approx(6 / math.sqrt(variance))
    assert autocorrelated_annualisation(np.append(rho, 0.9), 6) == autocorrelated_annualisation(rho, 6)
    assert autocorrelated_annualisation(rho, 6) < math.sqrt(6)


def test_impossible_correlations() -> None:
    assert math.isnan(autocorrelated_annualisation([-1.0], 12))
    for bad in ([], [math.nan], [1.5]):
        with pytest.raises(ValueError, match="correlation"):
            autocorrelated_annualisation(bad, 12)
    with pytest.raises(ValueError, match="periods"):
        autocorrelated_annualisation([0.1], 0)


def test_both_sides_of_a_floor_make_up_the_whole() -> None:
    values = np.random.default_rng(96).normal(size=50)
    both = downside_deviation(values, floor=0.1) ** 2 + upside_deviation(values, floor=0.1) ** 2
    assert both == pytest.approx(np.mean((values - 0.1) ** 2))
    assert upside_deviation([-0.1, -0.2]) == 0.0
    assert mean_absolute_deviation([1.0, 2.0, 6.0]) == pytest.approx(2.0)
