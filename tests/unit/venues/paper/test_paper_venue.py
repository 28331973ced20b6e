"""The paper venue beside its duties: delays, live prices, its feed, its end, and words for a "no"."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.clocks import HandClock
from tests.support.scripted_market import ScriptedMarket

from geobuk.data.recordings.tape import tape_market
from geobuk.domain.account import MarginMode
from geobuk.domain.bar import MarketEvent, MarkPrice, Quote, Trade
from geobuk.domain.errors import (
    DataError,
    OrderRefusedError,
    OutcomeUnknownError,
    SettingsError,
    UnknownNameError,
    UnsupportedError,
    VenueError,
)
from geobuk.domain.order import Fill, Liquidity, OrderRequest, OrderState, OrderStatus, OrderType, Side, TimeInForce
from geobuk.domain.updates import BalanceChange, ChangeReason, PositionChange, VenueUpdate
from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
from geobuk.matching.markets.latency import LatencyModel
from geobuk.matching.markets.replayed import ReplayMarket
from geobuk.matching.markets.rules import starting_rules
from geobuk.matching.refusals import Refusal, RefusedError
from geobuk.ops.clock import WallClock
from geobuk.venues.paper.refusals import refused
from geobuk.venues.paper.spec import PaperSpec
from geobuk.venues.paper.venue import PaperVenue

START = 1_791_354_600_000_000_000
MS = 1_000_000
SECOND = 1_000 * MS
BTC = starting_rules(("BTCUSDT",))


def order(name: str = "a", side: Side = Side.BUY, quantity: str = "0.01", price: str | None = None) -> OrderRequest:
    return OrderRequest(
        client_order_id=name,
        venue="paper",
        instrument="BTCUSDT",
        side=side,
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        quantity=Decimal(quantity),
        time_in_force=TimeInForce.GTC,
        reason="test",
        price=None if price is None else Decimal(price),
    )


def scripted(market: ScriptedMarket, bid: str = "60000", ask: str = "60001", at_ns: int = START) -> None:
    market.quote("BTCUSDT", at_ns, [(bid, "10")], [(ask, "10")], mark=bid)


def spec(**more: object) -> PaperSpec:
    return PaperSpec(deposits={"USDT": Decimal(10_000)}, **more)  # type: ignore[arg-type]


def on_stage(check: Callable[[PaperVenue, ScriptedMarket, HandClock], Awaitable[None]], **more: object) -> None:
    """A venue on a scripted market with a quote, for one check."""

    async def play() -> None:
        market, clock = ScriptedMarket(BTC, START), HandClock(START)
        scripted(market)
        venue = PaperVenue(clock, spec(**more), market=market)
        try:
            await check(venue, market, clock)
        finally:
            venue.close()

    asyncio.run(play())


async def told(venue: PaperVenue) -> list[VenueUpdate]:
    """What waits to be read. The venue must be at rest."""
    seen: list[VenueUpdate] = []

    async def read() -> None:
        async for update in venue.updates():
            seen.append(update)  # noqa: PERF401  (an extend would lose all when it is cancelled)

    task = asyncio.create_task(read())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return seen


def test_what_happened_before_the_first_reader_is_kept_for_it_and_told_once() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, __: HandClock) -> None:
        await venue.submit(order())
        first = await told(venue)
        assert [type(u) for u in first if isinstance(u, OrderState | Fill)] == [OrderState, Fill, OrderState]
        assert [u.status for u in first if isinstance(u, OrderState)] == [OrderStatus.NEW, OrderStatus.FILLED]
        assert {type(u) for u in first} == {OrderState, Fill, BalanceChange, PositionChange}
        assert await told(venue) == []

    on_stage(check)


def test_a_second_reader_at_once_is_refused() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, __: HandClock) -> None:
        reading = asyncio.create_task(anext(venue.updates()))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        with pytest.raises(VenueError, match="read already"):
            await anext(venue.updates())
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    on_stage(check)


def test_an_order_meets_the_market_as_it_is_when_it_arrives() -> None:
    async def check(venue: PaperVenue, market: ScriptedMarket, clock: HandClock) -> None:
        await venue.pump()
        market.quote("BTCUSDT", START + 3 * MS, [("60050", "10")], [("60051", "10")], mark="60050")
        sending = asyncio.create_task(venue.submit(order()))
        await asyncio.sleep(0)
        assert venue.next_due_ns() == START + 5 * MS
        for step in range(1, 8):
            clock.at_ns = START + step * MS
            await venue.pump()
            assert not sending.done()
        clock.at_ns = START + 8 * MS
        await venue.pump()
        state = await sending
        assert (state.average_price, state.at_ns) == (Decimal(60051), START + 5 * MS)

    on_stage(
        check,
        request_latency=lambda: LatencyModel.fixed(5 * MS),
        reply_latency=lambda: LatencyModel.fixed(3 * MS),
    )


def test_one_big_step_of_time_matches_as_many_small_ones() -> None:
    async def price_of(steps: list[int]) -> Decimal | None:
        clock = HandClock(START)
        venue = PaperVenue(
            clock,
            spec(request_latency=lambda: LatencyModel.fixed(700 * MS)),
            market=GeneratedMarket(BTC, GeneratedSpec(seed=5), START),
        )
        sending = asyncio.create_task(venue.submit(order(quantity="0.1")))
        await asyncio.sleep(0)
        for at in steps:
            clock.at_ns = START + at * MS
            await venue.pump()
        venue.close()
        return (await sending).average_price

    small = asyncio.run(price_of(list(range(10, 1_010, 10))))
    assert small == asyncio.run(price_of([1_000]))
    assert small is not None


def test_requests_keep_their_order_whatever_their_delays() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, clock: HandClock) -> None:
        names = [f"n{k}" for k in range(20)]
        sending = [asyncio.create_task(venue.submit(order(name, price="59000"))) for name in names]
        await asyncio.sleep(0)
        for _step in range(50):
            clock.at_ns += MS
            await venue.pump()
        states = [await task for task in sending]
        ids = [int(state.venue_order_id) for state in states]
        assert ids == sorted(ids)
        assert [u.client_order_id for u in await told(venue) if isinstance(u, OrderState)] == names

    on_stage(check, request_latency=lambda: LatencyModel.uniform(0, 20 * MS, seed=3))


def test_a_refusal_comes_back_after_its_delay_with_value_and_rule() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, clock: HandClock) -> None:
        sending = asyncio.create_task(venue.submit(order(price="59000.03")))
        await asyncio.sleep(0)
        assert not sending.done()
        clock.at_ns += 2 * MS
        await venue.pump()
        with pytest.raises(OrderRefusedError, match=r"59000\.03.*0\.1.*round it to the tick"):
            await sending

    on_stage(check, request_latency=lambda: LatencyModel.fixed(MS), reply_latency=lambda: LatencyModel.fixed(MS))


def test_closing_leaves_what_is_under_way_unknown_and_ends_the_readers() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, __: HandClock) -> None:
        sending = asyncio.create_task(venue.submit(order()))
        await asyncio.sleep(0)
        venue.close()
        with pytest.raises(OutcomeUnknownError, match="closed"):
            await sending
        assert [u async for u in venue.updates()] == []
        assert [e async for e in venue.feed.events(["BTCUSDT"])] == []

    on_stage(check, request_latency=lambda: LatencyModel.fixed(MS))


def quote(bid: str, ask: str, at_ns: int = START) -> Quote:
    return Quote("binance", "BTCUSDT", at_ns, Decimal(bid), Decimal(2), Decimal(ask), Decimal(3))


def test_live_prices_fill_paper_orders() -> None:
    async def play() -> None:
        clock = HandClock(START)
        venue = PaperVenue(clock, spec(), rules=BTC)
        mark = MarkPrice("binance", "BTCUSDT", START, Decimal("60000.123456"), Decimal("60000"), Decimal("0.0001"))
        venue.feed_market([quote("60000", "60001"), mark])
        bought = await venue.submit(order("buy", quantity="0.01"))
        assert bought.average_price == Decimal(60001)
        resting = await venue.submit(order("rest", quantity="0.01", price="59990"))
        assert resting.status is OrderStatus.NEW
        venue.feed_market([quote("59989", "59990"), quote("59980", "59985")])
        after = await venue.order("BTCUSDT", "rest")
        assert after is not None
        assert (after.status, after.average_price) == (OrderStatus.FILLED, Decimal(59990))
        venue.close()

    asyncio.run(play())


def test_live_trades_fill_a_resting_order_behind_the_queue() -> None:
    async def play() -> None:
        venue = PaperVenue(HandClock(START), spec(), rules=BTC)
        venue.feed_market([quote("60000", "60001"), MarkPrice("binance", "BTCUSDT", START, Decimal(60000))])
        await venue.submit(order("rest", quantity="0.01", price="60000"))
        trade = Trade("binance", "BTCUSDT", START, Decimal(60000), Decimal("1.5"), Side.SELL, 7)
        venue.feed_market([trade])
        before = await venue.order("BTCUSDT", "rest")
        venue.feed_market([trade._replace(trade_id=8)])
        after = await venue.order("BTCUSDT", "rest")
        assert before is not None
        assert after is not None
        assert (before.filled, after.filled) == (0, Decimal("0.01"))
        venue.close()

    asyncio.run(play())


def test_live_events_from_another_clock_or_instrument_do_no_harm() -> None:
    async def play() -> None:
        clock = HandClock(START)
        venue = PaperVenue(clock, spec(), rules=BTC)
        venue.feed_market([quote("60000", "60001", START + 3600 * SECOND)])
        assert venue.engine.at_ns == START
        venue.feed_market([quote("1", "2")._replace(instrument="XUSDT"), quote("60010", "60011", START - SECOND)])
        best = venue.engine.quote("BTCUSDT")
        assert best is not None
        assert (best.bid, best.bid_quantity, best.ask) == (Decimal(60010), Decimal(2), Decimal(60011))
        with pytest.raises(DataError, match=r"60000\.123"):
            venue.feed_market([quote("60000.123", "60001")])
        venue.close()

    asyncio.run(play())


async def gathered(venue: PaperVenue, clock: HandClock, names: list[str], steps: int) -> list[MarketEvent]:
    async def read() -> list[MarketEvent]:
        return [event async for event in venue.feed.events(names)]

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    for _ in range(steps):
        clock.at_ns += SECOND
        await venue.pump()
    venue.close()
    return await task


def test_the_feed_tells_prints_quotes_and_marks_in_order_and_without_a_gap() -> None:
    async def play() -> None:
        clock = HandClock(START)
        rules = starting_rules(("BTCUSDT", "ETHUSDT", "XRPUSDT"))
        venue = PaperVenue(clock, spec(), market=GeneratedMarket(rules, GeneratedSpec(seed=8), START))
        seen = await gathered(venue, clock, ["BTCUSDT", "ETHUSDT"], steps=30)
        assert {event.instrument for event in seen} == {"BTCUSDT", "ETHUSDT"}
        assert [event.at_ns for event in seen] == sorted(event.at_ns for event in seen)
        ids = [e.trade_id for e in seen if isinstance(e, Trade) and e.instrument == "BTCUSDT"]
        assert ids == list(range(ids[0], ids[0] + len(ids)))
        quotes = [event for event in seen if isinstance(event, Quote)]
        assert len(quotes) > 100
        assert all(one.bid < one.ask for one in quotes)
        marks = [event for event in seen if isinstance(event, MarkPrice) and event.instrument == "BTCUSDT"]
        assert len(marks) >= 29
        assert marks[-1].next_funding_ns is not None
        assert not venue.engine.reports_trades

    asyncio.run(play())


def test_the_feed_ends_with_its_recording() -> None:
    async def play() -> int:
        clock = HandClock(START)
        rows = GeneratedMarket(BTC, GeneratedSpec(seed=8), 0).until(3 * SECOND)[0][1]
        venue = PaperVenue(clock, spec(), market=ReplayMarket(BTC, {"BTCUSDT": rows}, START))
        count = 0

        async def read() -> None:
            nonlocal count
            async for _ in venue.feed.events(["BTCUSDT"]):
                count += 1

        task = asyncio.create_task(read())
        await asyncio.sleep(0)
        for _ in range(5):
            clock.at_ns += SECOND
            await venue.pump()
        await task
        venue.close()
        return count

    assert asyncio.run(play()) > 10


def test_the_feed_knows_its_instruments() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, __: HandClock) -> None:
        with pytest.raises(UnknownNameError, match="did you mean BTCUSDT"):
            await anext(venue.feed.events(["BTCUSD"]))  # type: ignore[arg-type]

    on_stage(check)


def test_run_keeps_up_with_the_wall_clock_and_tells_of_its_failure() -> None:
    async def play() -> None:
        clock = WallClock()
        market = GeneratedMarket(BTC, GeneratedSpec(seed=2), clock.now_ns())
        latency = LatencyModel.uniform(MS, 3 * MS, seed=1)
        venue = PaperVenue(clock, spec(request_latency=lambda: latency, poll_s=0.001), market=market)
        running = asyncio.create_task(venue.run())
        state = await asyncio.wait_for(venue.submit(order()), 30)
        assert state.status is OrderStatus.FILLED
        market.until = lambda _: 1 / 0  # type: ignore[assignment, method-assign, return-value]
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(running, 30)
        with pytest.raises(ZeroDivisionError):
            async for _ in venue.updates():
                pass
        venue.close()

    asyncio.run(play())


def test_money_moves_only_by_deposit_profit_and_fee_on_a_wild_market() -> None:
    async def play() -> None:
        clock = HandClock(START)
        wild = GeneratedSpec(seed=4, calm_volatility=3.0, jumps_per_day=500.0)
        venue = PaperVenue(clock, spec(), market=GeneratedMarket(BTC, wild, START))
        for k in range(60):
            side = Side.BUY if k % 3 else Side.SELL
            await venue.submit(order(f"n{k}", side, "0.02"))
            clock.at_ns += 7 * SECOND
        updates = await told(venue)
        fills = [update for update in updates if isinstance(update, Fill)]
        assert len({fill.trade_id for fill in fills}) == len(fills)
        assert list(await venue.fills_since("BTCUSDT", START)) == fills
        wallet = (await venue.account()).wallet
        assert wallet == 10_000 + sum((fill.realized - fill.fee for fill in fills), Decimal(0))
        last = [u for u in updates if isinstance(u, BalanceChange) and u.currency == "USDT"][-1]
        assert (last.wallet, last.reason) == (wallet, ChangeReason.ORDER)
        (held,) = await venue.positions()
        assert held.quantity == sum(fill.side * fill.quantity for fill in fills)
        assert held.mark_price is not None
        assert held.leverage == 20
        venue.close()

    asyncio.run(play())


@pytest.mark.real_data
def test_a_quote_on_a_recorded_market_is_filled_by_its_takers(shared_data: Path) -> None:
    tape = shared_data / "payloads" / "binance" / "recorded_um_btcusdt_stream_20240808_first_20s.jsonl.gz"

    async def play() -> list[Fill]:
        clock = HandClock(START)
        venue = PaperVenue(clock, spec(), market=tape_market(tape, BTC, START))
        await venue.pump()
        for k in range(190):
            best = venue.engine.quote("BTCUSDT")
            assert best is not None
            if not await venue.open_orders("BTCUSDT"):
                resting = replace(order(f"n{k}", quantity="0.01", price=str(best.bid)), time_in_force=TimeInForce.GTX)
                await venue.submit(resting)
            clock.at_ns += 100 * MS
            await venue.pump()
        venue.close()
        return [update for update in await told(venue) if isinstance(update, Fill)]

    fills = asyncio.run(play())
    assert fills
    assert {fill.liquidity for fill in fills} == {Liquidity.MAKER}


def test_what_it_can_not_do_it_says() -> None:
    async def check(venue: PaperVenue, _: ScriptedMarket, __: HandClock) -> None:
        with pytest.raises(UnsupportedError, match="day"):
            await venue.submit(replace(order(price="59000"), time_in_force=TimeInForce.DAY))
        with pytest.raises(UnsupportedError, match="cash"):
            await venue.set_margin_mode("BTCUSDT", MarginMode.CASH)
        with pytest.raises(OrderRefusedError, match="-1"):
            await venue.set_dead_man_switch("BTCUSDT", -1)
        with pytest.raises(OrderRefusedError, match="does not list NOPE"):
            await venue.cancel_all("NOPE")
        waiting = replace(order("w"), type=OrderType.STOP_MARKET, stop_price=Decimal(61000))
        await venue.submit(waiting)
        with pytest.raises(OrderRefusedError, match="conditional"):
            await venue.amend("BTCUSDT", "w", Decimal("0.02"), Decimal(59000))
        assert (await venue.cancel("BTCUSDT", "w")).status is OrderStatus.CANCELED

    on_stage(check)


def test_a_spec_or_a_venue_without_sense_is_refused() -> None:
    with pytest.raises(SettingsError, match="deposit of -1 USDT"):
        PaperSpec(deposits={"USDT": Decimal(-1)})
    with pytest.raises(SettingsError, match="poll_s 0"):
        PaperSpec(poll_s=0)
    with pytest.raises(SettingsError, match="name"):
        PaperSpec(name="")
    with pytest.raises(SettingsError, match="no instrument"):
        PaperVenue(HandClock(START))


@pytest.mark.parametrize("reason", list(Refusal))
def test_every_refusal_names_value_and_limit_and_has_a_cure(reason: Refusal) -> None:
    told_ = refused("order a", RefusedError(reason, "no", value="7.5", limit="3.25"))
    assert "order a: no (value 7.5, limit 3.25)" in str(told_)
    is_settled = reason in {Refusal.MARGIN_MODE_SAME, Refusal.POSITION_MODE_SAME}
    assert is_settled or "look up" not in told_.cure
