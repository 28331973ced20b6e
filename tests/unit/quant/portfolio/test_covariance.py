"""What is refused as a covariance, what a repair does, and what the estimates shrink toward."""

import math

import numpy as np
import pytest

from geobuk.quant.portfolio import (
    constant_correlation,
    correlation,
    ledoit_wolf,
    nearest_covariance,
    sample_covariance,
    valid_covariance,
)
from geobuk.quant.portfolio.covariance import factor_of

MIXED = np.array([[1, 2, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 3, 1, 0], [0, 0, 0, 1, -2], [1, 0, 0, 0, 1]]) * 0.01
RETURNS = np.random.default_rng(4).standard_normal((200, 5)) @ MIXED


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([], "square"),
        ([1.0], "square"),
        ([[1.0, 2.0]], "square"),
        ([[1.0, math.nan], [0.0, 1.0]], r"\[0, 1\] is nan"),
        ([[1.0, 0.1], [0.1, math.inf]], r"\[1, 1\] is inf"),
        ([[1.0, 0.1], [0.2, 1.0]], "asymmetric"),
        ([[1.0, 1.1], [1.1, 1.0]], "eigenvalue"),
        ([[-1.0]], "eigenvalue"),
    ],
)
def test_what_is_no_covariance_is_refused(matrix: list[list[float]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        valid_covariance(matrix)


def test_rounding_is_forgiven_and_made_symmetric_at_any_scale() -> None:
    for scale in (1e-12, 1.0, 1e12):
        matrix = np.array([[1.0, 1.0], [1.0 + 1e-10, 1.0]]) * scale
        found = valid_covariance(matrix)
        assert found[0, 1] == found[1, 0]
        with pytest.raises(ValueError, match="asymmetric"):
            valid_covariance(np.array([[1.0, 0.5], [0.5 + 1e-6, 1.0]]) * scale)


def test_a_repair_cuts_negative_eigenvalues_and_says_so() -> None:
    broken = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    repaired = nearest_covariance(broken)
    assert repaired.flags == ("repaired",)
    values = np.linalg.eigvalsh(broken)
    assert np.linalg.norm(repaired.covariance - broken) == pytest.approx(-values[0])
    assert valid_covariance(repaired.covariance) == pytest.approx(repaired.covariance)
    assert nearest_covariance(np.eye(2)).flags == ()


def test_a_factor_multiplies_to_its_covariance_even_where_it_is_singular() -> None:
    for matrix in (np.cov(RETURNS, rowvar=False), np.ones((3, 3)), np.zeros((2, 2))):
        factor = factor_of(matrix)
        assert factor @ factor.T == pytest.approx(matrix, abs=1e-12)


def test_correlation_names_the_asset_without_variance() -> None:
    assert correlation(np.array([[4.0, 3.0], [3.0, 9.0]])) == pytest.approx(np.array([[1.0, 0.5], [0.5, 1.0]]))
    with pytest.raises(ValueError, match="asset 1 has variance 0"):
        correlation(np.diag([1.0, 0.0]))


def test_the_sample_covariance_is_that_of_numpy() -> None:
    found = sample_covariance(RETURNS)
    assert found.covariance == pytest.approx(np.cov(RETURNS, rowvar=False))
    assert (found.shrinkage, found.flags) == (0.0, ())


def test_fewer_rows_than_assets_are_flagged_and_shrinking_makes_them_invertible() -> None:
    few = RETURNS[:4]
    assert sample_covariance(few).flags == ("short",)
    for estimate in (ledoit_wolf(few), constant_correlation(few)):
        assert estimate.flags == ("short",)
        assert np.linalg.eigvalsh(estimate.covariance)[0] > 0.0


@pytest.mark.parametrize("divisor", ["n", "n-1"])
def test_constant_correlation_by_the_sums_of_the_paper(divisor: str) -> None:
    """pi, rho and gamma summed term by term, from the covariance that the variant starts from."""
    rows, count = RETURNS.shape
    x = RETURNS - RETURNS.mean(axis=0)
    sample = x.T @ x / (rows if divisor == "n" else rows - 1)
    root = np.sqrt(np.diag(sample))
    pairs = [(i, j) for i in range(count) for j in range(count) if i != j]
    mean = sum(sample[i, j] / root[i] / root[j] for i, j in pairs) / len(pairs)
    target = np.array(
        [[sample[i, i] if i == j else mean * root[i] * root[j] for j in range(count)] for i in range(count)]
    )
    pi = sum(np.mean((x[:, i] * x[:, j] - sample[i, j]) ** 2) for i in range(count) for j in range(count))
    rho = sum(np.mean((x[:, i] ** 2 - sample[i, i]) ** 2) for i in range(count))
    for i, j in pairs:
        product = x[:, i] * x[:, j] - sample[i, j]
        mine = np.mean((x[:, i] ** 2 - sample[i, i]) * product)
        other = np.mean((x[:, j] ** 2 - sample[j, j]) * product)
        rho += mean / 2 * (root[j] / root[i] * mine + root[i] / root[j] * other)
    share = min(1.0, max(0.0, (pi - rho) / np.sum((sample - target) ** 2) / rows))
    found = constant_correlation(RETURNS, divisor=divisor)
    assert 0.0 < share < 1.0
    assert found.shrinkage == pytest.approx(share, rel=1e-9)
    assert found.covariance == pytest.approx(share * target + (1 - share) * sample, rel=1e-9)
    assert found.method == f"constant_correlation_{divisor}"


def test_estimates_that_cannot_be_are_refused() -> None:
    for estimate in (sample_covariance, ledoit_wolf, constant_correlation):
        for table in ([1.0, 2.0], [[1.0, 2.0]], [[1.0, math.nan], [0.0, 1.0]]):
            with pytest.raises(ValueError, match="returns"):
                estimate(table)
    with pytest.raises(ValueError, match="divisor 'n-2'"):
        constant_correlation(RETURNS, divisor="n-2")
    with pytest.raises(ValueError, match="one asset"):
        constant_correlation(RETURNS[:, :1])
    with pytest.raises(ValueError, match="asset 0"):
        constant_correlation([[0.0, 1.0], [0.0, 2.0], [0.0, 1.0]])
