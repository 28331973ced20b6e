"""What a fill costs, in figures worked out by hand."""

from decimal import Decimal
from math import inf

import msgspec
import pytest
from tests.support.markets import instrument
from tests.support.records import rules_row

from geobuk.matching.costs import FEE_SCHEDULE, cost_values, fee_rates, slippage_fraction, slipped_price
from geobuk.matching.spec import Costs

REGULAR = instrument(maker_fee=Decimal("0.0002"), taker_fee=Decimal("0.0005"))


def test_regular_fees_are_the_instruments_own() -> None:
    assert fee_rates(REGULAR, Costs()) == (0.0002, 0.0005)


@pytest.mark.parametrize("tier", sorted(FEE_SCHEDULE))
def test_a_tier_replaces_them_by_the_schedule(tier: str) -> None:
    assert fee_rates(REGULAR, msgspec.convert({"fee_tier": tier}, Costs)) == FEE_SCHEDULE[tier]


def test_higher_tiers_never_pay_more() -> None:
    rates = [FEE_SCHEDULE[tier] for tier in ("vip1", "vip3", "vip5", "vip9")]
    assert rates == sorted(rates, reverse=True)
    assert all(0.0 <= maker <= taker <= 0.0005 for maker, taker in rates)


def test_overrides_win_over_the_tier_and_zero_is_a_value() -> None:
    assert fee_rates(REGULAR, Costs(fee_tier="vip9", maker_fee=0.0, taker_fee=0.001)) == (0.0, 0.001)


def test_the_multiplier_scales_fees_but_never_a_rebate() -> None:
    assert fee_rates(REGULAR, Costs(multiplier=2.0)) == (0.0004, 0.001)
    assert fee_rates(REGULAR, Costs(maker_fee=-0.0001, multiplier=2.0)) == (-0.0001, 0.001)


def test_the_multiplier_scales_spread_and_impact_but_not_participation() -> None:
    values = cost_values(Costs(half_spread_bps=1.5, impact=0.8, participation=0.2, multiplier=3.0))
    assert values == pytest.approx(
        {"half_spread": 0.00045, "impact": 2.4, "participation": 0.2, "locked_participation": 0.0}
    )


def test_slippage_is_half_spread_plus_square_root_impact() -> None:
    # 1 bp + 1.0 * 2 % * sqrt(25 / 2500) = 0.0001 + 0.002
    rules = rules_row(half_spread=0.0001, impact=1.0)
    assert slippage_fraction(25.0, 2_500.0, 0.02, rules) == pytest.approx(0.0021, rel=1e-12)


def test_four_times_the_size_costs_twice_the_impact() -> None:
    rules = rules_row(half_spread=0.0, impact=0.7)
    once, four = (slippage_fraction(size, 1_000.0, 0.01, rules) for size in (10.0, 40.0))
    assert four == pytest.approx(2.0 * once)


def test_without_volume_or_volatility_only_the_spread_is_left() -> None:
    rules = rules_row(half_spread=0.0003, impact=1.0)
    assert slippage_fraction(5.0, 0.0, 0.02, rules) == 0.0003
    assert slippage_fraction(5.0, 100.0, 0.0, rules) == 0.0003


@pytest.mark.parametrize(
    ("side", "fraction", "high", "low", "price"),
    [
        (1.0, 0.001, inf, 0.0, 100.1),  # a buyer pays up
        (-1.0, 0.001, inf, 0.0, 99.9),  # a seller gives in
        (1.0, 0.00101, inf, 0.0, 100.11),  # 100.101 rounds against the buyer
        (-1.0, 0.00101, inf, 0.0, 99.89),
        (1.0, 0.05, 101.0, 99.0, 101.0),  # kept inside the bar
        (-1.0, 0.05, 101.0, 99.0, 99.0),
        (1.0, 0.0, 101.0, 99.0, 100.0),  # free is free, also off the tick
        (1.0, 0.01, 99.0, 98.0, 100.0),  # a reference outside the bar is not bettered
        (-1.0, 0.01, 102.0, 101.0, 100.0),
    ],
)
def test_a_taking_fill_is_moved_rounded_and_kept_inside_the_bar(
    side: float, fraction: float, high: float, low: float, price: float
) -> None:
    assert slipped_price(side, 100.0, fraction, 0.01, high, low) == pytest.approx(price, rel=1e-12)
