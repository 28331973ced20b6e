"""The user stream as updates: each fill once, orders forward only, money as last told."""

from decimal import Decimal
from typing import Any

import msgspec
from tests.support.binance_orders import VENUE_MS, account_event, event, fill_event, order_event

from geobuk.domain.order import Fill, Liquidity, OrderState, OrderStatus, Position, PositionSide
from geobuk.domain.updates import BalanceChange, ChangeReason, Notice, NoticeKind, PositionChange, VenueUpdate
from geobuk.venues.binance.account_ledger import AccountLedger
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.account import AccountReply

USDT = {"a": "USDT", "wb": "99.5", "cw": "99.5", "bc": "0"}
LONG = {"s": "BTCUSDT", "pa": "0.01", "ep": "60000", "cr": "0", "up": "1", "mt": "cross", "iw": "0", "ps": "BOTH"}


class Room:
    def __init__(self) -> None:
        self.told: list[VenueUpdate] = []
        self.is_full = False
        self.ledger = AccountLedger("binance", KnownOrders(), self.emit)

    def emit(self, update: VenueUpdate) -> bool:
        if not self.is_full:
            self.told.append(update)
        return not self.is_full

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.told if isinstance(one, kind)]


def test_a_fill_is_told_with_its_fee_before_the_state_it_led_to() -> None:
    room = Room()
    room.ledger.take(order_event())
    room.ledger.take(fill_event(5, "0.01", "0.01"))
    new, fill, filled = room.told
    assert isinstance(new, OrderState)
    assert new.status is OrderStatus.NEW
    assert fill == Fill(
        "binance", "BTCUSDT", "a-1", "5", new.side, Decimal("0.01"), Decimal(60_000), Decimal("0.1"), "USDT",
        Liquidity.MAKER, VENUE_MS * 1_000_000,
    )  # fmt: skip
    assert isinstance(filled, OrderState)
    assert (filled.status, filled.average_price) == (OrderStatus.FILLED, Decimal(60_000))


def test_a_repeated_event_tells_nothing_and_an_overtaken_one_only_its_fill() -> None:
    room = Room()
    room.ledger.take(fill_event(6, "0.006", "0.01"))
    room.ledger.take(fill_event(6, "0.006", "0.01"))
    room.ledger.take(fill_event(5, "0.004", "0.004"))
    room.ledger.take(order_event())
    assert [one.trade_id for one in room.of(Fill)] == ["6", "5"]
    assert [one.filled for one in room.of(OrderState)] == [Decimal("0.01")]


def test_a_hole_in_the_filled_quantity_makes_the_instrument_suspect() -> None:
    room = Room()
    room.ledger.take(order_event())
    room.ledger.take(fill_event(5, "0.002", "0.002"))
    assert not room.ledger.suspects
    room.ledger.take(fill_event(7, "0.002", "0.006"))
    assert room.ledger.suspects == {"BTCUSDT"}


def test_an_end_that_tells_of_more_filled_than_was_seen_makes_it_suspect() -> None:
    room = Room()
    room.ledger.take(order_event())
    room.ledger.take(order_event(x="CANCELED", X="CANCELED", z="0.004"))
    assert room.ledger.suspects == {"BTCUSDT"}


def test_a_fill_that_could_not_be_delivered_is_told_later() -> None:
    room = Room()
    room.is_full = True
    room.ledger.take(fill_event(5, "0.01", "0.01"))
    assert room.ledger.suspects == {"BTCUSDT"}
    room.is_full = False
    room.ledger.take(fill_event(5, "0.01", "0.01"))
    assert len(room.of(Fill)) == 1


def test_wallets_and_positions_are_told_and_late_words_are_not() -> None:
    room = Room()
    room.ledger.take(account_event(VENUE_MS + 5, B=[USDT], P=[LONG]))
    room.ledger.take(account_event(VENUE_MS, B=[{**USDT, "wb": "1"}], P=[{**LONG, "pa": "0"}]))
    assert room.of(BalanceChange) == [
        BalanceChange("binance", "USDT", Decimal("99.5"), ChangeReason.ORDER, (VENUE_MS + 5) * 1_000_000)
    ]
    (change,) = room.of(PositionChange)
    assert (change.position.quantity, change.reason) == (Decimal("0.01"), ChangeReason.ORDER)


def test_isolated_legs_of_hedge_mode_keep_side_and_wallet() -> None:
    room = Room()
    leg = {**LONG, "ps": "SHORT", "pa": "-0.02", "mt": "isolated", "iw": "12.5"}
    room.ledger.take(account_event(reason="MARGIN_TRANSFER", P=[leg]))
    (change,) = room.of(PositionChange)
    held = change.position
    assert (held.side, held.quantity, held.isolated_wallet) == (PositionSide.SHORT, Decimal("-0.02"), Decimal("12.5"))
    assert change.reason is ChangeReason.MARGIN


def test_transfers_and_funding_carry_their_reason_and_amount() -> None:
    room = Room()
    room.ledger.take(account_event(reason="DEPOSIT", B=[{**USDT, "bc": "50"}]))
    room.ledger.take(account_event(VENUE_MS + 1, reason="FUNDING_FEE", B=[USDT], S="BTCUSDT"))
    assert [(one.reason, one.amount) for one in room.of(BalanceChange)] == [
        (ChangeReason.TRANSFER, Decimal(50)), (ChangeReason.FUNDING, Decimal(0)),
    ]  # fmt: skip


def test_a_position_closed_by_the_venue_says_why() -> None:
    for key, reason in (("autoclose-1", ChangeReason.LIQUIDATION), ("adl_autoclose", ChangeReason.DELEVERAGING)):
        room = Room()
        room.ledger.take(order_event(c=key, i=9))
        room.ledger.take(account_event(P=[{**LONG, "pa": "0"}]))
        calculated = fill_event(8, "0.01", "0.01", c=key, i=9, x="CALCULATED", rp="-5")
        room.ledger.take(calculated)
        (change,) = room.of(PositionChange)
        assert change.reason is reason
        (fill,) = room.of(Fill)
        assert fill.realized == Decimal(-5)


def test_an_early_end_gives_the_venues_reason() -> None:
    room = Room()
    room.ledger.take(order_event(x="EXPIRED", X="EXPIRED", er="2"))
    (state,) = room.of(OrderState)
    assert (state.status, state.reason) == (OrderStatus.EXPIRED, "the rest could not be filled at once")


def algo(status: str, **changes: Any) -> Any:
    body = {
        "caid": "s-1", "aid": 40, "at": "CONDITIONAL", "o": "STOP_MARKET", "s": "BTCUSDT", "S": "SELL", "ps": "BOTH",
        "f": "GTC", "q": "0.01", "X": status, "ai": "", "tp": "58000", "p": "0", **changes,
    }  # fmt: skip
    return event({"e": "ALGO_UPDATE", "E": VENUE_MS, "T": VENUE_MS, "o": body})


def test_a_stop_waits_becomes_an_order_and_fills() -> None:
    room = Room()
    room.ledger.take(algo("NEW"))
    room.ledger.take(algo("TRIGGERING"))
    room.ledger.take(algo("TRIGGERED", ai="7", act="MARKET"))
    stop = {"c": "s-1", "S": "SELL", "o": "MARKET", "p": "0"}
    room.ledger.take(order_event(**stop))
    room.ledger.take(fill_event(5, "0.01", "0.01", **stop))
    room.ledger.take(algo("FINISHED", ai="7", ap="57990", aq="0.01", act="MARKET"))
    states = [(one.status, one.venue_order_id) for one in room.of(OrderState)]
    assert states[0] == (OrderStatus.WAITING, "40")
    assert states[-1] == (OrderStatus.FILLED, "7")
    assert [status for status, _ in states].count(OrderStatus.WAITING) == 1
    assert not room.ledger.suspects


def test_a_finished_stop_whose_order_was_never_heard_of_is_suspect() -> None:
    room = Room()
    room.ledger.take(algo("NEW"))
    room.ledger.take(algo("FINISHED", ai="7", aq="0.01"))
    assert room.ledger.suspects == {"BTCUSDT"}


def test_a_stop_refused_at_its_trigger_gives_the_reason() -> None:
    room = Room()
    room.ledger.take(algo("NEW"))
    room.ledger.take(algo("REJECTED", rm="Margin is insufficient."))
    last = room.of(OrderState)[-1]
    assert (last.status, last.reason) == (OrderStatus.REJECTED, "Margin is insufficient.")


def test_margin_calls_and_settings_become_notices() -> None:
    room = Room()
    called = {"s": "ETHUSDT", "ps": "LONG", "pa": "1", "mt": "CROSSED", "iw": "0", "mp": "1", "up": "-1", "mm": "2"}
    room.ledger.take(event({"e": "MARGIN_CALL", "E": 1, "cw": "3", "p": [called]}))
    room.ledger.take(event({"e": "ACCOUNT_CONFIG_UPDATE", "E": 2, "T": 1, "ac": {"s": "BTCUSDT", "l": 25}}))
    assert [(one.kind, one.instrument) for one in room.of(Notice)] == [
        (NoticeKind.MARGIN_CALL, "ETHUSDT"), (NoticeKind.RULES_CHANGED, "BTCUSDT"),
    ]  # fmt: skip


def test_trade_lite_is_not_counted() -> None:
    room = Room()
    lite = {"e": "TRADE_LITE", "E": 1, "T": 1, "s": "BTCUSDT", "q": "1", "p": "0", "m": False, "c": "a-1", "S": "BUY"}
    room.ledger.take(event({**lite, "L": "1", "l": "1", "t": 5, "i": 7}))
    assert room.told == []


def account_reply(wallet: str, update_ms: int = 0) -> AccountReply:
    names = ("InitialMargin", "MaintMargin", "WalletBalance", "UnrealizedProfit", "MarginBalance",
             "PositionInitialMargin", "OpenOrderInitialMargin", "CrossWalletBalance", "CrossUnPnl")  # fmt: skip
    asset = ("unrealizedProfit", "marginBalance", "maintMargin", "initialMargin", "positionInitialMargin",
             "openOrderInitialMargin", "crossWalletBalance", "crossUnPnl", "availableBalance",
             "maxWithdrawAmount")  # fmt: skip
    row = {"asset": "USDT", "walletBalance": wallet, "updateTime": update_ms, **dict.fromkeys(asset, "0")}
    content = {f"total{name}": "0" for name in names}
    content |= {"availableBalance": "0", "maxWithdrawAmount": "0"}
    return msgspec.convert({**content, "assets": [row], "positions": []}, AccountReply, strict=False)


def held(quantity: str) -> list[Position]:
    return [Position("binance", "BTCUSDT", Decimal(quantity), Decimal(60_000), Decimal(quantity))]


def test_only_money_that_differs_from_what_was_told_is_told_again() -> None:
    room = Room()
    assert room.ledger.compare(account_reply("100"), held("0.01"), VENUE_MS, is_first=True) == 0
    assert room.ledger.compare(account_reply("100"), held("0.01"), VENUE_MS + 1, is_first=False) == 0
    assert room.ledger.compare(account_reply("90"), [], VENUE_MS + 2, is_first=False) == 2
    assert [one.wallet for one in room.of(BalanceChange)] == [Decimal(90)]
    assert [one.position.quantity for one in room.of(PositionChange)] == [Decimal(0)]


def test_what_the_stream_told_after_the_question_is_believed() -> None:
    room = Room()
    room.ledger.take(account_event(VENUE_MS + 10, B=[USDT], P=[LONG]))
    assert room.ledger.compare(account_reply("1"), [], VENUE_MS + 5, is_first=False) == 0
