import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.support.rolling_models import UNFITTED

from geobuk.quant.value_at_risk import (
    Moments,
    RollingFits,
    cornish_fisher_risk,
    ewma_risk,
    filtered_historical_risk,
    historical_risk,
    moments_of,
    normal_risk_of,
    rolling_cornish_fisher,
    rolling_ewma,
    rolling_filtered_historical,
    rolling_fits,
    rolling_historical,
    rolling_normal,
    rolling_student_t,
    student_t_risk,
)
from geobuk.quant.volatility import Ewma, Garch, VolatilitySpec, garch_variances

WINDOW = 150


@pytest.fixture(scope="module")
def returns() -> np.ndarray:
    rng = np.random.default_rng(6)
    wave = np.exp(0.8 * np.sin(np.arange(700) / 40))
    return np.round(rng.standard_t(5, 700) * 0.01 * wave, 4)  # rounded, so that there are ties


def rows_of(returns: np.ndarray) -> list[tuple[int, np.ndarray]]:
    return [(t, returns[t - WINDOW + 1 : t + 1]) for t in (WINDOW - 1, WINDOW, 333, len(returns) - 1)]


@pytest.mark.parametrize("confidence", [0.95, 0.99, 0.999])
def test_historical_rows_are_those_of_their_windows(returns: np.ndarray, confidence: float) -> None:
    rolled = rolling_historical(returns, WINDOW, confidence)
    assert np.isnan(rolled.var[: WINDOW - 1]).all()
    for t in range(WINDOW - 1, len(returns)):
        alone = historical_risk(returns[t - WINDOW + 1 : t + 1], confidence)
        assert (rolled.var[t], rolled.es[t]) == (
            pytest.approx(alone.var, abs=1e-15),
            pytest.approx(alone.es, abs=1e-15),
        )


def test_normal_rows_are_those_of_their_windows(returns: np.ndarray) -> None:
    rolled = rolling_normal(returns, WINDOW, 0.99)
    for t, part in rows_of(returns):
        alone = normal_risk_of(part, 0.99)
        assert (rolled.var[t], rolled.es[t]) == (
            pytest.approx(alone.var, rel=1e-10),
            pytest.approx(alone.es, rel=1e-10),
        )


def test_student_t_rows_are_those_of_their_windows(returns: np.ndarray) -> None:
    rolled = rolling_student_t(returns, WINDOW, 0.99)
    for t, part in rows_of(returns):
        excess = stats.kurtosis(part)
        degrees = 4 + 6 / excess if excess > 0 else math.inf
        alone = student_t_risk(part.mean(), part.std(ddof=1), degrees, 0.99)
        assert (rolled.var[t], rolled.es[t]) == (pytest.approx(alone.var, rel=1e-6), pytest.approx(alone.es, rel=1e-6))
        assert rolled.is_fallback[t] == (excess <= 0)


def test_cornish_fisher_rows_are_those_of_their_windows(returns: np.ndarray) -> None:
    wild = returns.copy()
    wild[400] = -0.4
    rolled = rolling_cornish_fisher(wild, WINDOW, 0.99)
    for t in (WINDOW - 1, 333, 399, 400, 500, 549, 550):
        moments: Moments = moments_of(wild[t - WINDOW + 1 : t + 1])
        alone = cornish_fisher_risk(moments, 0.99)
        assert (rolled.var[t], rolled.es[t]) == (pytest.approx(alone.var, rel=1e-9), pytest.approx(alone.es, rel=1e-9))
        assert rolled.is_fallback[t] == (alone.flags != ())
    assert rolled.is_fallback[400]
    assert 0.0 < rolled.fallback_share < 1.0


def test_ewma_rows_are_those_of_their_prefix(returns: np.ndarray) -> None:
    rolled = rolling_ewma(returns, WINDOW, 0.99, Ewma(0.9))
    for t in (WINDOW - 1, 333):
        assert rolled.var[t] == pytest.approx(ewma_risk(returns[: t + 1], 0.99, Ewma(0.9)).var, rel=1e-12)


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_filtered_historical_rows_at_a_fit_are_those_of_their_windows(returns: np.ndarray, confidence: float) -> None:
    rolled = rolling_filtered_historical(returns, WINDOW, 200, confidence)
    fits = rolling_fits(returns, WINDOW, 200)
    for row, (omega, alpha, gamma, beta, mu), fell_back in zip(fits.rows, fits.params, fits.is_fallback, strict=True):
        model = Ewma(beta) if fell_back else Garch(omega=omega, alpha=alpha, beta=beta, gamma=gamma, mu=mu)
        alone = filtered_historical_risk(returns[row - WINDOW + 1 : row + 1], confidence, model)
        assert (rolled.var[row], rolled.es[row]) == (
            pytest.approx(alone.var, rel=1e-10),
            pytest.approx(alone.es, rel=1e-10),
        )


def test_filtered_historical_between_fits_goes_on_from_the_last(returns: np.ndarray) -> None:
    rolled = rolling_filtered_historical(returns, WINDOW, 300, 0.95)
    fits = rolling_fits(returns, WINDOW, 300)
    first, t = 300, 520
    assert fits.rows.tolist() == [149, 449]
    omega, alpha, gamma, beta, mu = fits.params[1]
    part = returns[first : t + 1] - mu
    h = garch_variances(
        part, Garch(omega=omega, alpha=alpha, beta=beta, gamma=gamma), float(np.mean(part[:WINDOW] ** 2))
    )
    scenarios = mu + (part / np.sqrt(h[:-1]))[-WINDOW:] * math.sqrt(h[-1])
    assert rolled.var[t] == pytest.approx(-np.quantile(scenarios, 0.05), rel=1e-10)


@pytest.mark.parametrize("roll", [*UNFITTED, lambda r, w, c: rolling_filtered_historical(r, w, 100, c)])
def test_no_row_sees_what_comes_after_it(returns: np.ndarray, roll: Any) -> None:
    whole = roll(returns, WINDOW, 0.95)
    changed = returns.copy()
    changed[400:] *= -3.0
    for other, stop in ((roll(returns[:400], WINDOW, 0.95), 400), (roll(changed, WINDOW, 0.95), 400)):
        assert np.array_equal(other.var[:stop], whole.var[:stop], equal_nan=True)
        assert np.array_equal(other.es[:stop], whole.es[:stop], equal_nan=True)
    assert not np.array_equal(roll(changed, WINDOW, 0.95).var[400:], whole.var[400:])


def test_a_refused_fit_is_marked_and_still_forecasts() -> None:
    values = np.random.default_rng(1).normal(0, 0.01, 200)
    rolled = rolling_filtered_historical(values, 60, 50, 0.95)
    assert rolled.fallback_share == 1.0
    assert (rolled.var[59:] > 0.0).all()


def test_fits_may_be_shared_by_confidences_but_not_by_windows(returns: np.ndarray) -> None:
    fits = rolling_fits(returns, WINDOW, 200)
    shared = rolling_filtered_historical(returns, WINDOW, 200, 0.99, fits)
    assert np.array_equal(shared.var, rolling_filtered_historical(returns, WINDOW, 200, 0.99).var, equal_nan=True)
    for wrong in (RollingFits(fits.rows, fits.params, fits.is_fallback, 99), rolling_fits(returns, WINDOW, 100)):
        with pytest.raises(ValueError, match="fits were made"):
            rolling_filtered_historical(returns, WINDOW, 200, 0.99, wrong)


def test_a_flat_window_has_no_tail() -> None:
    flat = np.zeros(20)
    for roll in (rolling_historical, rolling_normal, rolling_student_t, rolling_cornish_fisher):
        rolled = roll(flat, 10, 0.95)
        assert rolled.var[9:].tolist() == [0.0] * 11


@pytest.mark.parametrize("window", [3, 21])
def test_a_window_that_does_not_fit_is_refused(window: int) -> None:
    with pytest.raises(ValueError, match="window"):
        rolling_normal(np.linspace(0, 1, 20), window, 0.95)


def test_what_cannot_be_rolled_is_refused(returns: np.ndarray) -> None:
    with pytest.raises(ValueError, match="refit_every"):
        rolling_fits(returns, WINDOW, 0)
    with pytest.raises(ValueError, match="egarch"):
        rolling_fits(returns, WINDOW, 100, VolatilitySpec("egarch"))
