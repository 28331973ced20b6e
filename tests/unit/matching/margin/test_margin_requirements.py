"""Margins, balances, and what one more order needs: the venue's published figures."""

import pytest
from tests.support.margin_accounts import BOTH, BTC, BTC_ROWS, BUY, DOT, LONG, SELL, SHORT, D, account, brackets, trade

from geobuk.domain.order import PositionSide, Side
from geobuk.matching.margin.account import MarginAccount, OpenOrders, OrderCost
from geobuk.matching.margin.brackets import Brackets
from geobuk.matching.refusals import Refusal, RefusedError

TABLE = Brackets(brackets(BTC_ROWS))


def refusal(held: MarginAccount, cost: OrderCost, **more: object) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        held.can_open(cost, {}, **more)  # type: ignore[arg-type]
    return refused.value


def order(quantity: str, price: str, side: Side = BUY, leg: PositionSide = BOTH, *, reduces: bool = False) -> OrderCost:
    return OrderCost(BTC, side, D(quantity), D(price), leg, reduces)


@pytest.mark.parametrize(
    ("notional", "margin"),
    [("299999", "1199.996"), ("300000", "1200"), ("572562.81", "2562.81405"), ("800000", "3700"), ("3000000", "18000")],
)
def test_maintenance_is_continuous_over_the_brackets(notional: str, margin: str) -> None:
    assert TABLE.maintenance(D(notional)) == D(margin)


@pytest.mark.parametrize(
    ("leverage", "most"), [(150, "300000"), (101, "300000"), (100, "800000"), (20, "100000000"), (1, "1800000000")]
)
def test_brackets_bound_the_position_at_a_leverage(leverage: int, most: str) -> None:
    assert TABLE.max_notional(leverage) == D(most)


def test_last_bracket_holds_above_its_cap() -> None:
    assert TABLE.tier(D(10) ** 12).rate == D("0.5")
    assert TABLE.max_notional(151) == 0


def test_published_account_is_reproduced() -> None:
    held = account("103.12345678", leverage=20)
    # 30 ADA at 0.385, mark 0.4104759: unrealised 0.764277, notional 12.314277.
    trade(held, "30", "0.385", DOT)
    state = held.state({DOT: D("0.4104759")})
    assert state.wallet == state.cross_wallet == D("103.12345678")
    assert state.unrealized == D("0.76427700")
    assert state.margin_balance == D("103.88773378")
    assert state.position_initial_margin == D("0.61571385")
    assert state.maintenance_margin == D("0.08004280")
    assert state.available == D("103.27201993")
    assert state.max_withdraw == D("102.50774293")
    assert state.ratio == D("0.08004280") / D("103.88773378")
    (leg,) = state.legs
    assert leg.notional == D("12.314277")


def test_open_orders_need_the_larger_side() -> None:
    held = account(leverage=10)
    orders = {(BTC, BOTH): OpenOrders(D(3000), D(2000))}
    assert held.state({BTC: D(60000)}, orders).open_order_initial_margin == D(300)
    trade(held, "0.1", "60000")
    state = held.state({BTC: D(60000)}, orders)
    assert state.open_order_initial_margin == D(300)  # |6000 + 3000| / 10 - 600
    assert state.position_initial_margin == D(600)
    assert state.initial_margin == D(900)
    assert state.available == 10000 - 900
    turning = held.state({BTC: D(60000)}, {(BTC, BOTH): OpenOrders(D(0), D(15000))})
    assert turning.open_order_initial_margin == D(300)  # |6000 - 15000| / 10 - 600


def test_leg_without_position_or_orders_is_not_listed() -> None:
    held = account()
    trade(held, "0.1", "60000")
    trade(held, "-0.1", "60000")
    assert held.state({}, {(BTC, BOTH): OpenOrders(), (DOT, BOTH): OpenOrders()}).legs == ()


def test_closing_orders_of_a_hedge_need_nothing() -> None:
    held = account(leverage=10, is_hedged=True)
    trade(held, "0.1", "60000", side=LONG)
    marks = {BTC: D(60000)}
    assert held.state(marks, {(BTC, LONG): OpenOrders(D(0), D(6000))}).open_order_initial_margin == 0
    assert held.state(marks, {(BTC, SHORT): OpenOrders(D(0), D(6000))}).open_order_initial_margin == D(600)


def test_isolated_margin_is_out_of_the_available_balance() -> None:
    held = account(leverage=10, isolated=True)
    trade(held, "0.5", "60000")
    state = held.state({BTC: D(58000)}, {(BTC, BOTH): OpenOrders(D(5000), D(0))})
    assert state.available == 7000 - 500
    assert state.cross_unrealized == 0
    assert state.unrealized == D(-1000)
    leg = state.leg(BTC)
    assert leg is not None
    assert leg.isolated_margin == D(2000)
    assert leg.ratio == D(116) / 2000
    assert leg.initial_margin == D(2900) + 500
    assert state.ratio == 0
    assert state.leg(DOT) is None


def test_unrealized_loss_can_not_be_withdrawn_nor_profit() -> None:
    held = account("1000")
    trade(held, "0.1", "60000")
    assert held.state({BTC: D(62000)}).max_withdraw == 1000 - 620
    assert held.state({BTC: D(58000)}).max_withdraw == 1000 - 200 - 580
    with pytest.raises(RefusedError) as refused:
        held.withdraw("USDT", D(381), 1, marks={BTC: D(62000)})
    assert refused.value.reason is Refusal.MARGIN
    held.transfer("USDT", D(-380), 1, marks={BTC: D(62000)})
    assert held.wallet() == D(620)


def test_order_needs_its_initial_margin_and_the_loss_it_opens_with() -> None:
    held = account("1000", leverage=10)
    marks = {BTC: D(60000)}
    assert held.can_open(order("0.1", "60000"), marks) == D(600)
    assert held.can_open(order("0.1", "61000"), marks) == D(610) + 100
    assert held.can_open(order("0.1", "59000", SELL), marks) == D(590) + 100
    assert held.can_open(order("0.1", "59000"), marks) == D(590)


def test_order_beyond_the_available_balance_is_refused() -> None:
    held = account("599.99", leverage=10)
    refused = refusal(held, order("0.1", "60000"))
    assert refused.reason is Refusal.MARGIN
    assert (refused.value, refused.limit) == ("600.00000000", "599.99")
    held.deposit("USDT", D("0.01"), 1)
    assert held.can_open(order("0.1", "60000"), {}) == D(600)


def test_open_orders_count_against_the_next_one() -> None:
    held = account("1000", leverage=10)
    orders = {(BTC, BOTH): OpenOrders(D(6000), D(0))}
    assert refusal(held, order("0.1", "60000"), orders=orders).reason is Refusal.MARGIN
    assert held.can_open(order("0.1", "60000", SELL), {}, orders) == 0  # the bids are the larger side already


def test_closing_needs_no_margin_even_when_nothing_is_left() -> None:
    held = account("600", leverage=10)
    trade(held, "0.1", "60000")
    marks = {BTC: D(55000)}
    assert held.can_open(order("0.1", "54000", SELL), marks) == 0
    assert held.can_open(order("0.1", "54000", SELL, reduces=True), marks) == 0
    with pytest.raises(RefusedError) as refused:
        held.can_open(order("0.001", "55000"), marks)
    assert refused.value.reason is Refusal.MARGIN


def test_only_what_opens_can_open_with_a_loss() -> None:
    held = account("1500", leverage=10)
    trade(held, "0.1", "60000")
    marks = {BTC: D(60000)}
    # Sells 0.3: closes 0.1, opens 0.2 at 100 below the mark; |6000 - 17970| - 6000 over 10.
    assert held.can_open(order("0.3", "59900", SELL), marks) == D(597) + 20


def test_position_past_the_bracket_is_refused() -> None:
    held = account("1000000", leverage=125)
    assert held.max_notional(BTC) == D(300000)
    assert held.can_open(order("5", "60000"), {}) == D(2400)
    assert refusal(held, order("5.001", "60000")).reason is Refusal.MAX_POSITION
    trade(held, "5", "60000")
    assert refusal(held, order("0.001", "60000")).reason is Refusal.MAX_POSITION
    assert held.can_open(order("5", "60000", SELL), {BTC: D(60000)}) == 0
    assert refusal(held, order("11", "60000", SELL)).reason is Refusal.MAX_POSITION
    held.set_leverage(BTC, 100, marks={BTC: D(60000)})
    assert held.can_open(order("1", "60000"), {BTC: D(60000)}) == D(600)


def test_position_past_the_bracket_by_price_may_still_be_closed() -> None:
    held = account("1000000", leverage=100)
    trade(held, "10", "60000")
    trade(held, "10", "60000")  # an engine would have refused it
    assert held.can_open(order("1", "60000", SELL), {BTC: D(60000)}) == 0
    assert refusal(held, order("0.001", "60000")).reason is Refusal.MAX_POSITION
