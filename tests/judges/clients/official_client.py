"""Binance's own Python SDK: its typed REST models, its streams, its WebSocket API."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from verbs import same, serve


class _Complaints(logging.Handler):
    """The SDK says in its log where a reply does not have the types that it documents."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage()[:300])


class OfficialClient:
    """REST calls run in a thread: the SDK's are blocking."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.complaints = _Complaints()
        logging.getLogger().addHandler(self.complaints)
        self.streams: Any = None

    async def connect(self, base: str, key: str, secret: str) -> dict[str, Any]:
        wire = base.replace("http", "ws")
        self.client = DerivativesTradingUsdsFutures(
            config_rest_api=ConfigurationRestAPI(api_key=key, api_secret=secret, base_path=base, timeout=5000),
            config_ws_api=ConfigurationWebSocketAPI(
                api_key=key, api_secret=secret, stream_url=f"{wire}/ws-fapi/v1", timeout=5
            ),
            config_ws_streams=ConfigurationWebSocketStreams(stream_url=wire),
        )
        self.rest = self.client.rest_api
        self.rules = await self._ask(self.rest.exchange_information)
        return {"markets": sorted(symbol.symbol for symbol in self.rules.symbols)}

    async def close(self) -> None:
        if self.streams is not None:
            await self.streams.close_connection(close_session=True)

    async def _ask(self, call: Callable[..., Any], **arguments: Any) -> Any:
        return await asyncio.to_thread(lambda: call(**arguments).data())

    async def instrument(self, name: str) -> dict[str, Any]:
        symbol = next(s for s in self.rules.symbols if s.symbol == name)
        filters = {f.filter_type: f for f in symbol.filters}
        return {
            "tick": filters["PRICE_FILTER"].tick_size,
            "step": filters["LOT_SIZE"].step_size,
            "least_notional": filters["MIN_NOTIONAL"].notional,
        }

    async def market_data(self, name: str) -> dict[str, Any]:
        rest = self.rest
        book = await self._ask(rest.order_book, symbol=name, limit=5)
        ticker = _one(await self._ask(rest.symbol_price_ticker_v2, symbol=name))
        trades = await self._ask(rest.recent_trades_list, symbol=name, limit=5)
        candles = await self._ask(rest.kline_candlestick_data, symbol=name, interval="1m", limit=3)
        mark = _one(await self._ask(rest.mark_price, symbol=name))
        brackets = _one(await self._ask(rest.notional_and_leverage_brackets, symbol=name))
        interest = await self._ask(rest.open_interest, symbol=name)
        first = brackets[0] if isinstance(brackets, list) else brackets
        last = candles[-1]
        return {
            "bid": book.bids[0][0],
            "ask": book.asks[0][0],
            "last": ticker.price,
            "trades": len(trades),
            "candles": len(candles),
            "close": same(_one(last[4] if isinstance(last, list) else last.to_dict()[4])),
            "mark": mark.mark_price,
            "first_leverage": same(first.brackets[0].initial_leverage),
            "open_interest": interest.open_interest,
        }

    async def watch(self, name: str) -> None:
        symbol = name.lower()
        self.streams = self.client.websocket_streams
        await self.streams.create_connection()
        key = (await self._ask(self.rest.start_user_data_stream)).listen_key
        user = await self.streams.user_data(listenKey=key)
        user.on("message", self._hear_user)
        followed = {
            "trade": await self.streams.aggregate_trade_streams(symbol=symbol),
            "mark": await self.streams.mark_price_stream(symbol=symbol, update_speed="1s"),
            "candle": await self.streams.kline_candlestick_streams(symbol=symbol, interval="1m"),
            "quote": await self.streams.individual_symbol_book_ticker_streams(symbol=symbol),
            "book": await self.streams.diff_book_depth_streams(symbol=symbol, update_speed="100ms"),
            "ticker": await self.streams.individual_symbol_ticker_streams(symbol=symbol),
        }
        for kind, stream in followed.items():
            stream.on("message", lambda told, kind=kind: self._hear_market(kind, told))
        await asyncio.sleep(1.5)

    def _hear_market(self, kind: str, told: Any) -> None:
        more = {"price": told.p, "quantity": told.q} if kind == "trade" else {}
        self.events.append({"kind": kind, **more})

    def _hear_user(self, told: Any) -> None:
        event = told.actual_instance if hasattr(told, "actual_instance") else told
        kind = type(event).__name__
        if kind == "OrderTradeUpdate":
            self.events += _order_events(event.o)
        elif kind == "AccountUpdate":
            self.events += [{"kind": "balance", "wallet": b.wb} for b in event.a.B or [] if b.a == "USDT"]
            self.events += [{"kind": "position", "quantity": p.pa} for p in event.a.P or []]
        else:
            self.events.append({"kind": kind})

    async def heard(self) -> list[dict[str, Any]]:
        told, self.events = self.events, []
        return told

    async def complained(self) -> list[str]:
        """What the SDK logged as unlike its documentation."""
        return self.complaints.texts

    async def balance(self) -> dict[str, Any]:
        account = await self._ask(self.rest.account_information_v3)
        balances = await self._ask(self.rest.futures_account_balance_v3)
        free = next(b for b in balances if b.asset == "USDT")
        return {"wallet": account.total_wallet_balance, "free": free.available_balance}

    async def settings(self, name: str, leverage: int, margin: str) -> dict[str, Any]:
        changed = await self._ask(self.rest.change_initial_leverage, symbol=name, leverage=leverage)
        await self._ask(self.rest.change_margin_type, symbol=name, margin_type=margin.upper())
        mode = await self._ask(self.rest.get_current_position_mode)
        return {"leverage": same(changed.leverage), "hedged": mode.dual_side_position}

    async def limit(self, name: str, side: str, quantity: str, price: str, tif: str = "GTC") -> dict[str, Any]:
        return _order(
            await self._ask(
                self.rest.new_order,
                symbol=name,
                side=side.upper(),
                type="LIMIT",
                quantity=float(quantity),
                price=float(price),
                time_in_force=tif,
            )
        )

    async def market(self, name: str, side: str, quantity: str, reduce: bool = False) -> dict[str, Any]:
        more = {"reduce_only": "true"} if reduce else {}
        return _order(
            await self._ask(
                self.rest.new_order,
                symbol=name,
                side=side.upper(),
                type="MARKET",
                quantity=float(quantity),
                new_order_resp_type="RESULT",
                **more,
            )
        )

    async def edit(self, name: str, id: str, side: str, quantity: str, price: str) -> dict[str, Any]:  # noqa: A002
        return _order(
            await self._ask(
                self.rest.modify_order,
                symbol=name,
                side=side.upper(),
                quantity=float(quantity),
                price=float(price),
                order_id=int(id),
            )
        )

    async def order(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self._ask(self.rest.query_order, symbol=name, order_id=int(id)))

    async def cancel(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        return _order(await self._ask(self.rest.cancel_order, symbol=name, order_id=int(id)))

    async def open_orders(self, name: str) -> list[dict[str, Any]]:
        return [_order(order) for order in await self._ask(self.rest.current_all_open_orders, symbol=name)]

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
        return [_order(_one(o)) for o in await self._ask(self.rest.place_multiple_orders, batch_orders=asked)]

    async def cancel_batch(self, name: str, ids: list[str]) -> int:
        ended = await self._ask(self.rest.cancel_multiple_orders, symbol=name, order_id_list=[int(one) for one in ids])
        return sum(_one(order).status == "CANCELED" for order in ended)

    async def cancel_all(self, name: str) -> None:
        await self._ask(self.rest.cancel_all_open_orders, symbol=name)
        await self._ask(self.rest.cancel_all_algo_open_orders, symbol=name)

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
        more = {"trigger_price": trigger, "price": price, "callback_rate": callback}
        order = await self._ask(
            self.rest.new_algo_order,
            algo_type="CONDITIONAL",
            symbol=name,
            side=side.upper(),
            type=kind,
            quantity=float(quantity),
            reduce_only="true",
            **{key: float(value) for key, value in more.items() if value is not None},
        )
        return {"id": same(order.algo_id), "trigger": order.trigger_price}

    async def open_conditionals(self, name: str) -> list[str]:
        return [str(order.algo_id) for order in await self._ask(self.rest.current_all_algo_open_orders, symbol=name)]

    async def cancel_conditional(self, name: str, id: str) -> None:  # noqa: A002
        await self._ask(self.rest.cancel_algo_order, algo_id=int(id))

    async def position(self, name: str) -> dict[str, Any] | None:
        held = [
            p
            for p in await self._ask(self.rest.position_information_v3, symbol=name)
            if float(p.position_amt or 0) != 0
        ]
        if not held:
            return None
        one = held[0]
        return {"quantity": one.position_amt, "entry": one.entry_price, "liquidation": one.liquidation_price}

    async def fills(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "id": same(fill.id),
                "order": same(fill.order_id),
                "side": fill.side.lower(),
                "price": fill.price,
                "quantity": fill.qty,
                "fee": fill.commission,
                "maker": fill.maker,
                "realized": fill.realized_pnl,
            }
            for fill in await self._ask(self.rest.account_trade_list, symbol=name)
        ]

    async def income(self) -> list[dict[str, Any]]:
        rows = await self._ask(self.rest.get_income_history, limit=1000)
        return [{"kind": row.income_type, "amount": row.income} for row in rows]

    async def wire_order(self, name: str, side: str, quantity: str, price: str) -> dict[str, Any]:
        """Place and cancel over the WebSocket API."""
        wire = self.client.websocket_api
        await wire.create_connection()
        try:
            placed = await wire.new_order(
                symbol=name,
                side=side.upper(),
                type="LIMIT",
                quantity=float(quantity),
                price=float(price),
                time_in_force="GTC",
            )
            order = placed.data().result
            ended = (await wire.cancel_order(symbol=name, order_id=order.order_id)).data().result
        finally:
            await wire.close_connection(close_session=True)
        return {"placed": _order(order), "ended": _order(ended)}


def _one(model: Any) -> Any:
    """What a model that may be one of several holds."""
    inner = getattr(model, "actual_instance", None)
    return model if inner is None else inner


def _order(order: Any) -> dict[str, Any]:
    return {
        "id": same(order.order_id),
        "status": order.status,
        "quantity": order.orig_qty,
        "filled": order.executed_qty,
        "price": order.price,
        "average": getattr(order, "avg_price", None),
    }


def _order_events(order: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {
            "kind": "order",
            "id": same(order.i),
            "status": order.X,
            "quantity": order.q,
            "filled": order.z,
            "price": order.p,
            "average": order.ap,
        }
    ]
    if order.x == "TRADE":
        told.append(
            {
                "kind": "fill",
                "id": same(order.t),
                "order": same(order.i),
                "side": order.S.lower(),
                "price": order.L,
                "quantity": order.l,
                "fee": order.n,
                "maker": order.m,
                "realized": order.rp,
            }
        )
    return told


if __name__ == "__main__":
    asyncio.run(serve(OfficialClient()))
