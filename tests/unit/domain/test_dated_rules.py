"""Rules that changed: which one held on a day."""

from datetime import date
from decimal import Decimal

import pytest
from tests.support.markets import instrument

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import DatedRate, DatedTicks, TickBand

COARSE, FINE = (TickBand(Decimal(0), Decimal(5)),), (TickBand(Decimal(0), Decimal(1)),)
CHANGE = date(2023, 1, 25)


def test_without_dated_rules_the_snapshots_own_hold_always() -> None:
    plain = instrument(sell_tax=Decimal("0.002"), price_band=Decimal("0.3"), ticks=FINE)
    for day in (date(1990, 1, 1), date(2030, 1, 1)):
        assert (plain.sell_tax_on(day), plain.price_band_on(day)) == (Decimal("0.002"), Decimal("0.3"))
        assert plain.ticks_on(day) == FINE
    assert instrument().price_band_on(CHANGE) is None


def test_a_rule_holds_from_its_day_and_the_oldest_before_all() -> None:
    rates = (DatedRate(date(2020, 1, 1), Decimal("0.003")), DatedRate(CHANGE, Decimal("0.002")))
    ticks = (DatedTicks(date(2020, 1, 1), COARSE), DatedTicks(CHANGE, FINE))
    dated = instrument(price_band=Decimal("0.3"), dated_ticks=ticks, sell_taxes=rates, price_bands=rates)
    before, day_before = date(2010, 1, 1), date(2023, 1, 24)
    assert [dated.ticks_on(day) for day in (before, day_before, CHANGE)] == [COARSE, COARSE, FINE]
    assert [str(dated.sell_tax_on(day)) for day in (before, day_before, CHANGE)] == ["0.003", "0.003", "0.002"]
    assert [str(dated.price_band_on(day)) for day in (before, day_before, CHANGE)] == ["0.003", "0.003", "0.002"]


def test_dated_rules_must_be_in_order_and_their_ticks_whole() -> None:
    one = DatedRate(CHANGE, Decimal("0.002"))
    with pytest.raises(DataError, match="not in the order of their days"):
        instrument(sell_taxes=(one, one))
    with pytest.raises(DataError, match="tick table"):
        instrument(dated_ticks=(DatedTicks(CHANGE, ()),))
