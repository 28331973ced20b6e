import numpy as np
import pytest

from geobuk.quant.hmm import GaussianHMM, ergodic, expected_durations

HALF = [0.5, 0.5]
CHAIN = [[0.9, 0.1], [0.2, 0.8]]


@pytest.mark.parametrize(
    ("start", "transmat", "means", "sds", "message"),
    [
        ([0.5, 0.6], CHAIN, [0, 0], [1, 1], "startprob row 0 sums to 1.1"),
        (HALF, [[0.9, 0.1], [0.2, 0.8 + 2e-9]], [0, 0], [1, 1], "transmat row 1"),
        (HALF, [[1.1, -0.1], [0.2, 0.8]], [0, 0], [1, 1], "no probability"),
        (HALF, [[1.0]], [0, 0], [1, 1], "transmat has shape"),
        (HALF, CHAIN, [0, np.nan], [1, 1], "means holds"),
        (HALF, CHAIN, [0, 0, 0], [1, 1, 1], "means has shape"),
        (HALF, CHAIN, [0, 0], [1, 0], "positive definite"),
        (HALF, CHAIN, [0, 0], [1, 1, 1], "sds has shape"),
    ],
)
def test_wrong_parameters_are_refused(start: list, transmat: list, means: list, sds: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GaussianHMM.diagonal(start, transmat, means, sds)


@pytest.mark.parametrize("covariance", [[[1.0, 0.2], [0.1, 1.0]], [[1.0, 2.0], [2.0, 1.0]]])
def test_covariances_must_be_symmetric_and_positive_definite(covariance: list) -> None:
    both = np.array([np.eye(2), covariance])
    with pytest.raises(ValueError, match="covariance of state 1"):
        GaussianHMM(np.array(HALF), np.array(CHAIN), np.zeros((2, 2)), both)


def test_row_sums_may_be_off_by_rounding_only() -> None:
    assert GaussianHMM.diagonal(HALF, [[0.9, 0.1 + 5e-10], [0.2, 0.8]], [0, 1], [1, 2]).states == 2


def test_reordering_permutes_every_parameter_alike() -> None:
    model = GaussianHMM.diagonal(
        [0.1, 0.2, 0.7], [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0, 0.4, 0.6]], [1, 2, 3], [4, 5, 6]
    )
    other = model.reordered([2, 0, 1])
    assert other.startprob.tolist() == [0.7, 0.1, 0.2]
    assert other.transmat.tolist() == [[0.6, 0.0, 0.4], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]
    assert other.means.ravel().tolist() == [3, 1, 2]
    assert other.sds.ravel().tolist() == [6, 4, 5]
    with pytest.raises(ValueError, match="arrangement"):
        model.reordered([0, 0, 1])


def test_the_long_run_of_three_states_is_kept_by_one_more_step() -> None:
    chain = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.0, 0.4, 0.6]])
    share = ergodic(chain)
    assert share @ chain == pytest.approx(share, abs=1e-14)
    assert share == pytest.approx(np.linalg.matrix_power(chain, 500)[1], abs=1e-12)


def test_a_chain_that_never_mixes_has_no_long_run() -> None:
    with pytest.raises(ValueError, match="more than one set"):
        ergodic(np.eye(2))
    assert expected_durations(np.eye(2)).tolist() == [np.inf, np.inf]
