"""An order's life over REST: replies, states, changes, cancels, batches, the dead man's switch."""

import json

from tests.support.emulated_venue import START_MS, Desk, at_the_venue


def _words(text: str) -> list[str]:
    return text.split()


PLACED_KEYS = _words(
    "orderId symbol status clientOrderId price origQty executedQty cumQty timeInForce type reduceOnly  "
    "closePosition side positionSide stopPrice workingType priceProtect origType priceMatch  "
    "selfTradePreventionMode goodTillDate updateTime"
)
SHOWN_KEYS = _words(
    "orderId symbol status clientOrderId price avgPrice origQty executedQty cumQuote timeInForce type reduceOnly  "
    "closePosition side positionSide stopPrice workingType priceProtect origType priceMatch  "
    "selfTradePreventionMode goodTillDate time updateTime"
)


def test_a_filled_market_order_reads_like_the_live_one() -> None:
    async def act(desk: Desk) -> None:
        placed = await desk.market_order("BUY", "4.9", symbol="DOTUSDT", newClientOrderId="6e8f8d89-5b04")
        assert list(placed.body) == PLACED_KEYS
        expected = {
            "symbol": "DOTUSDT",
            "status": "FILLED",
            "clientOrderId": "6e8f8d89-5b04",
            "price": "0.000000",
            "origQty": "4.9",
            "executedQty": "4.9",
            "cumQty": "4.9",
            "timeInForce": "GTC",
            "type": "MARKET",
            "stopPrice": "0.000000",
            "origType": "MARKET",
            "priceMatch": "NONE",
            "selfTradePreventionMode": "EXPIRE_MAKER",
            "goodTillDate": 0,
            "updateTime": START_MS,
        }
        assert placed.body.items() >= expected.items()
        shown = await desk.signed("GET", "/fapi/v1/order", symbol="DOTUSDT", orderId=placed.body["orderId"])
        assert list(shown.body) == SHOWN_KEYS
        assert (shown.body["avgPrice"], shown.body["cumQuote"]) == ("1.1359000", "5.5659100")
        fills = (await desk.signed("GET", "/fapi/v1/userTrades", symbol="DOTUSDT")).body
        assert (
            fills[0].items()
            >= {
                "orderId": placed.body["orderId"],
                "pair": "DOTUSDT",
                "price": "1.135900",
                "qty": "4.9",
                "realizedPnl": "0",
                "quoteQty": "5.5659100",
                "commission": "0.00278295",
                "commissionAsset": "USDT",
                "buyer": True,
                "maker": False,
                "baseQty": "0",
            }.items()
        )

    at_the_venue(act)


def test_an_acknowledgement_is_new_even_of_what_filled_at_once() -> None:
    async def act(desk: Desk) -> None:
        ack = await desk.market_order("BUY", "0.010", newOrderRespType="ACK")
        assert list(ack.body) == PLACED_KEYS
        assert (ack.body["status"], ack.body["executedQty"]) == ("NEW", "0.000")
        taking = await desk.order(price="84000", newOrderRespType="RESULT")
        assert taking.body["status"] == "NEW"
        ioc = await desk.order(price="84000", timeInForce="IOC", quantity="60", newOrderRespType="RESULT")
        assert ioc.code == -2019

    at_the_venue(act)


def test_an_order_goes_from_resting_to_changed_to_canceled() -> None:
    async def act(desk: Desk) -> None:
        number = (await desk.order(newClientOrderId="mine")).body["orderId"]
        assert (await desk.order(newClientOrderId="mine")).code == -4116
        change = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.020", "price": "82000.5"}
        changed = (await desk.signed("PUT", "/fapi/v1/order", origClientOrderId="mine", modifyId=7, **change)).body
        assert (changed["orderId"], changed["pair"], changed["modifyId"]) == (number, "BTCUSDT", 7)
        assert (changed["price"], changed["origQty"]) == ("82000.50", "0.020")
        other = {**change, "price": "82001", "orderId": number}
        assert "modifyId" not in (await desk.signed("PUT", "/fapi/v1/order", **other)).body
        same = await desk.signed("PUT", "/fapi/v1/order", **other)
        assert same.body == {"code": -5027, "msg": "No need to modify the order."}
        history = (await desk.signed("GET", "/fapi/v1/orderAmendment", symbol="BTCUSDT", orderId=number)).body
        assert len(history) == 2
        assert history[1]["amendment"] == {
            "price": {"before": "83000", "after": "82000.5"},
            "origQty": {"before": "0.01", "after": "0.02"},
            "count": 1,
            "modifyId": 7,
        }
        assert (await desk.signed("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", orderId=number)).status == 200
        gone = await desk.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="mine")
        assert (gone.body["status"], list(gone.body)) == ("CANCELED", PLACED_KEYS)
        assert (await desk.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=number)).code == -2011
        assert (await desk.signed("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", orderId=number)).code == -2013
        shown = await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=number)
        assert shown.body["status"] == "CANCELED"
        desk.pass_time(3 * 86_400 + 1)
        assert (await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=number)).code == -2013

    at_the_venue(act, names=("BTCUSDT",))


def test_batches_answer_each_element() -> None:
    async def act(desk: Desk) -> None:
        row = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": 0.01,
            "price": 83000.0,
        }
        rows = [row, {**row, "quantity": "0"}, 5, {**row, "reduceOnly": False}]
        replies = (await desk.signed("POST", "/fapi/v1/batchOrders", batchOrders=json.dumps(rows))).body
        assert [reply.get("code", 0) for reply in replies] == [0, -4003, -1130, 0]
        numbers = [replies[0]["orderId"], replies[3]["orderId"]]
        changes = [
            {"symbol": "BTCUSDT", "side": "BUY", "orderId": number, "quantity": "0.02", "price": "82000"}
            for number in [*numbers, 1]
        ]
        changed = (await desk.signed("PUT", "/fapi/v1/batchOrders", batchOrders=json.dumps(changes))).body
        assert [reply.get("code", reply.get("price")) for reply in changed] == ["82000.00", "82000.00", -2013]
        gone = await desk.signed(
            "DELETE", "/fapi/v1/batchOrders", symbol="BTCUSDT", orderidlist=json.dumps([*numbers, 1])
        )
        assert [reply.get("code", reply.get("status")) for reply in gone.body] == ["CANCELED", "CANCELED", -2011]
        await desk.order(newClientOrderId="a")
        names = {"symbol": "BTCUSDT", "origClientOrderIdList": '["a","b"]'}
        named = await desk.signed("DELETE", "/fapi/v1/batchOrders", **names)
        assert [reply.get("code", reply.get("status")) for reply in named.body] == ["CANCELED", -2011]
        for bad in ("[]", json.dumps([row] * 6)):
            assert (await desk.signed("POST", "/fapi/v1/batchOrders", batchOrders=bad)).code == -4082
        for bad in ("[", "{}", "1", "null", '"x"', "[" * 100_000):
            assert (await desk.signed("POST", "/fapi/v1/batchOrders", batchOrders=bad)).code == -1130

    at_the_venue(act)


def test_everything_open_of_an_instrument_can_be_canceled() -> None:
    async def act(desk: Desk) -> None:
        await desk.order()
        await desk.order(symbol="DOTUSDT", price="1.130000", quantity="10")
        done = await desk.signed("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
        assert done.body == {"code": 200, "msg": "The operation of cancel all open order is done."}
        left = (await desk.signed("GET", "/fapi/v1/openOrders")).body
        assert [order["symbol"] for order in left] == ["DOTUSDT"]

    at_the_venue(act)


def test_the_dead_mans_switch_cancels_unless_called_again() -> None:
    async def act(desk: Desk) -> None:
        await desk.order()
        switch = {"symbol": "BTCUSDT", "countdownTime": 100_000}
        assert (await desk.signed("POST", "/fapi/v1/countdownCancelAll", **switch)).body == {
            "symbol": "BTCUSDT",
            "countdownTime": "100000",
        }
        desk.pass_time(99)
        await desk.signed("POST", "/fapi/v1/countdownCancelAll", **switch)
        desk.pass_time(99)
        assert len((await desk.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")).body) == 1
        desk.pass_time(2)
        assert (await desk.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT")).body == []

    at_the_venue(act)


def test_price_match_follows_the_book() -> None:
    async def act(desk: Desk) -> None:
        prices = {}
        for match in ("QUEUE", "QUEUE_5", "QUEUE_20"):
            reply = await desk.order(price=None, priceMatch=match)
            prices[match] = (reply.body["price"], reply.body["priceMatch"])
        assert prices["QUEUE"] == ("83999.90", "QUEUE")
        assert prices["QUEUE_5"][0] == "83999.50"
        taker = await desk.order(price=None, priceMatch="OPPONENT_5", timeInForce="IOC", newOrderRespType="RESULT")
        assert (taker.body["status"], taker.body["price"]) == ("FILLED", "84000.40")

    at_the_venue(act)


def test_good_till_date_is_kept_in_whole_seconds() -> None:
    async def act(desk: Desk) -> None:
        until = START_MS + 700_999
        reply = await desk.order(timeInForce="GTD", goodTillDate=until)
        assert reply.body["goodTillDate"] == START_MS + 700_000
        desk.pass_time(701)
        shown = await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=reply.body["orderId"])
        assert shown.body["status"] == "EXPIRED"

    at_the_venue(act)


def test_order_test_places_nothing() -> None:
    async def act(desk: Desk) -> None:
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
        assert (await desk.signed("POST", "/fapi/v1/order/test", **order)).body == {}
        assert (await desk.signed("POST", "/fapi/v1/order/test", **{**order, "quantity": "0"})).code == -4003
        assert (await desk.signed("GET", "/fapi/v1/allOrders", symbol="BTCUSDT")).body == []

    at_the_venue(act)
