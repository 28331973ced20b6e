"""Faults of events, sockets, market and accounts, as listeners meet them."""

import asyncio
from decimal import Decimal

import aiohttp
import pytest
from tests.support.emulation import Scene, in_emulation
from tests.support.sockets import until

from geobuk.domain.order import Side

TRADES = "/public/ws/btcusdt@trade"


def trades(scene: Scene, count: int) -> None:
    for number in range(count):
        scene.market.trade("BTCUSDT", scene.clock.at_ns, "84000.00", f"0.{number + 1:03d}", Side.BUY)
    scene.exchange.pump()


def quantities(count: int) -> list[str]:
    return [f"0.{number + 1:03d}" for number in range(count)]


def test_dropped_events_are_those_in_scope_only() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/stream?streams=btcusdt@trade/btcusdt@bookTicker") as client:
            scene.fault("drop_events", where={"event": "btcusdt@trade"}, when={"every": 2})
            trades(scene, 4)
            told = [await client.next() for _ in range(3)]
            assert [frame["data"]["q"] for frame in told if frame["stream"] == "btcusdt@trade"] == ["0.001", "0.003"]

    in_emulation(act)


def test_a_gap_in_depth_shows_in_pu_and_the_snapshot_heals_it() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@depth@100ms") as client:
            for step in range(3):
                if step == 1:
                    scene.fault("depth_gap", when={"count": 1})
                scene.quote(f"{83999 - step}.90", "84000.00")
                scene.pass_time(0.1)
            first, third = await client.next(), await client.next()
            assert third["pu"] > first["u"]
            snapshot = (await scene.public("/fapi/v1/depth", symbol="BTCUSDT", limit=5)).body
            assert snapshot["lastUpdateId"] == third["u"]

    in_emulation(act)


def test_duplicates_reorderings_and_fields_are_what_was_asked_for() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(TRADES) as client:
            scene.fault("duplicate_events", when={"count": 1})
            trades(scene, 2)
            assert [(await client.next())["q"] for _ in range(3)] == ["0.001", "0.001", "0.002"]
            scene.fault("reorder_events", when={"every": 2, "count": 1})
            trades(scene, 4)
            assert [(await client.next())["q"] for _ in range(4)] == ["0.001", "0.003", "0.002", "0.004"]
            scene.emulation.faults.clear()
            scene.fault("event_field", name="q")
            scene.fault("event_field", name="X", value=None)
            trades(scene, 1)
            told = await client.next()
            assert "q" not in told

    in_emulation(act)


def test_late_events_keep_their_order() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(TRADES) as client:
            scene.fault("delay_events", mean_ms=40, spread_ms=40, distribution="uniform", when={"every": 3})
            trades(scene, 12)
            assert [(await client.next())["q"] for _ in range(12)] == quantities(12)

    in_emulation(act)


def test_user_events_can_be_lost_while_the_market_is_told() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as user, scene.listening(TRADES) as market:
            scene.fault("drop_events", where={"route": "private", "event": "ORDER_TRADE_UPDATE"})
            await scene.market_order("BUY", "0.010")
            trades(scene, 1)
            assert [(await user.next())["e"] for _ in range(2)] == ["TRADE_LITE", "ACCOUNT_UPDATE"]
            assert (await market.next())["e"] == "trade"

    in_emulation(act)


def test_silent_sockets_stay_open_and_say_nothing_until_it_ends() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(TRADES, autoping=False) as client:
            number = scene.fault("silent_sockets", where={"route": "public"})
            trades(scene, 3)
            await client.socket.ping(b"there?")
            with pytest.raises(TimeoutError):
                await client.raw(wait_s=0.2)
            async with scene.listening(TRADES) as later:
                trades(scene, 1)
                with pytest.raises(TimeoutError):
                    await later.raw(wait_s=0.1)
            scene.emulation.faults.remove(number or 0)
            trades(scene, 1)
            assert (await client.next())["q"] == "0.001"

    in_emulation(act)


@pytest.mark.parametrize("is_abrupt", [True, False])
def test_a_storm_cuts_again_and_again_and_clients_can_come_back(is_abrupt: bool) -> None:
    async def act(scene: Scene) -> None:
        scene.fault("disconnect", repeat_s=5, is_abrupt=is_abrupt, when={"for_s": 12})
        for _ in range(2):
            async with scene.listening(TRADES) as client:
                scene.pass_time(5)
                assert await client.end() == (None if is_abrupt else aiohttp.WSCloseCode.GOING_AWAY)
        await until(lambda: not scene.emulation.hub.subscribers)
        async with scene.listening(TRADES) as client:
            scene.pass_time(5)
            trades(scene, 1)
            assert (await client.next())["q"] == "0.001"

    in_emulation(act)


def test_new_sockets_can_be_refused() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("refuse_connections", when={"count": 1}, status=429)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await scene.session.ws_connect(scene.base_url + TRADES)
        assert refused.value.status == 429
        async with scene.listening(TRADES) as client:
            assert await client.hears_nothing()

    in_emulation(act)


def test_the_newest_connection_of_a_key_can_push_out_the_older() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as first, scene.listening(f"/private/ws/{key}") as second:
            await scene.order()
            assert (await first.next()) == (await second.next())
            scene.fault("newest_connection_wins")
            async with scene.listening(f"/private/ws/{key}") as third:
                assert await first.end() == aiohttp.WSCloseCode.POLICY_VIOLATION
                await scene.order()
                assert (await third.next())["e"] == "ORDER_TRADE_UPDATE"

    in_emulation(act)


def test_listen_keys_can_expire_at_once() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as client:
            scene.fault("expire_listen_key")
            assert (await client.next())["e"] == "listenKeyExpired"
            assert (await scene.keyed("PUT", "/fapi/v1/listenKey")).code == -1125

    in_emulation(act)


def test_a_price_shock_moves_book_mark_and_all_that_follows() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.100")
        resting = (await scene.order(price="83000.00", quantity="0.010")).body["orderId"]
        scene.fault("price_shock", instrument="BTCUSDT", percent=-5)
        scene.pass_time(0.1)
        quote = (await scene.public("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")).body
        assert (quote["bidPrice"], quote["askPrice"]) == ("79800.40", "79800.50")
        marked = (await scene.public("/fapi/v1/premiumIndex", symbol="BTCUSDT")).body
        assert marked["markPrice"] == "79790.50000000"
        seen = await scene.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=resting)
        assert seen.body["status"] == "FILLED"
        scene.quote("84000.00", "84000.10")
        scene.pass_time(0.1)
        quote = (await scene.public("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")).body
        assert quote["bidPrice"] == "79800.50"

    in_emulation(act)


def test_a_shock_deep_enough_liquidates_and_the_account_pays() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "2.000")
        scene.fault("price_shock", instrument="BTCUSDT", percent=-6)
        scene.pass_time(1)
        account = (await scene.signed("GET", "/fapi/v3/account")).body
        assert account["positions"] == []
        rows = (await scene.signed("GET", "/fapi/v1/forceOrders")).body
        assert rows[0]["clientOrderId"].startswith("autoclose-")

    in_emulation(act)


def test_our_position_is_deleveraged() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.100")
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE") as client:
            scene.fault("deleverage", instrument="BTCUSDT", quantity="0.040", price="84500.00")
            events = [(await client.next())["o"]]
            while events[-1]["X"] != "FILLED":
                events.append((await client.next())["o"])
            assert (events[-1]["c"], events[-1]["l"], events[-1]["L"]) == ("adl_autoclose", "0.04", "84500")
        position = (await scene.signed("GET", "/fapi/v3/positionRisk")).body[0]
        assert position["positionAmt"] == "0.060"

    in_emulation(act)


def test_changed_filters_hold_from_the_next_order_on() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("change_filters", instrument="BTCUSDT", tick="1", min_notional="2000")
        assert (await scene.order(price="83000.50", quantity="0.030")).code == -4014
        assert (await scene.order(price="83000.10", quantity="0.010")).code == -4164
        assert (await scene.order(price="83000.10", quantity="0.030")).status == 200

    in_emulation(act)


def test_funding_can_come_more_often_at_another_rate() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("change_funding", instrument="DOTUSDT", interval_hours=1, rate="-0.0005")
        told = (await scene.public("/fapi/v1/premiumIndex", symbol="DOTUSDT")).body
        assert Decimal(told["lastFundingRate"]) == Decimal("-0.0005")
        assert told["nextFundingTime"] - scene.now_ms <= 3_600_000

    in_emulation(act)


def test_a_scheduled_shock_waits_and_one_that_fails_is_noted() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("price_shock", instrument="BTCUSDT", percent=1, when={"after_s": 10})
        scene.fault("deleverage", instrument="BTCUSDT", when={"after_s": 10})
        scene.pass_time(9)
        assert scene.exchange.engine.mark_price("BTCUSDT") == Decimal("83990.00")
        scene.pass_time(2)
        assert scene.exchange.engine.mark_price("BTCUSDT") == Decimal("84829.90")
        notes = [text for _, text in scene.emulation.faults.board.notes]
        assert notes == ["price_shock done", "deleverage not done: main holds no BTCUSDT: open a position first"]
        await asyncio.sleep(0)

    in_emulation(act)
