"""Overfitting by cross-validation: against a plain loop over splits, and its edges."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import linregress, rankdata

from geobuk.quant.overfitting import backtest_overfitting


def plainly(returns: np.ndarray, blocks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = np.array_split(returns[len(returns) % blocks :], blocks)
    logits, inside, outside = [], [], []
    for picked in combinations(range(blocks), blocks // 2):
        left = np.concatenate([parts[b] for b in picked])
        right = np.concatenate([parts[b] for b in range(blocks) if b not in picked])
        here, there = (half.mean(axis=0) / half.std(axis=0, ddof=1) for half in (left, right))
        best = int(np.argmax(here))
        omega = rankdata(there)[best] / (returns.shape[1] + 1)
        logits.append(np.log(omega / (1 - omega)))
        inside.append(here[best])
        outside.append(there[best])
    return np.array(logits), np.array(inside), np.array(outside)


@pytest.mark.parametrize(("rows", "columns", "blocks"), [(240, 7, 8), (101, 12, 6), (64, 2, 12), (503, 30, 12)])
def test_all_splits_agree_with_a_plain_loop(rows: int, columns: int, blocks: int) -> None:
    returns = np.random.default_rng(rows).standard_t(4, (rows, columns)) * 0.02 + 0.001
    found = backtest_overfitting(returns, blocks)
    logits, inside, outside = plainly(returns, blocks)
    assert found.logits == pytest.approx(logits, abs=1e-12)
    assert found.inside == pytest.approx(inside, rel=1e-9)
    assert found.outside == pytest.approx(outside, rel=1e-9, abs=1e-12)
    assert found.pbo == np.mean(logits <= 0)
    assert found.probability_of_loss == np.mean(outside < 0)
    line = linregress(inside, outside)
    assert found.degradation_slope == pytest.approx(line.slope)
    assert found.degradation_intercept == pytest.approx(line.intercept)
    assert ("dropped_oldest" in found.flags) == (rows % blocks > 0)


def test_the_oldest_rows_are_dropped() -> None:
    returns = np.random.default_rng(61).normal(size=(43, 3))
    whole, rest = backtest_overfitting(returns, 8), backtest_overfitting(returns[3:], 8)
    assert np.array_equal(whole.logits, rest.logits)
    assert whole.flags == ("dropped_oldest",)
    assert rest.flags == ()


def test_skill_is_not_called_overfitting_and_luck_is() -> None:
    random = np.random.default_rng(62)
    noise = random.normal(0.0, 0.01, (1_000, 50))
    skill = noise.copy()
    skill[:, 17] += 0.005
    assert backtest_overfitting(skill, 10).pbo == 0.0
    pbo = [backtest_overfitting(random.normal(0.0, 0.01, (200, 20)), 8).pbo for _ in range(60)]
    assert 0.4 < np.mean(pbo) < 0.6


def test_equals_share_their_rank() -> None:
    column = np.random.default_rng(63).normal(0.001, 0.01, 80)
    found = backtest_overfitting(np.column_stack([column] * 3), 8)
    assert np.allclose(found.logits, 0.0)
    assert found.pbo == 1.0
    assert (found.chosen == 0).all()


def test_a_column_that_never_moves_counts_as_zero() -> None:
    random = np.random.default_rng(64)
    losing = random.normal(-0.02, 0.01, (80, 1))
    found = backtest_overfitting(np.hstack([losing, np.zeros((80, 1))]), 8)
    assert (found.chosen == 1).all()
    assert found.flags == ("flat", "same_inside")
    assert np.isnan(found.degradation_slope)
    assert found.probability_of_loss == 0.0
    constant = backtest_overfitting(np.hstack([losing, np.full((80, 1), 0.01)]), 8)
    assert "flat" in constant.flags
    assert np.isfinite(constant.outside).all()


@pytest.mark.parametrize(
    ("shape", "blocks"), [((100, 3), 7), ((100, 3), 0), ((100, 3), 26), ((15, 3), 8), ((100, 1), 8)]
)
def test_what_can_not_be_halved_is_refused(shape: tuple[int, int], blocks: int) -> None:
    with pytest.raises(ValueError, match=r"blocks|returns"):
        backtest_overfitting(np.random.default_rng(1).normal(size=shape), blocks)


def test_bad_numbers_are_refused() -> None:
    returns = np.ones((40, 2))
    returns[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"returns\[3, 1\]"):
        backtest_overfitting(returns, 4)
