"""Prices that the venue can print."""

from decimal import Decimal
from math import isnan

import pytest
from tests.support.records import term_row

from geobuk.domain.instrument import TickBand
from geobuk.matching.printable import is_locked_against, printable_price, tick_of
from geobuk.panel import Record

BANDS = tuple(
    TickBand(Decimal(floor), Decimal(tick)) for floor, tick in ((0, 1), (2_000, 5), (5_000, 10), (20_000, 50))
)
TERM: Record = term_row(ticks=BANDS)


@pytest.mark.parametrize(("price", "tick"), [(1_999, 1), (2_000, 5), (19_990, 10), (20_000, 50), (1e6, 50)])
def test_the_tick_is_that_of_the_prices_band(price: float, tick: float) -> None:
    assert tick_of(price, TERM) == tick


@pytest.mark.parametrize(
    ("side", "price", "printed"),
    [
        (1.0, 4_993.0, 4_995.0),
        (-1.0, 4_993.0, 4_990.0),
        (1.0, 19_995.0, 20_000.0),
        (-1.0, 20_020.0, 20_000.0),
        (1.0, 19_990.0, 19_990.0),
    ],
)
def test_a_price_is_rounded_against_us_onto_the_tick(side: float, price: float, printed: float) -> None:
    assert printable_price(side, price, 1_000.0, 100_000.0, TERM) == printed


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_price_beyond_the_range_comes_back_to_its_last_tick(side: float) -> None:
    assert printable_price(side, 30_000.0, 20_010.0, 20_130.0, TERM) == 20_100.0
    assert printable_price(side, 10_000.0, 20_010.0, 20_130.0, TERM) == 20_050.0


def test_a_range_between_two_ticks_holds_no_price() -> None:
    assert isnan(printable_price(1.0, 20_020.0, 20_010.0, 20_040.0, TERM))
    assert printable_price(1.0, 20_020.0, 20_010.0, 20_050.0, TERM) == 20_050.0


def test_a_range_turned_around_holds_no_price() -> None:
    # a bar wholly above the day's upper limit: from its low down to the limit
    assert isnan(printable_price(1.0, 14_000.0, 14_000.0, 13_000.0, TERM))


@pytest.mark.parametrize(
    ("side", "low", "high", "is_locked"),
    [
        (1.0, 13_000.0, 13_000.0, True),
        (1.0, 12_990.0, 13_000.0, False),
        (-1.0, 13_000.0, 13_000.0, False),
        (-1.0, 7_000.0, 7_000.0, True),
        (-1.0, 7_000.0, 7_010.0, False),
        (1.0, 7_000.0, 7_000.0, False),
    ],
)
def test_a_bar_is_locked_against_who_wants_what_nobody_offers(
    side: float, low: float, high: float, is_locked: bool
) -> None:
    assert is_locked_against(side, low, high, 7_000.0, 13_000.0) is is_locked
