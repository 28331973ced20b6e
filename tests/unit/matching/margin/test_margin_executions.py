"""What executions do to positions, wallets and the ledger."""

import pytest
from tests.support.margin_accounts import BOTH, BTC, BUY, DOT, LONG, SELL, SHORT, D, account, trade

from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.margin.position import Position
from geobuk.matching.refusals import Refusal, RefusedError


def test_adding_averages_the_entry_and_reducing_leaves_it() -> None:
    held = account()
    trade(held, "0.1", "60000")
    trade(held, "0.3", "61000")
    assert held.position(BTC).entry_price == D(60750)
    assert trade(held, "-0.2", "62000").realized == D(250)
    assert held.position(BTC).entry_price == D(60750)
    assert held.position(BTC).quantity == D("0.2")


def test_short_realizes_when_bought_back_below() -> None:
    held = account()
    trade(held, "-0.5", "60000")
    assert trade(held, "0.2", "59000").realized == D(200)
    assert trade(held, "0.3", "61000").realized == D(-300)
    assert held.wallet() == D(9900)
    assert held.position(BTC).is_flat


def test_turning_realizes_all_and_enters_at_the_fill_price() -> None:
    held = account()
    trade(held, "0.1", "60000")
    assert trade(held, "-0.3", "60500").realized == D(50)
    position = held.position(BTC)
    assert (position.quantity, position.entry_price) == (D("-0.2"), D(60500))


def test_profits_add_up_exactly_however_a_position_is_cut() -> None:
    held = account()
    for price in ("1.1359", "1.1361", "1.1366"):
        trade(held, "0.1", price, DOT)
    outcomes = [trade(held, "-0.1", "1.2", DOT) for _ in range(3)]
    assert all(-outcome.realized.as_tuple().exponent <= 8 for outcome in outcomes)
    assert sum(outcome.realized for outcome in outcomes) == D("0.36") - D("0.34086")
    assert held.position(DOT).cost == 0


def test_prices_beyond_eight_decimals_leave_their_rest_in_the_cost() -> None:
    held = Position(DOT, BOTH)
    held.execute(D("3"), D("1.123456789"), D(0))
    change = held.execute(D("-1"), D("1.987654321"), D(0))
    assert change.realized == D("0.86419753")
    assert held.cost == D("3.370370367") - D("1.987654321") + change.realized


def test_running_profit_counts_before_fees() -> None:
    held = account(taker_fee=None)
    trade(held, "0.1", "60000")
    trade(held, "-0.1", "61000")
    assert held.position(BTC).realized == D(100)
    assert held.wallet() == 10000 + 100 - D("3") - D("3.05")


def test_taker_fee_is_the_published_example() -> None:
    held = account("100000", taker_fee=None)
    outcome = trade(held, "0.5", "60000")
    assert (outcome.fee, outcome.fee_asset) == (D(15), "USDT")
    assert held.wallet() == D(99985)


def test_maker_pays_the_maker_rate_and_a_rebate_is_income() -> None:
    held = account("100000", maker_fee=D("-0.0001"))
    outcome = held.execute(BTC, BOTH, BUY, D("0.5"), D(60000), True, 1)
    assert outcome.fee == D(-3)
    assert held.ledger[-1].amount == D(3)


def test_fee_is_cut_to_eight_decimals() -> None:
    held = account(taker_fee=D("0.000333"))
    outcome = trade(held, "0.1", "1.1357", DOT)
    assert outcome.fee == D("0.00003781")  # 0.0000378188... without the cut


def test_fee_in_another_asset_is_a_tenth_less() -> None:
    held = account("100000", fee_asset="BNB", fee_asset_price=D(750), taker_fee=None)
    held.deposit("BNB", D("0.02"), 0)
    outcome = trade(held, "0.5", "60000")
    assert (outcome.fee, outcome.fee_asset) == (D("0.018"), "BNB")  # 13.5 USDT
    assert held.wallet("BNB") == D("0.002")
    assert held.wallet() == D(100000)


def test_live_fee_in_bnb_is_reproduced() -> None:
    held = account(fee_asset="BNB", fee_asset_price=D("770.5"), taker_fee=None)
    held.deposit("BNB", D(1), 0)
    assert trade(held, "4.9", "1.1359", DOT).fee == D("0.00000325")


def test_last_of_the_other_asset_pays_and_rebates_never_come_in_it() -> None:
    held = account("100000", maker_fee=D("-0.0001"), fee_asset="BNB", fee_asset_price=D(750), taker_fee=None)
    held.deposit("BNB", D("0.018"), 0)
    assert trade(held, "0.5", "60000").fee_asset == "BNB"
    assert held.wallet("BNB") == 0
    rebate = held.execute(BTC, BOTH, BUY, D("0.5"), D(60000), True, 1)
    assert (rebate.fee, rebate.fee_asset) == (D(-3), "USDT")


def test_margin_asset_pays_in_full_when_the_other_does_not_suffice() -> None:
    held = account("100000", fee_asset="BNB", fee_asset_price=D(750), taker_fee=None)
    held.deposit("BNB", D("0.017"), 0)
    outcome = trade(held, "0.5", "60000")
    assert (outcome.fee, outcome.fee_asset) == (D(15), "USDT")
    held.fee_asset_price = None
    assert trade(held, "0.001", "60000").fee_asset == "USDT"


def test_ledger_tells_every_change_with_rising_numbers() -> None:
    held = account("1000", first_tran_id=500, taker_fee=None)
    trade(held, "0.1", "60000")
    trade(held, "-0.1", "60100")
    held.withdraw("USDT", D(100), 9)
    assert [(entry.tran_id, entry.kind, entry.amount) for entry in held.ledger] == [
        (500, EntryKind.TRANSFER, D(1000)),
        (501, EntryKind.FEE, D(-3)),
        (502, EntryKind.REALIZED, D(10)),
        (503, EntryKind.FEE, D("-3.005")),
        (504, EntryKind.TRANSFER, D(-100)),
    ]
    assert held.ledger[2].trade_id == 7
    assert held.ledger[2].instrument == BTC
    assert held.wallet() == sum(entry.amount for entry in held.ledger)


def test_legs_of_a_hedge_are_apart() -> None:
    held = account(is_hedged=True)
    trade(held, "0.1", "60000", side=LONG)
    trade(held, "-0.2", "61000", side=SHORT)
    assert held.position(BTC, LONG).quantity == D("0.1")
    assert held.position(BTC, SHORT).entry_price == D(61000)
    assert trade(held, "0.2", "60000", side=SHORT).realized == D(200)


@pytest.mark.parametrize(("side", "signed"), [(LONG, "-0.2"), (SHORT, "0.1")])
def test_leg_of_a_hedge_never_turns(side: object, signed: str) -> None:
    held = account(is_hedged=True)
    trade(held, "0.1", "60000", side=LONG)
    with pytest.raises(RefusedError) as refused:
        trade(held, signed, "60000", side=side)  # type: ignore[arg-type]
    assert refused.value.reason is Refusal.REDUCE_ONLY
    assert held.position(BTC, LONG).quantity == D("0.1")


@pytest.mark.parametrize(("hedge", "side"), [(False, LONG), (True, BOTH)])
def test_leg_must_fit_the_position_mode(hedge: bool, side: object) -> None:
    with pytest.raises(RefusedError) as refused:
        trade(account(is_hedged=hedge), "0.1", "60000", side=side)  # type: ignore[arg-type]
    assert refused.value.reason is Refusal.POSITION_SIDE


def test_unknown_instrument_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        account().execute("XYZ", BOTH, SELL, D(1), D(1), False, 1)
    assert refused.value.reason is Refusal.UNKNOWN_INSTRUMENT


def test_isolated_margin_moves_in_and_out_with_the_position() -> None:
    held = account("10000", isolated=True, taker_fee=None)
    trade(held, "0.5", "60000")
    assert (held.position(BTC).isolated_wallet, held.wallet(), held.cross_wallet) == (D(3000), D(9985), D(6985))
    trade(held, "-0.2", "61000")
    assert held.position(BTC).isolated_wallet == D(1800)
    assert held.cross_wallet == 6985 + 1200 + 200 - D("6.1")
    trade(held, "-0.3", "59000")
    assert held.isolated_wallets == 0
    assert held.cross_wallet == held.wallet() == 9985 + 200 - 300 - D("14.95")  # the fees


def test_isolated_margin_is_no_more_than_what_the_fee_left() -> None:
    held = account("3000", isolated=True, taker_fee=None)
    trade(held, "0.5", "60000")
    assert (held.position(BTC).isolated_wallet, held.cross_wallet) == (D(2985), D(0))


def test_closed_isolated_position_leaves_no_dust() -> None:
    held = account("10000", isolated=True)
    trade(held, "0.5", "60000")
    held.move_margin(BTC, BOTH, D("0.0000000001"), 5)
    trade(held, "-0.5", "60000")
    assert held.isolated_wallets == 0


def test_isolated_position_that_turns_gets_the_margin_of_the_new_side() -> None:
    held = account("10000", isolated=True)
    trade(held, "0.5", "60000")
    trade(held, "-0.6", "60000")
    assert held.position(BTC).isolated_wallet == D(600)
    assert held.wallet() == D(10000)


def test_isolated_wallet_bears_what_its_released_part_can_not() -> None:
    held = account("10000", isolated=True)
    trade(held, "0.5", "60000")
    trade(held, "-0.25", "53000")  # loses 1750, releases 1500
    assert held.position(BTC).isolated_wallet == D(1250)
    assert held.cross_wallet == D(7000)


def test_loss_beyond_the_last_cross_position_is_made_good() -> None:
    held = account("1000")
    trade(held, "0.1", "60000")
    outcome = trade(held, "-0.1", "40000")
    assert outcome.covered == D(1000)
    assert held.wallet() == 0
    assert held.ledger[-1].kind is EntryKind.INSURANCE


def test_loss_is_not_made_good_while_another_cross_position_stands() -> None:
    held = account("1000")
    trade(held, "1000", "5", DOT)
    trade(held, "0.1", "60000")
    assert trade(held, "-0.1", "40000").covered == 0
    assert held.wallet() == D(-1000)
    assert trade(held, "-1000", "7", DOT).covered == 0
    assert held.wallet() == D(1000)


def test_reports_show_what_the_venue_shows() -> None:
    held = account()
    trade(held, "4.9", "1.1359", DOT)
    (row,) = held.holdings({DOT: D("1.2")})
    assert (row.instrument, row.quantity, row.entry_price, row.is_isolated) == (DOT, D("4.9"), D("1.1359"), False)
    assert row.unrealized == D("4.9") * D("0.0641")
    assert held.balances()[0].asset == "USDT"
    assert held.balance("BNB").wallet == 0
