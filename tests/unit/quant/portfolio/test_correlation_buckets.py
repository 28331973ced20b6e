"""Buckets are the connected parts of the graph of high correlations, however the assets are ordered."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from geobuk.quant.portfolio import bucket_labels, correlation, correlation_buckets


def drawn(assets: int, seed: int) -> np.ndarray:
    loads = np.random.default_rng(seed).standard_normal((assets, 3))
    return np.asarray(loads @ loads.T + 0.3 * np.eye(assets)) * 1e-4


@given(st.integers(1, 12), st.integers(0, 10_000), st.floats(-1.0, 1.0))
def test_buckets_are_connected_parts(assets: int, seed: int, threshold: float) -> None:
    covariance = drawn(assets, seed)
    labels = correlation_buckets(covariance, threshold)
    count, expected = connected_components(correlation(covariance) >= threshold, directed=False)
    assert len(set(labels)) == count
    same, other = labels[:, None] == labels, expected[:, None] == expected
    assert (same == other).all()
    firsts = [int(np.flatnonzero(labels == bucket)[0]) for bucket in range(count)]
    assert firsts == sorted(firsts)


@given(st.integers(2, 12), st.integers(0, 10_000), st.permutations(range(12)))
def test_another_order_of_assets_makes_the_same_partition(assets: int, seed: int, order: list[int]) -> None:
    covariance = drawn(assets, seed)
    moved = [place for place in order if place < assets]
    labels = correlation_buckets(covariance, 0.6)
    again = correlation_buckets(covariance[np.ix_(moved, moved)], 0.6)
    assert ((labels[moved][:, None] == labels[moved]) == (again[:, None] == again)).all()


def test_a_chain_of_pairs_joins_its_ends() -> None:
    chain = np.array([[1.0, 0.8, 0.3, 0.0], [0.8, 1.0, 0.8, 0.0], [0.3, 0.8, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert correlation_buckets(chain, 0.8).tolist() == [0, 0, 0, 1]
    assert correlation_buckets(chain, 0.81).tolist() == [0, 1, 2, 3]


def test_the_compiled_version_leaves_unknown_assets_alone() -> None:
    covariance = np.ones((4, 4))
    covariance[1, :] = covariance[:, 1] = math.nan
    covariance[2, 2] = 0.0
    labels = np.empty(4, dtype=np.int64)
    assert bucket_labels(covariance, 0.5, labels) == 3
    assert labels.tolist() == [0, 1, 2, 0]


def test_buckets_that_cannot_be_are_refused() -> None:
    for threshold in (math.nan, 1.1, -1.1):
        with pytest.raises(ValueError, match="threshold"):
            correlation_buckets(np.eye(2), threshold)
    with pytest.raises(ValueError, match="asset 0"):
        correlation_buckets(np.diag([0.0, 1.0]), 0.5)
