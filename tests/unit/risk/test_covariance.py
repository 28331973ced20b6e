"""Covariance as running state, against numpy's own exponentially weighted mean; and what an account's weights vary."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import rules_row, state_row, table_of

from geobuk.panel import FloatArray
from geobuk.risk.covariance import row_length, update_covariance, variance_of

SEEDS = st.integers(0, 2**32 - 1)


def steps(changes: FloatArray, alpha: float) -> FloatArray:
    """(T, N, P) matrices after each of (T, N) returns; NaN is a masked bar. Working space holds no number before."""
    count = changes.shape[1]
    book = table_of(*[state_row()] * count)
    covariance, rules = np.zeros((count, row_length(count))), rules_row(alpha_volatility=alpha)
    after = np.empty((len(changes), *covariance.shape))
    for t, row in enumerate(changes):
        book["change"] = row
        book["observed"] += ~np.isnan(row)
        update_covariance(book, rules, covariance, np.full((3, row_length(count)), np.nan))
        after[t] = covariance
    return after


def fed(changes: FloatArray, alpha: float) -> FloatArray:
    """(N, N) after all returns."""
    return np.asarray(steps(changes, alpha)[-1][:, : changes.shape[1]])


def weighted(changes: FloatArray, alpha: float) -> FloatArray:
    """The same by definition: a plain mean of products until 1 / alpha of them, exponential from there."""
    mean = np.zeros((changes.shape[1],) * 2)
    for seen, row in enumerate(changes, start=1):
        mean += max(alpha, 1.0 / seen) * (np.outer(row, row) - mean)
    return mean


def correlation_of(covariance: FloatArray) -> FloatArray:
    """(..., N, N) correlations of (..., N, N) covariances."""
    deviation = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return np.asarray(covariance / (deviation[..., :, None] * deviation[..., None, :]))


def holed(rng: np.random.Generator, alpha: float, count: int) -> FloatArray:
    """(T, N) returns with a common factor and bursts of tenfold size; whole until 1 / alpha of them, then a bar in two
    masked, whole stretches of some instruments as well.
    """
    whole = round(1.0 / alpha)
    bars = whole + 80
    scale = 0.01 * np.where(rng.random((bars, 1)) < 0.2, 10.0, 1.0) * rng.uniform(0.1, 5.0, count)
    changes = scale * (rng.normal(0.0, 1.0, (bars, 1)) + rng.uniform(0.0, 1.0, count) * rng.normal(0, 1, (bars, count)))
    mask = rng.random((bars, count)) < 0.5
    mask[whole + 20 : whole + 60, rng.random(count) < 0.5] = True
    mask[:whole] = False
    return np.asarray(np.where(mask, np.nan, changes))


@pytest.mark.parametrize("alpha", [1.0, 0.25, 0.02])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_it_is_the_weighted_mean_of_products(alpha: float, count: int) -> None:
    changes = np.random.default_rng(count).normal(0.001, 0.02, (120, count))
    np.testing.assert_allclose(fed(changes, alpha), weighted(changes, alpha), rtol=1e-12, atol=1e-18)


def test_two_bars_by_hand() -> None:
    # products (0.01, 0.02): 1e-4, 2e-4, 4e-4; then (0.03, -0.02): 9e-4, -6e-4, 4e-4; plain mean of two
    after = fed(np.array([[0.01, 0.02], [0.03, -0.02]]), 0.1)
    np.testing.assert_allclose(after, [[5e-4, -2e-4], [-2e-4, 4e-4]], atol=1e-18)


def test_a_masked_bar_leaves_variance_and_correlation_as_they_are() -> None:
    changes = np.random.default_rng(1).normal(0.0, 0.02, (60, 3))
    gap = changes.copy()
    gap[20:40, 1] = np.nan
    after = steps(gap, 0.1)[:, :, :3]
    whole = weighted(changes, 0.1)
    np.testing.assert_allclose(after[-1][[0, 2]][:, [0, 2]], whole[[0, 2]][:, [0, 2]], rtol=1e-12)
    seen = np.vstack([changes[:20], changes[40:]])
    np.testing.assert_allclose(after[-1][1, 1], weighted(seen, 0.1)[1, 1], rtol=1e-12)
    before = weighted(changes[:20], 0.1)
    for t in range(20, 40):
        assert after[t][1, 1] == after[19][1, 1]
        np.testing.assert_allclose(correlation_of(after[t])[1], correlation_of(before)[1], rtol=1e-12)
    assert not np.isclose(after[39][1, 0], before[1, 0], rtol=0.1)  # the covariance itself has followed


def test_a_calm_of_the_other_calms_the_covariance_with_what_is_masked_by_hand() -> None:
    # 0.04 and 0.04: all 16e-4. Then 0 and masked: half of 16e-4 is left of the first, and sqrt(1/2) of the pair
    after = fed(np.array([[0.04, 0.04], [0.0, np.nan]]), 0.5)
    np.testing.assert_allclose(after, [[8e-4, 16e-4 * np.sqrt(0.5)], [16e-4 * np.sqrt(0.5), 16e-4]], rtol=1e-12)


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
        assert variance_of(weights, covariance, work) == pytest.approx(expected, rel=1e-9, abs=1e-18)


@pytest.mark.parametrize("count", [1, 3, 16, 17])
def test_columns_that_fill_a_row_up_are_never_read_as_instruments(count: int) -> None:
    rng = np.random.default_rng(count)
    root, weights = rng.normal(0.0, 0.02, (count, count)), rng.normal(0.0, 1.0, count)
    covariance = np.full((count, row_length(count)), np.nan)
    covariance[:, :count] = root @ root.T
    work = np.full(row_length(count), np.nan)
    assert variance_of(weights, covariance, work) == pytest.approx(weights @ (root @ root.T) @ weights, rel=1e-9)


@given(SEEDS, st.sampled_from([1.0, 0.2, 0.05]), st.sampled_from([1, 2, 5, 16, 17]))
def test_they_stay_zero_and_the_matrix_symmetric_bit_for_bit(seed: int, alpha: float, count: int) -> None:
    after = steps(holed(np.random.default_rng(seed), alpha, count), alpha)
    assert not after[:, :, count:].any()
    square = after[:, :, :count]
    np.testing.assert_array_equal(square, square.swapaxes(1, 2))


@pytest.mark.parametrize(("count", "length"), [(1, 16), (15, 16), (16, 16), (17, 32), (200, 208)])
def test_a_row_fills_whole_registers_and_no_more(count: int, length: int) -> None:
    assert row_length(count) == length


def test_a_hedge_of_twins_varies_not_at_all() -> None:
    twins = np.full((2, 2), 1e-4)
    assert variance_of(np.array([0.7, -0.7]), twins, np.zeros(2)) == pytest.approx(0.0, abs=1e-20)


@given(SEEDS, st.sampled_from([0.2, 0.05]), st.integers(2, 6))
def test_through_any_mask_no_pair_seems_closer_than_it_can_be(seed: int, alpha: float, count: int) -> None:
    """Once both have seen 1 / alpha returns. While one of two is masked their correlation is what it was; while both
    are, their covariance is.
    """
    changes = holed(np.random.default_rng(seed), alpha, count)
    first = round(1.0 / alpha)
    after = steps(changes, alpha)[first - 1 :, :, :count]
    correlation = correlation_of(after)
    assert np.abs(correlation).max() <= 1.0 + 1e-9
    known = ~np.isnan(changes[first:])
    one_alone = known[:, :, None] ^ known[:, None, :]
    np.testing.assert_allclose(correlation[1:][one_alone], correlation[:-1][one_alone], rtol=1e-9, atol=1e-12)
    neither = ~known[:, :, None] & ~known[:, None, :]
    np.testing.assert_array_equal(after[1:][neither], after[:-1][neither])


def test_after_a_long_mask_twins_are_twins() -> None:
    """Both move as one by 5 %; the second is masked while the first calms down to 0.5 %."""
    rng = np.random.default_rng(8)
    wild = np.repeat(rng.normal(0.0, 0.05, (200, 1)), 2, axis=1)
    calm = np.column_stack([rng.normal(0.0, 0.005, 200), np.full(200, np.nan)])
    after = fed(np.vstack([wild, calm]), 0.05)
    assert after[0, 0] < after[1, 1] / 50.0
    assert correlation_of(after)[1, 0] == pytest.approx(1.0, rel=1e-9)


def test_an_arrival_in_a_storm_can_seem_closer_to_the_others_than_it_can_be() -> None:
    """The known price of a plain mean for the younger one's pairs, until the older one's variance has caught up.

    Calm of 0.1 % for 200 bars at alpha 0.01, then both move by 5 %: variance 1e-6 + 0.01 (25e-4 - 1e-6), pair 25e-4.
    """
    calm = np.column_stack([np.tile([0.001, -0.001], 100), np.full(200, np.nan)])
    after = fed(np.vstack([calm, [[0.05, 0.05]]]), 0.01)
    np.testing.assert_allclose(after, [[0.2599e-4, 25e-4], [25e-4, 25e-4]], rtol=1e-9)
    assert correlation_of(after)[1, 0] > 9.0
