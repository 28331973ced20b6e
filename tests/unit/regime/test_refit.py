"""What states mean, on models made by hand."""

import numpy as np
import pytest

from geobuk.domain.regime import Regime
from geobuk.quant.hmm import GaussianHMM
from geobuk.regime.refit import labels_of

BULL, BEAR, SIDE = int(Regime.BULL), int(Regime.BEAR), int(Regime.SIDEWAYS)


@pytest.mark.parametrize(
    ("means", "sds", "labels"),
    [
        ((0.004, 0.0, -0.004), (0.02, 0.01, 0.02), (BULL, SIDE, BEAR)),
        ((0.002, 0.0001, -0.002), (0.02, 0.01, 0.02), (BULL, SIDE, BEAR)),  # exactly 0.1 standard deviations
        ((0.0019, 0.0, -0.0019), (0.02, 0.01, 0.02), (SIDE, SIDE, SIDE)),
        ((0.0, 0.0, -0.0001), (0.01, 0.02, 0.03), (SIDE, SIDE, BEAR)),  # wild and losing
        ((0.0, 0.0, 0.0001), (0.01, 0.02, 0.03), (SIDE, SIDE, SIDE)),  # wild alone is no bear
        ((0.0, -0.0001, 0.0), (0.01, 0.02, 0.03), (SIDE, SIDE, SIDE)),
    ],
)
def test_states_are_named_by_their_mean(
    means: tuple[float, ...], sds: tuple[float, ...], labels: tuple[int, ...]
) -> None:
    chain = np.full((3, 3), 1.0 / 3.0)
    both = np.column_stack([means, np.zeros(3)]), np.column_stack([sds, np.ones(3)])
    model = GaussianHMM.diagonal(np.full(3, 1.0 / 3.0), chain, *both)
    assert tuple(labels_of(model, 0.1)) == labels
