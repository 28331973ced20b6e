import numpy as np
import pytest

from geobuk.features.volatility import ewma_volatility


def test_volatility_is_the_weighted_root_mean_square_of_log_returns() -> None:
    price = np.exp(np.cumsum(np.random.default_rng(3).normal(0.0, 0.02, (80, 1)), axis=0))
    returns = np.diff(np.log(price[:, 0]))
    weights = (1.0 - 2.0 / 21.0) ** np.arange(len(returns))[::-1]
    expected = np.sqrt((weights * returns**2).sum() / weights.sum())
    assert ewma_volatility(price, 20.0)[-1, 0] == pytest.approx(expected, rel=1e-12)


def test_nothing_is_said_before_half_the_span_or_the_asked_number_of_returns() -> None:
    price = np.exp(np.cumsum(np.full((30, 1), 0.01), axis=0))
    assert np.isnan(ewma_volatility(price, 20.0)[:10]).all()
    assert ewma_volatility(price, 20.0)[10, 0] == pytest.approx(0.01)
    assert np.isnan(ewma_volatility(price, 20.0, least=25)[:25]).all()


def test_the_move_across_a_hole_is_one_return() -> None:
    price = np.array([[1.0], [np.nan], [np.e], [np.e]])
    volatility = ewma_volatility(price, 3.0, least=1)
    assert np.isnan(volatility[1, 0])
    assert volatility[2, 0] == pytest.approx(1.0)
    assert volatility[3, 0] == pytest.approx(np.sqrt(0.5 / 1.5))


def test_prices_that_are_not_positive_count_as_missing() -> None:
    price = np.array([[1.0], [0.0], [-2.0], [np.e]])
    assert ewma_volatility(price, 3.0, least=1)[3, 0] == pytest.approx(1.0)
