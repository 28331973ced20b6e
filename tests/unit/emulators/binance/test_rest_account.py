"""Money, positions, settings and their histories over REST."""

from tests.support.emulated_venue import START_MS, Desk, at_the_venue

DAY_MS = 86_400_000


def test_a_position_is_shown_alike_on_every_page() -> None:
    async def act(desk: Desk) -> None:
        await desk.market_order("BUY", "0.500")
        desk.quote("61234.50", "61234.60", "84100.00")
        risk = (await desk.signed("GET", "/fapi/v3/positionRisk", symbol="BTCUSDT")).body
        assert len(risk) == 1
        expected = {
            "positionAmt": "0.500",
            "entryPrice": "84000",
            "breakEvenPrice": "84042",
            "markPrice": "84100.00000000",
            "unRealizedProfit": "50.00000000",
            "notional": "42050.00000000",
            "marginAsset": "USDT",
            "isolatedMargin": "0",
            "positionInitialMargin": "2102.50000000",
            "maintMargin": "168.20000000",
        }
        assert risk[0].items() >= expected.items()
        account = (await desk.signed("GET", "/fapi/v3/account")).body
        assert account["totalWalletBalance"] == "9979.00000000"
        assert account["totalUnrealizedProfit"] == "50.00000000"
        assert account["totalMarginBalance"] == "10029.00000000"
        assert [row["symbol"] for row in account["positions"]] == ["BTCUSDT"]
        older = (await desk.signed("GET", "/fapi/v2/account")).body
        assert [(row["symbol"], row["positionAmt"]) for row in older["positions"]] == [
            ("BTCUSDT", "0.500"),
            ("DOTUSDT", "0.0"),
        ]
        flat = older["positions"][1]
        assert (flat["entryPrice"], flat["notional"], flat["leverage"], flat["isolated"]) == ("0.0", "0", "20", False)
        balance = (await desk.signed("GET", "/fapi/v3/balance")).body
        assert [(row["asset"], row["balance"]) for row in balance] == [("USDT", "9979.00000000")]

    at_the_venue(act)


def test_settings_are_set_once_and_refused_twice() -> None:
    async def act(desk: Desk) -> None:
        leverage = await desk.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=21)
        assert leverage.body == {"leverage": 21, "maxNotionalValue": "70000000", "symbol": "BTCUSDT"}
        for wrong in (0, 151, -1):
            reply = await desk.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=wrong)
            assert reply.body == {"code": -4028, "msg": f"Leverage {wrong} is not valid"}
        isolated = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
        assert (await desk.signed("POST", "/fapi/v1/marginType", **isolated)).body == {"code": 200, "msg": "success"}
        again = await desk.signed("POST", "/fapi/v1/marginType", **isolated)
        assert (again.status, again.body) == (400, {"code": -4046, "msg": "No need to change margin type."})
        config = (await desk.signed("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")).body
        assert config == [
            {
                "symbol": "BTCUSDT",
                "marginType": "ISOLATED",
                "isAutoAddMargin": False,
                "leverage": 21,
                "maxNotionalValue": "70000000",
            }
        ]
        await desk.order()
        blocked = await desk.signed("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="CROSSED")
        assert blocked.code == -4047
        hedge = await desk.signed("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        assert hedge.code == -4067

    at_the_venue(act)


def test_hedge_mode_has_two_legs() -> None:
    async def act(desk: Desk) -> None:
        path = "/fapi/v1/positionSide/dual"
        assert (await desk.signed("POST", path, dualSidePosition="false")).code == -4059
        assert (await desk.signed("POST", path, dualSidePosition="true")).body == {"code": 200, "msg": "success"}
        assert (await desk.signed("GET", path)).body == {"dualSidePosition": True}
        assert (await desk.market_order("BUY", "0.010")).code == -4061
        assert (await desk.market_order("BUY", "0.010", positionSide="LONG", reduceOnly="true")).code == -1106
        assert (await desk.market_order("BUY", "0.010", positionSide="LONG")).body["status"] == "FILLED"
        assert (await desk.market_order("SELL", "0.020", positionSide="SHORT")).body["status"] == "FILLED"
        rows = (await desk.signed("GET", "/fapi/v3/positionRisk")).body
        assert [(row["positionSide"], row["positionAmt"]) for row in rows] == [("LONG", "0.010"), ("SHORT", "-0.020")]
        older = (await desk.signed("GET", "/fapi/v2/positionRisk", symbol="BTCUSDT")).body
        assert [row["positionSide"] for row in older] == ["BOTH", "LONG", "SHORT"]

    at_the_venue(act)


def test_isolated_margin_can_be_moved() -> None:
    async def act(desk: Desk) -> None:
        await desk.signed("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
        move = {"symbol": "BTCUSDT", "amount": "100", "type": 1}
        assert (await desk.signed("POST", "/fapi/v1/positionMargin", **move)).status == 400
        await desk.market_order("BUY", "0.010")
        assert (await desk.signed("POST", "/fapi/v1/positionMargin", **move)).body == {
            "amount": 100.0,
            "code": 200,
            "msg": "Successfully modify position margin.",
            "type": 1,
        }
        assert (await desk.signed("POST", "/fapi/v1/positionMargin", **{**move, "type": 3})).code == -1130
        history = (await desk.signed("GET", "/fapi/v1/positionMargin/history", symbol="BTCUSDT")).body
        assert history == [
            {
                "symbol": "BTCUSDT",
                "type": 1,
                "deltaType": "USER_ADJUST",
                "amount": "100.00000000",
                "asset": "USDT",
                "time": START_MS,
                "positionSide": "BOTH",
            }
        ]
        risk = (await desk.signed("GET", "/fapi/v2/positionRisk", symbol="BTCUSDT")).body[0]
        assert (risk["marginType"], risk["isolatedWallet"]) == ("isolated", "142.00000000")

    at_the_venue(act)


def test_funding_is_paid_and_listed() -> None:
    async def act(desk: Desk) -> None:
        await desk.market_order("BUY", "0.500")
        desk.market.rate("BTCUSDT", desk.clock.at_ns, "0.0001")
        desk.pass_time(6400)
        rows = (await desk.signed("GET", "/fapi/v1/income", incomeType="FUNDING_FEE", symbol="BTCUSDT")).body
        assert [row["income"] for row in rows] == ["-4.19950000"]
        assert list(rows[0]) == ["symbol", "incomeType", "income", "asset", "info", "time", "tranId", "tradeId"]
        public = (await desk.public("/fapi/v1/fundingRate", symbol="BTCUSDT")).body
        assert [(row["fundingRate"], row["markPrice"]) for row in public] == [("0.00010000", "83990.00000000")]
        assert public[0]["fundingTime"] == rows[0]["time"] == 1_790_006_400_000
        kinds = [row["incomeType"] for row in (await desk.signed("GET", "/fapi/v1/income")).body]
        assert kinds == ["TRANSFER", "COMMISSION", "FUNDING_FEE"]
        assert (await desk.signed("GET", "/fapi/v1/income", incomeType="LUCK")).code == -1130

    at_the_venue(act, names=("BTCUSDT",))


def test_orders_page_from_the_newest_and_fills_from_the_oldest() -> None:
    async def act(desk: Desk) -> None:
        numbers = []
        for _ in range(5):
            numbers.append((await desk.market_order("BUY", "0.010")).body["orderId"])
            desk.pass_time(1)

        async def orders(**params: object) -> list[int]:
            rows = (await desk.signed("GET", "/fapi/v1/allOrders", symbol="BTCUSDT", **params)).body
            return [row["orderId"] for row in rows]

        async def fills(**params: object) -> list[int]:
            rows = (await desk.signed("GET", "/fapi/v1/userTrades", symbol="BTCUSDT", **params)).body
            return [row["orderId"] for row in rows]

        assert await orders(limit=2) == numbers[3:]
        assert await fills(limit=2) == numbers[:2]
        assert await orders(orderId=numbers[1], limit=2) == numbers[1:3]
        assert await fills(orderId=numbers[1]) == [numbers[1]]
        assert await orders(startTime=START_MS + 1000, endTime=START_MS + 2000) == numbers[1:3]
        assert await fills(startTime=START_MS + 3000) == numbers[3:]
        trades = (await desk.signed("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")).body
        assert await fills(fromId=trades[2]["id"], limit=2) == numbers[2:4]

        async def code(path: str, **params: object) -> int:
            return (await desk.signed("GET", path, symbol="BTCUSDT", **params)).code

        for path in ("/fapi/v1/userTrades", "/fapi/v1/allOrders"):
            window = {"startTime": START_MS, "endTime": START_MS + 7 * DAY_MS + 1}
            assert await code(path, **window) == -4165
            assert await code(path, startTime=START_MS, endTime=START_MS - 1) == -1130
            assert await code(path, limit=0) == -1130
        assert await code("/fapi/v1/userTrades", fromId=1, startTime=1) == -1128
        assert await orders(startTime=START_MS - 8 * DAY_MS) == []
        assert len(await orders(limit=100_000)) == 5

    at_the_venue(act)


def test_a_liquidation_is_a_forced_order() -> None:
    async def act(desk: Desk) -> None:
        await desk.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=100)
        assert (await desk.market_order("BUY", "5")).body["status"] == "FILLED"
        desk.quote("81500.00", "81500.10", "81500.00")
        desk.pass_time(1)
        forced = (await desk.signed("GET", "/fapi/v1/forceOrders", autoCloseType="LIQUIDATION")).body
        assert forced
        assert forced[0]["clientOrderId"].startswith("autoclose-")
        first = "orderId symbol pair status clientOrderId price avgPrice origQty executedQty cumQuote cumBase"
        second = "timeInForce type reduceOnly closePosition side positionSide stopPrice workingType origType time"
        assert list(forced[0]) == [*first.split(), *second.split(), "updateTime"]
        assert (await desk.signed("GET", "/fapi/v1/forceOrders", autoCloseType="ADL")).body == []
        assert (await desk.signed("GET", "/fapi/v3/positionRisk")).body == []

    at_the_venue(act)


def test_an_order_that_only_bears_the_name_of_a_forced_one_is_none() -> None:
    async def act(desk: Desk) -> None:
        for name in ("autoclose-1", "adl_autoclose"):
            assert (await desk.order(newClientOrderId=name)).status == 200
        assert (await desk.signed("GET", "/fapi/v1/forceOrders")).body == []

    at_the_venue(act)


def test_modes_that_only_show_are_remembered() -> None:
    async def act(desk: Desk) -> None:
        for path, name, again in (("feeBurn", "feeBurn", 0), ("multiAssetsMargin", "multiAssetsMargin", -4171)):
            assert (await desk.signed("POST", f"/fapi/v1/{path}", **{name: "true"})).body == {
                "code": 200,
                "msg": "success",
            }
            assert (await desk.signed("GET", f"/fapi/v1/{path}")).body == {name: True}
            reply = await desk.signed("POST", f"/fapi/v1/{path}", **{name: "true"})
            assert (0 if reply.status == 200 else reply.code) == again
        assert (await desk.signed("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")).code == -4168

    at_the_venue(act)


def test_listen_keys_live_an_hour() -> None:
    async def act(desk: Desk) -> None:
        key = (await desk.keyed("POST", "/fapi/v1/listenKey")).body["listenKey"]
        assert len(key) == 64
        desk.pass_time(3599)
        assert (await desk.keyed("PUT", "/fapi/v1/listenKey")).body == {"listenKey": key}
        ended: list[str] = []
        desk.exchange.listen_keys.on_expired(lambda held, _: ended.append(held.key))
        desk.pass_time(3599)
        assert (await desk.keyed("POST", "/fapi/v1/listenKey")).body == {"listenKey": key}
        desk.pass_time(3601)
        assert ended == [key]
        assert (await desk.keyed("PUT", "/fapi/v1/listenKey", listenKey=key)).code == -1125
        fresh = (await desk.keyed("POST", "/fapi/v1/listenKey")).body["listenKey"]
        assert fresh != key
        assert (await desk.keyed("DELETE", "/fapi/v1/listenKey")).body == {}
        assert (await desk.keyed("PUT", "/fapi/v1/listenKey")).code == -1125

    at_the_venue(act)
