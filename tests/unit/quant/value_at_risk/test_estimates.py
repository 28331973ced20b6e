import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from geobuk.quant.value_at_risk import (
    Moments,
    ParetoTail,
    cornish_fisher_quantile,
    cornish_fisher_risk,
    cornish_fisher_risk_of,
    ewma_risk,
    filtered_historical_risk,
    filtered_scenarios,
    fit_pareto_tail,
    historical_risk,
    moments_of,
    normal_risk,
    normal_risk_of,
    peaks_over_threshold_risk,
    peaks_over_threshold_risk_of,
    student_t_risk,
    student_t_risk_of,
)
from geobuk.quant.value_at_risk.cornish_fisher import is_monotone
from geobuk.quant.value_at_risk.student_t import degrees_from_kurtosis
from geobuk.quant.volatility import Ewma, Garch


@pytest.fixture
def returns() -> np.ndarray:
    return np.random.default_rng(2).standard_t(5, 800) * 0.01


def test_historical_tail_of_less_than_one_observation_is_the_worst_flagged(returns: np.ndarray) -> None:
    risk = historical_risk(returns[:50], 0.99)
    assert risk.flags == ("worst_observation",)
    assert risk.es == -returns[:50].min()
    assert historical_risk(returns[:100], 0.99).flags == ()


def test_a_sample_of_gains_has_a_negative_loss() -> None:
    risk = historical_risk(np.linspace(0.01, 0.02, 100), 0.95)
    assert risk.var < 0.0
    assert risk.es < 0.0


def test_normal_over_several_periods() -> None:
    one, ten = normal_risk(0.001, 0.02, 0.95), normal_risk(0.001, 0.02, 0.95, periods=10)
    spread = stats.norm(0.01, 0.02 * math.sqrt(10))
    assert ten.var == pytest.approx(-spread.ppf(0.05), rel=1e-12)
    assert ten.es == pytest.approx(-spread.expect(ub=spread.ppf(0.05), conditional=True), rel=1e-7)
    assert ten.var < one.var * math.sqrt(10)


def test_student_t_is_the_integral_of_its_quantiles() -> None:
    t = stats.t(4.2, loc=0.002, scale=0.03 * math.sqrt(2.2 / 4.2))
    risk = student_t_risk(0.002, 0.03, 4.2, 0.975)
    assert risk.var == pytest.approx(-t.ppf(0.025), rel=1e-10)
    assert risk.es == pytest.approx(-quad(t.ppf, 0, 0.025)[0] / 0.025, rel=1e-6)
    normal = normal_risk(0.002, 0.03, 0.975)
    assert student_t_risk(0.002, 0.03, math.inf, 0.975).es == pytest.approx(normal.es, rel=1e-5)


def test_student_t_fitted_finds_its_maximum(returns: np.ndarray) -> None:
    risk = student_t_risk_of(returns, 0.99)
    degrees, loc, scale = stats.t.fit(returns * 100)
    assert risk.var == pytest.approx(-stats.t(degrees, loc, scale).ppf(0.01) / 100, rel=1e-3)
    assert risk.flags == ()


def test_a_cauchy_sample_has_no_shortfall() -> None:
    sample = stats.cauchy.rvs(size=3000, random_state=np.random.default_rng(1)) * np.exp(
        np.random.default_rng(2).normal(0, 2, 3000)
    )
    risk = student_t_risk_of(sample, 0.95)
    assert risk.es == math.inf
    assert risk.flags == ("infinite_variance", "infinite_es")
    assert math.isfinite(risk.var)


def test_degrees_of_freedom_from_kurtosis() -> None:
    assert degrees_from_kurtosis([6.0, 1.0, 0.0, -1.0]).tolist() == [5.0, 10.0, 1e6, 1e6]


@pytest.mark.parametrize(("skew", "excess", "confidence"), [(-0.5, 1.0, 0.95), (0.3, 2.0, 0.99), (-0.2, 3.0, 0.975)])
def test_cornish_fisher_shortfall_is_the_mean_of_the_bent_quantiles(
    skew: float, excess: float, confidence: float
) -> None:
    risk = cornish_fisher_risk(Moments(0.001, 0.02, skew, excess), confidence)
    z = stats.norm.ppf(1 - confidence)
    mean = quad(lambda u: float(cornish_fisher_quantile(u, skew, excess)) * stats.norm.pdf(u), -12, z)[0]
    assert risk.method == "cornish_fisher"
    assert risk.es == pytest.approx(-(0.001 + 0.02 * mean / (1 - confidence)), rel=1e-8)


@pytest.mark.parametrize("skew", [-3.0, -1.0, 0.0, 0.7, 2.0])
@pytest.mark.parametrize("excess", [-1.0, 0.0, 2.0, 7.9, 8.5, 30.0])
def test_monotone_is_what_a_fine_grid_says(skew: float, excess: float) -> None:
    grid = np.linspace(-2.3, 2.3, 40_001)
    rises = bool((np.diff(cornish_fisher_quantile(grid, skew, excess)) > 0).all())
    assert bool(is_monotone(-2.3, skew, excess)) == rises


def test_cornish_fisher_out_of_order_is_the_normal_flagged() -> None:
    risk = cornish_fisher_risk(Moments(0.001, 0.02, 0.0, 14.0), 0.99)
    normal = normal_risk(0.001, 0.02, 0.99)
    assert (risk.var, risk.es, risk.method, risk.flags) == (normal.var, normal.es, "normal", ("not_monotone",))


def test_moments_are_those_of_scipy(returns: np.ndarray) -> None:
    found = moments_of(returns)
    assert found.sd == pytest.approx(returns.std(ddof=1), rel=1e-12)
    assert (found.skew, found.excess) == (
        pytest.approx(stats.skew(returns), rel=1e-9),
        pytest.approx(stats.kurtosis(returns), rel=1e-9),
    )
    assert cornish_fisher_risk_of(returns, 0.95).var == cornish_fisher_risk(found, 0.95).var


def test_ewma_is_a_normal_at_the_newest_variance() -> None:
    risk = ewma_risk([0.02], 0.99, Ewma(0.9), first_variance=0.01**2)
    assert risk.var == pytest.approx(stats.norm.ppf(0.99) * 0.0114017543, rel=1e-8)
    assert ewma_risk([0.0, 0.0], 0.99).flags == ("no_variance",)


def test_filtered_scenarios_written_out(returns: np.ndarray) -> None:
    model = Garch(omega=2e-6, alpha=0.1, beta=0.88)
    h = [float(np.mean(returns**2))]
    for value in returns:
        h.append(2e-6 + 0.1 * value**2 + 0.88 * h[-1])
    expected = returns / np.sqrt(h[:-1]) * math.sqrt(h[-1])
    assert filtered_scenarios(returns, model) == pytest.approx(expected, rel=1e-12)
    risk = filtered_historical_risk(returns, 0.95, model)
    assert risk.var == pytest.approx(-np.quantile(expected, 0.05), rel=1e-12)
    assert risk.es == pytest.approx(-np.sort(expected)[:40].mean(), rel=1e-12)


def test_filtered_historical_fits_or_says_that_it_fell_back(returns: np.ndarray) -> None:
    assert filtered_historical_risk(returns, 0.95).flags == ()
    short = filtered_historical_risk(returns[:60], 0.99)
    assert short.flags == ("too_few_observations", "worst_observation")
    assert short.var > 0.0


def test_pareto_tail_against_scipy() -> None:
    tail = ParetoTail(shape=0.3, scale=0.02, threshold=0.05, observations=1000, exceedances=80)
    pareto = stats.genpareto(0.3, loc=0.05, scale=0.02)
    risk = peaks_over_threshold_risk(tail, 0.99)
    assert risk.var == pytest.approx(pareto.ppf(1 - 0.01 / 0.08), rel=1e-12)
    assert risk.es == pytest.approx(pareto.expect(lb=risk.var, conditional=True), rel=1e-6)
    assert tail.probability_above(risk.var) == pytest.approx(0.01, rel=1e-12)


@pytest.mark.parametrize("shape", [0.0, 1e-10, 1e-7, -1e-7])
def test_a_shape_near_zero_is_the_exponential_tail(shape: float) -> None:
    tail = ParetoTail(shape, 0.02, 0.05, 1000, 80)
    risk = peaks_over_threshold_risk(tail, 0.99)
    assert risk.var == pytest.approx(0.05 + 0.02 * math.log(8), rel=1e-6)
    assert risk.es == pytest.approx(risk.var + 0.02, rel=1e-6)


def test_a_bounded_tail_ends() -> None:
    tail = ParetoTail(-0.5, 0.02, 0.05, 1000, 80)
    assert tail.probability_above(0.091) == 0.0


def test_few_exceedances_and_an_infinite_shortfall_are_flagged() -> None:
    risk = peaks_over_threshold_risk(ParetoTail(1.1, 0.02, 0.05, 100, 19), 0.99)
    assert risk.es == math.inf
    assert risk.flags == ("few_exceedances", "infinite_es")
    assert peaks_over_threshold_risk(ParetoTail(0.1, 0.02, 0.05, 100, 20), 0.99).flags == ()


def test_pareto_fit_finds_what_made_the_sample_in_any_unit() -> None:
    rng = np.random.default_rng(4)
    losses = np.concatenate([np.zeros(5000), stats.genpareto(0.25, loc=1.0, scale=2.0).rvs(5000, random_state=rng)])
    tail = fit_pareto_tail(losses, 1.0)
    assert (tail.exceedances, tail.observations) == (5000, 10_000)
    assert tail.shape == pytest.approx(0.25, abs=0.04)
    assert tail.scale == pytest.approx(2.0, rel=0.05)
    small = fit_pareto_tail(losses * 1e-4, 1e-4)
    assert small.shape == pytest.approx(tail.shape, abs=1e-6)


def test_peaks_over_threshold_of_returns_is_near_the_sample(returns: np.ndarray) -> None:
    risk = peaks_over_threshold_risk_of(returns, 0.99)
    assert risk.var == pytest.approx(historical_risk(returns, 0.99).var, rel=0.1)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.2, -0.1, math.nan])
def test_a_confidence_outside_zero_to_one_is_refused(returns: np.ndarray, confidence: float) -> None:
    asks: list[Any] = [
        lambda: historical_risk(returns, confidence),
        lambda: normal_risk(0.0, 0.01, confidence),
        lambda: student_t_risk(0.0, 0.01, 5.0, confidence),
        lambda: student_t_risk_of(returns, confidence),
        lambda: cornish_fisher_risk_of(returns, confidence),
        lambda: ewma_risk(returns, confidence),
        lambda: filtered_historical_risk(returns, confidence, Garch(omega=1e-6, alpha=0.1, beta=0.8)),
        lambda: peaks_over_threshold_risk_of(returns, confidence),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="confidence"):
            ask()


@pytest.mark.parametrize("values", [[], [0.01, math.nan], [math.inf, 0.01]])
def test_wrong_returns_are_refused(values: list[float]) -> None:
    asks: list[Any] = [
        historical_risk,
        normal_risk_of,
        student_t_risk_of,
        cornish_fisher_risk_of,
        ewma_risk,
        filtered_historical_risk,
        peaks_over_threshold_risk_of,
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="returns"):
            ask(values, 0.95)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: normal_risk(0.0, -0.1, 0.95), "sd"),
        (lambda: normal_risk(math.nan, 0.1, 0.95), "mean"),
        (lambda: normal_risk(0.0, 0.1, 0.95, periods=0), "periods"),
        (lambda: normal_risk_of([0.1], 0.95), "at least 2"),
        (lambda: student_t_risk(0.0, 0.1, 2.0, 0.95), "above 2"),
        (lambda: student_t_risk_of([0.1, 0.1], 0.95), "no variance"),
        (lambda: cornish_fisher_risk_of([0.1, 0.2, 0.3], 0.95), "at least 4"),
        (lambda: cornish_fisher_risk(Moments(0, 1, math.nan, 0), 0.95), "skew"),
        (lambda: filtered_scenarios([0.0, 0.0], Ewma()), "variance of a period is 0"),
        (lambda: fit_pareto_tail([1.0, 2.0, 3.0], 2.5), "at least 2"),
        (lambda: fit_pareto_tail([1.0, math.nan], 0.5), "losses"),
        (lambda: peaks_over_threshold_risk(ParetoTail(0.1, 1.0, 1.0, 100, 5), 0.95), "beyond the threshold"),
        (lambda: ParetoTail(0.1, 0.0, 1.0, 100, 5), "scale"),
        (lambda: ParetoTail(0.1, 1.0, 1.0, 100, 0), "exceedances"),
        (lambda: ParetoTail(0.1, 1.0, 1.0, 100, 5).probability_above(0.5), "below the threshold"),
    ],
)
def test_wrong_arguments_are_refused(ask: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask()
