"""The starting table: shaped like the venue's, and said to be made up."""

from decimal import Decimal

import pytest

from geobuk.domain.instrument import Instrument
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.rules import SKETCHES, sketch_of, starting_rules


def by_name(name: str) -> MarketRules:
    return starting_rules((name,))[0]


def test_bitcoin_has_the_venues_filters_and_brackets() -> None:
    rules = by_name("BTCUSDT")
    assert (rules.tick, rules.instrument.step, rules.price_decimals) == (Decimal("0.10"), Decimal("0.001"), 2)
    assert (rules.instrument.min_notional, rules.market_max_quantity) == (50, 120)
    cums = [int(b.cumulative) for b in rules.instrument.brackets]
    assert cums == [0, 300, 1500, 12000, 132000, 482000, 2982000, 14482000, 26482000, 41482000, 121482000, 421482000]


@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda one: one.name)
def test_every_line_is_consistent_and_labelled(sketch: object) -> None:
    rules = by_name(sketch.name)  # type: ignore[attr-defined]
    instrument: Instrument = rules.instrument
    assert instrument.is_synthetic
    assert "made up" in instrument.source
    assert rules.tick % Decimal(1).scaleb(-rules.price_decimals) == 0
    assert instrument.step % Decimal(1).scaleb(-rules.quantity_decimals) == 0
    for bound in (rules.min_price, rules.max_price, Decimal(sketch.price)):  # type: ignore[attr-defined]
        assert bound % rules.tick == 0
    rates = [b.maintenance_rate for b in instrument.brackets]
    leverages = [b.max_leverage for b in instrument.brackets]
    assert rates == sorted(set(rates))
    assert leverages == sorted(set(leverages), reverse=True)
    for below, above in zip(instrument.brackets, instrument.brackets[1:], strict=False):
        edge = above.floor
        assert edge * below.maintenance_rate - below.cumulative == edge * above.maintenance_rate - above.cumulative


def test_one_instrument_pays_funding_every_four_hours() -> None:
    assert [r.name for r in starting_rules() if r.instrument.funding_interval_hours == 4] == ["DOTUSDT"]


def test_names_choose_and_unknown_ones_have_no_line() -> None:
    assert [r.name for r in starting_rules(("ETHUSDT", "BTCUSDT"))] == ["BTCUSDT", "ETHUSDT"]
    assert sketch_of("NOPEUSDT") is None
