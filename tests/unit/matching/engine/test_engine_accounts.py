"""What accounts set about themselves, funding, countdowns, and two legs in hedge mode."""

from decimal import Decimal

import pytest
from tests.support.engine_laws import picture
from tests.support.engine_room import BTC, BUY, ETH, HOUR_NS, SELL, START_NS, Room, rows_of, rules_of

from geobuk.domain.account import MarginMode
from geobuk.domain.errors import DataError
from geobuk.domain.order import PositionSide
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.orders import Status
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.refusals import Refusal, RefusedError

D = Decimal
LONG, SHORT, BOTH = PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH


def test_accounts_have_names_of_their_own() -> None:
    room = Room()
    assert room.engine.accounts == ("a", "b")
    with pytest.raises(DataError, match="already"):
        room.engine.open_account("a", {}, AccountSpec())
    with pytest.raises(RefusedError) as refused:
        room.market("nobody", BUY, 1)
    assert refused.value.reason is Refusal.UNKNOWN_ACCOUNT


@pytest.mark.parametrize(("leverage", "reason"), [(0, Refusal.LEVERAGE), (126, Refusal.LEVERAGE)])
def test_leverage_outside_the_brackets_is_refused(leverage: int, reason: Refusal) -> None:
    room = Room()
    with pytest.raises(RefusedError) as refused:
        room.engine.set_leverage("a", BTC, leverage)
    assert refused.value.reason is reason
    assert room.heard() == []


def test_leverage_that_the_open_orders_do_not_fit_is_refused() -> None:
    room = Room()
    room.limit("a", BUY, 6, "60000")
    before = picture(room.engine)
    with pytest.raises(RefusedError) as refused:
        room.engine.set_leverage("a", BTC, 125)
    assert refused.value.reason is Refusal.MAX_POSITION
    assert picture(room.engine) == before
    room.engine.set_leverage("a", BTC, 50)
    assert room.engine.account("a").settings(BTC).leverage == 50


def test_the_margin_mode_waits_for_orders_and_positions_to_be_gone() -> None:
    room = Room()
    room.limit("a", BUY, 1, "60000", client_order_id="x")
    for mode, reason in [
        (MarginMode.CROSS, Refusal.MARGIN_MODE_SAME),
        (MarginMode.ISOLATED, Refusal.HAS_ORDERS),
    ]:
        with pytest.raises(RefusedError) as refused:
            room.engine.set_margin_mode("a", BTC, mode)
        assert refused.value.reason is reason
    room.engine.cancel("a", BTC, "x")
    room.stop("a", BUY, 1, 61000, client_order_id="s")
    with pytest.raises(RefusedError) as refused:
        room.engine.set_margin_mode("a", BTC, MarginMode.ISOLATED)
    assert refused.value.reason is Refusal.HAS_ORDERS
    room.engine.cancel_conditional("a", "s")
    room.market("a", BUY, 1)
    with pytest.raises(RefusedError) as refused:
        room.engine.set_margin_mode("a", BTC, MarginMode.ISOLATED)
    assert refused.value.reason is Refusal.HAS_POSITION
    room.heard()
    room.engine.set_margin_mode("b", BTC, MarginMode.ISOLATED)
    assert room.heard() == ["b account MARGIN_TYPE_CHANGE both:0@0"]


def test_margin_moves_into_an_isolated_position_and_back() -> None:
    room = Room(accounts={"a": AccountSpec(margin_mode=MarginMode.ISOLATED)})
    with pytest.raises(RefusedError) as refused:
        room.engine.move_margin("a", BTC, BOTH, D(10))
    assert refused.value.reason is Refusal.NO_ISOLATED_POSITION
    room.market("a", BUY, 1)
    room.heard()
    before = room.engine.account("a").position(BTC).isolated_wallet
    room.engine.move_margin("a", BTC, BOTH, D(100))
    assert room.engine.account("a").position(BTC).isolated_wallet == before + 100
    assert room.heard() == ["a account MARGIN_TRANSFER USDT 99969.99995 both:1@60000.1"]
    with pytest.raises(RefusedError) as refused:
        room.engine.move_margin("a", BTC, BOTH, D(-5000))
    assert refused.value.reason is Refusal.MARGIN_MOVE_TOO_LARGE


def test_money_comes_and_goes_as_far_as_it_is_free() -> None:
    room = Room()
    room.engine.transfer("a", "USDT", D(50))
    room.engine.transfer("a", "USDT", D("-100050"))
    assert room.heard() == ["a account DEPOSIT USDT 100050", "a account WITHDRAW USDT 0"]
    for amount, reason in [(D(-1), Refusal.MARGIN), (D(0), Refusal.PARAMETERS)]:
        with pytest.raises(RefusedError) as refused:
            room.engine.transfer("a", "USDT", amount)
        assert refused.value.reason is reason


def test_in_hedge_mode_a_long_and_a_short_stand_side_by_side() -> None:
    room = Room(accounts={"a": AccountSpec(is_hedged=True), "b": AccountSpec()})
    room.market("a", BUY, 2, position_side=LONG)
    room.market("a", SELL, 1, position_side=SHORT)
    account = room.engine.account("a")
    assert (account.position(BTC, LONG).quantity, account.position(BTC, SHORT).quantity) == (2, -1)
    with pytest.raises(RefusedError) as refused:
        room.market("a", BUY, 1)
    assert refused.value.reason is Refusal.POSITION_SIDE
    with pytest.raises(RefusedError) as refused:
        room.market("a", SELL, 1, position_side=LONG, is_reduce_only=True)
    assert refused.value.reason is Refusal.PARAMETERS
    room.market("a", SELL, 5, position_side=LONG)
    assert (account.position(BTC, LONG).quantity, account.position(BTC, SHORT).quantity) == (0, -1)
    with pytest.raises(RefusedError) as refused:
        room.market("a", SELL, 1, position_side=LONG)
    assert refused.value.reason is Refusal.REDUCE_ONLY


def test_the_position_mode_waits_for_orders_and_positions_to_be_gone() -> None:
    room = Room()
    order = room.limit("a", BUY, 1, "59000")
    for is_hedged, reason in [(False, Refusal.POSITION_MODE_SAME), (True, Refusal.HAS_ORDERS)]:
        with pytest.raises(RefusedError) as refused:
            room.engine.set_hedged("a", is_hedged)
        assert refused.value.reason is reason
    room.engine.cancel("a", BTC, order.id)
    room.engine.set_hedged("a", True)
    assert room.engine.account("a").is_hedged


def test_funding_falls_due_between_two_rows_at_the_mark_of_then() -> None:
    room = Room()
    room.market("a", BUY, 1)
    room.rows((Happening.RATE, 0, "0.001", 0))
    due = room.engine.next_funding_ns(BTC)
    assert due == room.engine.next_due_ns() == START_NS + 8 * HOUR_NS
    room.heard()
    rows = rows_of(due - 1, (Happening.MARK, 0, 50000, 0), (Happening.MARK, 0, 70000, 0))
    room.engine.apply(BTC, rows)
    (entry,) = [entry for entry in room.engine.account("a").ledger if entry.kind is EntryKind.FUNDING]
    assert (entry.amount, entry.at_ns) == (D(-50), due)
    assert room.engine.next_funding_ns(BTC) == START_NS + 16 * HOUR_NS
    assert room.heard() == ["a account FUNDING_FEE USDT 99919.99995"]


def test_funding_of_an_isolated_position_tells_of_the_position_too() -> None:
    room = Room(accounts={"a": AccountSpec(margin_mode=MarginMode.ISOLATED)})
    room.market("a", BUY, 1)
    room.rows((Happening.RATE, 0, "-0.001", 0))
    room.heard()
    room.wait(8 * HOUR_NS)
    assert room.heard() == ["a account FUNDING_FEE USDT 100029.99995 both:1@60000.1"]
    assert room.engine.funding_rate(BTC) == D("-0.001")


def test_a_funding_interval_that_changes_is_planned_anew() -> None:
    room = Room()
    room.engine.set_rules(rules_of(funding_interval_hours=1))
    assert room.engine.next_due_ns() == START_NS + HOUR_NS
    room.engine.set_rules(rules_of(funding_interval_hours=None))
    assert room.engine.next_due_ns() is None
    assert room.engine.next_funding_ns(BTC) is None


def test_rules_may_change_but_not_their_decimals() -> None:
    room = Room()
    with pytest.raises(DataError, match="decimals"):
        room.engine.set_rules(rules_of(price_decimals=2))
    room.engine.set_rules(rules_of(min_notional=D(500_000)))
    with pytest.raises(RefusedError) as refused:
        room.market("a", BUY, 1)
    assert refused.value.reason is Refusal.NOTIONAL_TOO_SMALL
    room.engine.set_rules(rules_of(ETH))
    assert room.engine.instruments == (BTC, ETH)
    assert room.engine.rules(ETH).name == ETH


def test_a_countdown_below_zero_is_refused() -> None:
    room = Room()
    with pytest.raises(RefusedError):
        room.engine.set_countdown("a", BTC, -1)
    order = room.limit("a", BUY, 1, "59000")
    room.engine.set_countdown("a", BTC, 5 * 10**9)
    assert room.engine.next_due_ns() == room.engine.at_ns + 5 * 10**9
    room.mark(60000)
    room.engine.apply(BTC, rows_of(room.engine.at_ns + 6 * 10**9, (Happening.MARK, 0, 60000, 0)))
    assert room.engine.find_order("a", BTC, order.id).status is Status.CANCELED
