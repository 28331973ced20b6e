import math

import numpy as np
import pytest
from scipy import stats

from geobuk.quant.value_at_risk import (
    Transitions,
    basel_zone,
    conditional_coverage,
    exceedances,
    independence,
    kupiec,
    transitions,
)


def test_no_exceedance_and_nothing_else() -> None:
    assert kupiec(0, 250, 0.01).statistic == pytest.approx(-2 * 250 * math.log(0.99), rel=1e-12)
    assert kupiec(250, 250, 0.01).statistic == pytest.approx(-2 * 250 * math.log(0.01), rel=1e-12)
    exact = kupiec(5, 100, 0.05)
    assert (exact.statistic, exact.p_value) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0, abs=1e-6))


@pytest.mark.parametrize(("x", "n", "p"), [(3, 250, 0.01), (30, 400, 0.05), (1, 50, 0.1)])
def test_kupiec_is_a_ratio_of_binomial_likelihoods(x: int, n: int, p: float) -> None:
    expected = 2 * (stats.binom.logpmf(x, n, x / n) - stats.binom.logpmf(x, n, p))
    found = kupiec(x, n, p)
    assert found.statistic == pytest.approx(expected, rel=1e-9)
    assert found.p_value == pytest.approx(stats.chi2.sf(expected, 1), rel=1e-9)


def test_transitions_are_counted_in_order() -> None:
    assert transitions([0, 0, 1, 1, 1, 0, 1]) == Transitions(1, 2, 1, 2)


def test_independence_is_a_g_test_of_the_table() -> None:
    moves = Transitions(900, 40, 35, 12)
    table = [[900, 40], [35, 12]]
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    found = independence(moves)
    assert (found.statistic, found.p_value) == (
        pytest.approx(expected.statistic, rel=1e-9),
        pytest.approx(expected.pvalue, rel=1e-9),
    )


@pytest.mark.parametrize("hits", [[0] * 50, [1] * 50, [0] * 49 + [1]])
def test_what_cannot_be_tested_says_so(hits: list[int]) -> None:
    found = conditional_coverage(hits, 0.05)
    assert found.flags == ("not_testable",)
    assert found.statistic == kupiec(sum(hits), 50, 0.05).statistic
    assert found.degrees == 2
    assert math.isfinite(found.p_value)


def test_a_lone_exceedance_can_be_tested() -> None:
    assert conditional_coverage([0] * 20 + [1] + [0] * 29, 0.05).flags == ()


def test_conditional_coverage_is_the_sum_of_both() -> None:
    hits = np.random.default_rng(3).random(500) < 0.08
    found = conditional_coverage(hits, 0.05)
    parts = kupiec(int(hits.sum()), 500, 0.05).statistic + independence(transitions(hits)).statistic
    assert found.statistic == pytest.approx(parts, rel=1e-12)
    assert found.p_value == pytest.approx(stats.chi2.sf(parts, 2), rel=1e-9)


def test_clusters_are_found() -> None:
    hits = np.zeros(1000, dtype=bool)
    hits[100:125] = hits[600:625] = True
    assert kupiec(50, 1000, 0.05).p_value > 0.99
    assert conditional_coverage(hits, 0.05).p_value < 1e-10


def test_exceedances_belong_to_the_forecast_of_the_row_before() -> None:
    var = [math.nan, 0.02, 0.02, 0.05, 0.0]
    assert exceedances([-0.9, -0.9, -0.03, -0.02, -0.06], var).tolist() == [True, False, True]
    with pytest.raises(ValueError, match="row t of both"):
        exceedances([0.1, 0.2], [0.1])


def test_basel_zones_for_other_lengths_follow_the_binomial() -> None:
    zones = [basel_zone(x, 500).zone for x in range(20)]
    assert zones.index("yellow") == int(stats.binom.ppf(0.95, 500, 0.01))
    assert zones.index("red") == int(stats.binom.ppf(0.9999, 500, 0.01))


@pytest.mark.parametrize(
    ("x", "n", "p", "message"),
    [(-1, 10, 0.1, "give 0"), (11, 10, 0.1, "give 0"), (0, 0, 0.1, "give 0"), (1, 9, 1.0, "prob")],
)
def test_wrong_counts_are_refused(x: int, n: int, p: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kupiec(x, n, p)
    with pytest.raises(ValueError, match=message):
        basel_zone(x, n, p)


@pytest.mark.parametrize("hits", [[], [1], [0, 2], [0.5, 1], [[0, 1]]])
def test_wrong_hits_are_refused(hits: list) -> None:
    with pytest.raises(ValueError, match="hits"):
        transitions(hits)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        independence(Transitions(1, -1, 1, 1))
