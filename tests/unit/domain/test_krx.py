"""Price limits as the exchange prints them."""

from decimal import Decimal
from itertools import pairwise

import pytest

from geobuk.data.krx_rules import SHARE_TICKS
from geobuk.domain.errors import DataError
from geobuk.domain.instrument import TickBand
from geobuk.domain.krx import price_limits, tick_at

NEW, OLD_KOSPI, OLD_KOSDAQ = (
    SHARE_TICKS["KOSPI"][-1].ticks,
    SHARE_TICKS["KOSPI"][0].ticks,
    SHARE_TICKS["KOSDAQ"][0].ticks,
)


@pytest.mark.parametrize(
    ("base", "low", "high"),
    [
        (128_500, 90_000, 167_000),
        (37_850, 26_500, 49_200),
        (75_900, 53_200, 98_600),
        (185_800, 130_100, 241_500),  # the upper limit lies in a coarser band
        (20_050, 14_050, 26_050),  # the lower one in a finer band, on the tick of the base
        (1_541, 1_079, 2_000),
        (1_000, 700, 1_300),
        (4, 3, 5),
        (3, 3, 3),
    ],
)
def test_limits_by_the_table_of_2023(base: int, low: int, high: int) -> None:
    assert price_limits(Decimal(base), NEW) == (low, high)


def test_older_tables_and_bands() -> None:
    assert price_limits(Decimal(98_000), OLD_KOSPI) == (68_600, 127_000)
    assert price_limits(Decimal(98_000), OLD_KOSDAQ) == (68_600, 127_400)
    assert price_limits(Decimal(10_000), OLD_KOSPI, Decimal("0.15")) == (8_500, 11_500)


def test_limits_lie_on_ticks_within_the_band_and_never_fall() -> None:
    for ticks in (NEW, OLD_KOSPI, OLD_KOSDAQ):
        bases = [Decimal(b) for b in range(1, 3_000_000, 37)]
        limits = [price_limits(base - base % tick_at(base, ticks) or base, ticks) for base in bases]
        assert all(low % tick_at(low, ticks) == 0 == high % tick_at(high, ticks) for low, high in limits)
        assert all(a[1] <= b[1] for a, b in pairwise(limits))


@pytest.mark.parametrize("base", ["0", "-5", "NaN"])
def test_a_base_that_is_no_price_is_refused(base: str) -> None:
    with pytest.raises(DataError, match="has no limits"):
        price_limits(Decimal(base), (TickBand(Decimal(0), Decimal(1)),))


def test_the_lower_limit_is_moved_inwards_from_a_base_off_the_tick() -> None:
    # 2,857 less 855 is 2,002: between 2,000 and 2,005
    assert price_limits(Decimal(2_857), SHARE_TICKS["KOSPI"][-1].ticks)[0] == Decimal(2_005)
