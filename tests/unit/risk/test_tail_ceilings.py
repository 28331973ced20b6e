"""Tail multiples against published figures, scipy's distributions and brute integration.

Source of the figures: McNeil, Frey & Embrechts 2005, with a standard deviation of 2 % (normal about a mean of 0.1 %).
"""

from math import inf

import numpy as np
import pytest
from scipy import integrate, stats

from geobuk.risk.tail_ceilings import (
    cvar_multiple,
    liquidation_quantile,
    sigma_for_cvar,
    sigma_for_var,
    var_multiple,
)

CASES = [(confidence, degrees) for confidence in (0.9, 0.95, 0.99, 0.999) for degrees in (0.0, 2.5, 5.0, 30.0, 1000.0)]


def test_published_figures_of_a_normal_and_a_student_tail() -> None:
    assert var_multiple(0.99, 0.0) * 0.02 - 0.001 == pytest.approx(0.0455269575, abs=5e-11)
    assert cvar_multiple(0.99, 0.0) * 0.02 - 0.001 == pytest.approx(0.0523042844, abs=5e-11)
    assert var_multiple(0.99, 5.0) * 0.02 == pytest.approx(0.0521292714, abs=5e-11)
    assert cvar_multiple(0.99, 5.0) * 0.02 == pytest.approx(0.0689767352, abs=5e-11)


@pytest.mark.parametrize(("confidence", "degrees"), CASES)
def test_multiples_are_those_of_scipy(confidence: float, degrees: float) -> None:
    unit = stats.norm() if degrees == 0.0 else stats.t(degrees, scale=np.sqrt((degrees - 2.0) / degrees))
    quantile = unit.ppf(confidence)
    beyond = integrate.quad(lambda x: x * unit.pdf(x), quantile, np.inf)[0] / (1.0 - confidence)
    assert var_multiple(confidence, degrees) == pytest.approx(quantile, rel=1e-9)
    assert cvar_multiple(confidence, degrees) == pytest.approx(beyond, rel=1e-6)
    assert cvar_multiple(confidence, degrees) > var_multiple(confidence, degrees)


def test_many_degrees_of_freedom_are_nearly_normal() -> None:
    assert var_multiple(0.99, 1e6) == pytest.approx(var_multiple(0.99, 0.0), rel=1e-5)


@pytest.mark.parametrize("degrees", [0.5, 1.0, 2.0, 2.1])
def test_a_tail_without_a_variance_is_taken_at_a_little_above_two_degrees(degrees: float) -> None:
    assert var_multiple(0.99, degrees) == var_multiple(0.99, 2.1)
    assert cvar_multiple(0.99, degrees) == cvar_multiple(0.99, 2.1)


def test_a_ceiling_is_the_limit_divided_by_the_multiple_and_off_at_zero() -> None:
    # 2 % / 2.606464 = 0.767323 %; 3 % / 3.448837 = 0.869859 %
    assert sigma_for_var(0.02, 0.99, 5.0) == pytest.approx(0.00767323, abs=5e-9)
    assert sigma_for_cvar(0.03, 0.99, 5.0) == pytest.approx(0.00869859, abs=5e-9)
    assert sigma_for_var(0.0, 0.99, 5.0) == sigma_for_cvar(0.0, 0.99, 5.0) == inf


def test_liquidation_takes_the_farther_of_normal_and_student() -> None:
    # 0.5 % to touch is 0.25 % to end beyond: normal 2.8070, t with 5 degrees 4.7733 / sqrt(5 / 3) = 3.6974
    assert stats.norm.sf(2.8070) * 2 == pytest.approx(0.005, rel=1e-3)
    assert liquidation_quantile(0.005, 0.0) == pytest.approx(2.8070, abs=5e-5)
    assert liquidation_quantile(0.005, 5.0) == pytest.approx(stats.t.ppf(0.9975, 5) * np.sqrt(0.6), rel=1e-9)
    # at 40 % the scaled t lies nearer than the normal, which counts then
    assert liquidation_quantile(0.4, 5.0) == pytest.approx(stats.norm.ppf(0.8), rel=1e-12)
    assert liquidation_quantile(0.0, 5.0) == 0.0


def test_a_walk_touches_the_barrier_no_more_often_than_promised() -> None:
    """The reflection principle by simulation: 20,000 days of 240 steps, barrier for 5 %."""
    rng = np.random.default_rng(3)
    lowest = np.zeros(20_000)
    at = np.zeros(20_000)
    for _ in range(240):
        at += rng.normal(0.0, 1.0 / np.sqrt(240), at.shape)
        np.minimum(lowest, at, out=lowest)
    touched = float((lowest < -liquidation_quantile(0.05, 0.0)).mean())
    assert 0.035 < touched < 0.05  # steps see a little less than a path without gaps
