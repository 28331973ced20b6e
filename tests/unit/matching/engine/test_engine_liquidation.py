"""Margins that are gone: warnings, take-over by the book, the insurance fund, and profitable accounts."""

from decimal import Decimal

import pytest
from tests.support.engine_room import BTC, BUY, ETH, SELL, Room, rules_of

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.danger import Stretch, crossing, lines_around
from geobuk.matching.engine.orders import Cause, ExpireReason, Status
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.refusals import Refusal, RefusedError

D = Decimal
BOTH = PositionSide.BOTH
HIGH = AccountSpec(default_leverage=100)
NO_FUND = EngineSpec(insurance_fund=D(0))


def poor(room: Room, name: str, left: int) -> None:
    """Leave an account this much."""
    room.engine.transfer(name, "USDT", D(left) - room.wallet(name))
    room.heard()


def test_a_position_lives_one_tick_above_its_liquidation_price_and_not_below() -> None:
    room = Room(accounts={"a": HIGH})
    poor(room, "a", 1000)
    room.market("a", BUY, 1)
    account = room.engine.account("a")
    price = account.liquidation_price(BTC, BOTH, {BTC: D(60000)})
    above = price.quantize(D("0.1"), rounding="ROUND_CEILING")
    room.mark(above)
    assert room.held("a") == 1
    room.mark(above - D("0.1"))
    assert room.held("a") == 0


def test_between_the_lines_no_mark_wakes_python() -> None:
    room = Room(accounts={"a": HIGH})
    room.market("a", BUY, 1)
    room.stop("a", SELL, 1, 50000)
    runs = 0
    book = room.engine._floor.listings[BTC].book
    run = book.run

    def counted(*arguments: object) -> int:
        nonlocal runs
        runs += 1
        return run(*arguments)  # type: ignore[arg-type]

    book.run = counted  # type: ignore[method-assign, assignment]
    room.rows(*((Happening.MARK, 0, 60000 + number % 500, 0) for number in range(10_000)))
    assert runs == 1


def test_an_isolated_position_is_liquidated_alone_and_costs_no_more_than_its_wallet() -> None:
    room = Room(rules_of(), rules_of(ETH), accounts={"a": AccountSpec(margin_mode=MarginMode.ISOLATED)})
    room.mark(3000, instrument=ETH)
    room.book(bids={"2999.9": 100}, asks={"3000.1": 100}, instrument=ETH)
    room.market("a", BUY, 1)
    room.market("a", BUY, 1, instrument=ETH)
    other = room.limit("a", BUY, 1, "2900", instrument=ETH)
    own = room.limit("a", BUY, 1, "59000")
    wallet = room.wallet("a")
    isolated = room.engine.account("a").position(BTC).isolated_wallet
    room.book(bids={"59999.9": 0, "59990": 0, "57000": 100})
    room.mark(57200)
    assert (room.held("a"), room.held("a", ETH)) == (0, 1)
    assert wallet - isolated <= room.wallet("a") < wallet
    assert room.engine.find_order("a", BTC, own.id).expire_reason is ExpireReason.LIQUIDATED
    assert room.engine.find_order("a", ETH, other.id).status is Status.NEW


def test_a_cross_account_loses_all_its_cross_positions_and_orders() -> None:
    room = Room(rules_of(), rules_of(ETH), accounts={"a": HIGH})
    room.mark(3000, instrument=ETH)
    room.book(bids={"2999.9": 100}, asks={"3000.1": 100}, instrument=ETH)
    poor(room, "a", 2000)
    room.market("a", BUY, 1)
    room.market("a", BUY, 10, instrument=ETH)
    order = room.limit("a", BUY, "0.1", "2900", instrument=ETH)
    room.mark(59000)
    assert (room.held("a"), room.held("a", ETH)) == (1, 10)
    room.mark(2930, instrument=ETH)
    assert (room.held("a"), room.held("a", ETH)) == (0, 0)
    assert room.engine.find_order("a", ETH, order.id).expire_reason is ExpireReason.LIQUIDATED


def test_the_insurance_fund_takes_what_the_book_does_not_and_bears_the_loss() -> None:
    room = Room(spec=EngineSpec(insurance_fund=D(10_000)), accounts={"a": HIGH})
    poor(room, "a", 1000)
    room.market("a", BUY, 1)
    room.book(bids={"59999.9": 0, "59990": 0, "58000": 100})
    room.mark(58000)
    (order,) = [order for order in room.engine.orders("a") if order.cause is Cause.LIQUIDATION]
    assert (order.status, order.average_price) == (Status.FILLED, D("59030.2"))
    assert room.wallet("a") == 0
    spent = D(10_000) - room.engine.insurance_fund
    assert spent == D("1030.2") - D("0.09995")


def test_without_a_fund_the_most_profitable_opposite_positions_are_closed() -> None:
    room = Room(spec=NO_FUND, accounts={"a": HIGH, "b": AccountSpec(), "c": HIGH})
    for name, quantity in (("b", 1), ("c", "0.3")):
        room.limit(name, SELL, quantity, "60000.0")
    poor(room, "a", 1000)
    room.market("a", BUY, "1.3")
    poor(room, "c", 2000)
    room.book(bids={"59999.9": 0, "59990": 0})
    room.heard()
    room.mark(58500)
    assert room.held("a") == 0
    assert room.held("c") == 0
    assert room.held("b") == 0
    fills = [fill for name in ("b", "c") for fill in room.engine.executions(name) if fill.side is BUY]
    assert {fill.client_order_id for fill in fills} == {"deleveraging-1", "deleveraging-2"}
    assert all(fill.fee == 0 and fill.realized > 0 for fill in fills)
    ranked = sorted(fills, key=lambda fill: fill.trade_id)
    assert [fill.account for fill in ranked] == ["c", "b"]
    of_a = [fill.trade_id for fill in room.engine.executions("a") if fill.side is SELL]
    assert of_a == [fill.trade_id for fill in ranked]


def test_a_wallet_below_zero_is_made_good_and_told_of() -> None:
    room = Room(accounts={"a": HIGH})
    poor(room, "a", 1000)
    room.market("a", BUY, 1)
    room.book(bids={"59999.9": 0, "59990": 0, "50000": 5})
    fund = room.engine.insurance_fund
    room.heard()
    room.engine.deleverage("a", BTC, BOTH, D(1), D(50000))
    told = room.heard()
    assert "a account INSURANCE_CLEAR USDT 0" in told
    assert room.wallet("a") == 0
    assert room.engine.insurance_fund < fund


def test_a_margin_call_comes_once_a_crossing() -> None:
    room = Room(accounts={"a": HIGH})
    poor(room, "a", 1000)
    room.market("a", BUY, 1)
    room.heard()
    calls = []
    for mark in (59330, 59326, 59320, 59310, 59400, 59500, 59320):
        room.mark(mark)
        calls.append(room.heard().count("a margin call"))
    assert calls == [0, 1, 0, 0, 0, 0, 1]
    assert room.held("a") == 1


def test_an_account_may_be_liquidated_on_purpose() -> None:
    room = Room()
    with pytest.raises(RefusedError) as refused:
        room.engine.force_liquidation("a", BTC)
    assert refused.value.reason is Refusal.REDUCE_ONLY
    room.market("a", SELL, 1)
    room.heard()
    room.engine.force_liquidation("a", BTC)
    told = room.heard()
    assert told[0] == "a NEW liquidation NEW 0/1"
    assert told[-1].startswith("liquidation BUY 1@")
    assert room.held("a") == 0


def test_a_position_may_be_deleveraged_on_purpose() -> None:
    room = Room()
    room.market("a", SELL, 1)
    room.heard()
    room.engine.deleverage("a", BTC, BOTH, D("0.4"), D(59000))
    assert room.heard() == [
        "a NEW deleveraging NEW 0/0.4",
        "a account ORDER USDT 100369.96005 both:-0.6@59999.9",
        "a CALCULATED deleveraging FILLED 0.4/0.4 0.4@59000 taker #2",
    ]
    with pytest.raises(RefusedError):
        room.engine.deleverage("a", BTC, BOTH, D("0.7"), D(59000))


TIERS = ((0.0, 0.004), (300_000.0, 0.005))


def test_danger_lines_lie_where_the_ratio_is_reached() -> None:
    long = Stretch((0.5,), 3000.0, 120.0, 60_000.0, TIERS)
    below = crossing(long, 1.0, -1)
    assert below is not None
    assert below == pytest.approx((3000 - 30_000) / (0.002 - 0.5), abs=0.01)
    assert crossing(long, 1.0, 1) is None
    assert lines_around(long, 1.0, 0.1).above is None
    short = Stretch((-0.5,), 3000.0, 120.0, 60_000.0, TIERS)
    above = crossing(short, 1.0, 1)
    assert above is not None
    assert above == pytest.approx((3000 + 30_000) / (0.002 + 0.5), abs=0.01)


def test_danger_lines_follow_the_brackets() -> None:
    maintenance = 600_000 * 0.005 - 300
    long = Stretch((10.0,), 30_000.0, maintenance, 60_000.0, TIERS)
    assert crossing(long, 1.0, -1) == pytest.approx(57_256.28, abs=0.01)
    small = Stretch((10.0,), 350_000.0, maintenance, 60_000.0, TIERS)
    below = crossing(small, 1.0, -1)
    assert below is not None
    assert 10 * below * 0.004 == pytest.approx(350_000 + 10 * (below - 60_000), abs=0.01)


def test_a_ratio_that_is_passed_already_has_a_line_where_it_recovers() -> None:
    long = Stretch((1.0,), 200.0, 240.0, 60_000.0, TIERS)
    above = crossing(long, 1.0, 1)
    assert above is not None
    assert above * 0.004 == pytest.approx(200 + above - 60_000, abs=0.01)


def test_a_long_that_no_price_can_ruin_has_no_line() -> None:
    assert crossing(Stretch((0.1,), 100_000.0, 24.0, 60_000.0, TIERS), 1.0, -1) is None


def test_a_hedge_is_ruined_by_a_rising_price_because_its_maintenance_rises() -> None:
    hedge = Stretch((1.0, -1.0), 900.0, 480.0, 60_000.0, TIERS)
    above = crossing(hedge, 1.0, 1)
    assert above is not None
    assert 2 * above * 0.004 == pytest.approx(900, abs=0.01)
    assert crossing(hedge, 1.0, -1) is None


def test_an_order_that_bears_the_venues_own_id_still_ends_as_any_other() -> None:
    room = Room()
    room.market("a", BUY, 1)
    own = room.limit("a", BUY, 1, 50_000, client_order_id="deleveraging-1")
    room.engine.deleverage("a", BTC, BOTH, D("0.4"), D(59000))
    assert room.engine.cancel("a", BTC, own.id).status is Status.CANCELED
    assert room.engine.open_orders("a") == []
