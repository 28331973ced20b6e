import math
from typing import Any

import numpy as np
import pytest

from geobuk.quant.volatility import Egarch, Ewma, Garch, VolatilitySpec, ewma_variances, fit_volatility


def made_by(model: Garch, bars: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    h, out = model.long_run_variance, np.empty(bars)
    for t in range(bars):
        e = math.sqrt(h) * rng.standard_normal()
        out[t] = model.mu + e
        h = model.omega + (model.alpha + model.gamma * (e < 0)) * e**2 + model.beta * h
    return out


TRUE = Garch(omega=2e-6, alpha=0.05, beta=0.85, gamma=0.1, mu=0.0004)


@pytest.fixture(scope="module")
def returns() -> np.ndarray:
    return made_by(TRUE, 6000, seed=1)


def test_finds_what_made_the_sample(returns: np.ndarray) -> None:
    fit = fit_volatility(returns, VolatilitySpec("gjr"))
    assert isinstance(fit.params, Garch)
    assert fit.params.persistence == pytest.approx(TRUE.persistence, abs=0.02)
    assert fit.params.gamma == pytest.approx(TRUE.gamma, abs=0.03)
    assert math.sqrt(fit.long_run_variance) == pytest.approx(math.sqrt(TRUE.long_run_variance), rel=0.1)
    assert fit.forecast(4000)[-1] == pytest.approx(fit.long_run_variance, rel=1e-6)
    assert fit.forecast(1).tolist() == [fit.next_variance]


def test_units_of_the_search_do_not_matter(returns: np.ndarray) -> None:
    for method in ("garch", "egarch"):
        a, b = (fit_volatility(returns, VolatilitySpec(method, scale=scale)) for scale in (100.0, 250.0))
        assert a.variances == pytest.approx(b.variances, rel=2e-3)
        assert a.loglik == pytest.approx(b.loglik, abs=1e-3)
    assert isinstance(a.params, Egarch)


def test_a_mean_of_zero_can_be_asked_for(returns: np.ndarray) -> None:
    fit = fit_volatility(returns, VolatilitySpec(has_mean=False))
    assert isinstance(fit.params, Garch)
    assert fit.params.mu == 0.0


def test_a_short_sample_falls_back(returns: np.ndarray) -> None:
    fit = fit_volatility(returns[:99])
    assert (fit.method, fit.flags) == ("ewma", ("too_few_observations",))
    assert math.isnan(fit.long_run_variance)
    first = float(np.mean(returns[:99] ** 2))
    assert fit.variances == pytest.approx(ewma_variances(returns[:99], Ewma(), first), rel=1e-12)
    assert fit.forecast(3).tolist() == [fit.next_variance] * 3
    assert fit_volatility(returns[:100]).flags != ("too_few_observations",)


def test_a_variance_that_only_grows_falls_back() -> None:
    """A shock that feeds itself: the search ends at a persistence of 1."""
    rng = np.random.default_rng(0)
    growing = np.exp(np.linspace(-9, 0, 600)) * rng.standard_normal(600)
    fit = fit_volatility(growing)
    assert fit.method == "ewma"
    assert fit.flags in {("integrated",), ("no_convergence",)}
    assert math.isnan(fit.long_run_variance)
    assert fit.next_variance > 0.0


def test_a_search_that_does_not_converge_falls_back(returns: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    from arch.univariate.base import ARCHModelResult

    monkeypatch.setattr(ARCHModelResult, "convergence_flag", property(lambda self: 4))
    assert fit_volatility(returns[:200]).flags == ("no_convergence",)


def test_a_long_silence_still_leaves_a_positive_forecast() -> None:
    values = np.concatenate([np.random.default_rng(0).normal(0, 0.01, 50), np.zeros(40)])
    fit = fit_volatility(values, VolatilitySpec(fallback=Ewma(0.01)))
    assert fit.next_variance > 0.0
    assert np.isfinite(fit.loglik)


@pytest.mark.parametrize("values", [np.full(200, 0.01), np.zeros(200), [0.1], [], [0.1, math.nan], [0.1, math.inf]])
def test_wrong_samples_are_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="returns"):
        fit_volatility(values)


@pytest.mark.parametrize("wrong", [{"method": "arch"}, {"backcast": 0.0}, {"backcast": math.nan}, {"scale": 0.0}])
def test_wrong_specs_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"method|backcast|scale"):
        VolatilitySpec(**wrong)
