"""Covariance as running state, against numpy's own exponentially weighted mean; and what an account's weights vary."""

import numpy as np
import pytest
from tests.support.records import rules_row, state_row, table_of

from geobuk.panel import FloatArray
from geobuk.risk.covariance import update_covariance, variance_of


def fed(changes: FloatArray, alpha: float) -> FloatArray:
    """(N, N) lower triangle after (T, N) returns; NaN is a masked bar."""
    count = changes.shape[1]
    book = table_of(*[state_row()] * count)
    covariance, work, rules = np.zeros((count, count)), np.zeros((6, count)), rules_row(alpha_volatility=alpha)
    for row in changes:
        book["change"] = row
        book["observed"] += ~np.isnan(row)
        update_covariance(book, rules, covariance, work)
    return covariance


def weighted(changes: FloatArray, alpha: float) -> FloatArray:
    """The same by definition: a plain mean of products until 1 / alpha of them, exponential from there."""
    mean = np.zeros((changes.shape[1],) * 2)
    for seen, row in enumerate(changes, start=1):
        mean += max(alpha, 1.0 / seen) * (np.outer(row, row) - mean)
    return mean


@pytest.mark.parametrize("alpha", [1.0, 0.25, 0.02])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_it_is_the_weighted_mean_of_products(alpha: float, count: int) -> None:
    changes = np.random.default_rng(count).normal(0.001, 0.02, (120, count))
    np.testing.assert_allclose(fed(changes, alpha), np.tril(weighted(changes, alpha)), rtol=1e-12, atol=1e-18)


def test_two_bars_by_hand() -> None:
    # products (0.01, 0.02): 1e-4, 2e-4, 4e-4; then (0.03, -0.02): 9e-4, -6e-4, 4e-4; plain mean of two
    after = fed(np.array([[0.01, 0.02], [0.03, -0.02]]), 0.1)
    np.testing.assert_allclose(after, [[5e-4, 0.0], [-2e-4, 4e-4]], atol=1e-18)


def test_a_masked_bar_leaves_row_and_pairs_as_they_are() -> None:
    changes = np.random.default_rng(1).normal(0.0, 0.02, (60, 3))
    holed = changes.copy()
    holed[20:40, 1] = np.nan
    after = fed(holed, 0.1)
    np.testing.assert_allclose(after[2, 0], np.tril(weighted(changes, 0.1))[2, 0], rtol=1e-12)
    seen = np.vstack([changes[:20], changes[40:]])
    np.testing.assert_allclose(after[1, 1], weighted(seen, 0.1)[1, 1], rtol=1e-12)
    np.testing.assert_allclose(after[1, 0], weighted(seen, 0.1)[1, 0], rtol=1e-12)


def test_a_late_arrival_is_not_thought_to_be_calm() -> None:
    """Its pairs are plain means of what both have seen: as if the panel had begun with it."""
    rng = np.random.default_rng(2)
    common = rng.normal(0.0, 0.03, (200, 1))
    changes = common + rng.normal(0.0, 0.005, (200, 3))
    late = changes.copy()
    late[:190, 2] = np.nan
    after = fed(late, 0.01)
    ten = changes[190:]
    np.testing.assert_allclose(after[2], ten.T @ ten[:, 2] / 10.0, rtol=1e-9)
    assert after[2, 0] / np.sqrt(after[0, 0] * after[2, 2]) > 0.6


def test_nothing_is_learned_from_an_instrument_that_never_traded() -> None:
    changes = np.random.default_rng(4).normal(0.0, 0.02, (50, 2))
    changes[:, 1] = np.nan
    after = fed(changes, 0.1)
    assert after[1].tolist() == [0.0, 0.0]
    assert after[0, 0] > 0.0


@pytest.mark.parametrize("count", [1, 2, 5, 25])
def test_the_variance_of_weights_is_the_quadratic_form(count: int) -> None:
    rng = np.random.default_rng(count)
    root = rng.normal(0.0, 0.02, (count, count))
    covariance, work = root @ root.T, np.zeros(count)
    for _ in range(20):
        weights = rng.normal(0.0, 1.0, count) * (rng.random(count) > 0.3)
        expected = weights @ covariance @ weights
        assert variance_of(weights, np.tril(covariance), work) == pytest.approx(expected, rel=1e-9, abs=1e-18)


def test_only_the_lower_triangle_is_read() -> None:
    covariance = np.array([[4.0, np.nan, np.inf], [1.0, 9.0, -1e9], [0.5, 2.0, 16.0]])
    weights = np.array([1.0, -1.0, 0.5])
    # 4 + 9 + 4 + 2 (-1 + 0.25 - 1) = 13.5
    assert variance_of(weights, covariance, np.zeros(3)) == pytest.approx(13.5)


def test_a_hedge_of_twins_varies_not_at_all() -> None:
    twins = np.array([[1e-4, 0.0], [1e-4, 1e-4]])
    assert variance_of(np.array([0.7, -0.7]), twins, np.zeros(2)) == pytest.approx(0.0, abs=1e-20)


def test_after_a_long_mask_a_pair_can_seem_closer_than_it_can_be() -> None:
    """The known price of leaving a masked pair as it is: its correlation may pass one until it has traded again.

    Both move as one by 5 %; the second is masked while the first calms down to 0.5 %. What was common stays at 0.0025.
    """
    rng = np.random.default_rng(8)
    wild = np.repeat(rng.normal(0.0, 0.05, (200, 1)), 2, axis=1)
    calm = np.column_stack([rng.normal(0.0, 0.005, 200), np.full(200, np.nan)])
    after = fed(np.vstack([wild, calm]), 0.05)
    assert after[1, 0] > np.sqrt(after[0, 0] * after[1, 1])
