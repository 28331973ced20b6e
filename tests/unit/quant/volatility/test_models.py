import math
from typing import Any

import numpy as np
import pytest

from geobuk.quant.volatility import (
    Egarch,
    Ewma,
    Garch,
    egarch_loglik,
    egarch_step,
    egarch_variances,
    ewma_variances,
    garch_loglik,
    garch_step,
    garch_variances,
)

GJR = Garch(omega=1e-6, alpha=0.04, beta=0.9, gamma=0.06, mu=0.0005)
EGARCH = Egarch(omega=-0.4, alpha=0.15, beta=0.95, gamma=-0.08, mu=0.0005)


@pytest.fixture
def returns() -> np.ndarray:
    return np.random.default_rng(8).standard_t(4, 300) * 0.01


def test_ewma_weighs_by_age(returns: np.ndarray) -> None:
    weights = 0.06 * 0.94 ** np.arange(300)[::-1]
    expected = weights @ returns**2 + 0.94**300 * 1e-4
    assert ewma_variances(returns, Ewma(0.94), 1e-4)[-1] == pytest.approx(expected, rel=1e-12)
    assert ewma_variances(returns, Ewma())[0] == returns[0] ** 2


@pytest.mark.parametrize(
    ("follow", "model"), [(garch_variances, GJR), (egarch_variances, EGARCH), (ewma_variances, Ewma())]
)
def test_row_t_knows_nothing_of_its_own_return(follow: Any, model: Any, returns: np.ndarray) -> None:
    whole = follow(returns, model, 1e-4)
    assert len(whole) == 301
    for stop in (1, 40, 299):
        assert follow(returns[:stop], model, 1e-4).tolist() == whole[: stop + 1].tolist()


def test_gjr_recursion_written_out(returns: np.ndarray) -> None:
    h = GJR.first_variance(np.mean((returns - GJR.mu) ** 2))
    expected = [h]
    for value in returns:
        e = value - GJR.mu
        h = GJR.omega + (GJR.alpha + GJR.gamma * (e < 0)) * e**2 + GJR.beta * h
        expected.append(h)
    assert garch_variances(returns, GJR) == pytest.approx(expected, rel=1e-13)


def test_likelihoods_are_sums_of_normal_densities(returns: np.ndarray) -> None:
    from scipy.stats import norm

    for loglik, follow, model in ((garch_loglik, garch_variances, GJR), (egarch_loglik, egarch_variances, EGARCH)):
        sds = np.sqrt(follow(returns, model, 1e-4)[:-1])
        expected = norm(model.mu, sds).logpdf(returns).sum()
        assert loglik(returns, model, 1e-4) == pytest.approx(expected, rel=1e-12)


def test_persistence_half_life_and_long_run() -> None:
    assert GJR.persistence == pytest.approx(0.97)
    assert GJR.persistence**GJR.half_life == pytest.approx(0.5)
    assert GJR.forecast(1e-3, 5000)[-1] == pytest.approx(GJR.long_run_variance, rel=1e-9)
    assert EGARCH.beta**EGARCH.half_life == pytest.approx(0.5)


@pytest.mark.parametrize("beta", [0.9, 0.95])
def test_without_a_return_to_the_mean_there_is_no_long_run(beta: float) -> None:
    model = Garch(omega=1e-6, alpha=0.1, beta=beta)
    assert math.isnan(model.long_run_variance)
    assert model.half_life == math.inf
    steps = [1e-4]
    for _ in range(9):
        steps.append(model.omega + model.persistence * steps[-1])
    assert model.forecast(1e-4, 10) == pytest.approx(steps, rel=1e-12)
    assert math.isnan(Egarch(omega=0.0, alpha=0.1, beta=1.0).long_run_variance)


def test_simulated_egarch_forecast_is_the_closed_form() -> None:
    forecast = EGARCH.forecast(4e-4, 20, paths=200_000, seed=3)
    assert forecast[0] == pytest.approx(4e-4, rel=1e-12)
    expected = [EGARCH.expected_variance(4e-4, k) for k in range(1, 21)]
    assert forecast == pytest.approx(expected, rel=4e-3)
    assert forecast.tolist() == EGARCH.forecast(4e-4, 20, paths=200_000, seed=3).tolist()
    assert forecast.tolist() != EGARCH.forecast(4e-4, 20, paths=200_000, seed=4).tolist()


def test_egarch_long_run_is_where_the_forecast_goes() -> None:
    assert EGARCH.expected_variance(4e-4, 2000) == pytest.approx(EGARCH.long_run_variance, rel=1e-9)
    still = Egarch(omega=-0.5, alpha=0.0, beta=0.9)
    assert still.long_run_variance == pytest.approx(math.exp(-5.0), rel=1e-12)


@pytest.mark.parametrize("shock", [math.nan, math.inf, -math.inf, 1e200])
def test_a_shock_that_is_not_finite_counts_as_expected(shock: float) -> None:
    assert garch_step(1e-4, shock, 1e-6, 0.04, 0.06, 0.9) == pytest.approx(GJR.forecast(1e-4, 2)[1], rel=1e-12)
    step = egarch_step(1e-4, shock, -0.4, 0.15, -0.08, 0.95)
    assert math.isfinite(step)
    assert step > 0.0


def test_egarch_never_leaves_the_finite_numbers() -> None:
    wild = egarch_variances([1.0, -50.0, 1e6, 0.0, 1e-9], Egarch(omega=0.0, alpha=5.0, beta=0.99), 1e-8)
    assert np.isfinite(wild).all()
    assert (wild > 0.0).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Garch(omega=0.0, alpha=0.1, beta=0.8),
        lambda: Garch(omega=1e-6, alpha=-0.1, beta=0.8),
        lambda: Garch(omega=1e-6, alpha=0.1, beta=-0.8),
        lambda: Garch(omega=1e-6, alpha=0.1, beta=0.8, gamma=-0.2),
        lambda: Garch(omega=math.nan, alpha=0.1, beta=0.8),
        lambda: Egarch(omega=0.0, alpha=math.inf, beta=0.8),
        lambda: Ewma(1.0),
        lambda: Ewma(math.nan),
    ],
)
def test_wrong_parameters_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"Garch|Egarch|decay"):
        make()


@pytest.mark.parametrize("returns", [[], [0.1, math.nan], [math.inf]])
def test_wrong_returns_are_refused(returns: list[float]) -> None:
    for follow, model in ((garch_variances, GJR), (egarch_variances, EGARCH), (ewma_variances, Ewma())):
        with pytest.raises(ValueError, match="returns"):
            follow(returns, model)  # type: ignore[operator]


@pytest.mark.parametrize(("variance", "periods"), [(0.0, 1), (-1.0, 1), (math.nan, 1), (1e-4, 0)])
def test_wrong_starts_are_refused(variance: float, periods: int) -> None:
    for model in (GJR, EGARCH):
        with pytest.raises(ValueError, match=r"variance|periods"):
            model.forecast(variance, periods)
