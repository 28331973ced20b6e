"""The numbered list of what every venue must do. A duty asks only of the port; ``needs`` says which venues have it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from geobuk.domain.account import MarginMode
from geobuk.domain.bar import MarkPrice, Quote, Trade
from geobuk.domain.capabilities import Capabilities
from geobuk.domain.errors import OrderRefusedError, UnsupportedError
from geobuk.domain.order import (
    Liquidity,
    OrderState,
    OrderStatus,
    OrderType,
    PositionSide,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerSource,
)
from geobuk.domain.updates import BalanceChange, ChangeReason, PositionChange
from tests.conformance.stage import Stage

Check = Callable[[Stage], Awaitable[None]]
Needs = Callable[[Capabilities], bool]


@dataclass(frozen=True)
class Duty:
    """One line of the list."""

    number: int
    title: str
    check: Check
    needs: Needs


DUTIES: list[Duty] = []


def duty(title: str, needs: Needs = lambda _: True) -> Callable[[Check], Check]:
    """Put a check on the list, under the next number."""

    def keep(check: Check) -> Check:
        DUTIES.append(Duty(len(DUTIES) + 1, title, check, needs))
        return check

    return keep


def _has_type(*types: OrderType) -> Needs:
    return lambda can: can.order_types.issuperset(types)


def _has_time(*times: TimeInForce) -> Needs:
    return lambda can: can.times_in_force.issuperset(times)


def _can_isolate(can: Capabilities) -> bool:
    return can.can_isolate_margin


@duty("names its instruments with their rules")
async def _(stage: Stage) -> None:
    mine = next(i for i in await stage.venue.instruments() if i.name == stage.instrument)
    assert mine.ticks[0].tick == stage.tick
    assert mine.step == stage.step
    assert mine.min_notional > 0
    assert mine.taker_fee > 0


@duty("shows the account as it was funded, and nothing held")
async def _(stage: Stage) -> None:
    account = await stage.venue.account()
    assert account.wallet == account.equity == account.buying_power == stage.deposit
    assert account.initial_margin == account.maintenance_margin == 0
    assert list(await stage.venue.positions()) == []


@duty("rests a limit order and tells that it is new")
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "0.1", "59000")
    state = await stage.venue.submit(order)
    assert (state.status, state.client_order_id, state.filled) == (OrderStatus.NEW, order.client_order_id, 0)
    await stage.until(lambda: [s.status for s in stage.states(order.client_order_id)] == [OrderStatus.NEW])
    resting = await stage.venue.open_orders(stage.instrument)
    assert [(o.client_order_id, o.price, o.quantity) for o in resting] == [
        (order.client_order_id, Decimal(59000), Decimal("0.1"))
    ]


@duty("cancels a resting order, once")
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "0.1", "59000")
    await stage.venue.submit(order)
    ended = await stage.venue.cancel(stage.instrument, order.client_order_id)
    assert ended.status is OrderStatus.CANCELED
    await stage.until(lambda: _has_ended(stage, order.client_order_id))
    assert list(await stage.venue.open_orders(stage.instrument)) == []
    with pytest.raises(OrderRefusedError):
        await stage.venue.cancel(stage.instrument, order.client_order_id)


@duty("fills a market order at the book, tells each fill once, and charges the taker's fee")
async def _(stage: Stage) -> None:
    order = await stage.open_long("12")
    fills = stage.fills(order.client_order_id)
    assert [(f.price, f.quantity) for f in fills] == [(Decimal(60001), Decimal(10)), (Decimal(60002), Decimal(2))]
    assert len({fill.trade_id for fill in fills}) == len(fills)
    assert {fill.liquidity for fill in fills} == {Liquidity.TAKER}
    taker = next(i for i in await stage.venue.instruments() if i.name == stage.instrument).taker_fee
    assert sum(f.fee for f in fills) == taker * sum(f.price * f.quantity for f in fills)
    position = await stage.position()
    assert position is not None
    assert position.quantity == 12


@duty("sends an order once, though its fill has freed its id at the venue, and a refused one again")
async def _(stage: Stage) -> None:
    order = await stage.open_long("0.1")
    with pytest.raises(OrderRefusedError, match="was sent before"):
        await stage.venue.submit(order)
    position = await stage.position()
    assert position is not None
    assert position.quantity == Decimal("0.1")
    too_large = stage.request(Side.BUY, "100", "59000")
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(too_large)
    smaller = replace(too_large, quantity=Decimal("0.1"))
    assert (await stage.venue.submit(smaller)).status is OrderStatus.NEW


@duty("fills a resting order when the market trades through it, and charges the maker's fee")
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "0.1", "59990")
    await stage.venue.submit(order)
    await stage.trade("59980", "5", Side.SELL)
    await stage.until(lambda: stage.fills(order.client_order_id))
    (fill,) = stage.fills(order.client_order_id)
    assert (fill.price, fill.quantity, fill.liquidity) == (Decimal(59990), Decimal("0.1"), Liquidity.MAKER)
    maker = next(i for i in await stage.venue.instruments() if i.name == stage.instrument).maker_fee
    assert fill.fee == maker * fill.price * fill.quantity


@duty("lets those who were first at a price be first")
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "1", "60000")
    await stage.venue.submit(order)
    await stage.trade("60000", "9", Side.SELL)
    await stage.venue.open_orders(stage.instrument)
    assert stage.fills() == []
    await stage.trade("60000", "1.4", Side.SELL)
    await stage.until(stage.fills)
    assert [fill.quantity for fill in stage.fills()] == [Decimal("0.4")]


@duty("fills in parts and counts them", needs=lambda can: OrderType.LIMIT in can.order_types)
async def _(stage: Stage) -> None:
    order = stage.request(Side.SELL, "12", "60001")
    await stage.venue.submit(order)
    await stage.trade("60001", "13", Side.BUY)
    await stage.until(stage.fills)
    state = await stage.venue.order(stage.instrument, order.client_order_id)
    assert state is not None
    assert (state.status, state.filled, state.remaining) == (OrderStatus.PARTIALLY_FILLED, Decimal(3), Decimal(9))


@duty("refuses a post-only order that would take, and keeps no trace of it", needs=_has_time(TimeInForce.GTX))
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "0.1", "60001", time_in_force=TimeInForce.GTX)
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(order)
    assert list(await stage.venue.open_orders(stage.instrument)) == []
    assert await stage.position() is None


@duty("expires what an IOC order could not take", needs=_has_time(TimeInForce.IOC))
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "11", "60001", time_in_force=TimeInForce.IOC)
    await stage.venue.submit(order)
    await stage.until(lambda: _has_ended(stage, order.client_order_id))
    last = stage.states(order.client_order_id)[-1]
    assert (last.status, last.filled) == (OrderStatus.EXPIRED, Decimal(10))


def _has_ended(stage: Stage, client_order_id: str) -> bool:
    told = stage.states(client_order_id)
    return bool(told) and not told[-1].status.is_open


@duty("refuses an FOK order that can't fill whole", needs=_has_time(TimeInForce.FOK))
async def _(stage: Stage) -> None:
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(stage.request(Side.BUY, "11", "60001", time_in_force=TimeInForce.FOK))
    assert await stage.position() is None
    await stage.venue.submit(stage.request(Side.BUY, "10", "60001", time_in_force=TimeInForce.FOK))
    await stage.until(stage.fills)


@duty("ends a GTD order at its time", needs=_has_time(TimeInForce.GTD))
async def _(stage: Stage) -> None:
    ends = stage.clock.at_ns + 900 * 10**9
    order = stage.request(Side.BUY, "0.1", "59000", time_in_force=TimeInForce.GTD, good_till_ns=ends)
    await stage.venue.submit(order)
    await stage.wait(800)
    assert len(await stage.venue.open_orders(stage.instrument)) == 1
    await stage.wait(101)
    assert list(await stage.venue.open_orders(stage.instrument)) == []


@duty("amends a resting order, which then stands behind", needs=lambda can: can.can_amend)
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "0.1", "59000")
    await stage.venue.submit(order)
    await stage.venue.amend(stage.instrument, order.client_order_id, Decimal("0.2"), Decimal(59500))
    (resting,) = await stage.venue.open_orders(stage.instrument)
    assert (resting.client_order_id, resting.quantity, resting.price) == (
        order.client_order_id,
        Decimal("0.2"),
        Decimal(59500),
    )


@duty("never lets a reduce-only order open or turn a position", needs=lambda can: can.can_reduce_only)
async def _(stage: Stage) -> None:
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(stage.request(Side.SELL, "0.1", is_reduce_only=True))
    await stage.open_long("0.1")
    order = stage.request(Side.SELL, "0.3", is_reduce_only=True)
    await stage.venue.submit(order)
    await stage.until(lambda: stage.fills(order.client_order_id))
    assert sum(fill.quantity for fill in stage.fills(order.client_order_id)) == Decimal("0.1")
    assert await stage.position() is None


@duty("triggers a stop and tells what came of it", needs=_has_type(OrderType.STOP_MARKET))
async def _(stage: Stage) -> None:
    await stage.open_long("0.1")
    stop = stage.request(Side.SELL, "0.1", type=OrderType.STOP_MARKET, stop_price="59500", is_reduce_only=True)
    state = await stage.venue.submit(stop)
    assert state.status is OrderStatus.WAITING
    assert [o.client_order_id for o in await stage.venue.open_orders(stage.instrument)] == [stop.client_order_id]
    await stage.quote("59400", "59401")
    await stage.trade("59400", "1", Side.SELL)
    await stage.until(lambda: stage.fills(stop.client_order_id))
    (fill,) = stage.fills(stop.client_order_id)
    assert (fill.price, fill.quantity) == (Decimal(59400), Decimal("0.1"))
    assert await stage.position() is None
    last = await stage.venue.order(stage.instrument, stop.client_order_id)
    assert last is not None
    assert last.status is OrderStatus.FILLED


@duty("triggers on the mark where asked to", needs=lambda can: TriggerSource.MARK in can.trigger_sources)
async def _(stage: Stage) -> None:
    await stage.open_long("0.1")
    stop = stage.request(
        Side.SELL, "0.1", type=OrderType.STOP_MARKET, stop_price="59500", trigger_source=TriggerSource.MARK
    )
    await stage.venue.submit(stop)
    await stage.trade("59400", "0.1", Side.SELL)
    assert len(await stage.venue.open_orders(stage.instrument)) == 1
    await stage.quote("59990", "60001", mark="59499")
    await stage.until(lambda: stage.fills(stop.client_order_id))


@duty("triggers a take-profit", needs=_has_type(OrderType.TAKE_PROFIT_MARKET))
async def _(stage: Stage) -> None:
    await stage.open_long("0.1")
    exit_ = stage.request(Side.SELL, "0.1", type=OrderType.TAKE_PROFIT_MARKET, stop_price="60500", is_reduce_only=True)
    await stage.venue.submit(exit_)
    await stage.quote("60600", "60601")
    await stage.trade("60600", "1", Side.BUY)
    await stage.until(lambda: stage.fills(exit_.client_order_id))
    assert stage.fills(exit_.client_order_id)[0].realized == Decimal("0.1") * (60600 - 60001)


@duty("rests a stop-limit at its limit once triggered", needs=_has_type(OrderType.STOP_LIMIT))
async def _(stage: Stage) -> None:
    stop = stage.request(Side.BUY, "0.1", "60100", type=OrderType.STOP_LIMIT, stop_price="60500")
    await stage.venue.submit(stop)
    await stage.quote("60600", "60601")
    await stage.trade("60600", "1", Side.BUY)

    async def rests() -> bool:
        found = await stage.venue.order(stage.instrument, stop.client_order_id)
        return found is not None and found.status is OrderStatus.NEW and found.price == Decimal(60100)

    await stage.until_async(rests)
    assert stage.fills(stop.client_order_id) == []


@duty("trails a stop behind the best price", needs=_has_type(OrderType.TRAILING_STOP))
async def _(stage: Stage) -> None:
    await stage.open_long("0.1")
    trail = stage.request(
        Side.SELL, "0.1", type=OrderType.TRAILING_STOP, callback_rate=Decimal("0.01"), is_reduce_only=True
    )
    await stage.venue.submit(trail)
    await stage.quote("61000", "61001")
    await stage.trade("61000", "0.1", Side.BUY)
    await stage.quote("60400", "60401")
    await stage.trade("60400", "0.1", Side.SELL)
    assert stage.fills(trail.client_order_id) == []
    await stage.quote("60380", "60381")
    await stage.trade("60380", "0.1", Side.SELL)
    await stage.until(lambda: stage.fills(trail.client_order_id))


@duty("closes all that is held with one close-position stop", needs=lambda can: can.can_close_position)
async def _(stage: Stage) -> None:
    await stage.open_long("0.3")
    stop = stage.request(Side.SELL, "0", type=OrderType.STOP_MARKET, stop_price="59500", is_close_position=True)
    await stage.venue.submit(stop)
    await stage.quote("59400", "59401")
    await stage.trade("59400", "1", Side.SELL)
    await stage.until(lambda: stage.fills(stop.client_order_id))
    assert await stage.position() is None


@duty("refuses a stop that would trigger at once", needs=_has_type(OrderType.STOP_MARKET))
async def _(stage: Stage) -> None:
    await stage.trade("60000", "0.1", Side.SELL)
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(stage.request(Side.SELL, "0.1", type=OrderType.STOP_MARKET, stop_price="61000"))


@duty("refuses a price off the tick, naming value and rule")
async def _(stage: Stage) -> None:
    with pytest.raises(OrderRefusedError, match=r"59000\.03.*0\.1"):
        await stage.venue.submit(stage.request(Side.BUY, "0.1", "59000.03"))


@duty("refuses a quantity off the step, naming value and rule")
async def _(stage: Stage) -> None:
    with pytest.raises(OrderRefusedError, match=r"0\.0015.*0\.001"):
        await stage.venue.submit(stage.request(Side.BUY, "0.0015", "59000"))


@duty("refuses an order below the least notional, naming value and rule")
async def _(stage: Stage) -> None:
    least = next(i for i in await stage.venue.instruments() if i.name == stage.instrument).min_notional
    assert least == 50
    with pytest.raises(OrderRefusedError, match=r"30\b.*\b50\b"):
        await stage.venue.submit(stage.request(Side.BUY, "0.001", "30000"))


@duty("refuses what the wallet can't carry")
async def _(stage: Stage) -> None:
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(stage.request(Side.BUY, "90", "59000"))
    assert (await stage.venue.account()).buying_power == stage.deposit


@duty("refuses an instrument that it does not know")
async def _(stage: Stage) -> None:
    with pytest.raises(OrderRefusedError, match="NOSUCH"):
        await stage.venue.submit(replace(stage.request(Side.BUY, "0.1", "59000"), instrument="NOSUCHUSDT"))


@duty("knows nothing of an order that never was")
async def _(stage: Stage) -> None:
    assert await stage.venue.order(stage.instrument, "never-was") is None
    with pytest.raises(OrderRefusedError):
        await stage.venue.cancel(stage.instrument, "never-was")


@duty("refuses a client order id that is in use")
async def _(stage: Stage) -> None:
    order = stage.request(Side.BUY, "0.1", "59000")
    await stage.venue.submit(order)
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(order)
    assert len(await stage.venue.open_orders(stage.instrument)) == 1


@duty("cancels every order of an instrument, waiting ones included")
async def _(stage: Stage) -> None:
    await stage.venue.submit(stage.request(Side.BUY, "0.1", "59000"))
    await stage.venue.submit(stage.request(Side.SELL, "0.1", "61000"))
    if OrderType.STOP_MARKET in stage.venue.capabilities.order_types:
        await stage.venue.submit(stage.request(Side.BUY, "0.1", type=OrderType.STOP_MARKET, stop_price="62000"))
    await stage.venue.cancel_all(stage.instrument)
    assert list(await stage.venue.open_orders(stage.instrument)) == []


@duty("cancels by itself when the dead-man switch is not fed", needs=lambda can: can.has_dead_man_switch)
async def _(stage: Stage) -> None:
    await stage.venue.submit(stage.request(Side.BUY, "0.1", "59000"))
    await stage.venue.set_dead_man_switch(stage.instrument, 30.0)
    await stage.wait(20)
    await stage.venue.set_dead_man_switch(stage.instrument, 30.0)
    await stage.wait(20)
    assert len(await stage.venue.open_orders(stage.instrument)) == 1
    await stage.wait(11)

    async def gone() -> bool:
        return not await stage.venue.open_orders(stage.instrument)

    await stage.until_async(gone)


@duty("sets leverage, again without complaint", needs=lambda can: can.can_set_leverage)
async def _(stage: Stage) -> None:
    for _again in range(2):
        await stage.venue.set_leverage(stage.instrument, 5)
    await stage.open_long("0.5")
    account = await stage.venue.account()
    assert account.initial_margin == Decimal("0.5") * Decimal("60000.5") / 5
    with pytest.raises(OrderRefusedError):
        await stage.venue.set_leverage(stage.instrument, 1000)


@duty("gives an isolated position a wallet of its own", needs=lambda can: can.can_isolate_margin)
async def _(stage: Stage) -> None:
    for _again in range(2):
        await stage.venue.set_margin_mode(stage.instrument, MarginMode.ISOLATED)
    await stage.venue.set_leverage(stage.instrument, 10)
    await stage.open_long("0.1")
    position = await stage.position()
    assert position is not None
    assert position.isolated_wallet is not None
    assert Decimal(500) < position.isolated_wallet < Decimal(700)
    with pytest.raises(OrderRefusedError):
        await stage.venue.set_margin_mode(stage.instrument, MarginMode.CROSS)


@duty("takes over an isolated position whose margin is gone, and leaves the rest alone", needs=_can_isolate)
async def _(stage: Stage) -> None:
    await stage.venue.set_margin_mode(stage.instrument, MarginMode.ISOLATED)
    await stage.venue.set_leverage(stage.instrument, 10)
    opened = await stage.open_long("1")
    held = await stage.position()
    assert held is not None
    assert held.liquidation_price is not None
    assert Decimal(54000) < held.liquidation_price < Decimal(55000)
    await stage.quote("53999", "54000")

    async def gone() -> bool:
        return await stage.position() is None

    await stage.until_async(gone)
    await stage.until(lambda: len(stage.fills()) > len(stage.fills(opened.client_order_id)))
    forced = [fill for fill in stage.fills() if fill.client_order_id != opened.client_order_id]
    assert sum(fill.quantity * int(fill.side) for fill in forced) == -1
    wallet = (await stage.venue.account()).wallet
    assert stage.deposit - Decimal(6_100) < wallet < stage.deposit - Decimal(5_900)


@duty("holds two legs of one instrument in hedge mode, and closes each by itself", needs=lambda can: can.can_hedge)
async def _(stage: Stage) -> None:
    for _again in range(2):
        await stage.venue.set_hedged(True)
    long = stage.request(Side.BUY, "0.3", position_side=PositionSide.LONG)
    short = stage.request(Side.SELL, "0.2", position_side=PositionSide.SHORT)
    for order in (long, short):
        await stage.venue.submit(order)
    await stage.until(lambda: len(stage.fills()) == 2)
    held = {p.side: p.quantity for p in await stage.venue.positions()}
    assert held == {PositionSide.LONG: Decimal("0.3"), PositionSide.SHORT: Decimal("-0.2")}
    with pytest.raises(OrderRefusedError):
        await stage.venue.set_hedged(False)
    with pytest.raises(OrderRefusedError):
        await stage.venue.submit(stage.request(Side.BUY, "0.1"))
    out = stage.request(Side.BUY, "0.2", position_side=PositionSide.SHORT)
    await stage.venue.submit(out)
    await stage.until(lambda: stage.fills(out.client_order_id))
    assert [(p.side, p.quantity) for p in await stage.venue.positions()] == [(PositionSide.LONG, Decimal("0.3"))]


@duty("holds a short below zero", needs=lambda can: can.can_short)
async def _(stage: Stage) -> None:
    order = stage.request(Side.SELL, "0.2")
    await stage.venue.submit(order)
    await stage.until(lambda: stage.fills(order.client_order_id))
    position = await stage.position()
    assert position is not None
    assert (position.quantity, position.entry_price) == (Decimal("-0.2"), Decimal(60000))


@duty("pays and takes funding at its stamp", needs=lambda can: can.pays_funding)
async def _(stage: Stage) -> None:
    await stage.open_long("0.5")
    before = (await stage.venue.account()).wallet
    stage.market.rate(stage.instrument, stage.clock.at_ns, "0.0001")
    await stage.pump()
    await stage.wait(150)
    await stage.until(
        lambda: [u for u in stage.updates if isinstance(u, BalanceChange) and u.reason.value == "funding"]
    )
    paid = (await stage.venue.account()).wallet - before
    assert paid == -Decimal("0.5") * Decimal("60000.5") * Decimal("0.0001")


@duty("keeps two orders of ours from meeting", needs=lambda can: bool(can.self_trade_prevention))
async def _(stage: Stage) -> None:
    maker = stage.request(Side.BUY, "0.1", "60000.5")
    await stage.venue.submit(maker)
    taker = stage.request(Side.SELL, "0.1", "60000.5", self_trade_prevention=SelfTradePrevention.EXPIRE_TAKER)
    await stage.venue.submit(taker)
    await stage.until(lambda: _has_ended(stage, taker.client_order_id))
    assert stage.fills() == []
    assert [o.client_order_id for o in await stage.venue.open_orders(stage.instrument)] == [maker.client_order_id]


@duty("gives again the fills since a moment, oldest first")
async def _(stage: Stage) -> None:
    began = stage.clock.at_ns
    await stage.open_long("0.1")
    await stage.wait(2)
    middle = stage.clock.at_ns
    await stage.open_long("0.2")
    all_ = await stage.venue.fills_since(stage.instrument, began)
    assert [fill.quantity for fill in all_] == [Decimal("0.1"), Decimal("0.2")]
    assert [fill.trade_id for fill in all_] == [fill.trade_id for fill in stage.fills()]
    assert [fill.quantity for fill in await stage.venue.fills_since(stage.instrument, middle)] == [Decimal("0.2")]


@duty("shows one picture for reconciliation")
async def _(stage: Stage) -> None:
    await stage.open_long("0.1")
    order = stage.request(Side.BUY, "0.1", "59000")
    await stage.venue.submit(order)
    picture = await stage.venue.snapshot()
    assert [position.quantity for position in picture.positions] == [Decimal("0.1")]
    assert [o.client_order_id for o in picture.orders] == [order.client_order_id]
    assert picture.account.wallet == (await stage.venue.account()).wallet


@duty("tells an order's life in its order")
async def _(stage: Stage) -> None:
    order = await stage.open_long("12")
    await stage.until(lambda: stage.states(order.client_order_id)[-1].status is OrderStatus.FILLED)
    told = stage.states(order.client_order_id)
    assert told[0].status is OrderStatus.NEW
    assert [state.filled for state in told] == sorted(state.filled for state in told)
    assert sum(state.status is OrderStatus.FILLED for state in told) == 1
    place = stage.updates.index(next(u for u in stage.updates if isinstance(u, OrderState)))
    assert place < stage.updates.index(stage.fills()[0])


@duty("tells what is held after each change")
async def _(stage: Stage) -> None:
    await stage.open_long("0.1")
    await stage.until(lambda: [u for u in stage.updates if isinstance(u, PositionChange)])
    change = next(u for u in stage.updates if isinstance(u, PositionChange))
    assert (change.position.quantity, change.reason) == (Decimal("0.1"), ChangeReason.ORDER)


@duty("accounts for every cent: deposit, profit, funding and fees make the wallet")
async def _(stage: Stage) -> None:
    await stage.open_long("0.3")
    await stage.quote("60500", "60501")
    exit_ = stage.request(Side.SELL, "0.3", is_reduce_only=True)
    await stage.venue.submit(exit_)
    await stage.until(lambda: stage.fills(exit_.client_order_id))
    fills = stage.fills()
    assert sum(fill.realized for fill in fills) == Decimal("0.3") * (60500 - 60001)
    wallet = (await stage.venue.account()).wallet
    assert wallet == stage.deposit + sum((fill.realized - fill.fee for fill in fills), Decimal(0))


@duty("feeds the market's trades, each once, in their order")
async def _(stage: Stage) -> None:
    keeping = await stage.watch()
    printed = [("60000", "0.4", Side.SELL), ("60001", "0.7", Side.BUY), ("60000", "1.1", Side.SELL)]
    for price, quantity, aggressor in printed:
        await stage.trade(price, quantity, aggressor)
        await stage.wait(0.25)

    async def all_came() -> bool:
        await stage.wait(0.25)
        return len([e for e in stage.events if isinstance(e, Trade)]) >= len(printed)

    await stage.until_async(all_came)
    trades = [e for e in stage.events if isinstance(e, Trade)]
    assert [(str(t.price.normalize()), str(t.quantity), t.aggressor) for t in trades] == [
        (str(Decimal(price).normalize()), str(Decimal(quantity).quantize(stage.step)), side)
        for price, quantity, side in printed
    ]
    assert [t.at_ns for t in trades] == sorted(t.at_ns for t in trades)
    await _end(keeping)


@duty("feeds best quotes and marks as they change")
async def _(stage: Stage) -> None:
    keeping = await stage.watch()
    await stage.quote("59000", "59001", mark="59000.4")

    async def both_came() -> bool:
        await stage.wait(0.5)
        quotes = [(e.bid, e.ask) for e in stage.events if isinstance(e, Quote)]
        marks = [e.price for e in stage.events if isinstance(e, MarkPrice)]
        return (Decimal(59000), Decimal(59001)) in quotes and Decimal("59000.4") in marks

    await stage.until_async(both_came)
    await _end(keeping)


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@duty("says plainly what it can't do")
async def _(stage: Stage) -> None:
    missing = next(t for t in TimeInForce if t not in stage.venue.capabilities.times_in_force)
    with pytest.raises(UnsupportedError, match=missing.value):
        await stage.venue.submit(stage.request(Side.BUY, "0.1", "59000", time_in_force=missing))
