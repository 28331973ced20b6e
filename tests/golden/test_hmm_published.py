"""Hidden Markov models against published examples and against statsmodels and hmmlearn.

Sources: Russell & Norvig, Artificial Intelligence (umbrella world); the healthy/fever example of the Viterbi algorithm;
Hamilton 1989, A new approach to the economic analysis of nonstationary time series. Tolerance: half a unit in the last
printed digit, 1 % for Hamilton's coefficients (another optimiser, as published by the reference's own tests).
"""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from geobuk.quant.hmm import (
    GaussianHMM,
    Hysteresis,
    ergodic,
    expected_durations,
    filtered,
    filtered_from_likelihoods,
    held_states,
    symbol_likelihoods,
    viterbi,
)

TWO_STATES = [[0.95, 0.05], [0.1, 0.9]]


def test_umbrella_world() -> None:
    rain, loglik = filtered_from_likelihoods(
        symbol_likelihoods([0, 0], [[0.9, 0.1], [0.2, 0.8]]), [[0.7, 0.3], [0.3, 0.7]], [0.5, 0.5]
    )
    assert rain[:, 0] == pytest.approx([0.8182, 0.8834], abs=5e-5)
    assert loglik == pytest.approx(-1.0455455677, abs=5e-11)


def test_gaussian_filter() -> None:
    model = GaussianHMM.diagonal([0.5, 0.5], TWO_STATES, [0.001, -0.002], [0.01, 0.03])
    probabilities, loglik = filtered([0.01, -0.03, -0.02], model)
    assert probabilities[:, 1] == pytest.approx([0.3156982142, 0.9248007601, 0.9279580691], abs=5e-11)
    assert loglik == pytest.approx(6.3564150361, abs=5e-11)


def test_healthy_or_fever() -> None:
    likelihoods = symbol_likelihoods([0, 1, 2], [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]])
    path, logp = viterbi(likelihoods, [[0.7, 0.3], [0.4, 0.6]], [0.6, 0.4])
    assert path.tolist() == [0, 0, 1]
    assert math.exp(logp) == pytest.approx(0.01512, abs=5e-6)


def test_long_run_and_durations() -> None:
    transmat = [[0.9, 0.1], [0.2, 0.8]]
    assert ergodic(transmat) == pytest.approx([2 / 3, 1 / 3], abs=1e-12)
    assert expected_durations(transmat) == pytest.approx([10.0, 5.0], abs=1e-12)


@pytest.mark.parametrize(("min_dwell", "states"), [(2, [0, 1, 1, 0, 0, 0, 0, 0]), (4, [0, 1, 1, 1, 1, 1, 0, 0])])
def test_hysteresis(min_dwell: int, states: list[int]) -> None:
    held = held_states([0.2, 0.75, 0.5, 0.2, 0.8, 0.65, 0.25, 0.1], Hysteresis(0.7, 0.3, min_dwell))
    assert held.states.tolist() == states
    assert held.switches == 2


@pytest.fixture(scope="module")
def gnp_growth() -> np.ndarray:
    """The list as the reference's own tests print it: read, not imported, for they bring marks of their own."""
    folder = Path(pytest.importorskip("statsmodels").__file__).parent / "tsa" / "regime_switching" / "tests"
    tree = ast.parse((folder / "test_markov_autoregression.py").read_text(encoding="utf-8"))
    return next(
        np.asarray(ast.literal_eval(node.value), dtype=np.float64)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "rgnp"
    )


def test_hamilton_coefficients_and_filter(gnp_growth: np.ndarray) -> None:
    """Hamilton's model has 2^5 combinations of states; our general filter on that chain gives his probabilities."""
    from statsmodels.tsa.regime_switching.markov_autoregression import MarkovAutoregression

    fit = MarkovAutoregression(gnp_growth, k_regimes=2, order=4, switching_ar=False).fit()
    published = [0.7547, 0.0959, -0.3588, 1.1635, 0.5914, 0.0135, -0.0575, -0.2470, -0.2129]
    assert fit.params == pytest.approx(published, rel=0.01, abs=5e-4)
    stay, enter, mu0, mu1, variance, *phi = fit.params
    one = np.array([[stay, 1 - stay], [enter, 1 - enter]])
    combined = np.array([[(c >> lag) & 1 for lag in range(5)] for c in range(32)])  # column 0 is the present state
    transmat = np.zeros((32, 32))
    start = np.ones(32)
    share = ergodic(one)
    for a, before in enumerate(combined):
        start[a] = share[before[4]] * np.prod([one[before[lag + 1], before[lag]] for lag in range(4)])
        for b, after in enumerate(combined):
            if (after[1:] == before[:-1]).all():
                transmat[a, b] = one[before[0], after[0]]
    centred = gnp_growth[4:, None] - np.array([mu0, mu1])[combined[:, 0]]
    for lag in range(1, 5):
        centred -= phi[lag - 1] * (gnp_growth[4 - lag : -lag, None] - np.array([mu0, mu1])[combined[:, lag]])
    density = np.exp(-0.5 * centred**2 / variance) / math.sqrt(2 * math.pi * variance)
    probabilities, loglik = filtered_from_likelihoods(density, transmat, start)
    recession = probabilities[:, combined[:, 0] == 0].sum(axis=1)
    assert recession == pytest.approx(fit.filtered_marginal_probabilities[:, 0], abs=1e-9)
    assert loglik == pytest.approx(fit.llf, abs=1e-6)


def test_switching_mean_and_variance_against_statsmodels(gnp_growth: np.ndarray) -> None:
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    search = MarkovRegression(gnp_growth, k_regimes=2, switching_variance=True)
    result = search.smooth([0.8, 0.1, -0.3, 1.2, 1.1, 0.6])
    stay, enter, mu0, mu1, v0, v1 = result.params
    one = np.array([[stay, 1 - stay], [enter, 1 - enter]])
    model = GaussianHMM.diagonal(ergodic(one), one, [mu0, mu1], np.sqrt([v0, v1]))
    probabilities, loglik = filtered(gnp_growth, model)
    assert probabilities == pytest.approx(result.filtered_marginal_probabilities, abs=1e-10)
    assert loglik == pytest.approx(result.llf, abs=1e-8)


def test_full_covariance_likelihood_and_last_row_against_hmmlearn() -> None:
    from hmmlearn.hmm import GaussianHMM as Reference

    rng = np.random.default_rng(5)
    factors = rng.normal(size=(3, 2, 2)) + 1.5 * np.eye(2)
    model = GaussianHMM(
        np.array([0.2, 0.5, 0.3]),
        np.array([[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]]),
        rng.normal(size=(3, 2)),
        factors @ factors.transpose(0, 2, 1),
    )
    reference = Reference(n_components=3, covariance_type="full", init_params="")
    reference.startprob_, reference.transmat_ = model.startprob, model.transmat
    reference.means_, reference.covars_ = model.means, model.covariances
    rows = rng.normal(size=(200, 2)) * 2
    probabilities, loglik = filtered(rows, model)
    assert loglik == pytest.approx(reference.score(rows), abs=1e-8)
    # At the last row of a sample the smoothed probability is the filtered one.
    for stop in (1, 7, 200):
        assert probabilities[stop - 1] == pytest.approx(reference.predict_proba(rows[:stop])[-1], abs=1e-10)
