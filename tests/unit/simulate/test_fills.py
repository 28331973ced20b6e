"""What one fill does to cash, position, entry, wallet and log."""

from math import inf

import pytest
from tests.support.records import account_row, fill_log, market_row, rules_from, state_row, term_row

from geobuk.panel import Record
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook
from geobuk.simulate.fills import Execution, Taking, bar_volatility, fillable, pay, settle, take

PLAIN = rules_from()
ENTRY = int(Reason.ENTRY)


def settled(quantity: float, price: float, state: Record, fee_rate: float = 0.0, **term: object) -> Record:
    """The account after a fill without slippage."""
    account = account_row(held=int(state["quantity"] != 0.0))
    fill = Execution(quantity, price, price, 0.0, fee_rate, ENTRY, False)
    settle(fill, state, term_row(**term), rules_from(account={"leverage": 4}), Cashbook(account, fill_log()))
    return account


def test_opening_sets_entry_and_wallet_and_pays_the_fee() -> None:
    state = state_row()
    account = settled(2.0, 100.0, state, fee_rate=0.0005)
    assert (state["quantity"], state["entry"], state["wallet"]) == (2.0, 100.0, 50.0)
    assert account["cash"] == pytest.approx(999.9)
    assert account["held"] == 1
    assert account["available"] == pytest.approx(1_000 - 0.1 - 50)


def test_adding_averages_the_entry() -> None:
    # (2 * 100 + 1 * 130) / 3 = 110; the wallet grows by 130 / 4
    state = state_row(quantity=2.0, entry=100.0, wallet=50.0)
    settled(1.0, 130.0, state)
    assert (state["quantity"], state["entry"], state["wallet"]) == (3.0, 110.0, 82.5)


@pytest.mark.parametrize(("side", "profit"), [(1.0, 30.0), (-1.0, -30.0)])
def test_reducing_realises_its_part_and_keeps_the_entry(side: float, profit: float) -> None:
    state = state_row(quantity=side * 4.0, entry=100.0, wallet=100.0)
    account = settled(-side * 3.0, 110.0, state)
    assert (state["quantity"], state["entry"], state["wallet"]) == (side * 1.0, 100.0, 25.0)
    assert account["cash"] == 1_000.0 + profit


def test_closing_leaves_nothing_behind() -> None:
    state = state_row(quantity=4.0, entry=100.0, wallet=100.0, stop=90.0)
    account = settled(-4.0, 95.0, state)
    assert [float(state[name]) for name in ("quantity", "entry", "wallet", "stop")] == [0.0] * 4
    assert (account["cash"], account["held"]) == (980.0, 0)


def test_flipping_realises_all_and_starts_anew() -> None:
    state = state_row(quantity=2.0, entry=100.0, wallet=50.0)
    account = settled(-5.0, 120.0, state)
    assert (state["quantity"], state["entry"], state["wallet"]) == (-3.0, 120.0, 90.0)
    assert (account["cash"], account["held"]) == (1_040.0, 1)


def test_float_dust_does_not_leave_a_position() -> None:
    state = state_row(quantity=0.1 + 0.2, entry=100.0)
    settled(-0.3, 100.0, state)
    assert state["quantity"] == 0.0


def test_the_log_tells_the_whole_fill() -> None:
    state, account, log = state_row(funding=1.25, index=3), account_row(bar=7), fill_log()
    fill = Execution(-2.0, 99.0, 100.0, 0.5, 0.001, int(Reason.STOP), True)
    settle(fill, state, term_row(sell_tax="0.002"), PLAIN, Cashbook(account, log))
    row = log[0]
    assert (row["bar"], row["instrument"], row["reason"], row["is_maker"]) == (7, 3, Reason.STOP, True)
    # fee 2 * 99 * (0.001 + 0.002); slippage 2 * 1 in the price and 0.5 in cash
    assert (row["fee"], row["slippage"]) == (pytest.approx(0.594), pytest.approx(2.5))
    assert (row["realized"], row["cash"]) == (0.0, pytest.approx(-1.094))
    assert (row["position"], row["funding"]) == (-2.0, 1.25)
    assert state["ledger"] == pytest.approx(-1.094)


def test_a_full_log_loses_no_money_only_the_line() -> None:
    state, account = state_row(), account_row(fills=3)
    settle(
        Execution(1.0, 100.0, 100.0, 0.0, 0.0, ENTRY, False), state, term_row(), PLAIN, Cashbook(account, fill_log(3))
    )
    assert (state["quantity"], account["fills"]) == (1.0, 4)


@pytest.mark.parametrize(
    ("wanted", "volume", "filled"),
    [(10.0, 100.0, 10.0), (10.1, 100.0, 10.0), (-25.0, 100.0, -10.0), (5.0, 0.0, 0.0), (1.0, 5.559, 0.555)],
)
def test_a_fill_takes_its_share_of_the_volume_and_no_more(wanted: float, volume: float, filled: float) -> None:
    state = state_row()
    rules = rules_from(costs={"participation": 0.1})
    assert fillable(wanted, market_row(volume=volume), state, term_row(), rules) == pytest.approx(filled)
    assert state["refusals"][Reason.NO_VOLUME] == int(filled != wanted)


def test_no_fill_is_larger_than_the_venue_takes() -> None:
    assert fillable(500.0, market_row(), state_row(), term_row(max_quantity=120), PLAIN) == 120.0


def test_volatility_of_a_bar_is_that_of_the_decision_shared_over_its_bars() -> None:
    rules = rules_from(decide_every="4h")
    assert bar_volatility(market_row(), state_row(variance=0.0016), rules) == pytest.approx(0.02)


def test_before_volatility_is_known_the_range_stands_in() -> None:
    assert bar_volatility(market_row(100.0, high=103.0, low=99.0), state_row(), PLAIN) == pytest.approx(0.04)


def test_a_taking_fill_pays_spread_and_impact_in_price_and_cash() -> None:
    # 10 bps and 1 * 2 % * sqrt(1 / 100) = 20 bps: 0.30 on 100; the high is 100.10, so 0.20 a unit is paid in cash.
    rules = rules_from(costs={"half_spread_bps": 10.0, "impact": 1.0})
    state, account, log = state_row(variance=0.0004), account_row(), fill_log()
    market = market_row(100.0, high=100.1, low=99.0, volume=100.0)
    take(Taking(1.0, 100.0, ENTRY, inf), market, state, term_row(), rules, Cashbook(account, log))
    assert log[0]["price"] == pytest.approx(100.1)
    assert log[0]["slippage"] == pytest.approx(0.3)
    assert account["cash"] == pytest.approx(999.8)


def test_a_limit_caps_what_a_taking_fill_may_slip() -> None:
    rules = rules_from(costs={"half_spread_bps": 50.0})
    log = fill_log()
    market = market_row(100.0, high=110.0, low=90.0)
    take(Taking(1.0, 100.0, ENTRY, 0.001), market, state_row(), term_row(), rules, Cashbook(account_row(), log))
    assert log[0]["price"] == pytest.approx(100.1)


STOPPED = rules_from(stops={"fixed": 0.05, "rebuy": "after_exit"}, loss={"losses_in_row": 2})


def booked(quantity: float, price: float, state: Record, account: Record, fee_rate: float = 0.0) -> None:
    fill = Execution(quantity, price, price, 0.0, fee_rate, ENTRY, False)
    settle(fill, state, term_row(), STOPPED, Cashbook(account, fill_log()))


@pytest.mark.parametrize(("side", "stop"), [(1.0, 95.01), (-1.0, 105.0)])
def test_a_new_position_knows_its_risk_size_and_hour(side: float, stop: float) -> None:
    # 5 % of 100.01 is 5.0005, of 100.00 is 5: the stop is rounded toward the entry
    price = 100.01 if side > 0 else 100.0
    state, account = state_row(largest=9.0, taken=3.0, entered_ns=1), account_row(now_ns=77)
    booked(side * 2.0, price, state, account)
    assert (state["stop"], state["first_risk"]) == (pytest.approx(stop), pytest.approx(abs(price - stop)))
    assert (state["largest"], state["taken"], state["entered_ns"]) == (2.0, 0.0, 77)


def test_adding_grows_the_first_size_and_moves_neither_stop_nor_risk_nor_hour() -> None:
    state, account = state_row(), account_row(now_ns=77)
    booked(2.0, 100.0, state, account)
    account["now_ns"] = 99
    booked(1.0, 130.0, state, account)
    booked(-2.0, 130.0, state, account)
    assert (state["quantity"], state["largest"]) == (1.0, 3.0)
    assert (state["stop"], state["first_risk"], state["entered_ns"]) == (95.0, 5.0, 77)


def test_a_trade_is_scored_with_its_costs_and_funding_when_it_ends() -> None:
    state, account = state_row(left_day=-1), account_row(day=5)
    booked(2.0, 100.0, state, account, fee_rate=0.001)
    booked(-1.0, 100.2, state, account, fee_rate=0.001)
    assert (account["losses_in_row"], state["left_day"]) == (0, -1)  # still open
    booked(-1.0, 100.2, state, account, fee_rate=0.001)
    # 2 * 0.2 earned, 0.2 + 0.2004 paid: minus 0.0004
    assert (account["losses_in_row"], state["left_day"]) == (1, 5)


def test_funding_makes_a_loser() -> None:
    state, account = state_row(), account_row()
    booked(1.0, 100.0, state, account)
    pay(-0.5, state, account)
    booked(-1.0, 100.4, state, account)
    assert account["losses_in_row"] == 1


@pytest.mark.parametrize(("price", "row"), [(100.15, 0), (100.05, 1)])
def test_of_a_flip_only_its_part_of_the_costs_belongs_to_the_old_trade(price: float, row: int) -> None:
    # one unit closed, nine opened: 0.1 % of a unit's price falls to the old trade, ten times that to the fill
    state, account = state_row(), account_row()
    booked(1.0, 100.0, state, account)
    booked(-10.0, price, state, account, fee_rate=0.001)
    assert account["losses_in_row"] == row
    assert state["entry_ledger"] == pytest.approx(price - 100.0 - 0.001 * price)
    booked(9.0, price, state, account)
    assert account["losses_in_row"] == (row + 1) % 2  # nine units' fee: a loser too, and two in a row start a pause
