"""Delays: never negative, repeatable, of the shape that was asked for."""

import numpy as np
import pytest

from geobuk.domain.errors import SettingsError
from geobuk.matching.markets.latency import LatencyModel


def draws(model: LatencyModel, count: int = 2_000) -> np.ndarray:
    return np.array([model.draw() for _ in range(count)])


def test_fixed_is_always_the_same() -> None:
    assert set(draws(LatencyModel.fixed(5_000))) == {5_000}


def test_uniform_stays_between_its_ends() -> None:
    seen = draws(LatencyModel.uniform(1_000, 3_000, seed=1))
    assert seen.min() >= 1_000
    assert seen.max() <= 3_000
    assert abs(seen.mean() - 2_000) < 50


def test_lognormal_has_its_median_and_a_tail() -> None:
    seen = draws(LatencyModel.lognormal(1_000_000, 0.8, seed=1))
    assert abs(np.median(seen) / 1_000_000 - 1) < 0.1
    assert seen.max() > 5_000_000


def test_empirical_draws_only_what_was_measured() -> None:
    assert set(draws(LatencyModel.empirical([1, 5, 9], seed=1))) == {1, 5, 9}


def test_the_same_seed_draws_the_same() -> None:
    assert np.array_equal(draws(LatencyModel.uniform(0, 10**9, seed=4)), draws(LatencyModel.uniform(0, 10**9, seed=4)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: LatencyModel.fixed(-1),
        lambda: LatencyModel.uniform(5, 3),
        lambda: LatencyModel.lognormal(0, 1),
        lambda: LatencyModel.empirical([]),
        lambda: LatencyModel.empirical([3, -1]),
    ],
)
def test_senseless_delays_are_refused(make: object) -> None:
    with pytest.raises(SettingsError, match="latency"):
        make()  # type: ignore[operator]
