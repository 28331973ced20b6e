"""Which complaint comes first, and how the venue words it."""

from typing import Any

import pytest
from tests.support.emulated_venue import Desk, at_the_venue

from geobuk.emulators.binance.errors import from_refusal
from geobuk.matching.refusals import Refusal, RefusedError


@pytest.mark.parametrize("reason", list(Refusal))
def test_every_refusal_of_the_engine_has_an_answer_of_its_own(reason: Refusal) -> None:
    answer = from_refusal(RefusedError(reason, "no", value="5", limit="9"))
    assert (answer.status, answer.code) != (400, -2010)
    assert "{" not in answer.msg


def test_complaints_come_in_the_venues_order() -> None:
    async def act(desk: Desk) -> None:
        unknown = await desk.send("GET", "/fapi/v1/nothing?signature=x")
        assert (unknown.status, unknown.code) == (404, -5000)
        assert unknown.body["msg"] == "Path /fapi/v1/nothing, Method GET is invalid"
        wrong_method = await desk.send("PATCH", "/fapi/v1/order")
        assert (wrong_method.status, wrong_method.code) == (404, -5000)
        no_key = await desk.send("GET", "/fapi/v1/openOrders?timestamp=1&signature=x")
        assert (no_key.status, no_key.body) == (401, {"code": -2014, "msg": "API-key format invalid."})
        for name in ("somebody-else", "x" * 64):
            stranger = await desk.send("GET", "/fapi/v1/openOrders", headers={"X-MBX-APIKEY": name})
            assert (stranger.status, stranger.code) == (401, -2015)
        headers = {"X-MBX-APIKEY": "emulator-key"}
        unsigned = await desk.send("GET", f"/fapi/v1/openOrders?timestamp={desk.now_ms}", headers=headers)
        expected = "Mandatory parameter 'signature' was not sent, was empty/null, or malformed."
        assert (unsigned.status, unsigned.body) == (400, {"code": -1102, "msg": expected})
        unstamped = await desk.send("GET", "/fapi/v1/openOrders?signature=x", headers=headers)
        assert "'timestamp'" in unstamped.body["msg"]
        stale = await desk.send("GET", "/fapi/v1/openOrders?timestamp=1&signature=x", headers=headers)
        assert stale.body == {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
        forged = await desk.send("GET", f"/fapi/v1/order?timestamp={desk.now_ms}&signature=x", headers=headers)
        assert forged.body == {"code": -1022, "msg": "Signature for this request is not valid."}
        signed = await desk.signed("GET", "/fapi/v1/order")
        assert signed.code == -1102

    at_the_venue(act)


def test_the_timestamp_window_is_open_ahead_and_closed_behind() -> None:
    async def act(desk: Desk) -> None:
        async def code(offset_ms: int, **more: object) -> int:
            query = f"timestamp={desk.now_ms + offset_ms}" + "".join(f"&{name}={value}" for name, value in more.items())
            target = f"/fapi/v3/balance?{query}&signature={desk.signature(query)}"
            reply = await desk.send("GET", target, headers={"X-MBX-APIKEY": "emulator-key"})
            return 0 if reply.status == 200 else reply.code

        assert [await code(offset) for offset in (999, 1000, -5000, -5001)] == [0, -1021, 0, -1021]
        assert [await code(-9999, recvWindow=10000), await code(-11, recvWindow=10)] == [0, -1021]
        assert [await code(0, recvWindow="soon"), await code(0, recvWindow="")] == [-1100, -1105]
        desk.exchange.clock.skew_ns = 2_000_000_000
        assert [await code(2500), await code(-3001)] == [0, -1021]
        assert (await desk.public("/fapi/v1/time")).body["serverTime"] == desk.now_ms + 2000

    at_the_venue(act)


def test_keys_are_held_to_their_rights() -> None:
    async def act(desk: Desk) -> None:
        desk.exchange.keys.change("emulator-key", can_trade=False)
        assert (await desk.order()).code == -2015
        assert (await desk.signed("GET", "/fapi/v1/openOrders")).status == 200
        rights = (await desk.signed("GET", "/sapi/v1/account/apiRestrictions")).body
        assert (rights["enableFutures"], rights["enableWithdrawals"], rights["enableReading"]) == (False, False, True)
        desk.exchange.keys.revoke("emulator-key")
        assert (await desk.signed("GET", "/fapi/v1/openOrders")).status == 401
        assert (await desk.keyed("POST", "/fapi/v1/listenKey")).code == -2015

    at_the_venue(act)


ORDER_COMPLAINTS: list[tuple[dict[str, Any], int, str]] = [
    ({"symbol": None}, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
    ({"symbol": ""}, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
    ({"symbol": "NOPEUSDT"}, -1121, "Invalid symbol."),
    ({"symbol": "币安人生USDT"}, -1121, "Invalid symbol."),
    ({"side": None}, -1102, "Mandatory parameter 'side' was not sent, was empty/null, or malformed."),
    ({"side": "buy"}, -1117, "Invalid side."),
    ({"type": "ICEBERG"}, -1116, "Invalid orderType."),
    ({"type": "STOP_MARKET", "stopPrice": "80000"}, -4120, "Order type not supported for this endpoint."),
    ({"timeInForce": None}, -1102, "Mandatory parameter 'timeInForce'"),
    ({"timeInForce": "DAY"}, -1115, "Invalid timeInForce."),
    ({"quantity": None}, -1102, "Mandatory parameter 'quantity'"),
    ({"quantity": "1e3"}, -1100, "Illegal characters found in parameter 'quantity'"),
    ({"quantity": "NaN"}, -1100, "Illegal characters found in parameter 'quantity'"),
    ({"price": None}, -1102, "Mandatory parameter 'price'"),
    ({"price": ""}, -1102, "Mandatory parameter 'price'"),
    ({"type": "MARKET", "price": None}, -1106, "Parameter 'timeInForce' sent when not required."),
    ({"type": "MARKET", "timeInForce": None}, -1106, "Parameter 'price' sent when not required."),
    ({"positionSide": "LONG"}, -4061, "Order's position side does not match user's setting."),
    ({"positionSide": "UP"}, -4060, "Invalid position side."),
    ({"newClientOrderId": "x" * 37}, -4015, "Client order id length should be less than 36 chars"),
    ({"newClientOrderId": "with space"}, -4015, ""),
    ({"reduceOnly": "maybe"}, -1100, ""),
    ({"newOrderRespType": "FULL"}, -1130, ""),
    ({"timeInForce": "GTD"}, -1102, "Mandatory parameter 'goodTillDate'"),
    ({"timeInForce": "GTD", "goodTillDate": 1790000500000}, -5040, ""),
    ({"priceMatch": "QUEUE"}, -5037, ""),
    ({"priceMatch": "OPPONENT_20", "price": None}, -5037, ""),
    ({"quantity": "0.0101"}, -1111, "Precision is over the maximum defined for this asset."),
    ({"price": "83000.001"}, -1111, "Precision is over the maximum defined for this asset."),
    ({"price": "83000.05"}, -4014, "Price not increased by tick size."),
    ({"price": "0"}, -4001, ""),
    ({"price": "100"}, -4013, ""),
    ({"price": "900000"}, -4002, ""),
    ({"price": "88500.0"}, -4016, ""),
    ({"side": "SELL", "price": "79000.0"}, -4024, ""),
    ({"quantity": "0"}, -4003, "Quantity less than zero."),
    ({"quantity": "1001"}, -4005, ""),
    ({"quantity": "0.000"}, -4003, ""),
    ({"price": "83000", "quantity": "0"}, -4003, ""),
    ({"quantity": "900"}, -2019, "Margin is insufficient."),
    ({"timeInForce": "GTX", "price": "84100"}, -5022, "Due to the order could not be executed as maker"),
    ({"timeInForce": "FOK", "price": "83000"}, -5021, "Due to the order could not be filled immediately"),
    ({"reduceOnly": "true"}, -2022, "ReduceOnly Order is rejected."),
]


@pytest.mark.parametrize(("change", "code", "text"), ORDER_COMPLAINTS)
def test_a_bad_order_is_refused_in_the_venues_words(change: dict[str, Any], code: int, text: str) -> None:
    async def act(desk: Desk) -> None:
        reply = await desk.order(**change)
        assert (reply.status, reply.code) == (400, code), reply.body
        assert reply.body["msg"].startswith(text)
        assert (await desk.signed("GET", "/fapi/v1/allOrders")).body == []

    at_the_venue(act)


def test_the_least_notional_is_named() -> None:
    async def act(desk: Desk) -> None:
        reply = await desk.order(quantity="0.000", price="83000")
        assert reply.code == -4003
        small = await desk.order(symbol="DOTUSDT", quantity="1.0", price="1.130000")
        expected = "Order's notional must be no smaller than 5 (unless you choose reduce only)"
        assert small.body == {"code": -4164, "msg": expected}

    at_the_venue(act)


def test_orders_that_are_not_there_have_their_own_codes() -> None:
    async def act(desk: Desk) -> None:
        where = {"symbol": "BTCUSDT", "orderId": 99}
        assert (await desk.signed("GET", "/fapi/v1/order", **where)).code == -2013
        assert (await desk.signed("GET", "/fapi/v1/openOrder", **where)).code == -2013
        assert (await desk.signed("DELETE", "/fapi/v1/order", **where)).body == {
            "code": -2011,
            "msg": "Unknown order sent.",
        }
        change = {"side": "BUY", "quantity": "0.010", "price": "83000"}
        assert (await desk.signed("PUT", "/fapi/v1/order", **where, **change)).code == -2013
        assert (await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT")).code == -1102
        assert (await desk.signed("DELETE", "/fapi/v1/algoOrder", algoId=5)).code == -2013
        assert (await desk.keyed("PUT", "/fapi/v1/listenKey")).code == -1125

    at_the_venue(act)
