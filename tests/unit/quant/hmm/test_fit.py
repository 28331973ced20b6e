import logging
from dataclasses import replace

import numpy as np
import pytest

from geobuk.quant.hmm import FittedHMM, GaussianHMM, HMMSpec, filtered, fit_hmm, match_states

TRUE = GaussianHMM.diagonal([0.5, 0.5], [[0.97, 0.03], [0.08, 0.92]], [0.0005, -0.001], [0.005, 0.02])


def drawn(model: GaussianHMM, bars: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    state, rows = 0, np.empty((bars, model.means.shape[1]))
    for t in range(bars):
        rows[t] = rng.multivariate_normal(model.means[state], model.covariances[state])
        state = int(rng.choice(model.states, p=model.transmat[state]))
    return rows


@pytest.fixture(scope="module")
def sample() -> np.ndarray:
    return drawn(TRUE, 4000, seed=1)


@pytest.fixture(scope="module")
def fit(sample: np.ndarray) -> FittedHMM:
    return fit_hmm(sample, HMMSpec())


def test_finds_what_made_the_sample(fit: FittedHMM) -> None:
    assert fit.flags == ()
    assert fit.model is not None
    assert fit.model.sds.ravel() == pytest.approx(TRUE.sds.ravel(), rel=0.07)
    assert fit.model.transmat == pytest.approx(TRUE.transmat, abs=0.02)
    assert fit.occupancy == pytest.approx(TRUE.ergodic, abs=0.06)


def test_its_likelihood_is_that_of_our_filter_and_beats_the_truth(fit: FittedHMM, sample: np.ndarray) -> None:
    assert fit.model is not None
    assert filtered(sample, fit.model)[1] == pytest.approx(fit.loglik, abs=1e-6)
    assert fit.loglik > filtered(sample, TRUE)[1]


def test_the_same_seed_gives_the_same_fit_and_units_do_not_matter(fit: FittedHMM, sample: np.ndarray) -> None:
    again = fit_hmm(sample * 100.0, HMMSpec())
    assert fit.model is not None
    assert again.model is not None
    assert again.model.sds / 100.0 == pytest.approx(fit.model.sds, rel=1e-6)
    assert again.model.transmat == pytest.approx(fit.model.transmat, abs=1e-6)


def test_states_are_ordered_by_the_named_column() -> None:
    """The second column is calm where the first is wild."""
    chain = [[0.95, 0.05], [0.05, 0.95]]
    model = GaussianHMM.diagonal([0.5, 0.5], chain, np.zeros((2, 2)), [[0.01, 3.0], [0.05, 1.0]])
    rows = drawn(model, 2000, seed=4)
    spec = HMMSpec(columns=("return", "volume"), covariance="full")
    by_return, by_volume = (fit_hmm(rows, replace(spec, order_by=name)).model for name in spec.columns)
    assert by_return is not None
    assert by_volume is not None
    assert by_return.sds[0, 0] < by_return.sds[1, 0]
    assert by_volume.sds[0, 1] < by_volume.sds[1, 1]
    assert by_volume.transmat == pytest.approx(by_return.transmat[::-1, ::-1], abs=1e-9)


def test_too_few_observations_are_refused(sample: np.ndarray) -> None:
    spec = HMMSpec()
    assert spec.parameters == 7
    short = fit_hmm(sample[:69], spec)
    assert (short.model, short.flags) == (None, ("too_few_observations",))
    assert np.isnan(short.loglik)
    assert "too_few_observations" not in fit_hmm(sample[:70], spec).flags


def test_parameters_of_a_full_covariance_are_counted() -> None:
    assert HMMSpec(states=3, columns=("a", "b"), order_by="a", covariance="full").parameters == 2 + 6 + 6 + 9


def test_a_state_at_the_floor_is_refused() -> None:
    """Half of the sample stands still within rounding: its state would collapse on one value."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(0, 1e-9, 300), rng.normal(0, 0.01, 300)])
    fit = fit_hmm(rows, HMMSpec())
    assert fit.model is None
    assert "sd_at_floor" in fit.flags


def test_a_rare_state_is_refused() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 0.01, 2000)
    rows[500:512] += 0.3
    fit = fit_hmm(rows, HMMSpec())
    assert fit.model is None
    assert "rare_state" in fit.flags


def test_a_search_cut_short_is_refused(sample: np.ndarray) -> None:
    fit = fit_hmm(sample, HMMSpec(iterations=2, tolerance=1e-9))
    assert (fit.model, fit.flags) == (None, ("no_convergence",))


def test_nothing_is_said_and_the_logger_is_left_as_it_was(sample: np.ndarray, caplog: pytest.LogCaptureFixture) -> None:
    level = logging.getLogger("hmmlearn").level
    fit_hmm(sample[:200], HMMSpec(states=3, starts=4))
    assert caplog.records == []
    assert logging.getLogger("hmmlearn").level == level


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.full(500, 0.01), "no variance"),
        (np.append(np.zeros(499), np.nan), "row 499"),
        (np.zeros((500, 2)), "shape"),
        (np.empty(0), "shape"),
    ],
)
def test_wrong_samples_are_refused(rows: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_hmm(rows, HMMSpec())


@pytest.mark.parametrize("wrong", [{"order_by": "x"}, {"states": 1}, {"sd_floor": 0.0}, {"min_occupancy": 0.5}])
def test_wrong_specs_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"order_by|states|sd_floor"):
        HMMSpec(**wrong)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]])
def test_matching_undoes_a_change_of_labels(order: list[int]) -> None:
    chain = [[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    previous = GaussianHMM.diagonal([0.2, 0.3, 0.5], chain, [0.0, 0.001, -0.002], [0.01, 0.011, 0.04])
    moved = GaussianHMM.diagonal([0.2, 0.3, 0.5], chain, [0.0001, 0.0012, -0.0025], [0.0101, 0.012, 0.035])
    assert match_states(moved.reordered(order), previous).means.tolist() == moved.means.tolist()


def test_models_of_other_sizes_cannot_be_matched() -> None:
    three = GaussianHMM.diagonal([1 / 3] * 3, np.full((3, 3), 1 / 3), [0, 1, 2], [1, 1, 1])
    with pytest.raises(ValueError, match="matched"):
        match_states(three, TRUE)
