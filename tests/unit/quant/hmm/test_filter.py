import math

import numpy as np
import pytest

from geobuk.ops.compiled import kernel
from geobuk.quant.hmm import (
    GaussianHMM,
    filter_step,
    filtered,
    filtered_from_likelihoods,
    predicted,
    symbol_likelihoods,
    viterbi,
)

CHAIN = [[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]]


@pytest.fixture
def model() -> GaussianHMM:
    means = [[0.0, 0.1], [0.5, -0.2], [-1.0, 0.0]]
    covariances = [[[1.0, 0.3], [0.3, 0.5]], [[2.0, -0.5], [-0.5, 1.0]], [[4.0, 0.0], [0.0, 0.2]]]
    return GaussianHMM(*map(np.array, ([0.2, 0.5, 0.3], CHAIN, means, covariances)))


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(120, 2))


def by_hand(rows: np.ndarray, model: GaussianHMM) -> tuple[np.ndarray, float]:
    from scipy.stats import multivariate_normal

    loglik, prior, out = 0.0, model.startprob, []
    for row in rows:
        joint = prior * [
            multivariate_normal(m, c).pdf(row) for m, c in zip(model.means, model.covariances, strict=True)
        ]
        loglik += math.log(joint.sum())
        out.append(joint / joint.sum())
        prior = out[-1] @ model.transmat
    return np.array(out), loglik


def test_agrees_with_bayes_rule_written_out(model: GaussianHMM, rows: np.ndarray) -> None:
    expected, loglik = by_hand(rows, model)
    probabilities, ours = filtered(rows, model)
    assert probabilities == pytest.approx(expected, abs=1e-12)
    assert ours == pytest.approx(loglik, abs=1e-9)


@pytest.mark.parametrize("stop", [1, 2, 50, 119])
def test_filtering_a_prefix_equals_the_prefix_of_filtering_all(model: GaussianHMM, rows: np.ndarray, stop: int) -> None:
    whole = filtered(rows, model)[0]
    assert filtered(rows[:stop], model)[0] == pytest.approx(whole[:stop], abs=1e-12)


def test_one_bar_at_a_time_equals_the_whole_series(model: GaussianHMM, rows: np.ndarray) -> None:
    @kernel
    def follow(rows, model, prior, out):  # type: ignore[no-untyped-def]
        total = 0.0
        for t in range(len(rows)):
            total += filter_step(prior, rows[t], model, out)
        return total

    prior, out = model.startprob.copy(), np.empty(3)
    total = sum(follow(rows[t : t + 1], model.arrays, prior, out) for t in range(len(rows)))
    probabilities, loglik = filtered(rows, model)
    assert out == pytest.approx(probabilities[-1], abs=1e-12)
    assert prior == pytest.approx(predicted(probabilities[-1], model.transmat), abs=1e-12)
    assert total == pytest.approx(loglik, abs=1e-9)


def test_a_missing_row_is_refused_or_predicted_over(model: GaussianHMM, rows: np.ndarray) -> None:
    rows[10, 1] = np.nan
    with pytest.raises(ValueError, match="row 10 holds a NaN"):
        filtered(rows, model)
    probabilities, loglik = filtered(rows, model, skip_missing=True)
    assert probabilities[10] == pytest.approx(probabilities[9] @ model.transmat, abs=1e-12)
    assert math.isfinite(loglik)
    first = filtered(np.full((1, 2), np.nan), model, skip_missing=True)
    assert first[0][0] == pytest.approx(model.startprob, abs=1e-15)
    assert first[1] == 0.0


@pytest.mark.parametrize("far", [1e3, 1e6, 1e150, 1e200, -1e300])
def test_far_outliers_never_give_nan(model: GaussianHMM, rows: np.ndarray, far: float) -> None:
    rows[5] = far
    probabilities, loglik = filtered(rows, model)
    assert np.isfinite(probabilities).all()
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-12)
    assert not math.isnan(loglik)


def test_states_that_cannot_be_reached_stay_at_zero() -> None:
    stuck = GaussianHMM.diagonal([1.0, 0.0], np.eye(2), [0.0, 5.0], [1.0, 1.0])
    probabilities, _ = filtered([5.0, 5.0, 5.0], stuck)
    assert probabilities[:, 1].tolist() == [0.0, 0.0, 0.0]


def test_long_gaps_keep_probabilities_summing_to_one(model: GaussianHMM) -> None:
    probabilities, _ = filtered(np.full((20_000, 2), np.nan), model, skip_missing=True)
    assert probabilities[-1].sum() == pytest.approx(1.0, abs=1e-12)
    assert probabilities[-1] == pytest.approx(model.ergodic, abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.empty((0, 2)), "at least one row"),
        (np.zeros((3, 3)), r"give \(T, 2\)"),
        (np.array([[0.0, np.inf]]), "row 0 is infinite"),
    ],
)
def test_wrong_observations_are_refused(model: GaussianHMM, rows: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        filtered(rows, model, skip_missing=True)


def test_impossible_symbols_are_refused() -> None:
    with pytest.raises(ValueError, match="likelihood 0 in every state"):
        filtered_from_likelihoods([[0.0, 0.5]], np.eye(2), [1.0, 0.0])
    with pytest.raises(ValueError, match="no path"):
        viterbi([[0.0, 0.5]], np.eye(2), [1.0, 0.0])
    with pytest.raises(ValueError, match="negative value"):
        filtered_from_likelihoods([[-0.1, 0.5]], np.eye(2), [0.5, 0.5])


@pytest.mark.parametrize("symbols", [[0, 3], [-1], [], [0.5]])
def test_unknown_symbols_are_refused(symbols: list[int]) -> None:
    with pytest.raises(ValueError, match="symbols"):
        symbol_likelihoods(symbols, [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]])


def test_viterbi_finds_what_trying_every_path_finds() -> None:
    from itertools import pairwise, product

    rng = np.random.default_rng(2)
    likelihoods = rng.uniform(0.01, 1.0, (6, 3))
    start = np.array([0.2, 0.5, 0.3])
    best = {
        path: math.log(start[path[0]])
        + sum(math.log(likelihoods[t, s]) for t, s in enumerate(path))
        + sum(math.log(CHAIN[a][b]) for a, b in pairwise(path))
        for path in product(range(3), repeat=6)
    }
    path, logp = viterbi(likelihoods, CHAIN, start)
    assert tuple(path.tolist()) == max(best, key=best.__getitem__)
    assert logp == pytest.approx(max(best.values()), abs=1e-12)
