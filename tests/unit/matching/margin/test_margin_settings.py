"""Leverage, margin mode, position mode and margin moved by hand, and when each is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.support.margin_accounts import BOTH, BTC, DOT, LONG, RULES, SHORT, D, account, brackets, trade

from geobuk.domain.account import MarginMode
from geobuk.matching.margin.account import AccountSpec, MarginAccount, OpenOrders
from geobuk.matching.refusals import Refusal, RefusedError

MARKS = {BTC: D(60000)}


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        act()
    return caught.value.reason


def test_leverage_is_cut_to_what_the_instrument_allows() -> None:
    assert account(leverage=125).settings(DOT) == (75, MarginMode.CROSS)


@pytest.mark.parametrize("leverage", [0, -3, 151])
def test_leverage_outside_the_brackets_is_refused(leverage: int) -> None:
    assert refused(lambda: account().set_leverage(BTC, leverage)) is Refusal.LEVERAGE


def test_leverage_too_high_for_what_is_held_or_ordered_is_refused() -> None:
    held = account("1000000", leverage=50)
    trade(held, "10", "60000")
    assert refused(lambda: held.set_leverage(BTC, 101)) is Refusal.MAX_POSITION
    held.set_leverage(BTC, 100)
    orders = {(BTC, BOTH): OpenOrders(D(200001), D(0))}
    held.set_leverage(BTC, 75, orders=orders)
    assert refused(lambda: held.set_leverage(BTC, 100, orders=orders)) is Refusal.MAX_POSITION


def test_leverage_below_that_of_an_isolated_position_is_refused() -> None:
    held = account(isolated=True)
    trade(held, "0.1", "60000")
    assert refused(lambda: held.set_leverage(BTC, 9)) is Refusal.LEVERAGE_BELOW_POSITION
    held.set_leverage(BTC, 11)
    assert held.position(BTC).isolated_wallet == D(600)


def test_lower_leverage_needs_the_balance_for_it() -> None:
    held = account("1000", leverage=10)
    trade(held, "0.1", "60000")
    assert refused(lambda: held.set_leverage(BTC, 5, marks=MARKS)) is Refusal.MARGIN
    held.set_leverage(BTC, 6, marks=MARKS)
    assert held.state(MARKS).position_initial_margin == D(1000)


def test_margin_mode_changes_only_when_idle() -> None:
    held = account()
    assert refused(lambda: held.set_margin_mode(BTC, MarginMode.CROSS)) is Refusal.MARGIN_MODE_SAME
    assert refused(lambda: held.set_margin_mode(BTC, MarginMode.CASH)) is Refusal.PARAMETERS
    isolated = MarginMode.ISOLATED
    assert refused(lambda: held.set_margin_mode(BTC, isolated, has_orders=True)) is Refusal.HAS_ORDERS
    trade(held, "0.1", "60000")
    assert refused(lambda: held.set_margin_mode(BTC, isolated)) is Refusal.HAS_POSITION
    held.set_margin_mode(DOT, isolated)
    assert held.settings(DOT).mode is isolated
    assert held.settings(BTC).mode is MarginMode.CROSS


def test_position_mode_changes_only_when_idle() -> None:
    held = account()
    assert refused(lambda: held.set_hedged(False)) is Refusal.POSITION_MODE_SAME
    assert refused(lambda: held.set_hedged(True, has_orders=True)) is Refusal.HAS_ORDERS
    trade(held, "0.1", "60000")
    assert refused(lambda: held.set_hedged(True)) is Refusal.HAS_POSITION
    trade(held, "-0.1", "60000")
    held.set_hedged(True)
    assert held.is_hedged
    trade(held, "0.1", "60000", side=LONG)


def test_margin_moves_into_and_out_of_an_isolated_position() -> None:
    held = account("10000", isolated=True)
    trade(held, "0.5", "60000")
    before = held.liquidation_price(BTC, BOTH, MARKS)
    held.move_margin(BTC, BOTH, D(100), 5, marks=MARKS)
    assert held.position(BTC).isolated_wallet == D(3100)
    assert (held.wallet(), held.cross_wallet) == (D(10000), D(6900))
    assert held.liquidation_price(BTC, BOTH, MARKS) < before
    held.move_margin(BTC, BOTH, D(-60), 6, marks=MARKS)
    assert [(move.amount, move.at_ns) for move in held.margin_moves] == [(D(100), 5), (D(-60), 6)]
    assert len(held.ledger) == 1


def test_margin_moves_no_further_than_the_balances_go() -> None:
    held = account("10000", isolated=True)
    assert refused(lambda: held.move_margin(BTC, BOTH, D(1), 5)) is Refusal.NO_ISOLATED_POSITION
    trade(held, "0.5", "60000")
    move = held.move_margin
    assert refused(lambda: move(BTC, BOTH, D(0), 5)) is Refusal.PARAMETERS
    assert refused(lambda: move(BTC, BOTH, D("7000.01"), 5, marks=MARKS)) is Refusal.MARGIN_MOVE_TOO_LARGE
    assert refused(lambda: move(BTC, BOTH, D("-0.01"), 5, marks=MARKS)) is Refusal.MARGIN_MOVE_TOO_LARGE
    # Profit is no margin to take out; what a higher leverage sets free is.
    assert refused(lambda: move(BTC, BOTH, D(-1), 5, marks={BTC: D(60100)})) is Refusal.MARGIN_MOVE_TOO_LARGE
    held.set_leverage(BTC, 20)
    losing = {BTC: D(59900)}  # 50 lost, 1497.50 needed
    assert refused(lambda: move(BTC, BOTH, D("-1452.51"), 5, marks=losing)) is Refusal.MARGIN_MOVE_TOO_LARGE
    move(BTC, BOTH, D(-1500), 5, marks=MARKS)
    assert held.position(BTC).isolated_wallet == D(1500)


def test_cross_position_has_no_margin_of_its_own_to_move() -> None:
    held = account()
    trade(held, "0.1", "60000")
    assert refused(lambda: held.move_margin(BTC, BOTH, D(1), 5)) is Refusal.NO_ISOLATED_POSITION


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_money_moves_by_positive_amounts(amount: str) -> None:
    held = account()
    assert refused(lambda: held.deposit("USDT", D(amount), 1)) is Refusal.PARAMETERS
    assert refused(lambda: held.withdraw("USDT", D(amount), 1)) is Refusal.PARAMETERS


def test_other_assets_leave_up_to_their_wallet() -> None:
    held = account()
    held.transfer("BNB", D(2), 1)
    assert refused(lambda: held.withdraw("BNB", D(3), 1)) is Refusal.MARGIN
    held.withdraw("BNB", D(2), 1)
    assert held.wallet("BNB") == 0


def test_isolated_legs_of_a_hedge_have_wallets_of_their_own() -> None:
    held = account(isolated=True, is_hedged=True)
    trade(held, "0.1", "60000", side=LONG)
    trade(held, "-0.2", "60000", side=SHORT)
    assert (held.position(BTC, LONG).isolated_wallet, held.position(BTC, SHORT).isolated_wallet) == (D(600), D(1200))
    assert held.isolated_wallets == D(1800)


def test_changed_brackets_hold_at_once() -> None:
    rules = dict(RULES)
    held = MarginAccount("main", rules, AccountSpec(default_leverage=20))
    held.deposit("USDT", D(1000), 0)
    trade(held, "0.1", "60000")
    assert held.state(MARKS).maintenance_margin == D(24)
    dearer = brackets([(50, "0", "1000000", "0.01", "0")])
    rules[BTC] = replace(rules[BTC], instrument=replace(rules[BTC].instrument, brackets=dearer))
    assert held.state(MARKS).maintenance_margin == D(60)
    assert held.max_notional(BTC) == D(1000000)
    assert refused(lambda: held.set_leverage(BTC, 51)) is Refusal.LEVERAGE


def test_rules_without_brackets_ask_no_maintenance() -> None:
    bare = replace(RULES[BTC], instrument=replace(RULES[BTC].instrument, brackets=()))
    held = MarginAccount("main", {BTC: bare}, AccountSpec())
    held.deposit("USDT", D(1000), 0)
    trade(held, "0.1", "60000")
    assert held.state(MARKS).maintenance_margin == 0
    assert held.is_liquidatable({BTC: D(50)}) == []


def test_fee_rates_are_the_accounts_else_the_instruments() -> None:
    held = account(maker_fee=D("0.0001"), taker_fee=None, fee_asset="BNB", fee_asset_price=D(750))
    assert (held.fee_rate(BTC, True), held.fee_rate(BTC, False)) == (D("0.0001"), D("0.0005"))
    assert held.fee_asset_price == D(750)
