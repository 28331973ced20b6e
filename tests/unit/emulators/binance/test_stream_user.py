"""What the user stream tells of an account, in which order, over each form of listening."""

from typing import Any

import pytest
from tests.support.emulation import Scene, in_emulation
from tests.support.sockets import Client, until


async def heard(client: Client, count: int) -> list[dict[str, Any]]:
    return [await client.next() for _ in range(count)]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    told = []
    for event in events:
        detail = event["o"]["x"] if event["e"] == "ORDER_TRADE_UPDATE" else event.get("a", {}).get("m", "")
        told.append(f"{event['e']} {detail}".strip())
    return told


ONE_FILL = ["TRADE_LITE", "ORDER_TRADE_UPDATE NEW", "ACCOUNT_UPDATE ORDER", "ORDER_TRADE_UPDATE TRADE"]


def test_a_market_fill_is_told_in_the_venues_order_at_one_time() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as client:
            placed = await scene.market_order("BUY", "4.9", symbol="DOTUSDT")
            events = await heard(client, 4)
            assert kinds(events) == ONE_FILL
            assert len({event["T"] for event in events}) == 1
            lite, new, account, fill = events
            order = placed.body
            assert (lite["i"], lite["L"], lite["l"], lite["q"], lite["p"]) == (
                order["orderId"],
                "1.135900",
                "4.9",
                "4.9",
                "0.000000",
            )
            assert (new["o"]["X"], new["o"]["t"], new["o"]["z"]) == ("NEW", 0, "0")
            told = fill["o"]
            assert (told["X"], told["l"], told["L"], told["ap"], told["o"]) == (
                "FILLED",
                "4.9",
                "1.1359",
                "1.1359",
                "MARKET",
            )
            assert (told["n"], told["N"], told["t"], told["m"]) == ("0.00278295", "USDT", lite["t"], False)
            assert (told["p"], told["sp"], told["gtd"], told["er"], told["V"]) == ("0", "0", 0, "0", "EXPIRE_MAKER")
            wallet, position = account["a"]["B"][0], account["a"]["P"][0]
            assert (wallet["a"], wallet["wb"], wallet["bc"]) == ("USDT", "9999.99721705", "0")
            assert (position["s"], position["pa"], position["ep"], position["bep"], position["mt"]) == (
                "DOTUSDT",
                "4.9",
                "1.1359",
                "1.13646795",
                "cross",
            )

    in_emulation(act)


def test_placing_and_cancelling_alone_change_no_account() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws?listenKey={key}") as client:
            order = (await scene.order()).body
            await scene.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
            events = await heard(client, 2)
            assert kinds(events) == ["ORDER_TRADE_UPDATE NEW", "ORDER_TRADE_UPDATE CANCELED"]
            assert "n" not in events[0]["o"]
            assert await client.hears_nothing()

    in_emulation(act)


def test_a_resting_order_is_filled_by_the_market_as_maker() -> None:
    async def act(scene: Scene) -> None:
        await scene.order(price="83999.90", quantity="0.010")
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws?listenKey={key}") as client:
            scene.quote("83990.00", "83990.10")
            events = await heard(client, 3)
            assert kinds(events) == ["TRADE_LITE", "ACCOUNT_UPDATE ORDER", "ORDER_TRADE_UPDATE TRADE"]
            assert (events[0]["m"], events[2]["o"]["m"], events[2]["o"]["L"]) == (True, True, "83999.9")

    in_emulation(act)


def test_only_the_wanted_events_of_a_key_are_told() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        path = f"/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE/ACCOUNT_CONFIG_UPDATE"
        async with scene.listening(path) as client:
            await scene.market_order("BUY", "0.010")
            await scene.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=25)
            events = await heard(client, 3)
            assert kinds(events) == ["ORDER_TRADE_UPDATE NEW", "ORDER_TRADE_UPDATE TRADE", "ACCOUNT_CONFIG_UPDATE"]
            assert events[2]["ac"] == {"s": "BTCUSDT", "l": 25}

    in_emulation(act)


@pytest.mark.parametrize("is_in_path", [True, False])
def test_frames_on_private_stream_are_wrapped_with_the_key(is_in_path: bool) -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        path = f"/private/stream?listenKey={key}" if is_in_path else "/private/stream"
        async with scene.listening(path) as client:
            if not is_in_path:
                identity = "0d1c2b3a-uuid"
                assert await client.ask("SUBSCRIBE", key, request_id=identity) == {"result": None, "id": identity}
            await scene.order()
            frame = await client.next()
            assert frame["stream"] == key
            assert frame["data"]["e"] == "ORDER_TRADE_UPDATE"

    in_emulation(act)


def test_a_key_that_runs_out_says_so_last_and_the_socket_stays_open() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as client:
            scene.clock.at_ns += 3_599 * 10**9
            await scene.keyed("PUT", "/fapi/v1/listenKey")
            scene.clock.at_ns += 3_599 * 10**9
            scene.exchange.pump()
            assert await client.hears_nothing()
            scene.pass_time(1)
            told = await client.next()
            assert told == {"e": "listenKeyExpired", "E": scene.now_ms, "listenKey": key}
            await scene.order()
            assert await client.hears_nothing()

    in_emulation(act)


def test_deleting_the_key_closes_its_socket() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as client:
            await scene.keyed("DELETE", "/fapi/v1/listenKey")
            assert await client.end() == 1000
            await until(lambda: not scene.emulation.hub.subscribers)

    in_emulation(act)


def test_an_unknown_key_is_accepted_and_silent() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/private/ws/nosuchkey") as client:
            await scene.listen_key()
            await scene.order()
            assert await client.hears_nothing()

    in_emulation(act)


def test_a_stop_is_told_until_what_it_became() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.010")
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as client:
            placed = await scene.signed(
                "POST",
                "/fapi/v1/algoOrder",
                algoType="CONDITIONAL",
                symbol="BTCUSDT",
                side="SELL",
                type="STOP_MARKET",
                quantity="0.010",
                triggerPrice="83900.00",
                clientAlgoId="stop-1",
                reduceOnly="true",
            )
            assert placed.status == 200, placed.body
            new = await client.next()
            assert (new["e"], new["o"]["X"], new["o"]["o"], new["o"]["ai"]) == ("ALGO_UPDATE", "NEW", "STOP_MARKET", "")
            assert (new["o"]["tp"], new["o"]["caid"], "aq" in new["o"]) == ("83900", "stop-1", False)
            scene.quote("83899.90", "83900.00")
            scene.fault("trade_print", instrument="BTCUSDT", side="SELL", price="83899.90", quantity="0.001")
            events = [await client.next()]
            while not (events[-1]["e"] == "ALGO_UPDATE" and events[-1]["o"]["X"] == "FINISHED"):
                events.append(await client.next())
            algo = [event["o"]["X"] for event in events if event["e"] == "ALGO_UPDATE"]
            assert algo == ["TRIGGERING", "TRIGGERED", "FINISHED"]
            fills = [
                event["o"] for event in events if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["x"] == "TRADE"
            ]
            assert (fills[0]["c"], fills[0]["o"], fills[0]["ot"], fills[0]["R"]) == (
                "stop-1",
                "MARKET",
                "STOP_MARKET",
                True,
            )
            assert events[-1]["o"]["ai"] == str(fills[0]["i"])

    in_emulation(act)


def test_funding_is_told_with_its_instrument_and_no_position_on_cross() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.500")
        key = await scene.listen_key()
        path = f"/private/ws?listenKey={key}&events=ACCOUNT_UPDATE"
        async with scene.listening(path) as client:
            scene.fault("change_funding", instrument="BTCUSDT", interval_hours=1, rate="0.0001")
            due = scene.exchange.engine.next_funding_ns("BTCUSDT") or 0
            scene.clock.at_ns = due
            scene.exchange.pump()
            told = (await client.next())["a"]
            assert (told["m"], told["P"], told["S"]) == ("FUNDING_FEE", [], "BTCUSDT")
            assert told["B"][0]["bc"].startswith("-4.199")

    in_emulation(act)


def test_a_liquidation_of_our_own_carries_the_venues_name() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.100")
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE") as client:
            scene.fault("liquidate", instrument="BTCUSDT", account="main")
            events = [await client.next()]
            while events[-1]["o"]["X"] != "FILLED":
                events.append(await client.next())
            assert all(event["o"]["c"].startswith("autoclose-") for event in events)
            assert events[-1]["o"]["x"] in {"CALCULATED", "TRADE"}

    in_emulation(act)
