"""A stored detector goes on where it left off."""

import numpy as np
import pytest
from tests.unit.regime.markets import SHORT, staged

from geobuk.domain.errors import DataError
from geobuk.regime import RegimeDetector, detect, restore, store

PANEL, _ = staged()
PATH = detect(PANEL, SHORT)


@pytest.mark.parametrize("cut", [0, 10, 24 * 31 + 2, 24 * 90 + 1])
def test_a_restart_changes_no_bit(cut: int) -> None:
    detector = RegimeDetector(PANEL.instruments, PANEL.interval_ns, SHORT)
    detector.follow(PANEL.rows(0, cut))
    again = restore(store(detector))
    rest = again.follow(PANEL.rows(cut, len(PANEL.at_ns)))
    for name in ("codes", "probabilities", "volatility", "ages"):
        np.testing.assert_array_equal(getattr(rest, name), getattr(PATH, name)[cut:])
    assert [fit.at_ns for fit in again.refits] == [fit.at_ns for fit in PATH.refits]
    for mine, other in zip(again.refits, PATH.refits, strict=True):
        np.testing.assert_array_equal(mine.means, other.means)
        assert (mine.flags, mine.volatility, mine.labels.tolist()) == (
            other.flags, other.volatility, other.labels.tolist()
        )  # fmt: skip


def test_storing_twice_gives_the_same_bytes() -> None:
    detector = RegimeDetector(PANEL.instruments, PANEL.interval_ns, SHORT)
    detector.follow(PANEL.rows(0, 24 * 40))
    assert store(restore(store(detector))) == store(detector)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x93\x01\x02\x03"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="no stored regime detector"):
        restore(data)
