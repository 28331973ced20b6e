"""python-binance: AsyncClient and BinanceSocketManager."""

import asyncio
from typing import Any

from binance import AsyncClient, BinanceSocketManager
from verbs import same, serve


class PythonBinanceClient:
    """Answers with the fields of the venue's replies as this library returns them."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.watchers: list[asyncio.Task[None]] = []

    async def connect(self, base: str, key: str, secret: str) -> dict[str, Any]:
        AsyncClient.WS_FUTURES_URL = base.replace("http", "ws") + "/ws-fapi/v1"
        self.client = AsyncClient(key, secret)
        self.client.FUTURES_URL = f"{base}/fapi"
        self.client.FUTURES_DATA_URL = f"{base}/futures/data"
        self.client.API_URL = f"{base}/api"
        self.base = base
        await self.client.futures_ping()
        self.rules = await self.client.futures_exchange_info()
        return {"markets": sorted(symbol["symbol"] for symbol in self.rules["symbols"])}

    async def close(self) -> None:
        for watcher in self.watchers:
            watcher.cancel()
        await asyncio.gather(*self.watchers, return_exceptions=True)
        await self.client.close_connection()

    async def instrument(self, name: str) -> dict[str, Any]:
        symbol = next(s for s in self.rules["symbols"] if s["symbol"] == name)
        filters = {f["filterType"]: f for f in symbol["filters"]}
        return {
            "tick": filters["PRICE_FILTER"]["tickSize"],
            "step": filters["LOT_SIZE"]["stepSize"],
            "least_notional": filters["MIN_NOTIONAL"]["notional"],
        }

    async def market_data(self, name: str) -> dict[str, Any]:
        client = self.client
        book = await client.futures_order_book(symbol=name, limit=5)
        ticker = await client.futures_symbol_ticker(symbol=name)
        trades = await client.futures_recent_trades(symbol=name, limit=5)
        candles = await client.futures_klines(symbol=name, interval="1m", limit=3)
        mark = await client.futures_mark_price(symbol=name)
        brackets = await client.futures_leverage_bracket(symbol=name)
        interest = await client.futures_open_interest(symbol=name)
        first = brackets[0] if isinstance(brackets, list) else brackets
        return {
            "bid": book["bids"][0][0],
            "ask": book["asks"][0][0],
            "last": ticker["price"],
            "trades": len(trades),
            "candles": len(candles),
            "close": candles[-1][4],
            "mark": mark["markPrice"],
            "first_leverage": same(first["brackets"][0]["initialLeverage"]),
            "open_interest": interest["openInterest"],
        }

    async def watch(self, name: str) -> None:
        sockets = BinanceSocketManager(self.client)
        sockets.FSTREAM_URL = self.base.replace("http", "ws") + "/"
        symbol = name.lower()
        self._follow(sockets.futures_user_socket(), self._hear_user)
        self._follow(sockets.aggtrade_futures_socket(name), self._hear_market)
        self._follow(sockets.symbol_mark_price_socket(name), self._hear_market)
        self._follow(sockets.futures_depth_socket(name), self._hear_market)
        self._follow(sockets.kline_futures_socket(name), self._hear_market)
        self._follow(sockets.futures_multiplex_socket([f"{symbol}@bookTicker"], category="public"), self._hear_market)
        await asyncio.sleep(1.5)

    def _follow(self, socket: Any, hear: Any) -> None:
        async def follow() -> None:
            async with socket as stream:
                while True:
                    hear(await stream.recv())

        self.watchers.append(asyncio.create_task(follow()))

    def _hear_market(self, told: dict[str, Any]) -> None:
        data = told.get("data", told)
        kinds = {
            "aggTrade": "trade",
            "markPriceUpdate": "mark",
            "depthUpdate": "book",
            "continuous_kline": "candle",
            "kline": "candle",
            "bookTicker": "quote",
        }
        kind = kinds.get(data.get("e", ""), f"unexpected {told}")
        more: dict[str, Any] = {}
        if kind == "trade":
            more = {"price": data["p"], "quantity": data["q"]}
        elif kind == "book" and data["b"] and data["a"]:
            more = {"bid": data["b"][0][0], "ask": data["a"][0][0]}
        self.events.append({"kind": kind, **more})

    def _hear_user(self, told: dict[str, Any]) -> None:
        data = told.get("data", told)
        if data["e"] == "ORDER_TRADE_UPDATE":
            self.events += _order_events(data["o"])
        elif data["e"] == "ACCOUNT_UPDATE":
            self.events += [{"kind": "balance", "wallet": b["wb"]} for b in data["a"]["B"] if b["a"] == "USDT"]
            self.events += [{"kind": "position", "quantity": p["pa"]} for p in data["a"]["P"]]
        else:
            self.events.append({"kind": data["e"]})

    async def heard(self) -> list[dict[str, Any]]:
        for watcher in self.watchers:
            if watcher.done():
                watcher.result()
        told, self.events = self.events, []
        return told

    async def balance(self) -> dict[str, Any]:
        account = await self.client.futures_account()
        free = next(b for b in await self.client.futures_account_balance() if b["asset"] == "USDT")
        return {"wallet": account["totalWalletBalance"], "free": free["availableBalance"]}

    async def settings(self, name: str, leverage: int, margin: str) -> dict[str, Any]:
        changed = await self.client.futures_change_leverage(symbol=name, leverage=leverage)
        await self.client.futures_change_margin_type(symbol=name, marginType=margin.upper())
        mode = await self.client.futures_get_position_mode()
        return {"leverage": same(changed["leverage"]), "hedged": mode["dualSidePosition"]}

    async def limit(self, name: str, side: str, quantity: str, price: str, tif: str = "GTC") -> dict[str, Any]:
        return _order(
            await self.client.futures_create_order(
                symbol=name, side=side.upper(), type="LIMIT", quantity=quantity, price=price, timeInForce=tif
            )
        )

    async def market(self, name: str, side: str, quantity: str, reduce: bool = False) -> dict[str, Any]:
        more = {"reduceOnly": "true"} if reduce else {}
        return _order(
            await self.client.futures_create_order(
                symbol=name, side=side.upper(), type="MARKET", quantity=quantity, newOrderRespType="RESULT", **more
            )
        )

    async def edit(self, name: str, id: str, side: str, quantity: str, price: str) -> dict[str, Any]:  # noqa: A002
        return _order(
            await self.client.futures_modify_order(
                symbol=name, orderId=id, side=side.upper(), quantity=quantity, price=price
            )
        )

    async def order(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self.client.futures_get_order(symbol=name, orderId=id))

    async def cancel(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self.client.futures_cancel_order(symbol=name, orderId=id))

    async def open_orders(self, name: str) -> list[dict[str, Any]]:
        return [_order(order) for order in await self.client.futures_get_open_orders(symbol=name)]

    async def batch(self, name: str, orders: list[dict[str, str]]) -> list[dict[str, Any]]:
        asked = [
            {
                "symbol": name,
                "side": o["side"].upper(),
                "type": "LIMIT",
                "quantity": o["quantity"],
                "price": o["price"],
                "timeInForce": "GTC",
            }
            for o in orders
        ]
        return [_order(order) for order in await self.client.futures_place_batch_order(batchOrders=asked)]

    async def cancel_batch(self, name: str, ids: list[str]) -> int:
        ended = await self.client.futures_cancel_orders(symbol=name, orderidlist=[int(one) for one in ids])
        return sum(order.get("status") == "CANCELED" for order in ended)

    async def cancel_all(self, name: str) -> None:
        await self.client.futures_cancel_all_open_orders(symbol=name)
        await self.client.futures_cancel_all_algo_open_orders(symbol=name)

    async def conditional(
        self,
        name: str,
        kind: str,
        side: str,
        quantity: str,
        trigger: str | None = None,
        price: str | None = None,
        callback: str | None = None,
    ) -> dict[str, Any]:
        more = {"stopPrice": trigger, "price": price, "callbackRate": callback}
        order = await self.client.futures_create_order(
            symbol=name,
            side=side.upper(),
            type=kind,
            quantity=quantity,
            reduceOnly="true",
            **{key: value for key, value in more.items() if value is not None},
        )
        return {"id": same(order["algoId"]), "trigger": order.get("triggerPrice")}

    async def open_conditionals(self, name: str) -> list[str]:
        orders = await self.client.futures_get_open_orders(symbol=name, conditional=True)
        return [str(order["algoId"]) for order in orders]

    async def cancel_conditional(self, name: str, id: str) -> None:  # noqa: A002
        await self.client.futures_cancel_algo_order(symbol=name, algoId=id)

    async def position(self, name: str) -> dict[str, Any] | None:
        held = [p for p in await self.client.futures_position_information(symbol=name) if float(p["positionAmt"])]
        if not held:
            return None
        one = held[0]
        return {
            "quantity": one["positionAmt"],
            "entry": one["entryPrice"],
            "liquidation": one["liquidationPrice"],
        }

    async def fills(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "id": same(fill["id"]),
                "order": same(fill["orderId"]),
                "side": fill["side"].lower(),
                "price": fill["price"],
                "quantity": fill["qty"],
                "fee": fill["commission"],
                "maker": fill["maker"],
                "realized": fill["realizedPnl"],
            }
            for fill in await self.client.futures_account_trades(symbol=name)
        ]

    async def income(self) -> list[dict[str, Any]]:
        rows = await self.client.futures_income_history(limit=1000)
        return [{"kind": row["incomeType"], "amount": row["income"]} for row in rows]

    async def wire_order(self, name: str, side: str, quantity: str, price: str) -> dict[str, Any]:
        """Place and cancel over the WebSocket API."""
        placed = await self.client.ws_futures_create_order(
            symbol=name, side=side.upper(), type="LIMIT", quantity=quantity, price=price, timeInForce="GTC"
        )
        ended = await self.client.ws_futures_cancel_order(symbol=name, orderId=placed["orderId"])
        return {"placed": _order(placed), "ended": _order(ended)}


def _order(order: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": same(order["orderId"]),
        "status": order["status"],
        "quantity": order["origQty"],
        "filled": order["executedQty"],
        "price": order["price"],
        "average": order.get("avgPrice"),
    }


def _order_events(order: dict[str, Any]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {
            "kind": "order",
            "id": same(order["i"]),
            "status": order["X"],
            "quantity": order["q"],
            "filled": order["z"],
            "price": order["p"],
            "average": order["ap"],
        }
    ]
    if order["x"] == "TRADE":
        told.append(
            {
                "kind": "fill",
                "id": same(order["t"]),
                "order": same(order["i"]),
                "side": order["S"].lower(),
                "price": order["L"],
                "quantity": order["l"],
                "fee": order["n"],
                "maker": order["m"],
                "realized": order["rp"],
            }
        )
    return told


if __name__ == "__main__":
    asyncio.run(serve(PythonBinanceClient()))
