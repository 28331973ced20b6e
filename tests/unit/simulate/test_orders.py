"""Working orders: what counts as an increase, what margin allows, what is left."""

import pytest
from tests.support.records import account_row, market_row, rules_from, state_row, table_of, term_row

from geobuk.risk.reasons import Reason
from geobuk.simulate.book import OrderKind
from geobuk.simulate.decide import resting_price
from geobuk.simulate.orders import Offer, affordable, end_order, is_increase, place_order, refresh_available, remain

ENTRY = int(Reason.ENTRY)


@pytest.mark.parametrize(
    ("held", "order", "increase"),
    [
        (0.0, 1.0, True),
        (0.0, -1.0, True),
        (2.0, 1.0, True),
        (-2.0, -1.0, True),
        (2.0, -1.0, False),
        (2.0, -2.0, False),
        (2.0, -3.0, True),  # crosses zero
        (-2.0, 3.0, True),
    ],
)
def test_an_increase_can_make_a_position_larger(held: float, order: float, increase: bool) -> None:
    assert is_increase(held, order) == increase


def afforded(order: float, held: float = 0.0, available: float = 1_000.0, leverage: int = 1, **term: float) -> float:
    state, account = state_row(quantity=held, entry=100.0), account_row(available=available)
    return affordable(
        order, Offer(100.0, 0.0), state, term_row(**term), rules_from(account={"leverage": leverage}), account
    )


def test_what_the_margin_covers_is_let_through() -> None:
    assert afforded(10.0) == 10.0
    assert afforded(10.001) == 10.0
    assert afforded(-30.0, leverage=3) == -30.0
    assert afforded(-31.0, leverage=3) == -30.0


def test_the_fee_of_the_opening_part_must_fit_too() -> None:
    # 1000 / (100 * 1.001) = 9.990
    assert afforded(10.0, taker=0.001) == pytest.approx(9.99)


def test_closing_needs_no_margin_and_frees_its_own() -> None:
    assert afforded(-10.0, held=10.0, available=-500.0) == -10.0
    assert afforded(-20.0, held=10.0, available=0.0) == -20.0
    assert afforded(-30.0, held=10.0, available=0.0) == -20.0


def test_with_nothing_available_only_the_closing_part_is_left() -> None:
    assert afforded(-20.0, held=10.0, available=-5_000.0) == -10.0
    assert afforded(5.0, available=-1.0) == 0.0


def available(*, isolated: bool, tradable: bool = True) -> float:
    """10 at 100 with a wallet of 500 in an account of 1000; the bar opens at 120, the last mark was 110."""
    book = table_of(state_row(quantity=10.0, entry=100.0, wallet=500.0, last=110.0))
    rows = table_of(market_row(120.0, is_tradable=tradable))
    account = account_row()
    rules = rules_from(account={"leverage": 2, "margin": "isolated" if isolated else "cross"})
    refresh_available(rows, book, table_of(term_row()), rules, account)
    return float(account["available"])


def test_cross_counts_unrealised_profit_and_margin_at_the_open() -> None:
    assert available(isolated=False) == 1_000 + 200 - 600


def test_cross_values_a_masked_position_at_its_last_mark() -> None:
    assert available(isolated=False, tradable=False) == 1_000 + 100 - 550


def test_isolated_counts_cash_that_is_not_set_aside() -> None:
    assert available(isolated=True) == 500


def test_the_count_of_working_orders_follows_every_change() -> None:
    state, account = state_row(), account_row()
    place_order(int(OrderKind.LIMIT), 2.0, 99.0, ENTRY, state, account)
    place_order(int(OrderKind.MARKET), 3.0, 0.0, ENTRY, state, account)
    assert (account["working"], state["order"], state["order_from"]) == (1, 3.0, 1)
    place_order(int(OrderKind.MARKET), 0.0, 0.0, ENTRY, state, account)
    assert (account["working"], state["order"], state["order_kind"]) == (0, 0.0, OrderKind.NOTHING)
    end_order(state, account)
    assert account["working"] == 0


def test_half_a_step_of_dust_ends_an_order() -> None:
    state, account = state_row(), account_row(bar=4)
    place_order(int(OrderKind.MARKET), 1.0, 0.0, ENTRY, state, account)
    remain(0.4, state, term_row(), account)
    assert (state["order"], state["order_from"], account["working"]) == (0.4, 5, 1)
    remain(0.0004, state, term_row(), account)
    assert account["working"] == 0


@pytest.mark.parametrize(
    ("kind", "change", "price"),
    [
        ("limit", 1.0, 99.0),
        ("limit", -1.0, 101.01),
        ("stop", 1.0, 101.01),
        ("stop", -1.0, 99.0),
    ],
)
def test_an_entry_rests_off_the_close_on_the_tick_never_nearer_than_asked(
    kind: str, change: float, price: float
) -> None:
    # 1 % of 100.001: 99.00099 is rounded down, 101.00101 up
    rules = rules_from(orders={"type": kind, "offset_bps": 100.0})
    assert resting_price(100.001, change, term_row(), rules) == pytest.approx(price)


def test_what_spread_and_impact_may_add_must_fit_too() -> None:
    account, state = account_row(available=1_010.0), state_row()
    rules = rules_from(account={"leverage": 1})
    # 100 and 2 of slippage, and 1 % of fee on both, are 103.02 a unit: 9.803 of them
    got = affordable(50.0, Offer(100.0, 2.0), state, term_row(taker=0.01), rules, account)
    assert got == pytest.approx(9.803)
