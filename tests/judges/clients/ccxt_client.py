"""ccxt and ccxt.pro: unified calls and watch_* streams."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt.pro
from verbs import same, serve

_STATES = {"open": "NEW", "closed": "FILLED", "canceled": "CANCELED", "expired": "EXPIRED", "rejected": "REJECTED"}


class CcxtClient:
    """One exchange object for REST and streams."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.watchers: list[asyncio.Task[None]] = []

    async def connect(self, base: str, key: str, secret: str) -> dict[str, Any]:
        versions = {"": "v1", "V2": "v2", "V3": "v3"}
        urls = {f"fapi{kind}{v}": f"{base}/fapi/{p}" for kind in ("Public", "Private") for v, p in versions.items()}
        wire = base.replace("http", "ws")
        self.exchange = ccxt.pro.binanceusdm(
            {
                "apiKey": key,
                "secret": secret,
                "options": {"fetchCurrencies": False, "warnOnFetchOpenOrdersWithoutSymbol": False},
                "urls": {
                    "api": {
                        **urls,
                        "fapiData": f"{base}/futures/data",
                        "ws": {"linear": f"{wire}/ws", "ws-api": {"linear": f"{wire}/ws-fapi/v1"}},
                    }
                },
            }
        )
        self.exchange.exceptions["exact"].update(self.exchange.exceptions["linear"]["exact"])
        markets = await self.exchange.load_markets()
        return {"markets": sorted(markets)}

    async def close(self) -> None:
        for watcher in self.watchers:
            watcher.cancel()
        await asyncio.gather(*self.watchers, return_exceptions=True)
        await self.exchange.close()

    async def instrument(self, name: str) -> dict[str, Any]:
        market = self.exchange.market(_unified(name))
        return {
            "tick": same(market["precision"]["price"]),
            "step": same(market["precision"]["amount"]),
            "least_notional": same(market["limits"]["cost"]["min"]),
        }

    async def market_data(self, name: str) -> dict[str, Any]:
        symbol = _unified(name)
        book = await self.exchange.fetch_order_book(symbol, limit=5)
        ticker = await self.exchange.fetch_ticker(symbol)
        trades = await self.exchange.fetch_trades(symbol, limit=5)
        candles = await self.exchange.fetch_ohlcv(symbol, "1m", limit=3)
        funding = await self.exchange.fetch_funding_rate(symbol)
        tiers = await self.exchange.fetch_leverage_tiers([symbol])
        interest = await self.exchange.fetch_open_interest(symbol)
        return {
            "bid": same(book["bids"][0][0]),
            "ask": same(book["asks"][0][0]),
            "last": same(ticker["last"]),
            "trades": len(trades),
            "candles": len(candles),
            "close": same(candles[-1][4]),
            "mark": same(funding["markPrice"]),
            "first_leverage": same(tiers[symbol][0]["maxLeverage"]),
            "open_interest": same(interest["openInterestAmount"]),
        }

    async def watch(self, name: str) -> None:
        symbol = _unified(name)
        exchange = self.exchange
        self._watch("order", lambda: exchange.watch_orders(symbol), many=True)
        self._watch("fill", lambda: exchange.watch_my_trades(symbol), many=True)
        self._watch("balance", exchange.watch_balance)
        self._watch("position", lambda: exchange.watch_positions([symbol]), many=True)
        self._watch("trade", lambda: exchange.watch_trades(symbol), many=True)
        self._watch("book", lambda: exchange.watch_order_book(symbol))
        self._watch("candle", lambda: exchange.watch_ohlcv(symbol, "1m"), many=True)
        self._watch("quote", lambda: exchange.watch_bids_asks([symbol]))
        self._watch("mark", lambda: exchange.watch_mark_price(symbol))
        self._watch("ticker", lambda: exchange.watch_ticker(symbol))
        await asyncio.sleep(1.5)

    def _watch(self, kind: str, call: Callable[[], Awaitable[Any]], *, many: bool = False) -> None:
        async def follow() -> None:
            while True:
                told = await call()
                for one in told if many else [told]:
                    self.events.append(_event(kind, one))

        self.watchers.append(asyncio.create_task(follow()))

    async def heard(self) -> list[dict[str, Any]]:
        for watcher in self.watchers:
            if watcher.done():
                watcher.result()
        told, self.events = self.events, []
        return told

    async def balance(self) -> dict[str, Any]:
        balance = await self.exchange.fetch_balance()
        return {"wallet": same(balance["info"]["totalWalletBalance"]), "free": same(balance["USDT"]["free"])}

    async def settings(self, name: str, leverage: int, margin: str) -> dict[str, Any]:
        symbol = _unified(name)
        await self.exchange.set_leverage(leverage, symbol)
        await self.exchange.set_margin_mode(margin, symbol)
        mode = await self.exchange.fetch_position_mode(symbol)
        leverages = await self.exchange.fetch_leverages([symbol])
        return {"leverage": same(leverages[symbol]["longLeverage"]), "hedged": mode["hedged"]}

    async def limit(self, name: str, side: str, quantity: str, price: str, tif: str = "GTC") -> dict[str, Any]:
        params = {"postOnly": True} if tif == "GTX" else {"timeInForce": tif}
        order = await self.exchange.create_order(_unified(name), "limit", side, float(quantity), float(price), params)
        return _order(order)

    async def market(self, name: str, side: str, quantity: str, reduce: bool = False) -> dict[str, Any]:
        order = await self.exchange.create_order(
            _unified(name), "market", side, float(quantity), None, {"reduceOnly": True} if reduce else {}
        )
        return _order(order)

    async def edit(self, name: str, id: str, side: str, quantity: str, price: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self.exchange.edit_order(id, _unified(name), "limit", side, float(quantity), float(price)))

    async def order(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self.exchange.fetch_order(id, _unified(name)))

    async def cancel(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self.exchange.cancel_order(id, _unified(name)))

    async def open_orders(self, name: str) -> list[dict[str, Any]]:
        return [_order(order) for order in await self.exchange.fetch_open_orders(_unified(name))]

    async def batch(self, name: str, orders: list[dict[str, str]]) -> list[dict[str, Any]]:
        asked = [
            {
                "symbol": _unified(name),
                "type": "limit",
                "side": o["side"],
                "amount": float(o["quantity"]),
                "price": float(o["price"]),
            }
            for o in orders
        ]
        return [_order(order) for order in await self.exchange.create_orders(asked)]

    async def cancel_batch(self, name: str, ids: list[str]) -> int:
        return len(await self.exchange.cancel_orders(ids, _unified(name)))

    async def cancel_all(self, name: str) -> None:
        await self.exchange.cancel_all_orders(_unified(name))
        await self.exchange.cancel_all_orders(_unified(name), {"trigger": True})

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
        params: dict[str, Any] = {"reduceOnly": True}
        if kind == "TRAILING_STOP_MARKET":
            params["trailingPercent"] = callback
        else:
            params["stopPrice"] = trigger
        order = await self.exchange.create_order(
            _unified(name), kind, side, float(quantity), None if price is None else float(price), params
        )
        return {"id": order["id"], "trigger": same(order["triggerPrice"])}

    async def open_conditionals(self, name: str) -> list[str]:
        return [
            order["id"] for order in await self.exchange.fetch_open_orders(_unified(name), params={"trigger": True})
        ]

    async def cancel_conditional(self, name: str, id: str) -> None:  # noqa: A002
        await self.exchange.cancel_order(id, _unified(name), {"trigger": True})

    async def position(self, name: str) -> dict[str, Any] | None:
        held = await self.exchange.fetch_positions([_unified(name)])
        if not held:
            return None
        one = held[0]
        amount = float(one["contracts"]) * (1 if one["side"] == "long" else -1)
        return {
            "quantity": same(amount),
            "entry": same(one["entryPrice"]),
            "liquidation": same(one["liquidationPrice"]),
        }

    async def fills(self, name: str) -> list[dict[str, Any]]:
        return [_fill(fill) for fill in await self.exchange.fetch_my_trades(_unified(name))]

    async def income(self) -> list[dict[str, Any]]:
        rows = await self.exchange.fetch_ledger("USDT")
        return [{"kind": row["info"]["incomeType"], "amount": row["info"]["income"]} for row in rows]

    async def wire_order(self, name: str, side: str, quantity: str, price: str) -> dict[str, Any]:
        """Place and cancel over the WebSocket API."""
        placed = await self.exchange.create_order_ws(_unified(name), "limit", side, float(quantity), float(price))
        ended = await self.exchange.cancel_order_ws(placed["id"], _unified(name))
        return {"placed": _order(placed), "ended": _order(ended)}


def _unified(name: str) -> str:
    return f"{name.removesuffix('USDT')}/USDT:USDT"


def _order(order: dict[str, Any]) -> dict[str, Any]:
    status = _STATES.get(order["status"], order["status"])
    if status == "NEW" and order["filled"]:
        status = "PARTIALLY_FILLED"
    return {
        "id": order["id"],
        "status": status,
        "quantity": same(order["amount"]),
        "filled": same(order["filled"]),
        "price": same(order["price"]),
        "average": same(order["average"]),
    }


def _fill(fill: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": fill["id"],
        "order": fill["order"],
        "side": fill["side"],
        "price": same(fill["price"]),
        "quantity": same(fill["amount"]),
        "fee": same(fill["fee"]["cost"]),
        "maker": fill["takerOrMaker"] == "maker",
        "realized": same(fill["info"].get("realizedPnl", fill["info"].get("rp"))),
    }


def _event(kind: str, told: Any) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if kind == "order":
        more = _order(told)
    elif kind == "fill":
        more = _fill(told)
    elif kind == "balance":
        more = {"wallet": same(told.get("USDT", {}).get("total"))}
    elif kind == "position":
        more = {"quantity": same(told["contracts"]), "side": told["side"]}
    elif kind == "book":
        more = {"bid": same(told["bids"][0][0]), "ask": same(told["asks"][0][0])}
    elif kind == "trade":
        more = {"price": same(told["price"]), "quantity": same(told["amount"])}
    return {"kind": kind, **more}


if __name__ == "__main__":
    asyncio.run(serve(CcxtClient()))
