"""Rules of instruments as kernels read them, ragged tables padded so that no unused row is ever chosen."""

from decimal import Decimal

import numpy as np
from tests.support.markets import BTC_TIERS, brackets, instrument

from geobuk.domain.instrument import InstrumentKind, TickBand
from geobuk.quant.grid import band_of
from geobuk.terms import terms_of

KRX = tuple(
    TickBand(Decimal(floor), Decimal(tick))
    for floor, tick in [(0, 1), (2_000, 5), (5_000, 10), (20_000, 50), (50_000, 100), (200_000, 500), (500_000, 1_000)]
)


def test_scalars_are_the_instruments_own() -> None:
    item = instrument(
        min_notional=Decimal(100),
        max_quantity=Decimal(120),
        liquidation_fee=Decimal("0.0125"),
        sell_tax=Decimal("0.0018"),
        can_short=False,
    )
    term = terms_of([item], [(0.0002, 0.0005)])[0]
    assert (term["step"], term["min_quantity"], term["max_quantity"]) == (0.001, 0.001, 120.0)
    assert (term["min_notional"], term["liquidation_fee"], term["sell_tax"]) == (100.0, 0.0125, 0.0018)
    assert (term["maker_fee"], term["taker_fee"]) == (0.0002, 0.0005)
    assert not term["can_short"]


def test_fees_are_those_of_the_account_not_of_the_snapshot() -> None:
    term = terms_of([instrument(taker_fee=Decimal("0.0005"))], [(0.0001, 0.0003)])[0]
    assert term["taker_fee"] == 0.0003


def test_brackets_keep_their_order_and_amounts() -> None:
    term = terms_of([instrument(brackets=brackets())], [(0.0, 0.0)])[0]
    np.testing.assert_array_equal(term["bracket_floor"][:8], [0, *(cap for cap, *_ in BTC_TIERS[:-1])])
    np.testing.assert_array_equal(term["bracket_cumulative"][:8], [row[3] for row in BTC_TIERS])
    np.testing.assert_array_equal(term["bracket_leverage"][:8], [row[1] for row in BTC_TIERS])


def test_padding_repeats_the_last_row_behind_an_infinite_floor() -> None:
    short, tall = instrument("AUSDT", brackets=brackets(BTC_TIERS[:2])), instrument("BUSDT", brackets=brackets())
    term = terms_of([short, tall], [(0.0, 0.0)] * 2)[0]
    assert term["bracket_floor"].tolist() == [0.0, 300_000.0, *[np.inf] * 14]
    assert set(term["bracket_rate"][1:]) == {0.005}
    assert band_of(1e15, term["bracket_floor"].copy()) == 1


def test_without_brackets_there_is_no_leverage_and_no_maintenance() -> None:
    share = instrument("005930", kind=InstrumentKind.SHARE, brackets=(), ticks=KRX)
    term = terms_of([share], [(0.0, 0.0)])[0]
    assert term["bracket_floor"].tolist() == [0.0, *[np.inf] * 15]
    assert set(term["bracket_rate"]) == {0.0}
    assert set(term["bracket_leverage"]) == {1.0}


def test_korean_tick_table_is_found_by_price() -> None:
    term = terms_of([instrument("005930", ticks=KRX, brackets=())], [(0.0, 0.0)])[0]
    prices = [1_999, 2_000, 4_995, 5_000, 19_990, 50_000, 61_300, 500_000]
    ticks = [float(term["tick"][band_of(float(price), term["tick_floor"].copy())]) for price in prices]
    assert ticks == [1.0, 5.0, 5.0, 10.0, 10.0, 100.0, 100.0, 1_000.0]
