"""Funding, liquidation close-outs and deleveraging."""

import pytest
from tests.support.margin_accounts import BOTH, BTC, DOT, LONG, SHORT, D, account, trade

from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.refusals import Refusal, RefusedError

MARK, RATE = D("61234.5"), D("0.0001")


def test_long_pays_and_short_receives_the_published_funding() -> None:
    long, short = account(), account()
    trade(long, "0.5", "60000")
    trade(short, "-0.5", "60000")
    (paid,) = long.fund(BTC, MARK, RATE, 8)
    (received,) = short.fund(BTC, MARK, RATE, 8)
    assert (paid.kind, paid.amount, paid.instrument, paid.at_ns) == (EntryKind.FUNDING, D("-3.061725"), BTC, 8)
    assert received.amount == D("3.061725")
    assert long.wallet() == 10000 - D("3.061725")
    assert long.fund(BTC, MARK, -RATE, 9)[0].amount == D("3.061725")


def test_no_position_or_no_rate_pays_no_funding() -> None:
    held = account()
    assert held.fund(BTC, MARK, RATE, 8) == []
    trade(held, "0.5", "60000")
    assert held.fund(BTC, MARK, D(0), 8) == []


def test_funding_of_an_isolated_position_is_its_own_wallets() -> None:
    held = account(isolated=True)
    trade(held, "0.5", "60000")
    held.fund(BTC, MARK, RATE, 8)
    assert held.position(BTC).isolated_wallet == 3000 - D("3.061725")
    assert held.cross_wallet == D(7000)
    assert held.position(BTC).updated_ns == 8


def test_isolated_wallet_pays_funding_as_far_as_it_goes() -> None:
    held = account(leverage=150, isolated=True)
    trade(held, "0.5", "60000")  # 200 USDT of margin
    held.fund(BTC, D(60000), D("0.01"), 8)
    assert held.position(BTC).isolated_wallet == 0
    assert held.wallet() == held.cross_wallet == D(9700)


def test_legs_of_a_hedge_are_funded_each() -> None:
    held = account(is_hedged=True)
    trade(held, "0.5", "60000", side=LONG)
    trade(held, "-0.5", "60000", side=SHORT)
    assert [entry.amount for entry in held.fund(BTC, MARK, RATE, 8)] == [D("-3.061725"), D("3.061725")]


def test_isolated_position_is_liquidated_alone() -> None:
    held = account(isolated=True)
    trade(held, "0.5", "60000")
    trade(held, "100", "5", DOT)
    price = held.liquidation_price(BTC, BOTH, {})
    assert held.is_liquidatable({BTC: price + D("0.01"), DOT: D(5)}) == []
    assert held.is_liquidatable({BTC: price - D("0.01"), DOT: D(5)}) == [(BTC, BOTH)]


def test_cross_positions_are_liquidated_together() -> None:
    held = account("3100")
    trade(held, "0.5", "60000")
    trade(held, "100", "5", DOT)
    marks = {BTC: D(60000), DOT: D(5)}
    price = held.liquidation_price(BTC, BOTH, marks)
    assert held.is_liquidatable(marks | {BTC: price + D("0.01")}) == []
    assert held.is_liquidatable(marks | {BTC: price - D("0.01")}) == [(BTC, BOTH), (DOT, BOTH)]


def test_cross_close_out_pays_the_clearance_fee_from_what_is_left() -> None:
    held = account("3000")
    trade(held, "0.5", "60000")
    outcome = held.close_out(BTC, BOTH, D("0.5"), D(55000), 9, 77)
    assert (outcome.realized, outcome.fee) == (D(-2500), 0)
    assert outcome.clearance_fee == D("343.75")  # 27500 * 1.25 %
    assert held.wallet() == 500 - D("343.75")
    assert (held.ledger[-1].kind, held.ledger[-1].amount) == (EntryKind.INSURANCE, D("-343.75"))


def test_clearance_fee_is_never_more_than_what_is_left() -> None:
    held = account("3000")
    trade(held, "0.5", "60000")
    outcome = held.close_out(BTC, BOTH, D("0.5"), D("54200"), 9)
    assert outcome.clearance_fee == D(100)
    assert outcome.covered == 0
    assert held.wallet() == 0


def test_loss_beyond_bankruptcy_is_covered_to_zero() -> None:
    held = account("3000")
    trade(held, "-0.5", "60000")
    outcome = held.close_out(BTC, BOTH, D("0.5"), D(67000), 9)
    assert (outcome.clearance_fee, outcome.covered) == (0, D(500))
    assert held.wallet() == 0
    assert [entry.amount for entry in held.ledger] == [D(3000), D(-3500), D(500)]


def test_isolated_close_out_touches_its_own_wallet_only() -> None:
    held = account("10000", isolated=True)
    trade(held, "0.5", "60000")
    outcome = held.close_out(BTC, BOTH, D("0.5"), D(53000), 9)
    assert (outcome.realized, outcome.clearance_fee, outcome.covered) == (D(-3500), 0, D(500))
    assert held.wallet() == held.cross_wallet == D(7000)


def test_isolated_close_out_in_steps_keeps_what_is_left_until_the_end() -> None:
    held = account("10000", isolated=True)
    trade(held, "0.5", "60000")
    held.close_out(BTC, BOTH, D("0.2"), D(55000), 9)
    assert held.position(BTC).isolated_wallet == 3000 - 1000 - D("137.5")
    assert held.cross_wallet == D(7000)
    last = held.close_out(BTC, BOTH, D("0.3"), D(55000), 9)
    assert last.clearance_fee == D("206.25")
    assert held.isolated_wallets == 0
    assert held.cross_wallet == 7000 + 3000 - 2500 - D("343.75")


def test_cross_debt_is_covered_only_after_the_last_position() -> None:
    held = account("3000")
    trade(held, "0.5", "60000")
    trade(held, "100", "5", DOT)
    assert held.close_out(BTC, BOTH, D("0.5"), D(53000), 9).covered == 0
    assert held.wallet() == D(-500)
    assert held.close_out(DOT, BOTH, D(100), D(5), 9).covered == D(500)
    assert held.wallet() == 0


@pytest.mark.parametrize("quantity", ["0.6", "0"])
def test_no_more_is_closed_out_than_is_held(quantity: str) -> None:
    held = account()
    trade(held, "0.5", "60000")
    for act in (held.close_out, held.deleverage):
        with pytest.raises(RefusedError) as refused:
            act(BTC, BOTH, D(quantity), D(60000), 9)
        assert refused.value.reason is Refusal.REDUCE_ONLY


def test_deleveraging_closes_free_of_fees() -> None:
    held = account()
    trade(held, "-0.5", "60000")
    outcome = held.deleverage(BTC, BOTH, D("0.2"), D(50000), 9)
    assert (outcome.realized, outcome.fee) == (D(2000), 0)
    assert held.position(BTC).quantity == D("-0.3")
    assert held.wallet() == D(12000)
