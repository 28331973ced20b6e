"""Statistics against published and independently recomputed values.

Returns: C. Bacon, Practical Portfolio Performance Measurement and Attribution (2008), monthly, per cent, as in the R
package PerformanceAnalytics. Tolerance: half a unit in the last printed digit.
"""

import math

import numpy as np
import pytest

from geobuk.quant.drawdown import drawdown, longest_below_peak, max_drawdown, pain, ulcer
from geobuk.quant.ratios import (
    calmar,
    downside_deviation,
    minimum_track_record,
    omega,
    probabilistic_sharpe,
    sharpe,
    sortino,
)
from geobuk.quant.returns import cagr, wealth
from geobuk.quant.tails import expected_shortfall, tail_ratio, value_at_risk

_PER_CENT = """
    0.3 2.6 1.1 -1.0 1.5 2.5 1.6 6.7 -1.4 4.0 -0.5 8.1
    4.0 -3.7 -6.1 1.7 -4.9 -2.2 7.0 5.8 -6.5 2.4 -0.5 -0.9
"""
BACON = np.array([float(value) for value in _PER_CENT.split()]) / 100.0
MONTHS = 12
HALF_DIGIT = 5e-8


def near(value: float) -> object:
    return pytest.approx(value, abs=HALF_DIGIT)


def test_downside_deviation_and_kappa_at_half_a_per_cent() -> None:
    assert downside_deviation(BACON, floor=0.005) == near(0.0255367)
    assert sortino(BACON, 1, floor=0.005) == near(0.1566371)


def test_ratios_of_gain_and_loss() -> None:
    assert omega(BACON) == near(1.7797834)
    assert sharpe(BACON, MONTHS) == near(0.7883203)
    assert sortino(BACON, MONTHS) == near(1.3592166)
    assert tail_ratio(BACON) == near(1.1748311)


def test_growth_and_drawdown() -> None:
    path = wealth(BACON)
    assert cagr(BACON, MONTHS) == near(0.1036783)
    assert max_drawdown(path) == near(-0.1446730)
    assert calmar(BACON, MONTHS) == near(0.7166391)
    assert ulcer(path) == near(0.0611843)
    assert pain(path) == near(0.0399897)
    assert cagr(BACON, MONTHS) / ulcer(path) == near(1.6945248)
    assert longest_below_peak(drawdown(path))[1] == 11


def test_tails() -> None:
    assert value_at_risk(BACON, 0.95) == near(0.0592)
    assert expected_shortfall(BACON, 0.95) == near(0.0643333)


@pytest.mark.parametrize(
    ("periods", "skew", "kurtosis", "expected"),
    [(24, -2.448, 10.164, 0.9134), (24, 0.0, 3.0, 0.9817), (36, -2.448, 10.164, 0.9535)],
)
def test_probabilistic_sharpe(periods: int, skew: float, kurtosis: float, expected: float) -> None:
    assert probabilistic_sharpe(0.458, periods, skew, kurtosis) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("per_year", "skew", "kurtosis", "years"), [(252, 0, 3, 2.731), (12, 0, 3, 3.240), (12, -0.72, 5.78, 4.991)]
)
def test_minimum_track_record_of_a_sharpe_of_two_against_one(
    per_year: int, skew: float, kurtosis: float, years: float
) -> None:
    root = math.sqrt(per_year)
    observations = minimum_track_record(2 / root, skew, kurtosis, benchmark=1 / root)
    assert observations / per_year == pytest.approx(years, abs=5e-4)
