import numpy as np

from geobuk.features.ranks import centred_ranks

NAN = np.nan


def test_ranks_run_evenly_from_minus_one_to_one() -> None:
    np.testing.assert_allclose(centred_ranks(np.array([[7.0, -2.0, 3.0, 4.0]]), 2), [[1.0, -1.0, -1 / 3, 1 / 3]])


def test_equal_values_share_their_rank_and_rows_sum_to_zero() -> None:
    ranks = centred_ranks(np.array([[1.0, 1.0, 2.0, NAN], [5.0, 5.0, 5.0, 5.0]]), 2)
    np.testing.assert_allclose(ranks[0], [-0.5, -0.5, 1.0, NAN])
    np.testing.assert_array_equal(ranks[1], 0.0)


def test_a_row_with_too_few_known_values_is_unknown() -> None:
    values = np.array([[1.0, 2.0, NAN], [1.0, 2.0, 3.0]])
    assert np.isnan(centred_ranks(values, 3)[0]).all()
    assert np.isfinite(centred_ranks(values, 3)[1]).all()
    assert np.isnan(centred_ranks(np.array([[1.0, NAN]]), 1)).all()
