"""The compiled limits against the exact ones."""

from decimal import Decimal

import numpy as np
import pytest
from tests.support.price_ticks import limits_of

from geobuk.data.krx_rules import SHARE_TICKS
from geobuk.domain.instrument import TickBand
from geobuk.domain.krx import price_limits as exact
from geobuk.domain.krx import tick_at
from geobuk.matching.price_limits import price_limits

TABLES = {
    "2023": SHARE_TICKS["KOSPI"][-1].ticks,
    "old KOSPI": SHARE_TICKS["KOSPI"][0].ticks,
    "old KOSDAQ": SHARE_TICKS["KOSDAQ"][0].ticks,
}


def arrays(ticks: tuple[TickBand, ...]) -> tuple[np.ndarray, np.ndarray]:
    """As in the terms: an unused band has an infinite floor."""
    floors = [float(band.floor) for band in ticks] + [np.inf]
    units = [float(band.tick) for band in ticks]
    return np.array(floors), np.array([*units, units[-1]])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("band", ["0.30", "0.15"])
def test_compiled_and_exact_limits_are_the_same(table: str, band: str) -> None:
    ticks = TABLES[table]
    prices = {*range(1, 20_000), *range(20_000, 1_000_000, 50), *range(1_000_000, 5_000_000, 1_000)}
    bases = sorted(p for p in prices if p % tick_at(Decimal(p), ticks) == 0)
    assert len(bases) > 8_000
    floors, units = arrays(ticks)
    low, high = limits_of(np.array(bases, dtype=np.float64), float(band), floors, units)
    wanted = [exact(Decimal(base), ticks, Decimal(band)) for base in bases]
    assert low.tolist() == [float(a) for a, _ in wanted]
    assert high.tolist() == [float(b) for _, b in wanted]


@pytest.mark.parametrize("base", [np.nan, 0.0, -1.0])
def test_without_a_base_no_price_is_within_the_limits(base: float) -> None:
    low, high = price_limits(base, 0.3, *arrays(TABLES["2023"]))
    assert not (low <= 1_000.0 <= high)
