"""What falls due comes after everything before it, in every instrument, however far time goes at once."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from tests.support.clocks import HandClock
from tests.support.scripted_market import ScriptedMarket

from geobuk.domain.order import OrderRequest, OrderState, OrderStatus, OrderType, Side, TimeInForce
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.markets.rules import starting_rules
from geobuk.venues.paper.spec import PaperSpec
from geobuk.venues.paper.venue import PaperVenue

MS = 1_000_000
SECOND = 1_000 * MS
FUNDING = 1_791_360_000 * SECOND
BUY = OrderRequest(
    client_order_id="a",
    venue="paper",
    instrument="ETHUSDT",
    side=Side.BUY,
    type=OrderType.LIMIT,
    quantity=Decimal(1),
    time_in_force=TimeInForce.GTC,
    reason="test",
    price=Decimal(2_990),
)


class Stage:
    """BTCUSDT, whose rows come first, and ETHUSDT, in which an order rests below the market."""

    def __init__(self) -> None:
        self.clock = HandClock(FUNDING - SECOND)
        self.begun = self.clock.at_ns
        self.market = ScriptedMarket(starting_rules(("BTCUSDT", "ETHUSDT")), self.begun)
        self.market.quote("BTCUSDT", self.begun, [("60000", "10")], [("60001", "10")], mark="60000")
        self.market.quote("ETHUSDT", self.begun, [("3000", "10")], [("3001", "10")], mark="3000")
        self.market.rate("ETHUSDT", self.begun, "0.0001")
        self.venue = PaperVenue(self.clock, PaperSpec(deposits={"USDT": Decimal(10_000)}), market=self.market)

    async def pass_time(self, after_ns: int) -> OrderState:
        self.clock.at_ns = self.begun + after_ns
        await self.venue.pump()
        found = await self.venue.order("ETHUSDT", "a")
        assert found is not None
        return found


def test_a_fill_before_the_dead_man_switch_counts_though_another_instrument_is_ahead() -> None:
    async def play() -> None:
        stage = Stage()
        await stage.venue.submit(BUY)
        await stage.venue.set_dead_man_switch("ETHUSDT", 0.5)
        stage.market.mark("BTCUSDT", stage.begun + 900 * MS, "60000")
        stage.market.trade("ETHUSDT", stage.begun + 300 * MS, "2980", "20", Side.SELL)
        assert (await stage.pass_time(SECOND - MS)).status is OrderStatus.FILLED
        stage.venue.close()

    asyncio.run(play())


def test_a_fill_after_the_dead_man_switch_does_not_happen() -> None:
    async def play() -> None:
        stage = Stage()
        await stage.venue.submit(BUY)
        await stage.venue.set_dead_man_switch("ETHUSDT", 0.5)
        stage.market.mark("BTCUSDT", stage.begun + 100 * MS, "60000")
        stage.market.trade("ETHUSDT", stage.begun + 500 * MS, "2980", "20", Side.SELL)
        assert (await stage.pass_time(SECOND - MS)).status is OrderStatus.CANCELED
        stage.venue.close()

    asyncio.run(play())


def test_funding_is_of_what_was_held_at_its_time_and_at_the_mark_of_then() -> None:
    async def play() -> None:
        stage = Stage()
        await stage.venue.submit(replace(BUY))
        stage.market.mark("BTCUSDT", FUNDING, "60000")
        stage.market.trade("ETHUSDT", FUNDING - 300 * MS, "2980", "20", Side.SELL)
        stage.market.mark("ETHUSDT", FUNDING - 200 * MS, "3100")
        stage.market.mark("ETHUSDT", FUNDING + 200 * MS, "3200")
        await stage.pass_time(2 * SECOND)
        ledger = stage.venue.engine.account(stage.venue.spec.account_name).ledger
        paid = [entry.amount for entry in ledger if entry.kind is EntryKind.FUNDING]
        assert paid == [Decimal("-0.31")]
        stage.venue.close()

    asyncio.run(play())
