"""What the market streams tell, and when, over real sockets and a clock moved by hand."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.support.emulated_venue import SECOND, START_MS
from tests.support.emulation import Scene, in_emulation

from geobuk.domain.order import Side


async def trade(scene: Scene, price: str, quantity: str, side: Side = Side.BUY) -> None:
    scene.market.trade("BTCUSDT", scene.clock.at_ns, price, quantity, side)
    scene.exchange.pump()


def test_a_print_is_told_at_once_with_the_makers_side() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@trade") as client:
            await trade(scene, "84000.00", "0.010")
            told = await client.next()
            assert told == {
                "e": "trade",
                "E": START_MS,
                "T": START_MS,
                "s": "BTCUSDT",
                "t": told["t"],
                "p": "84000.00",
                "q": "0.010",
                "X": "MARKET",
                "m": False,
            }
            await trade(scene, "83999.90", "0.020", Side.SELL)
            after = await client.next()
            assert (after["m"], after["t"]) == (True, told["t"] + 1)

    in_emulation(act)


def test_prints_at_one_price_come_as_one_aggregate_every_hundred_milliseconds() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/market/ws/btcusdt@aggTrade") as client:
            await trade(scene, "84000.00", "0.010")
            await trade(scene, "84000.00", "0.020")
            await trade(scene, "84000.10", "0.005")
            assert await client.hears_nothing()
            scene.pass_time(0.1)
            first, second = await client.next(), await client.next()
            assert (first["q"], first["nq"], first["l"] - first["f"]) == ("0.030", "0.030", 1)
            assert (second["a"], second["p"], second["q"]) == (first["a"] + 1, "84000.10", "0.005")
            rest = (await scene.public("/fapi/v1/aggTrades", symbol="BTCUSDT")).body
            assert [row["a"] for row in rest[-2:]] == [first["a"], second["a"]]

    in_emulation(act)


def test_the_best_quote_is_told_whenever_it_changes_and_never_twice() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@bookTicker") as client:
            scene.pass_time(0.01)
            first = await client.next()
            assert (first["b"], first["a"], first["ps"]) == ("83999.90", "84000.00", "BTCUSDT")
            scene.pass_time(0.01)
            await scene.order(price="83999.90", quantity="1.500")
            scene.pass_time(0.01)
            second = await client.next()
            assert (second["b"], second["B"]) == ("83999.90", "51.500")
            assert second["u"] > first["u"]

    in_emulation(act)


def test_depth_updates_chain_by_pu_at_each_speed_and_fit_the_snapshot() -> None:
    async def act(scene: Scene) -> None:
        names = "btcusdt@depth@100ms/btcusdt@depth@500ms"
        async with scene.listening(f"/public/stream?streams={names}") as client:
            snapshot = (await scene.public("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)).body
            for step in range(10):
                await scene.order(price=f"{83990 - step}.00", quantity="0.100")
                scene.pass_time(0.1)
            heard: dict[str, list[dict[str, Any]]] = {"btcusdt@depth@100ms": [], "btcusdt@depth@500ms": []}
            for _ in range(12):
                frame = await client.next()
                heard[frame["stream"]].append(frame["data"])
            fast, slow = heard["btcusdt@depth@100ms"], heard["btcusdt@depth@500ms"]
            assert (len(fast), len(slow)) == (10, 2)
            for chain in (fast, slow):
                assert chain[0]["U"] <= snapshot["lastUpdateId"] + 1
                for before, after in pairwise(chain):
                    assert after["pu"] == before["u"] < after["U"] <= after["u"]
            final = (await scene.public("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)).body
            for chain in (fast, slow):
                assert applied(snapshot, chain) == (dict(final["bids"]), dict(final["asks"]))

    in_emulation(act)


def applied(snapshot: dict[str, Any], chain: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, str]]:
    bids, asks = dict(snapshot["bids"]), dict(snapshot["asks"])
    for event in chain:
        for side, changes in ((bids, event["b"]), (asks, event["a"])):
            for price, quantity in changes:
                side[price] = quantity
                if Decimal(quantity) == 0:
                    del side[price]
    return bids, asks


def test_top_levels_come_whole() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/ws/btcusdt@depth5@100ms") as client:
            scene.pass_time(0.1)
            told = await client.next()
            assert told["e"] == "depthUpdate"
            assert [price for price, _ in told["b"]] == ["83999.90", "83999.80", "83999.70", "83999.60", "83999.50"]
            assert told["a"][0][0] == "84000.00"

    in_emulation(act)


def test_mark_prices_come_each_second_or_each_third_one_by_one_or_together() -> None:
    async def act(scene: Scene) -> None:
        path = "/market/stream?streams=btcusdt@markPrice@1s/btcusdt@markPrice/!markPrice@arr@1s"
        async with scene.listening(path) as client:
            scene.pass_time(6)
            frames = [await client.next() for _ in range(14)]
            told = [frame["data"] for frame in frames if frame["stream"] == "btcusdt@markPrice@1s"]
            assert len(told) == 6
            assert len([1 for frame in frames if frame["stream"] == "btcusdt@markPrice"]) == 2
            assert told[0]["p"] == "83990.00000000"
            assert told[0]["e"] == "markPriceUpdate"
            assert told[0]["T"] > told[0]["E"]
            together = [frame["data"] for frame in frames if frame["stream"] == "!markPrice@arr@1s"]
            assert [row["s"] for row in together[0]] == ["BTCUSDT", "DOTUSDT"]

    in_emulation(act)


def test_a_candle_closes_once_with_x_true_and_the_next_one_opens() -> None:
    async def act(scene: Scene) -> None:
        scene.pass_time(60 - START_MS / 1000 % 60)
        path = "/market/stream?streams=btcusdt@kline_1m/btcusdt_perpetual@continuousKline_1m"
        async with scene.listening(path) as client:
            await trade(scene, "84000.00", "0.010")
            scene.pass_time(0.25)
            first = await client.next()
            candle = first["data"]["k"]
            assert (candle["o"], candle["v"], candle["n"], candle["x"]) == ("84000.00", "0.010", 1, False)
            assert candle["q"] == "840.00000"
            assert candle["T"] - candle["t"] == 59_999
            other = await client.next()
            assert other["data"]["e"] == "continuous_kline"
            assert (other["data"]["ps"], other["data"]["ct"]) == ("BTCUSDT", "PERPETUAL")
            assert "s" not in other["data"]["k"]
            scene.pass_time(60)
            frames = [await client.next() for _ in range(4)]
            closed = [frame["data"]["k"] for frame in frames if frame["stream"] == "btcusdt@kline_1m"]
            assert [one["x"] for one in closed] == [True, False]
            assert closed[0]["t"] == candle["t"]
            assert closed[1]["t"] == candle["t"] + 60_000

    in_emulation(act)


def test_day_figures_come_one_by_one_and_in_arrays_of_what_changed() -> None:
    async def act(scene: Scene) -> None:
        await trade(scene, "84000.00", "0.010")
        path = "/market/stream?streams=btcusdt@ticker/btcusdt@miniTicker/!ticker@arr/!miniTicker@arr"
        async with scene.listening(path) as client:
            scene.pass_time(2)
            heard: dict[str, Any] = {}
            for _ in range(4):
                frame = await client.next()
                heard[frame["stream"]] = frame["data"]
            assert heard["btcusdt@ticker"]["c"] == "84000.00"
            assert heard["btcusdt@ticker"]["n"] == 1
            assert heard["btcusdt@miniTicker"]["e"] == "24hrMiniTicker"
            assert [row["s"] for row in heard["!ticker@arr"]] == ["BTCUSDT"]
            assert [row["e"] for row in heard["!miniTicker@arr"]] == ["24hrMiniTicker"]

    in_emulation(act)


def test_all_quotes_come_every_five_seconds() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/public/stream?streams=!bookTicker") as client:
            scene.pass_time(5)
            told = [(await client.next())["data"]["s"] for _ in range(2)]
            assert told == ["BTCUSDT", "DOTUSDT"]

    in_emulation(act)


def test_a_liquidation_and_changed_rules_are_told_to_everybody() -> None:
    async def act(scene: Scene) -> None:
        path = "/market/stream?streams=btcusdt@forceOrder/!forceOrder@arr/!contractInfo"
        async with scene.listening(path) as client:
            await scene.market_order("BUY", "0.100")
            scene.fault("liquidate", instrument="BTCUSDT")
            scene.pass_time(1)
            first, second = await client.next(), await client.next()
            assert {first["stream"], second["stream"]} == {"btcusdt@forceOrder", "!forceOrder@arr"}
            order = first["data"]["o"]
            assert (order["S"], order["q"], order["X"], order["f"]) == ("SELL", "0.100", "FILLED", "IOC")
            scene.fault("change_filters", instrument="BTCUSDT", status="TRADING_HALT")
            told = (await client.next())["data"]
            assert (told["e"], told["s"], told["cs"]) == ("contractInfo", "BTCUSDT", "TRADING_HALT")
            assert told["bks"][0]["ma"] == 150

    in_emulation(act)


def test_many_instruments_move_on_while_nobody_listens() -> None:
    async def act(scene: Scene) -> None:
        scene.clock.at_ns += 5 * SECOND
        scene.exchange.pump()
        assert scene.emulation.hub.subscribers == ()

    in_emulation(act)
