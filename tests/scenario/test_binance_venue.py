"""A day's work of the Binance adapter against the emulator, over real sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.emulated_binance import BTC, Scene, emulated, limit, order

from geobuk.domain.account import MarginMode
from geobuk.domain.errors import NetworkError, OrderRefusedError, TradingBlockedError, UnknownNameError
from geobuk.domain.order import (
    Liquidity,
    OrderState,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    TriggerSource,
)
from geobuk.domain.updates import BalanceChange, ChangeReason, NoticeKind, PositionChange
from geobuk.emulators.binance.faults import kinds
from geobuk.emulators.binance.faults.kinds import Where
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT, DEFAULT_KEY
from geobuk.ports import Venue
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.reply_fields import ReplyFields
from geobuk.venues.binance.self_test import SelfTest
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.venue import BinanceVenue

S = OrderStatus


def play(scene_of: Callable[[Scene], Awaitable[None]], **spec: object) -> None:
    async def main() -> None:
        async with emulated(**spec) as scene:
            await scene_of(scene)

    asyncio.run(main())


def test_a_market_order_fills_and_everything_about_it_is_told() -> None:
    async def scene_of(scene: Scene) -> None:
        venue: Venue = scene.venue
        done = await venue.submit(order("m"))
        assert (done.status, done.filled) == (S.FILLED, Decimal("0.010"))
        await scene.until(lambda: scene.states("m") and scene.states("m")[-1].status is S.FILLED)
        (fill,) = scene.fills()
        assert (fill.price, fill.liquidity, fill.client_order_id) == (Decimal("60000.1"), Liquidity.TAKER, "m")
        assert fill.fee == Decimal("600.001") * Decimal("0.0005")
        (held,) = await venue.positions()
        assert (held.quantity, held.entry_price, held.side) == (
            Decimal("0.010"), Decimal("60000.1"), PositionSide.BOTH,
        )  # fmt: skip
        changes = [one for one in scene.told if isinstance(one, PositionChange)]
        assert changes[-1].reason is ChangeReason.ORDER
        wallet = [one for one in scene.told if isinstance(one, BalanceChange)][-1].wallet
        account = await venue.account()
        assert account.wallet == wallet == Decimal(10_000) - fill.fee
        assert list(await venue.fills_since(BTC, fill.at_ns)) == [fill]
        assert list(await venue.fills_since(BTC, fill.at_ns + 1)) == []

    play(scene_of)


def test_a_resting_order_is_changed_partly_filled_and_cancelled() -> None:
    async def scene_of(scene: Scene) -> None:
        venue = scene.venue
        placed = await venue.submit(limit("r", "59000.0", time_in_force=TimeInForce.GTX))
        assert placed.status is S.NEW
        changed = await venue.amend(BTC, "r", Decimal("0.020"), Decimal("59500.0"))
        assert (changed.quantity, changed.price) == (Decimal("0.020"), Decimal("59500.0"))
        scene.trade("59499.9", "0.005", Side.SELL)
        await scene.until(scene.fills, "a fill")
        assert scene.fills()[0].liquidity is Liquidity.MAKER
        ended = await venue.cancel(BTC, "r")
        assert (ended.status, ended.filled) == (S.CANCELED, Decimal("0.005"))
        await scene.until(lambda: scene.states("r")[-1].status is S.CANCELED)
        with pytest.raises(OrderRefusedError, match=r"it is canceled, 0\.005 filled"):
            await venue.cancel(BTC, "r")
        found = await venue.order(BTC, "r")
        assert found is not None
        assert found.status is S.CANCELED
        assert await venue.order(BTC, "never") is None

    play(scene_of)


@pytest.mark.parametrize(
    ("tif", "words"), [(TimeInForce.GTX, "would have taken"), (TimeInForce.FOK, "could not be filled at once")]
)
def test_post_only_and_fill_or_kill_are_refused_with_a_cure(tif: TimeInForce, words: str) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.quote(size="0.004")
        with pytest.raises(OrderRefusedError, match=words) as caught:
            await scene.venue.submit(limit("x", "60000.1", time_in_force=tif))
        assert caught.value.code in {-5021, -5022}

    play(scene_of)


def test_immediate_or_cancel_leaves_nothing_resting() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.quote(size="0.004")
        ioc = await scene.venue.submit(limit("i", "60000.1", time_in_force=TimeInForce.IOC))
        assert (ioc.status, ioc.filled) == (S.EXPIRED, Decimal("0.004"))
        await scene.until(lambda: scene.states("i") and scene.states("i")[-1].status is S.EXPIRED)
        assert scene.states("i")[-1].reason == "the rest could not be filled at once"

    play(scene_of)


@pytest.mark.parametrize("source", list(TriggerSource))
def test_a_stop_triggers_and_closes_the_position(source: TriggerSource) -> None:
    async def scene_of(scene: Scene) -> None:
        venue = scene.venue
        await venue.submit(order("open"))
        stop = order(
            "stop", type=OrderType.STOP_MARKET, side=Side.SELL, stop_price=Decimal(59_000), is_reduce_only=True,
            trigger_source=source,
        )  # fmt: skip
        assert (await venue.submit(stop)).status is S.WAITING
        assert [one.client_order_id for one in await venue.open_orders()] == ["stop"]
        scene.quote("58900.0", "58900.1", mark="58900.0")
        scene.trade("58900.0", "0.001", Side.SELL)
        await scene.until(lambda: scene.states("stop") and scene.states("stop")[-1].status is S.FILLED, "filled")
        assert scene.states("stop")[0].status is S.WAITING
        await scene.until(lambda: len(scene.fills()) == 2, "two fills")
        assert scene.fills()[1].realized < 0
        assert await venue.positions() == []
        found = await venue.order(BTC, "stop")
        assert found is not None
        assert found.status is S.FILLED

    play(scene_of)


CONDITIONAL = [
    {"type": OrderType.STOP_LIMIT, "stop_price": Decimal(61_000), "price": Decimal(61_010)},
    {"type": OrderType.TAKE_PROFIT_MARKET, "stop_price": Decimal(59_000)},
    {"type": OrderType.TAKE_PROFIT_LIMIT, "stop_price": Decimal(59_000), "price": Decimal(59_000)},
    {"type": OrderType.TRAILING_STOP, "callback_rate": Decimal("0.02"), "activation_price": Decimal(59_000)},
]


@pytest.mark.parametrize("changes", CONDITIONAL, ids=lambda changes: str(changes["type"]))
def test_conditional_orders_wait_and_are_cancelled(changes: dict[str, object]) -> None:
    async def scene_of(scene: Scene) -> None:
        placed = await scene.venue.submit(order("c", **changes))
        assert (placed.status, placed.type) == (S.WAITING, changes["type"])
        assert (await scene.venue.cancel(BTC, "c")).status is S.CANCELED
        assert await scene.venue.open_orders(BTC) == []
        found = await scene.venue.order(BTC, "c")
        assert found is not None
        assert found.status is S.CANCELED

    play(scene_of)


def test_a_close_position_stop_needs_no_quantity() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(order("open"))
        stop = order(
            "all", type=OrderType.STOP_MARKET, side=Side.SELL, stop_price=Decimal(59_000), is_close_position=True,
            quantity=Decimal(0),
        )  # fmt: skip
        placed = await scene.venue.submit(stop)
        assert (placed.status, placed.is_close_position) == (S.WAITING, True)

    play(scene_of)


def test_cancel_all_ends_resting_and_waiting_orders() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("a", "59000.0"))
        await scene.venue.submit(order("b", type=OrderType.STOP_MARKET, stop_price=Decimal(61_000)))
        assert len(await scene.venue.open_orders()) == 2
        await scene.venue.cancel_all(BTC)
        assert await scene.venue.open_orders() == []
        await scene.until(lambda: all(scene.states(key)[-1].status is S.CANCELED for key in "ab"), "told")

    play(scene_of)


def test_a_batch_places_what_it_can() -> None:
    async def scene_of(scene: Scene) -> None:
        post_only = limit("late", "60000.1", time_in_force=TimeInForce.GTX)
        done = await scene.venue.submit_batch([limit("a", "59000.0"), post_only, order("m")])
        assert isinstance(done[0], OrderState)
        assert isinstance(done[1], OrderRefusedError)
        assert isinstance(done[2], OrderState)
        assert [one.client_order_id for one in await scene.venue.open_orders(BTC)] == ["a"]

    play(scene_of)


def test_legs_are_held_apart_in_hedge_mode() -> None:
    async def scene_of(scene: Scene) -> None:
        venue = scene.venue
        await venue.set_hedged(True)
        await venue.set_hedged(True)
        assert await venue.is_hedged()
        await venue.submit(order("long", position_side=PositionSide.LONG))
        await venue.submit(order("short", side=Side.SELL, position_side=PositionSide.SHORT))
        held = {one.side: one.quantity for one in await venue.positions()}
        assert held == {PositionSide.LONG: Decimal("0.010"), PositionSide.SHORT: Decimal("-0.010")}
        await venue.submit(
            order(
                "less", side=Side.SELL, position_side=PositionSide.LONG, is_reduce_only=True, quantity=Decimal("0.004")
            )
        )
        await scene.until(lambda: len(scene.fills()) == 3, "three fills")
        assert scene.fills()[2].position_side is PositionSide.LONG
        held = {one.side: one.quantity for one in await venue.positions()}
        assert held[PositionSide.LONG] == Decimal("0.006")

    play(scene_of)


def test_an_isolated_position_has_a_wallet_of_its_own_and_takes_margin() -> None:
    async def scene_of(scene: Scene) -> None:
        venue = scene.venue
        await venue.set_leverage(BTC, 10)
        await venue.set_leverage(BTC, 10)
        await venue.set_margin_mode(BTC, MarginMode.ISOLATED)
        await venue.set_margin_mode(BTC, MarginMode.ISOLATED)
        await venue.submit(order("iso"))
        (held,) = await venue.positions()
        assert held.leverage == 10
        assert held.isolated_wallet is not None
        assert held.liquidation_price is not None
        await venue.move_margin(BTC, PositionSide.BOTH, Decimal(5))
        (more,) = await venue.positions()
        assert more.isolated_wallet == held.isolated_wallet + 5
        with pytest.raises(OrderRefusedError, match="close the position first"):
            await venue.set_margin_mode(BTC, MarginMode.CROSS)

    play(scene_of)


def test_the_dead_mans_switch_ends_resting_orders_unless_armed_again() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("held", "59000.0"))
        scene.fault(kinds.Latency(mean_ms=0, where=Where(path="POST /fapi/v1/countdownCancelAll")))  # counts
        (counter,) = scene.emulation.faults.board
        await scene.venue.hold_dead_man_switch(BTC, 1.5)
        await scene.until(lambda: counter.struck >= 5, "armed for longer than the countdown")
        assert scene.states("held")[-1].status is S.NEW
        await scene.venue.hold_dead_man_switch(BTC, None)
        await scene.venue.set_dead_man_switch(BTC, 0.2)
        await scene.until(lambda: scene.states("held")[-1].status is S.CANCELED, "ended by the venue")

    play(scene_of)


def test_snapshot_shows_account_position_and_orders() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(order("m"))
        await scene.venue.submit(limit("r", "59000.0"))
        shot = await scene.venue.snapshot()
        assert [one.client_order_id for one in shot.orders] == ["r"]
        assert [one.quantity for one in shot.positions] == [Decimal("0.010")]
        assert shot.account.equity == shot.account.wallet + shot.account.unrealized

    play(scene_of)


def test_a_liquidation_is_told_with_its_reason() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(order("m"))
        await scene.until(scene.fills)
        scene.fault(kinds.Liquidate(instrument=BTC))
        await scene.until(lambda: len(scene.fills()) >= 2, "closed by the venue")
        reasons = [one.reason for one in scene.told if isinstance(one, PositionChange)]
        assert reasons[-1] is ChangeReason.LIQUIDATION

    play(scene_of)


def test_an_order_below_the_margin_is_refused_in_the_venues_words() -> None:
    async def scene_of(scene: Scene) -> None:
        with pytest.raises(OrderRefusedError, match="Margin is insufficient") as caught:
            await scene.venue.submit(order("big", quantity=Decimal(40)))
        assert caught.value.code == -2019

    play(scene_of)


def test_changed_rules_are_noticed_and_orders_keep_the_new_ones() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.ChangeFilters(instrument=BTC, tick="0.50"))
        assert await scene.venue.reload_rules()
        await scene.until(lambda: scene.notices(NoticeKind.RULES_CHANGED), "noticed")
        assert "tick was 0.10 and is 0.50" in scene.notices(NoticeKind.RULES_CHANGED)[0].text
        with pytest.raises(OrderRefusedError, match="off the tick"):
            await scene.venue.submit(limit("off", "59000.2"))

    play(scene_of)


def test_a_key_that_can_withdraw_trades_nothing_and_reads_everything() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.emulation.exchange.keys.change(DEFAULT_KEY, can_withdraw=True)
        await scene.venue.recheck_key()
        with pytest.raises(TradingBlockedError, match="withdraw"):
            await scene.venue.submit(order("x"))
        assert (await scene.venue.account()).wallet == Decimal(10_000)
        scene.emulation.exchange.keys.change(DEFAULT_KEY, can_withdraw=False)
        await scene.venue.recheck_key()
        await scene.venue.submit(order("x"))

    play(scene_of)


def test_a_key_for_every_address_is_blocked_unless_allowed() -> None:
    async def scene_of(scene: Scene) -> None:
        with pytest.raises(TradingBlockedError, match="any IP address"):
            await scene.venue.submit(order("x"))

    play(scene_of, allow_unrestricted_ip=False)


def test_the_self_test_passes_on_a_healthy_venue_and_leaves_nothing(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        test = SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json"))
        for _ in range(2):
            report = await test.run()
            assert report.is_ok, report.failures
            assert [check.name for check in report.checks][:2] == ["clock", "limit headers"]
        assert await scene.venue.open_orders() == []
        assert scene.venue.guard.blocks == {}
        await scene.venue.submit(order("x"))

    play(scene_of)


def test_the_self_test_passes_in_hedge_mode_too(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.set_hedged(True)
        report = await SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json")).run()
        assert report.is_ok, report.failures
        assert await scene.venue.open_orders() == []

    play(scene_of)


def test_a_new_field_blocks_trading_until_it_is_acknowledged(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        test = SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json"))
        assert (await test.run()).is_ok
        scene.fault(kinds.ReplyField(name="brandNew", value="1", where=Where(path="GET /fapi/v1/order")))
        report = await test.run()
        assert [check.name for check in report.failures] == ["reply fields"]
        with pytest.raises(TradingBlockedError, match="order: new fields brandNew"):
            await scene.venue.submit(order("x"))
        test.acknowledge()
        assert (await test.run()).is_ok
        await scene.venue.submit(order("x"))
        assert await scene.venue.open_orders() == []

    play(scene_of)


def test_a_failed_canary_blocks_new_risk_but_lets_positions_be_reduced(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(order("open"))
        test = SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json"))
        scene.fault(kinds.ErrorReply(code=-1102, msg="odd", where=Where(path="POST /fapi/v1/algoOrder")))
        report = await test.run()
        assert [check.name for check in report.failures] == ["stop order"]
        with pytest.raises(TradingBlockedError, match="stop order"):
            await scene.venue.submit(order("more"))
        await scene.venue.submit(order("less", side=Side.SELL, is_reduce_only=True))
        assert await scene.venue.positions() == []

    play(scene_of)


def test_a_clock_far_off_fails_the_self_test(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.ClockSkew(skew_ms=5_000))
        await scene.venue.rest.resync_clock()
        report = await SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json")).run()
        assert "clock" in [check.name for check in report.failures]

    play(scene_of)


def test_an_unknown_instrument_is_named_at_the_start_with_what_is_near() -> None:
    async def scene_of(scene: Scene) -> None:
        url = scene.emulation.base_url
        spec = BinanceSpec(rest_url=url, stream_url=url.replace("http", "ws", 1), spot_url=url)
        with pytest.raises(UnknownNameError, match="did you mean BTCUSDT"):
            await BinanceVenue(ApiCredentials("emulator-key", "emulator-secret"), ["BTCUSD"], spec).start()

    play(scene_of)


def test_a_wrong_secret_and_a_venue_that_is_not_there_end_the_start_with_a_cure() -> None:
    async def scene_of(scene: Scene) -> None:
        url = scene.emulation.base_url
        spec = BinanceSpec(rest_url=url, stream_url=url.replace("http", "ws", 1), spot_url=url)
        with pytest.raises(TradingBlockedError, match="Signature"):
            await BinanceVenue(ApiCredentials("emulator-key", "wrong"), [BTC], spec).start()
        nowhere = BinanceSpec(rest_url="http://127.0.0.1:9", retries=1, retry_first_s=0.01, connect_timeout_s=0.5)
        with pytest.raises(NetworkError, match="not connected"):
            await BinanceVenue(ApiCredentials("k", "s"), [BTC], nowhere).start()

    play(scene_of)


def test_a_user_stream_that_tells_nothing_fails_the_self_test(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.DropEvents(where=Where(event="ALGO_UPDATE")))
        report = await SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json")).run()
        assert [check.name for check in report.failures] == ["user stream"]
        assert "ALGO_UPDATE CANCELED, ALGO_UPDATE NEW" in report.failures[0].detail

    play(scene_of)


def test_leftovers_of_an_earlier_canary_are_cancelled(tmp_path: Path) -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("gbk-canary-post-1", "59000.0"))
        await scene.venue.submit(limit("mine", "59000.0"))
        report = await SelfTest(scene.venue, BTC, ReplyFields(tmp_path / "fields.json")).run()
        assert next(one.detail for one in report.checks if one.name == "nothing left behind").startswith("1 left over")
        assert [one.client_order_id for one in await scene.venue.open_orders()] == ["mine"]

    play(scene_of)


def test_multi_assets_mode_blocks_new_risk() -> None:
    async def scene_of(scene: Scene) -> None:
        field = kinds.ReplyField(name="multiAssetsMargin", value=True, where=Where(path="GET /fapi/v1/accountConfig"))
        scene.fault(field)
        await scene.venue.recheck_account()
        with pytest.raises(TradingBlockedError, match="multi-assets mode"):
            await scene.venue.submit(order("x"))
        scene.heal()
        await scene.venue.recheck_account()
        await scene.venue.submit(order("x"))

    play(scene_of)


def test_multi_assets_mode_that_is_switched_on_meanwhile_blocks_at_once() -> None:
    async def scene_of(scene: Scene) -> None:
        exchange = scene.emulation.exchange
        exchange.set_assets_mode(DEFAULT_ACCOUNT, True)
        await scene.until(lambda: "account" in scene.venue.guard.blocks, "blocked")
        with pytest.raises(TradingBlockedError, match="multi-assets mode"):
            await scene.venue.submit(order("x"))
        exchange.set_assets_mode(DEFAULT_ACCOUNT, False)
        await scene.until(lambda: not scene.venue.guard.blocks, "free again")
        await scene.venue.submit(order("x"))

    play(scene_of)


def test_a_stop_that_waits_is_not_changed() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(order("s", type=OrderType.STOP_MARKET, stop_price=Decimal(61_000)))
        with pytest.raises(OrderRefusedError, match="it waits for its trigger"):
            await scene.venue.amend(BTC, "s", Decimal("0.010"), Decimal(60_000))

    play(scene_of)
