"""Questions about an account: every trade is read, however the venue cuts its pages, and no clock of ours hides one."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import pytest
from tests.support.binance_orders import VENUE_MS, limits
from tests.support.binance_wire import QUICK, ScriptedTransport, ok, refused

from geobuk.domain.errors import NetworkError
from geobuk.domain.order import Fill
from geobuk.domain.updates import VenueUpdate
from geobuk.venues.binance import reading
from geobuk.venues.binance.account_ledger import AccountLedger
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.orders import TradeRow
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.recovery import Recovery
from geobuk.venues.binance.rest import BinanceRest

T = TypeVar("T")


class CreepingClock:
    def __init__(self) -> None:
        self.at_ns = VENUE_MS * 1_000_000

    def now_ns(self) -> int:
        self.at_ns += 1_000
        return self.at_ns


class Room:
    def __init__(self) -> None:
        self.clock = CreepingClock()
        self.wire = ScriptedTransport(server_ms=VENUE_MS)
        self.rest = BinanceRest(replace(QUICK, recv_window_ms=60_000), self.wire, self.clock, ApiCredentials("k", "s"))
        self.known = KnownOrders()
        self.told: list[VenueUpdate] = []
        rule = limits()
        self.reader = AccountReader(self.rest, self.known, lambda _: rule.symbol_param)
        self.ledger = AccountLedger("binance", self.known, self.emit)
        self.recovery = Recovery(self.rest, self.reader, self.known, self.ledger)

    def emit(self, update: VenueUpdate) -> bool:
        self.told.append(update)
        return True

    def run(self, work: Awaitable[T]) -> T:
        async def main() -> T:
            return await work

        return asyncio.run(main())


def trade(number: int, side: str = "BUY", at_ms: int = VENUE_MS, order: int = 7) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "id": number, "orderId": order, "side": side, "price": "60000.0", "qty": "0.010",
        "realizedPnl": "0", "commission": "0.3", "commissionAsset": "USDT", "time": at_ms, "maker": side == "SELL",
        "buyer": side == "BUY",
    }  # fmt: skip


def test_both_sides_of_a_trade_with_ourselves_are_read() -> None:
    room = Room()
    room.wire.script("GET userTrades", ok([trade(1), trade(2, "BUY"), trade(2, "SELL", order=8)]), ok([]))
    rows = room.run(room.reader.trades_since("BTCUSDT", VENUE_MS - 1_000))
    assert [(row.id, row.side) for row in rows] == [(1, "BUY"), (2, "BUY"), (2, "SELL")]


def test_a_page_that_ends_between_the_sides_of_a_trade_loses_neither(monkeypatch: Any) -> None:
    room = Room()
    monkeypatch.setattr(reading, "_TRADES_A_CALL", 2)
    both = [trade(2, "BUY"), trade(2, "SELL", order=8)]
    room.wire.script("GET userTrades", ok([trade(1), both[0]]), ok(both), ok([both[0]]))
    rows = room.run(room.reader.trades_since("BTCUSDT", VENUE_MS - 1_000))
    assert [(row.id, row.side) for row in rows] == [(1, "BUY"), (2, "BUY"), (2, "SELL")]
    assert len(room.wire.calls("GET userTrades")) < 5


def test_a_clock_of_ours_that_leapt_hides_no_fill_from_the_next_recovery() -> None:
    room = Room()
    room.known.instruments.add("BTCUSDT")
    for call in ("openOrders", "openAlgoOrders", "positionRisk", "symbolConfig"):
        room.wire.script(f"GET {call}", ok([]))
    room.wire.script("GET account", ok(ACCOUNT))
    room.wire.script("GET order", ok({**ORDER}))

    async def act() -> None:
        await room.rest.sync_clock()
        await room.recovery.baseline()
        room.wire.script("GET userTrades", ok([]))
        room.clock.at_ns += 600 * 10**9  # the machine's clock is set, and nobody has asked the venue's since
        await room.recovery.run(is_wide=True)
        room.wire.server_ms += 2_000
        missed = trade(5, at_ms=VENUE_MS + 1_000)

        async def answer(*call: Any) -> Any:
            url = str(call[1])
            if "/userTrades" not in url:
                return await send(*call)
            start = int(url.partition("startTime=")[2].partition("&")[0])
            return ok([missed] if start <= missed["time"] else [])

        send, room.wire.send = room.wire.send, answer  # type: ignore[method-assign]
        await room.recovery.run(is_wide=True)

    room.run(act())
    assert [one.trade_id for one in room.told if isinstance(one, Fill)] == ["5"]


def test_fills_in_an_instrument_that_nobody_knew_of_are_told_with_its_position() -> None:
    room = Room()
    for call in ("openOrders", "openAlgoOrders", "positionRisk", "userTrades"):
        room.wire.script(f"GET {call}", ok([]))
    room.wire.script("GET account", ok(ACCOUNT))
    room.wire.script("GET order", ok({**ORDER, "symbol": "ETHUSDT"}))
    amounts = {"markPrice": "0", "unRealizedProfit": "0", "liquidationPrice": "0", "notional": "0", "updateTime": 1}
    held = {**amounts, "symbol": "ETHUSDT", "positionSide": "BOTH", "positionAmt": "0.010", "entryPrice": "60000"}

    async def act() -> None:
        await room.rest.sync_clock()
        await room.recovery.baseline()
        room.wire.server_ms += 600_000  # a long time without a stream
        room.wire.script("GET positionRisk", ok([held]))
        room.wire.script("GET userTrades", ok([{**trade(5, at_ms=VENUE_MS + 1_000), "symbol": "ETHUSDT"}]))
        await room.recovery.run(is_wide=True)
        room.wire.server_ms += 600_000
        await room.recovery.run(is_wide=True)

    room.run(act())
    assert [(one.instrument, one.trade_id) for one in room.told if isinstance(one, Fill)] == [("ETHUSDT", "5")]


def test_a_fresh_fill_waits_until_its_order_can_be_asked_for() -> None:
    """The venue's own queries lag: a fill told without its order's id would stay so for ever."""
    room = Room()
    fresh = trade(5, at_ms=VENUE_MS)
    room.wire.script("GET order", refused(-2013), ok(ORDER))
    rows = [msgspec.convert(fresh, TradeRow, strict=False)]
    with pytest.raises(NetworkError, match="does not show order 7"):
        room.run(room.reader.fills_of(rows))
    (fill,) = room.run(room.reader.fills_of(rows))
    assert fill.client_order_id == "a-1"


def test_an_old_fill_whose_order_the_venue_forgot_is_told_without_its_id() -> None:
    room = Room()
    room.wire.script("GET order", refused(-2013))
    rows = [msgspec.convert(trade(5, at_ms=VENUE_MS - 60_000), TradeRow, strict=False)]
    (fill,) = room.run(room.reader.fills_of(rows))
    assert fill.client_order_id == ""


ORDER = {
    "orderId": 7, "symbol": "BTCUSDT", "status": "FILLED", "clientOrderId": "a-1", "price": "60000.0",
    "origQty": "0.010", "executedQty": "0.010", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
    "positionSide": "BOTH", "stopPrice": "0", "updateTime": VENUE_MS + 1_000,
}  # fmt: skip
ZEROS = dict.fromkeys(
    (
        "totalInitialMargin", "totalMaintMargin", "totalWalletBalance", "totalUnrealizedProfit", "totalMarginBalance",
        "totalPositionInitialMargin", "totalOpenOrderInitialMargin", "totalCrossWalletBalance", "totalCrossUnPnl",
        "availableBalance", "maxWithdrawAmount",
    ),
    "0",
)  # fmt: skip
ACCOUNT: dict[str, Any] = {**ZEROS, "assets": [], "positions": []}
