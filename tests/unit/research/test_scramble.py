import numpy as np
import pytest
from tests.unit.strategies.panels import random_panel

from geobuk.research.scramble import scramble_future

PANEL = random_panel(bars=400)
FIELDS = ("open", "high", "low", "close", "volume", "mark", "funding", "funding_inside", "tradable")


@pytest.mark.parametrize("cut", [0, 100, 398])
def test_the_past_stays_and_the_future_changes(cut: int) -> None:
    other = scramble_future(PANEL, cut, np.random.default_rng(1))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(other, name)[: cut + 1], getattr(PANEL, name)[: cut + 1])
    assert not np.array_equal(other.close[cut + 1 :], PANEL.close[cut + 1 :], equal_nan=True)
    np.testing.assert_array_equal(other.at_ns, PANEL.at_ns)


def test_the_other_future_is_a_valid_one() -> None:
    other = scramble_future(PANEL, 50, np.random.default_rng(2))
    known = np.isfinite(other.close)
    assert (other.high[known] >= np.maximum(other.open, other.close)[known]).all()
    assert (other.low[known] <= np.minimum(other.open, other.close)[known]).all()
    assert (other.low[known] > 0.0).all()
    assert not other.tradable[~known].any()


def test_the_same_seed_gives_the_same_future() -> None:
    first, second = (scramble_future(PANEL, 50, np.random.default_rng(3)) for _ in range(2))
    assert first.content_hash == second.content_hash
