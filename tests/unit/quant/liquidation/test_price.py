"""The liquidation price is where spare margin, computed step by step, is nothing."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geobuk.quant.liquidation import (
    BracketTable,
    CrossAccount,
    Position,
    cross_liquidation_price,
    hedge_liquidation_price,
    liquidation_price,
)

BTC = BracketTable.of([0, 5e4, 2.5e5, 1e6, 1e7, 2e7], [0.004, 0.005, 0.01, 0.025, 0.05, 0.1])


def spare(price: float, margin: float, *legs: Position) -> float:
    profit = sum(leg.quantity * (price - leg.entry) for leg in legs)
    return margin + profit - sum(leg.brackets.maintenance(abs(leg.quantity) * price) for leg in legs)


@given(st.sampled_from([1.0, -1.0]), st.floats(1e-3, 400.0), st.floats(100.0, 90_000.0), st.floats(1.05, 125.0))
def test_margin_covers_maintenance_exactly_at_the_price(
    side: float, size: float, entry: float, leverage: float
) -> None:
    position, wallet = Position(side * size, entry, BTC), size * entry / leverage
    price = liquidation_price(position, wallet)
    if price is None:
        assert side > 0.0
        return
    assert abs(spare(price, wallet, position)) <= 1e-7 * size * entry
    assert (
        spare(price * (1.0 + 1e-4 * side), wallet, position)
        > 0.0
        > spare(price * (1.0 - 1e-4 * side), wallet, position)
    )


@given(
    st.floats(0.01, 300.0), st.floats(0.01, 300.0), st.floats(20_000.0, 60_000.0), st.floats(20_000.0, 60_000.0),
    st.floats(1e3, 1e6),
)  # fmt: skip
def test_both_legs_of_a_hedge_are_liquidated_at_one_price(
    long: float, short: float, long_entry: float, short_entry: float, wallet: float
) -> None:
    legs = (Position(long, long_entry, BTC), Position(-short, short_entry, BTC))
    price = hedge_liquidation_price(*legs, wallet)
    assume(price is not None and price > 0.0)
    assert price is not None
    assert abs(spare(price, wallet, *legs)) <= 1e-7 * (long * long_entry + short * short_entry)


def test_a_hedge_by_the_formula_of_the_venue() -> None:
    """(WB + cumL + cumS - qL EPL + qS EPS) / (qL mmrL + qS mmrS - qL + qS), brackets of the notionals at the price."""
    price = hedge_liquidation_price(Position(10.0, 50_000.0, BTC), Position(-2.0, 52_000.0, BTC), 60_000.0)
    expected = (60_000 + 1_300 + 50 - 10 * 50_000 + 2 * 52_000) / (10 * 0.01 + 2 * 0.005 - 10 + 2)
    assert 250_000 < 10 * expected < 1e6
    assert 50_000 < 2 * expected < 250_000
    assert price == pytest.approx(expected, rel=1e-12)


def test_a_hedge_with_one_leg_is_a_one_way_position() -> None:
    leg, none = Position(0.2, 50_000.0, BTC), Position(0.0, 50_000.0, BTC)
    assert hedge_liquidation_price(leg, none, 1_000.0) == liquidation_price(leg, 1_000.0)


def test_of_two_prices_of_a_hedge_the_one_nearer_to_the_mark_counts() -> None:
    """A long hardly larger than the short is lost at a low price by its entry, at a high one by rising maintenance."""

    def price_seen_from(mark: float) -> float:
        legs = (Position(1_000.0, 52_000.0, BTC, mark), Position(-900.0, 40_000.0, BTC, mark))
        price = hedge_liquidation_price(*legs, 1.58e7)
        assert price is not None
        assert spare(price, 1.58e7, *legs) == pytest.approx(0.0, abs=1e-3)
        return price

    assert price_seen_from(4_000.0) < 4_000.0
    assert price_seen_from(24_000.0) > 24_000.0


def test_no_position_has_no_price() -> None:
    none = Position(0.0, 50_000.0, BTC)
    assert liquidation_price(none, 1_000.0) is None
    assert hedge_liquidation_price(none, none, 1_000.0) is None


def test_a_long_that_survives_a_price_of_nothing_has_no_price() -> None:
    assert liquidation_price(Position(0.2, 50_000.0, BTC), 10_001.0) is None
    assert liquidation_price(Position(0.2, 50_000.0, BTC), 10_000.0) is None


def test_a_short_that_no_price_can_save_is_liquidated_at_any_price() -> None:
    assert liquidation_price(Position(-1.0, 100.0, BTC), 10.0, other_profit=-500.0) == 0.0


def test_expected_fees_bring_the_price_nearer() -> None:
    position = Position(0.2, 50_000.0, BTC)
    near, far = liquidation_price(position, 1_000.0, expected_fees=50.0), liquidation_price(position, 1_000.0)
    assert near == liquidation_price(position, 950.0)
    assert near is not None
    assert far is not None
    assert near > far


def test_cross_price_counts_the_others_at_their_marks() -> None:
    """WB 5000, 0.5 at 60000; the other stands at profit -1000 and maintenance 124."""
    account = CrossAccount(5_000.0, (Position(0.5, 60_000.0, BTC), Position(1.0, 32_000.0, BTC, mark=31_000.0)))
    assert cross_liquidation_price(account, 0) == pytest.approx(52_457.831325, abs=5e-7)
    with pytest.raises(ValueError, match="has no mark"):
        cross_liquidation_price(account, 1)
    with pytest.raises(ValueError, match="position 2 is not among"):
        cross_liquidation_price(account, 2)


@pytest.mark.parametrize(
    "numbers",
    [{"other_maintenance": math.nan}, {"other_profit": math.inf}, {"expected_fees": -1.0}, {"expected_fees": math.nan}],
)
def test_numbers_that_cannot_be_are_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"not finite|not a cost"):
        liquidation_price(Position(0.2, 50_000.0, BTC), 1_000.0, **numbers)
    with pytest.raises(ValueError, match="wallet nan"):
        liquidation_price(Position(0.2, 50_000.0, BTC), math.nan)


def test_legs_of_the_wrong_sign_are_refused() -> None:
    with pytest.raises(ValueError, match="the long must be"):
        hedge_liquidation_price(Position(-1.0, 100.0, BTC), Position(-1.0, 100.0, BTC), 10.0)
