"""Funding stamps: who pays whom, at which price, and out of which pocket."""

import numpy as np
import pytest
from tests.support.records import account_row, market_row, rules_from, state_row, table_of

from geobuk.panel import Record, RecordArray
from geobuk.simulate.book import Status
from geobuk.simulate.funding import charge_funding, charge_stamp
from geobuk.simulate.inputs import EVENT_DTYPE

WORST_CASE = rules_from()
STOPS = rules_from(funding={"missing": "error"})
UNKNOWN = float("nan")


def stamps(*events: tuple[int, int, bool, float]) -> RecordArray:
    """Events of (bar, instrument, is_inside, rate); an unknown rate costs 0.03 %."""
    table = np.zeros(len(events), dtype=EVENT_DTYPE)
    for n, event in enumerate(events):
        table[n] = (*event, 0.0003, 1)
    return table


def charged(state: Record, rate: float, account: Record | None = None, rules: Record = WORST_CASE) -> Record:
    """The account after one stamp at a price of 500."""
    account = account_row() if account is None else account
    charge_stamp(stamps((0, 0, False, rate))[0], 500.0, state, rules, account)
    return account


@pytest.mark.parametrize(
    ("quantity", "rate", "paid"),
    [(2.0, 0.001, 1.0), (-2.0, 0.001, -1.0), (2.0, -0.001, -1.0), (-2.0, -0.001, 1.0), (2.0, 0.0, 0.0)],
)
def test_longs_pay_a_positive_rate_on_their_notional_and_shorts_receive_it(
    quantity: float, rate: float, paid: float
) -> None:
    state = state_row(quantity=quantity, funding=0.5, ledger=-3.0)
    account = charged(state, rate)
    assert account["cash"] == pytest.approx(1_000.0 - paid)
    assert state["funding"] == pytest.approx(0.5 + paid)
    assert state["ledger"] == pytest.approx(-3.0 - paid)
    assert account["status"] == Status.FINE


@pytest.mark.parametrize("quantity", [2.0, -2.0])
def test_an_unknown_rate_costs_the_worst_case_on_either_side(quantity: float) -> None:
    # 2 * 500 * 0.0003
    state = state_row(quantity=quantity)
    account = charged(state, UNKNOWN)
    assert account["cash"] == pytest.approx(999.7)
    assert state["funding"] == pytest.approx(0.3)
    assert account["status"] == Status.FINE


def test_an_unknown_rate_stops_the_run_where_that_was_asked_and_says_at_which_instrument() -> None:
    account = charged(state_row(quantity=-2.0, index=4), UNKNOWN, rules=STOPS)
    assert (account["status"], account["status_instrument"]) == (Status.FUNDING_UNKNOWN, 4)


def test_a_known_rate_stops_nothing() -> None:
    assert charged(state_row(quantity=2.0, index=4), -0.001, rules=STOPS)["status"] == Status.FINE


@pytest.mark.parametrize(
    ("is_inside", "is_tradable", "price"),
    [
        (False, True, 110.0),  # at the opening instant: the mark of the close before
        (False, False, 110.0),
        (True, True, 120.0),  # later: the open
        (True, False, 110.0),  # a masked bar has no price of its own
    ],
)
def test_notional_is_taken_at_the_last_mark_before_the_bar_and_at_the_open_inside_it(
    is_inside: bool, is_tradable: bool, price: float
) -> None:
    book, account = table_of(state_row(quantity=3.0, last=110.0)), account_row()
    rows = table_of(market_row(120.0, is_tradable=is_tradable))
    charge_funding(stamps((0, 0, is_inside, 0.01)), is_inside, rows, book, WORST_CASE, account)
    assert book[0]["funding"] == pytest.approx(3.0 * price * 0.01)


def test_who_holds_nothing_pays_nothing_not_even_for_the_unknown() -> None:
    book, account = table_of(state_row(last=100.0)), account_row()
    charge_funding(stamps((0, 0, False, UNKNOWN)), False, table_of(market_row()), book, STOPS, account)
    assert (account["cash"], book[0]["funding"], account["status"]) == (1_000.0, 0.0, Status.FINE)
    assert account["funding_at"] == 1  # looked at, and done with


def test_only_the_stamps_of_this_bar_and_this_moment_are_settled() -> None:
    events = stamps((5, 0, False, 0.01), (5, 0, True, 0.02), (5, 0, True, 0.03), (6, 0, False, 0.04))
    book, rows, account = table_of(state_row(quantity=1.0, last=100.0)), table_of(market_row()), account_row(bar=4)
    paid = []
    for bar, is_inside in [(4, False), (4, True), (5, False), (5, True), (6, False), (6, True)]:
        account["bar"] = bar
        charge_funding(events, is_inside, rows, book, WORST_CASE, account)
        paid.append((round(float(book[0]["funding"]), 9), int(account["funding_at"])))
    assert paid == [(0.0, 0), (0.0, 0), (1.0, 1), (6.0, 3), (10.0, 4), (10.0, 4)]


def test_each_instrument_settles_its_own_stamp() -> None:
    # 2 * 100 * 0.01 paid, 5 * 200 * 0.004 received
    book = table_of(state_row(quantity=2.0, last=100.0), state_row(quantity=-5.0, last=200.0, index=1))
    rows, account = table_of(market_row(100.0), market_row(200.0)), account_row()
    charge_funding(stamps((0, 0, False, 0.01), (0, 1, False, 0.004)), False, rows, book, WORST_CASE, account)
    np.testing.assert_allclose(book["funding"], [2.0, -4.0])
    assert account["cash"] == pytest.approx(1_002.0)


def test_free_cash_pays_before_an_isolated_wallet_does() -> None:
    state = state_row(quantity=2.0, wallet=400.0)
    account = charged(state, 0.1, account_row(500.0, set_aside=400.0))
    assert (account["cash"], state["wallet"], account["set_aside"]) == (400.0, 400.0, 400.0)


def test_what_free_cash_lacks_is_drawn_from_the_positions_own_wallet_only() -> None:
    # 50 is free and 100 is due: 50 of the position's 250 go, the neighbour's 150 stay set aside
    state = state_row(quantity=2.0, wallet=250.0)
    account = charged(state, 0.1, account_row(450.0, set_aside=400.0))
    assert (account["cash"], state["wallet"], account["set_aside"]) == (350.0, 200.0, 350.0)


def test_a_wallet_gives_no_more_than_it_holds() -> None:
    state = state_row(quantity=2.0, wallet=60.0)
    account = charged(state, 0.1, account_row(60.0, set_aside=60.0))
    assert (account["cash"], state["wallet"], account["set_aside"]) == (-40.0, 0.0, 0.0)


def test_received_funding_fills_no_wallet() -> None:
    state = state_row(quantity=-2.0, wallet=100.0)
    account = charged(state, 0.1, account_row(100.0, set_aside=100.0))
    assert (account["cash"], state["wallet"], account["set_aside"]) == (200.0, 100.0, 100.0)


def test_a_cross_position_has_no_wallet_to_draw_on() -> None:
    state = state_row(quantity=2.0, wallet=300.0)
    account = charged(state, 0.1, account_row(50.0))
    assert (account["cash"], state["wallet"], account["set_aside"]) == (-50.0, 300.0, 0.0)
