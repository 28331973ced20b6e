"""Conditional orders over REST."""

from typing import Any

import pytest
from tests.support.emulated_venue import Desk, Reply, at_the_venue

from geobuk.domain.order import Side


def _words(text: str) -> list[str]:
    return text.split()


PLACED_KEYS = _words(
    "algoId clientAlgoId algoType orderType symbol side positionSide timeInForce quantity algoStatus  "
    "triggerPrice price icebergQuantity selfTradePreventionMode workingType priceMatch closePosition  "
    "priceProtect reduceOnly createTime updateTime triggerTime goodTillDate"
)


async def algo(desk: Desk, **params: object) -> Reply:
    usual: dict[str, object] = {
        "algoType": "CONDITIONAL",
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "STOP_MARKET",
        "quantity": "0.010",
        "triggerPrice": "84500",
    }
    wanted = {name: value for name, value in {**usual, **params}.items() if value is not None}
    return await desk.signed("POST", "/fapi/v1/algoOrder", **wanted)


def test_a_stop_waits_triggers_and_becomes_an_order() -> None:
    async def act(desk: Desk) -> None:
        placed = (await algo(desk, clientAlgoId="stop-1")).body
        assert list(placed) == PLACED_KEYS
        assert (placed["triggerPrice"], placed["price"], placed["icebergQuantity"]) == ("84500.00", "0.00", None)
        waiting = (await desk.signed("GET", "/fapi/v1/openAlgoOrders", algoType="CONDITIONAL")).body
        assert [(row["actualOrderId"], row["isActivated"]) for row in waiting] == [("", False)]
        assert (await desk.signed("GET", "/fapi/v1/openOrders")).body == []
        desk.clock.at_ns += 1_000_000_000
        desk.quote("84600.00", "84600.10")
        desk.market.trade("BTCUSDT", desk.clock.at_ns, "84600.00", "0.500", Side.BUY)
        desk.pass_time(0.1)
        after = (await desk.signed("GET", "/fapi/v1/algoOrder", algoId=placed["algoId"])).body
        assert (after["algoStatus"], after["actualQty"], after["actualType"]) == ("FINISHED", "0.010", "MARKET")
        order = (await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="stop-1")).body
        assert (str(order["orderId"]), order["status"], order["type"]) == (after["actualOrderId"], "FILLED", "MARKET")
        assert (await desk.signed("DELETE", "/fapi/v1/algoOrder", clientAlgoId="stop-1")).code == -2011
        listed = (await desk.signed("GET", "/fapi/v1/allAlgoOrders", symbol="BTCUSDT")).body
        assert [row["algoStatus"] for row in listed] == ["FINISHED"]

    at_the_venue(act)


def test_canceling_answers_with_a_text_code() -> None:
    async def act(desk: Desk) -> None:
        first, second = (await algo(desk)).body, (await algo(desk, clientAlgoId="b")).body
        gone = await desk.signed("DELETE", "/fapi/v1/algoOrder", symbol="BTCUSDT", algoId=first["algoId"])
        names = {"algoId": first["algoId"], "clientAlgoId": first["clientAlgoId"]}
        assert gone.body == {**names, "code": "200", "msg": "success"}
        everything = await desk.signed("DELETE", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT")
        assert everything.body == {"code": 200, "msg": "The operation of cancel all open order is done."}
        shown = (await desk.signed("GET", "/fapi/v1/algoOrder", clientAlgoId="b")).body
        assert (shown["algoId"], shown["algoStatus"]) == (second["algoId"], "CANCELED")

    at_the_venue(act)


def test_a_trailing_stop_shows_its_callback() -> None:
    async def act(desk: Desk) -> None:
        trail = {"type": "TRAILING_STOP_MARKET", "triggerPrice": None, "side": "SELL"}
        reply = await algo(desk, **trail, callbackRate="1", activatePrice="84500")
        assert (reply.body["callbackRate"], reply.body["activatePrice"]) == ("1", "84500.00")
        for rate, code in (("0.05", -2007), ("20.1", -2007), (None, -1102), ("20", 0)):
            assert (await algo(desk, **trail, callbackRate=rate, activatePrice="84500")).body.get("code", 0) == code

    at_the_venue(act)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"algoType": None}, -1102),
        ({"algoType": "VP"}, -1130),
        ({"type": "LIMIT"}, -1116),
        ({"triggerPrice": None}, -1102),
        ({"quantity": None}, -1102),
        ({"type": "STOP", "price": None}, -1102),
        ({"price": "84500"}, -1106),
        ({"triggerPrice": "83000"}, -2021),
        ({"closePosition": "true"}, -4137),
        ({"closePosition": "true", "quantity": None, "reduceOnly": "true"}, -4138),
        ({"closePosition": "true", "quantity": None, "type": "STOP", "price": "84600"}, -4136),
        ({"timeInForce": "GTE_GTC"}, -4509),
        ({"workingType": "INDEX"}, -1130),
        ({"callbackRate": "1"}, -1106),
        ({"activatePrice": "84000"}, -1106),
    ],
)
def test_a_bad_conditional_order_is_refused(change: dict[str, Any], code: int) -> None:
    async def act(desk: Desk) -> None:
        desk.market.trade("BTCUSDT", desk.clock.at_ns, "84000.00", "0.500", Side.BUY)
        desk.pass_time(0.1)
        reply = await algo(desk, **change)
        assert (reply.status, reply.code) == (400, code), reply.body

    at_the_venue(act)


def test_one_closing_stop_a_direction() -> None:
    async def act(desk: Desk) -> None:
        await desk.market_order("BUY", "0.010")
        stop = {"side": "SELL", "closePosition": "true", "quantity": None, "triggerPrice": "80000"}
        assert (await algo(desk, **stop)).body["quantity"] == "0.000"
        assert (await algo(desk, **stop)).code == -4130

    at_the_venue(act)
