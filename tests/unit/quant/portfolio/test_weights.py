"""What every rule of weights keeps, and what each one is by itself."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from geobuk.quant.portfolio import (
    Allocation,
    WeightLimits,
    equal_risk,
    hierarchical_risk_parity,
    inverse_volatility,
    mean_variance,
    minimum_variance,
    target_leverage,
    unlimited_minimum_variance,
    volatility_target,
)

Rule = Callable[[np.ndarray], Allocation]


def flat_mean_variance(covariance: np.ndarray) -> Allocation:
    return mean_variance(covariance, np.zeros(len(covariance)))


def linked_by_rows(covariance: np.ndarray) -> Allocation:
    return hierarchical_risk_parity(covariance, distances="distance_of_distances")


LONG_ONLY: list[Rule] = [
    equal_risk,
    hierarchical_risk_parity,
    linked_by_rows,
    inverse_volatility,
    minimum_variance,
    flat_mean_variance,
]


def drawn(assets: int, seed: int, scale: float = 1e-4) -> np.ndarray:
    generator = np.random.default_rng(seed)
    loads = generator.standard_normal((assets, assets + 2))
    spread = np.diag(generator.uniform(0.3, 3.0, assets))
    return np.asarray(spread @ loads @ loads.T @ spread * scale)


@pytest.mark.parametrize("rule", LONG_ONLY)
@given(st.integers(1, 9), st.integers(0, 10_000), st.sampled_from([1e-10, 1e-4, 1.0, 1e6]))
def test_weights_are_long_and_sum_to_one_at_any_scale(rule: Rule, assets: int, seed: int, scale: float) -> None:
    found = rule(drawn(assets, seed, scale))
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found.weights >= 0.0).all()
    assert found.contributions.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("rule", [*LONG_ONLY, unlimited_minimum_variance])
def test_one_asset_gets_everything(rule: Rule) -> None:
    found = rule(np.array([[0.04]]))
    assert found.weights.tolist() == [1.0]
    assert found.flags == ("single",)
    assert found.volatility == pytest.approx(0.2)


@pytest.mark.parametrize("rule", [*LONG_ONLY, unlimited_minimum_variance])
def test_an_asset_without_variance_is_named(rule: Rule) -> None:
    with pytest.raises(ValueError, match="asset 1 has variance 0"):
        rule(np.diag([0.04, 0.0, 0.01]))


@pytest.mark.parametrize("rule", [*LONG_ONLY, unlimited_minimum_variance])
def test_what_is_no_covariance_is_refused(rule: Rule) -> None:
    for matrix in (np.array([[1.0, math.nan], [math.nan, 1.0]]), np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones((2, 3))):
        with pytest.raises(ValueError, match="covariance"):
            rule(matrix)


@given(st.integers(2, 9), st.integers(0, 10_000))
def test_risk_contributions_meet_their_budgets(assets: int, seed: int) -> None:
    budgets = np.random.default_rng(seed).uniform(0.01, 1.0, assets)
    found = equal_risk(drawn(assets, seed), budgets)
    assert found.contributions == pytest.approx(budgets / budgets.sum(), abs=1e-9)


@pytest.mark.parametrize("pair", [-0.2, 0.0, 0.6, 1.0])
def test_equal_correlations_make_equal_risk_inverse_volatility(pair: float) -> None:
    deviations = np.array([0.1, 0.2, 0.5])
    covariance = (np.full((3, 3), pair) + (1.0 - pair) * np.eye(3)) * np.outer(deviations, deviations)
    assert equal_risk(covariance).weights == pytest.approx(inverse_volatility(covariance).weights, abs=1e-9)


def test_assets_that_nearly_hedge_each_other_still_meet_their_budgets() -> None:
    near = -1.0 + 1e-9
    covariance = np.array([[1.0, near, 0.0], [near, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert equal_risk(covariance).contributions == pytest.approx([1 / 3] * 3, abs=1e-7)


def test_returns_that_dwarf_variances_are_solved() -> None:
    found = mean_variance(drawn(6, 3, scale=1e-12), [0.1, 0.5, -0.2, 0.0, 0.3, 0.2])
    assert found.weights == pytest.approx([0.0, 1.0, 0.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_a_mix_without_risk_has_none_to_share() -> None:
    with pytest.raises(ValueError, match="miss their budgets"):
        equal_risk([[1.0, -1.0], [-1.0, 1.0]])


@pytest.mark.parametrize("budgets", [[1.0], [1.0, 0.0], [1.0, -1.0], [1.0, math.nan]])
def test_budgets_that_cannot_be_are_refused(budgets: list[float]) -> None:
    with pytest.raises(ValueError, match="budgets"):
        equal_risk(np.eye(2), budgets)


def test_trees_need_no_inverse() -> None:
    singular = np.cov(np.random.default_rng(3).standard_normal((4, 8)), rowvar=False)
    assert hierarchical_risk_parity(singular).weights.sum() == pytest.approx(1.0)
    twins = hierarchical_risk_parity(np.ones((2, 2)))
    assert twins.weights.tolist() == [0.5, 0.5]


def test_the_two_distances_of_trees_differ_and_are_named() -> None:
    covariance = drawn(7, 5)
    condensed, rows = hierarchical_risk_parity(covariance), linked_by_rows(covariance)
    assert (condensed.method, rows.method) == ("hrp_condensed", "hrp_distance_of_distances")
    assert np.abs(condensed.weights - rows.weights).max() > 1e-3
    with pytest.raises(ValueError, match="distances 'square'"):
        hierarchical_risk_parity(covariance, distances="square")


def test_limits_agree_with_another_solver() -> None:
    covariance, means = drawn(5, 11), np.array([0.002, -0.001, 0.004, 0.001, 0.0])
    previous = np.array([0.4, 0.3, 0.1, 0.1, 0.1])
    limits = WeightLimits(-0.3, np.full(5, 0.6), gross=1.4, previous=previous, turnover_cost=0.001)
    found = mean_variance(covariance, means, 4.0, limits).weights
    assert found.min() >= -0.3 - 1e-7
    assert found.max() <= 0.6 + 1e-7
    assert np.abs(found).sum() <= 1.4 + 1e-6

    def worth(weights: np.ndarray) -> float:
        cost = 0.001 * np.abs(weights - previous).sum()
        return float(means @ weights - 2.0 * weights @ covariance @ weights - cost) * 1e3

    # Positive and negative parts of w and of the trade make the problem smooth for SLSQP.
    parts = minimize(
        lambda x: -(means @ (x[:5] - x[5:10]) - 2.0 * (x[:5] - x[5:10]) @ covariance @ (x[:5] - x[5:10])
                    - 0.001 * x[10:].sum()) * 1e3,
        np.concatenate((previous, np.zeros(5), np.full(10, 0.01))),
        method="SLSQP",
        bounds=[(0.0, 0.6)] * 5 + [(0.0, 0.3)] * 5 + [(0.0, 2.0)] * 10,
        constraints=[
            {"type": "eq", "fun": lambda x: (x[:5] - x[5:10]).sum() - 1.0},
            {"type": "ineq", "fun": lambda x: 1.4 - x[:10].sum()},
            {"type": "eq", "fun": lambda x: x[:5] - x[5:10] - previous - x[10:15] + x[15:]},
        ],
        options={"maxiter": 2_000, "ftol": 1e-14},
    )  # fmt: skip
    other = parts.x[:5] - parts.x[5:10]
    assert worth(found) >= worth(other) - 1e-7
    assert found == pytest.approx(other, abs=1e-3)


def test_a_turnover_cost_above_every_gain_keeps_the_weights() -> None:
    previous = np.array([0.2, 0.5, 0.3])
    found = minimum_variance(drawn(3, 2), WeightLimits(previous=previous, turnover_cost=1.0))
    assert found.weights == pytest.approx(previous, abs=1e-7)
    free = minimum_variance(drawn(3, 2), WeightLimits(previous=previous))
    assert np.abs(free.weights - previous).max() > 0.01


@pytest.mark.parametrize(
    "limits",
    [
        WeightLimits(0.0, 0.2),
        WeightLimits(0.5, 1.0),
        WeightLimits(0.3, 0.2),
        WeightLimits(np.array([0.0, 0.0]), 1.0),
        WeightLimits(0.0, math.nan),
        WeightLimits(-math.inf, 1.0),
        WeightLimits(-1.0, 2.0, gross=0.9),
        WeightLimits(-1.0, 2.0, gross=math.nan),
        WeightLimits(np.array([-0.5, -0.5, 0.2]), np.array([-0.4, 2.0, 2.0]), gross=1.2),
        WeightLimits(turnover_cost=0.1),
        WeightLimits(previous=np.array([1.0]), turnover_cost=0.1),
        WeightLimits(previous=np.full(3, 1 / 3), turnover_cost=-0.1),
    ],
)
def test_limits_that_nothing_meets_are_refused(limits: WeightLimits) -> None:
    with pytest.raises(ValueError, match=r"bound|sum 1|gross|previous|turnover_cost|no weights"):
        minimum_variance(drawn(3, 2), limits)


@pytest.mark.parametrize(
    ("expected", "aversion"), [([0.1], 1.0), ([0.1, math.nan], 1.0), ([0.1, 0.2], 0.0), ([0.1, 0.2], math.nan)]
)
def test_expectations_that_cannot_be_are_refused(expected: list[float], aversion: float) -> None:
    with pytest.raises(ValueError, match=r"expected|risk_aversion"):
        mean_variance(np.eye(2), expected, aversion)


def test_a_singular_covariance_is_not_inverted() -> None:
    with pytest.raises(ValueError, match="singular"):
        unlimited_minimum_variance(np.ones((2, 2)))


def test_the_least_variance_of_all_is_the_unlimited_one() -> None:
    covariance = drawn(6, 9)
    assert unlimited_minimum_variance(covariance).volatility <= minimum_variance(covariance).volatility
    wide = minimum_variance(covariance, WeightLimits(-50.0, 50.0)).weights
    assert wide == pytest.approx(unlimited_minimum_variance(covariance).weights, abs=1e-6)


def test_a_portfolio_without_risk_is_flagged() -> None:
    found = minimum_variance(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-6)
    assert found.volatility < 1e-5


def test_leverage_uses_volatility_that_was_known_before() -> None:
    known = np.array([0.6, 0.3, 0.01, math.nan, 0.0, 0.15])
    assert volatility_target(known, 0.15, cap=2.0).tolist() == pytest.approx([0.0, 0.25, 0.5, 2.0, 0.0, 0.0])
    later = known.copy()
    later[-1] = 99.0
    assert volatility_target(later, 0.15, cap=2.0).tolist() == volatility_target(known, 0.15, cap=2.0).tolist()


@pytest.mark.parametrize("volatility", [0.0, -0.1, math.nan, math.inf])
def test_unknown_risk_is_not_taken(volatility: float) -> None:
    assert target_leverage(volatility, 0.15, cap=3.0) == 0.0


@pytest.mark.parametrize(("target", "cap"), [(-0.1, 1.0), (math.nan, 1.0), (0.1, -1.0), (0.1, math.inf)])
def test_targets_that_cannot_be_are_refused(target: float, cap: float) -> None:
    for call in (lambda: target_leverage(0.2, target, cap), lambda: volatility_target([0.2], target, cap)):
        with pytest.raises(ValueError, match=r"target|cap"):
            call()
    with pytest.raises(ValueError, match="at least one"):
        volatility_target([], 0.1, 1.0)
