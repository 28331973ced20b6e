"""Liquidation, bankruptcy and break-even prices: the venue's published examples, and our own float mathematics."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.margin_accounts import BOTH, BTC, DOT, LONG, RULES, SHORT, D, account, trade

from geobuk.matching.margin.brackets import Brackets
from geobuk.matching.margin.liquidation import Leg, liquidation_price
from geobuk.quant.liquidation import BracketTable, Position, hedge_liquidation_price
from geobuk.quant.liquidation import liquidation_price as float_price

CENTS = D("0.01")
TABLE = Brackets(RULES[BTC].instrument.brackets)
FLOAT_TABLE = BracketTable.from_rules(RULES[BTC].instrument.brackets)


@pytest.mark.parametrize(
    ("quantity", "leverage", "wallet", "price"),
    [
        ("0.5", 10, "3000", "54216.87"),
        ("-0.5", 10, "3000", "65737.05"),
        ("10", 20, "30000", "57256.28"),
    ],
)
def test_isolated_position_is_liquidated_at_the_published_price(
    quantity: str, leverage: int, wallet: str, price: str
) -> None:
    held = account("100000", leverage=leverage, isolated=True)
    trade(held, quantity, "60000")
    assert held.position(BTC).isolated_wallet == D(wallet)
    assert held.liquidation_price(BTC, BOTH, {}).quantize(CENTS) == D(price)


def test_second_bracket_covers_maintenance_exactly_at_the_price() -> None:
    held = account("100000", leverage=20, isolated=True)
    trade(held, "10", "60000")
    price = held.liquidation_price(BTC, BOTH, {})
    leg = held.state({BTC: price}).leg(BTC)
    assert leg is not None
    assert leg.maintenance_margin.quantize(CENTS) == D("2562.81")
    assert leg.isolated_margin.quantize(CENTS) == D("2562.81")


def test_cross_position_counts_the_other_positions_at_their_marks() -> None:
    held = account("5000")
    trade(held, "0.5", "60000")
    trade(held, "15900", "1", DOT)
    # DOT's third bracket... a mark at which it has lost 1000 USDT.
    marks = {BTC: D(60000), DOT: D("14900") / D("15900")}
    other = held.state(marks).leg(DOT)
    assert other is not None
    assert other.unrealized == D(-1000)
    expected = (5000 - other.maintenance_margin - 1000 - 30000) / (D("0.002") - D("0.5"))
    assert held.liquidation_price(BTC, BOTH, marks).quantize(CENTS) == expected.quantize(CENTS)


def test_cross_example_of_the_venue() -> None:
    price = liquidation_price([Leg(D("0.5"), D(30000), TABLE)], D(5000) - 124 - 1000, D(60000))
    assert price.quantize(CENTS) == D("52457.83")


def test_long_that_outlives_a_price_of_zero_has_no_liquidation_price() -> None:
    held = account("50000", leverage=1)
    trade(held, "0.5", "60000")
    assert held.liquidation_price(BTC, BOTH, {}) == 0
    assert held.bankruptcy_price(BTC, BOTH, {}) == 0


def test_flat_leg_has_no_prices() -> None:
    held = account()
    assert held.liquidation_price(BTC, BOTH, {}) == 0
    assert held.bankruptcy_price(BTC, BOTH, {}) == 0
    assert held.break_even_price(BTC) == 0


def test_bankruptcy_price_is_where_the_isolated_wallet_is_eaten() -> None:
    held = account(isolated=True)
    trade(held, "0.5", "60000")
    assert held.bankruptcy_price(BTC, BOTH, {}) == D(54000)
    short = account(isolated=True)
    trade(short, "-0.5", "60000")
    assert short.bankruptcy_price(BTC, BOTH, {}) == D(66000)


def test_cross_bankruptcy_price_counts_other_profit() -> None:
    held = account("5000")
    trade(held, "0.5", "60000")
    trade(held, "1000", "5", DOT)
    assert held.bankruptcy_price(BTC, BOTH, {BTC: D(61000), DOT: D(6)}) == (D(30000) - 6000) / D("0.5")


def test_hedge_legs_are_liquidated_at_one_price() -> None:
    held = account("5000", is_hedged=True)
    trade(held, "1", "60000", side=LONG)
    trade(held, "-0.4", "61000", side=SHORT)
    marks = {BTC: D(60500)}
    long_price = held.liquidation_price(BTC, LONG, marks)
    assert long_price == held.liquidation_price(BTC, SHORT, marks)
    expected = hedge_liquidation_price(
        Position(1.0, 60000.0, FLOAT_TABLE, 60500.0), Position(-0.4, 61000.0, FLOAT_TABLE, 60500.0), 5000.0
    )
    assert expected is not None
    assert float(long_price) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("mark", "price"), [(60000, 50000.0), (75000, 80919.93)])
def test_nearer_of_two_prices_of_a_hedge_is_meant(mark: int, price: float) -> None:
    held = account("5375", is_hedged=True)
    trade(held, "10", "60000", side=LONG)
    trade(held, "-9.9", "60000", side=SHORT)
    legs = Position(10.0, 60000.0, FLOAT_TABLE, float(mark)), Position(-9.9, 60000.0, FLOAT_TABLE, float(mark))
    exact = float(held.liquidation_price(BTC, LONG, {BTC: D(mark)}))
    assert exact == pytest.approx(hedge_liquidation_price(*legs, 5375.0), rel=1e-9)
    assert exact == pytest.approx(price, rel=1e-3)


def test_break_even_price_keeps_the_fees_of_what_is_still_held() -> None:
    held = account(taker_fee=None)
    trade(held, "0.2", "60000")
    trade(held, "-0.1", "61000")
    assert held.break_even_price(BTC) == D(60030)


def test_break_even_price_of_one_fill_moves_by_the_fee_rate() -> None:
    held = account(taker_fee=None)
    trade(held, "4.9", "1.1359", DOT)
    assert held.break_even_price(DOT) == D("1.13646795")
    short = account(taker_fee=None)
    trade(short, "-4.9", "1.1359", DOT)
    assert short.break_even_price(DOT) == D("1.1359") * D("0.9995")


def test_break_even_price_does_not_know_the_discount() -> None:
    held = account(fee_asset="BNB", fee_asset_price=D(770), taker_fee=None)
    held.deposit("BNB", D(1), 0)
    trade(held, "4.9", "1.1359", DOT)
    assert held.break_even_price(DOT) == D("1.13646795")


@given(
    quantity=st.integers(1, 5_000_000),
    price=st.integers(100, 2_000_000),
    margin=st.integers(1, 1500),
    near=st.integers(1, 300),
    is_short=st.booleans(),
)
def test_price_agrees_with_the_float_mathematics(
    quantity: int, price: int, margin: int, near: int, is_short: bool
) -> None:
    """From wherever the bracket is looked for, and for margins of 0.1 % to 150 % of the notional."""
    size = (-1 if is_short else 1) * Decimal(quantity) / 1000
    entry = Decimal(price) / 10
    wallet = abs(size) * entry * margin / 1000
    exact = liquidation_price([Leg(size, size * entry, TABLE)], wallet, entry * near / 100)
    floated = float_price(Position(float(size), float(entry), FLOAT_TABLE, float(entry)), float(wallet))
    assert float(exact) == pytest.approx(max(floated or 0.0, 0.0), rel=1e-7, abs=1e-6)


@given(
    sizes=st.tuples(st.integers(1, 50_000), st.integers(1, 50_000)),
    entries=st.tuples(st.integers(300_000, 900_000), st.integers(300_000, 900_000)),
    margin=st.integers(1, 500),
)
def test_price_of_a_hedge_agrees_with_the_float_mathematics(
    sizes: tuple[int, int], entries: tuple[int, int], margin: int
) -> None:
    long, short = D(sizes[0]) / 1000, -D(sizes[1]) / 1000
    first, second = D(entries[0]) / 10, D(entries[1]) / 10
    wallet = (long * first - short * second) * margin / 1000
    mark = (long * first - short * second) / (long - short)
    exact = liquidation_price([Leg(long, long * first, TABLE), Leg(short, short * second, TABLE)], wallet, mark)
    floated = hedge_liquidation_price(
        Position(float(long), float(first), FLOAT_TABLE),
        Position(float(short), float(second), FLOAT_TABLE),
        float(wallet),
    )
    assert float(exact) == pytest.approx(floated or 0.0, rel=1e-6, abs=1e-6)
