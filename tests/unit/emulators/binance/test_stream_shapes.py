"""Events have the fields of the venue's own, with the same JSON types: live frames and the published examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.emulation import Scene, in_emulation

from geobuk.domain.order import Side

LIVE = """
{"e":"TRADE_LITE","E":1789837689736,"T":1789837689736,"s":"DOTUSDT","q":"4.9","p":"0.000000","m":false,"c":"6e8f","S":"BUY","L":"1.135900","l":"4.9","t":1190331610,"i":33878894217}
{"e":"ORDER_TRADE_UPDATE","T":1789837689736,"E":1789837689736,"o":{"s":"DOTUSDT","c":"6e8f","S":"BUY","o":"MARKET","f":"GTC","q":"4.9","p":"0","ap":"1.1359","sp":"0","x":"TRADE","X":"FILLED","i":33878894217,"l":"4.9","z":"4.9","L":"1.1359","n":"0.00000325","N":"BNB","T":1789837689736,"t":1190331610,"b":"0","a":"0","m":false,"R":false,"wt":"CONTRACT_PRICE","ot":"MARKET","ps":"BOTH","cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}
{"e":"ACCOUNT_UPDATE","T":1789837689736,"E":1789837689736,"a":{"B":[{"a":"USDT","wb":"28.05614361","cw":"28.05614361","bc":"0"}],"P":[{"s":"DOTUSDT","pa":"4.9","ep":"1.1359","cr":"-0.73987992","up":"0","mt":"cross","iw":"0","ps":"BOTH","ma":"USDT","bep":"1.13646795"}],"m":"ORDER"}}
{"e":"ALGO_UPDATE","T":1789835582916,"E":1789835582917,"o":{"caid":"8121aafc","aid":4000001910701524,"at":"CONDITIONAL","o":"STOP_MARKET","s":"DOTUSDT","S":"BUY","ps":"BOTH","f":"GTC","q":"5","X":"NEW","ai":"","tp":"1.1637","p":"0","V":"EXPIRE_MAKER","wt":"CONTRACT_PRICE","pm":"NONE","cp":false,"pP":false,"R":false,"tt":0,"gtd":0,"ia":false}}
{"e":"ACCOUNT_CONFIG_UPDATE","E":1611646737479,"T":1611646737476,"ac":{"s":"BTCUSDT","l":25}}
{"e":"MARGIN_CALL","E":1587727187525,"cw":"3.16812045","p":[{"s":"ETHUSDT","ps":"LONG","pa":"1.327","mt":"CROSSED","iw":"0","mp":"187.17127","up":"-1.166074","mm":"1.614445"}]}
"""
"""Frames of the venue's user stream, by their ``e``."""

OURS_TOO = {"st", "ps", "nq", "ap", "X"}
"""Fields that the venue added after some of the examples were published."""


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


async def user_events(scene: Scene) -> dict[str, Any]:
    key = await scene.listen_key()
    told: dict[str, Any] = {}
    async with scene.listening(f"/private/ws/{key}") as client:
        await scene.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=25)
        await scene.signed(
            "POST",
            "/fapi/v1/algoOrder",
            algoType="CONDITIONAL",
            symbol="DOTUSDT",
            side="BUY",
            type="STOP_MARKET",
            quantity="5",
            triggerPrice="1.1637",
        )
        await scene.market_order("BUY", "2.000")
        scene.fault("price_shock", instrument="BTCUSDT", percent=-5.45)
        while "MARGIN_CALL" not in told or "ORDER_TRADE_UPDATE" not in told:
            event = await client.next()
            if event["e"] != "ORDER_TRADE_UPDATE" or event["o"]["x"] == "TRADE":
                told.setdefault(event["e"], event)
    return told


def test_user_events_have_exactly_the_fields_of_the_live_ones() -> None:
    async def act(scene: Scene) -> None:
        told = await user_events(scene)
        for line in LIVE.strip().splitlines():
            live = json.loads(line)
            assert shape(told[live["e"]]) == shape(live), live["e"]

    in_emulation(act)


STREAMS = (
    "/market/stream?streams=btcusdt@aggTrade/btcusdt@markPrice@1s/btcusdt@kline_1m/btcusdt@miniTicker/btcusdt@ticker"
    "/btcusdt_perpetual@continuousKline_1m/btcusdt@forceOrder/!contractInfo"
)


async def market_events(scene: Scene) -> dict[str, Any]:
    public = "/public/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade"
    told: dict[str, Any] = {}
    async with scene.listening(STREAMS) as market, scene.listening(public) as book:
        scene.market.trade("BTCUSDT", scene.clock.at_ns, "84000.00", "0.010", Side.BUY)
        scene.quote("83999.00", "84000.00")
        await scene.market_order("BUY", "0.100")
        scene.fault("liquidate", instrument="BTCUSDT")
        scene.fault("change_filters", instrument="BTCUSDT", min_notional="60")
        scene.pass_time(3)
        for client, kinds in ((market, 8), (book, 3)):
            heard: set[str] = set()
            while len(heard) < kinds:
                event = (await client.next())["data"]
                heard.add(event["e"])
                told.setdefault(event["e"], event)
    return told


@pytest.fixture(scope="module")
def published(shared_data: Path) -> list[dict[str, Any]]:
    folder = shared_data / "payloads" / "binance"
    if not folder.is_dir():
        pytest.skip(f"no recorded payloads at {folder}")
    connector = json.loads((folder / "um_rest_and_ws_examples_official_connector.json").read_text(encoding="utf-8"))
    samples = [json.loads(file.read_text()) for file in sorted((folder / "nautilus_market_data_json").glob("*.json"))]
    waiting: list[Any] = list(connector.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and isinstance(value.get("e"), str):
            samples.append(value)
        elif isinstance(value, dict | list):
            waiting += list(value.values()) if isinstance(value, dict) else value
    return samples


@pytest.mark.real_data
def test_market_events_have_the_fields_of_the_published_examples(published: list[dict[str, Any]]) -> None:
    async def act(scene: Scene) -> None:
        told = await market_events(scene)
        compared = 0
        for sample in published:
            ours = told.get(sample["e"])
            if ours is None or any(side == [["7403.89"]] for side in (sample.get("b"),)):
                continue
            compared += 1
            expected, found = shape(sample), shape(ours)
            assert found.keys() - expected.keys() <= OURS_TOO, sample
            assert {name: found.get(name) for name in expected} == expected | optional(expected, found), sample
        assert compared >= 15

    in_emulation(act)


def optional(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Sides of a book that are empty in one of the two."""
    return {name: found[name] for name in ("b", "a") if found.get(name) == [] and isinstance(expected.get(name), list)}
