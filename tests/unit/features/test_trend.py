import numpy as np
import pytest

from geobuk.features.trend import crossover_score, crossover_variance


def test_variance_is_the_sum_of_the_squared_weights_on_past_changes() -> None:
    steps = np.arange(1, 20_000)
    weights = (1 - 2 / 97) ** steps - (1 - 2 / 33) ** steps
    assert crossover_variance(32, 96) == pytest.approx((weights**2).sum(), rel=1e-12)


def test_score_of_a_random_walk_is_about_standard_normal() -> None:
    price = np.cumsum(np.random.default_rng(8).normal(0.0, 0.01, (6_000, 20)), axis=0)
    score = crossover_score(price, np.full(price.shape, 0.01), 10, 30)
    assert np.nanstd(score) == pytest.approx(1.0, abs=0.05)
    assert np.nanmean(score) == pytest.approx(0.0, abs=0.1)


def test_score_is_positive_in_a_rise_and_unknown_without_volatility() -> None:
    price = np.linspace(0.0, 1.0, 100)[:, None] * np.array([[1.0, -1.0, 1.0]])
    volatility = np.full(price.shape, 0.01) * np.array([[1.0, 1.0, 0.0]])
    score = crossover_score(price, volatility, 5, 15)
    assert score[-1, 0] > 0 > score[-1, 1]
    assert score[-1, 0] == pytest.approx(-score[-1, 1])
    assert np.isnan(score[:, 2]).all()
