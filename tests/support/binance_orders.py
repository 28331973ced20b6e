"""Rules, requests, states and events for tests of the Binance adapter, each with its usual values."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from geobuk.domain.order import OrderRequest, OrderState, OrderStatus, OrderType, Side, TimeInForce
from geobuk.venues.binance.messages.rules import SymbolRules
from geobuk.venues.binance.messages.user_events import UserEvent
from geobuk.venues.binance.rules import OrderLimits, order_limits

VENUE_MS = 1_790_000_000_000

BTC: dict[str, Any] = {
    "symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL", "deliveryDate": 4133404800000,
    "onboardDate": 1569398400000, "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "marginAsset": "USDT",
    "pricePrecision": 2, "quantityPrecision": 3, "liquidationFee": "0.012500", "triggerProtect": "0.0500",
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "261.10", "maxPrice": "809484", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200}, {"filterType": "MIN_NOTIONAL", "notional": "50"},
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ],
    "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
                   "TRAILING_STOP_MARKET"],
    "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD", "RPI"],
}  # fmt: skip


def symbol_rules(**changes: Any) -> SymbolRules:
    return msgspec.convert({**BTC, **changes}, SymbolRules, strict=False)


def limits(**changes: Any) -> OrderLimits:
    return order_limits(symbol_rules(**changes))


def request(key: str = "a-1", **changes: Any) -> OrderRequest:
    """A limit buy of 0.010 BTC at 60,000."""
    values: dict[str, Any] = {
        "client_order_id": key, "venue": "binance", "instrument": "BTCUSDT", "side": Side.BUY, "type": OrderType.LIMIT,
        "quantity": Decimal("0.010"), "time_in_force": TimeInForce.GTC, "reason": "test", "price": Decimal(60_000),
    }  # fmt: skip
    return OrderRequest(**{**values, **changes})


def state(status: OrderStatus = OrderStatus.NEW, filled: str = "0", at_ms: int = 1, **changes: Any) -> OrderState:
    values: dict[str, Any] = {
        "venue": "binance", "instrument": "BTCUSDT", "client_order_id": "a-1", "venue_order_id": "7", "side": Side.BUY,
        "type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC, "status": status, "quantity": Decimal("0.010"),
        "filled": Decimal(filled), "at_ns": at_ms * 1_000_000, "price": Decimal(60_000),
    }  # fmt: skip
    return OrderState(**{**values, **changes})


def order_reply(key: str = "a-1", **changes: Any) -> dict[str, Any]:
    return {
        "orderId": 7, "symbol": "BTCUSDT", "status": "NEW", "clientOrderId": key, "price": "60000.0",
        "origQty": "0.010", "executedQty": "0", "cumQty": "0", "timeInForce": "GTC", "type": "LIMIT",
        "reduceOnly": False, "closePosition": False, "side": "BUY", "positionSide": "BOTH", "stopPrice": "0",
        "updateTime": VENUE_MS, **changes,
    }  # fmt: skip


def algo_reply(key: str = "s-1", **changes: Any) -> dict[str, Any]:
    return {
        "algoId": 4_000_000_000_000_001, "clientAlgoId": key, "algoType": "CONDITIONAL", "orderType": "STOP_MARKET",
        "symbol": "BTCUSDT", "side": "SELL", "positionSide": "BOTH", "timeInForce": "GTC", "quantity": "0.010",
        "algoStatus": "NEW", "triggerPrice": "58000.0", "price": "0", "createTime": VENUE_MS, "updateTime": VENUE_MS,
        **changes,
    }  # fmt: skip


def order_event(at_ms: int = VENUE_MS, **changes: Any) -> UserEvent:
    """An order accepted; ``changes`` are the venue's letters."""
    body = {
        "s": "BTCUSDT", "c": "a-1", "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "0.01", "p": "60000", "ap": "0",
        "x": "NEW", "X": "NEW", "i": 7, "l": "0", "z": "0", "L": "0", "T": at_ms, "t": 0, "m": False, "R": False,
        "rp": "0", "ps": "BOTH", "er": "0", **changes,
    }  # fmt: skip
    return event({"e": "ORDER_TRADE_UPDATE", "E": at_ms, "T": at_ms, "o": body})


def fill_event(trade: int, last: str, total: str, at_ms: int = VENUE_MS, **changes: Any) -> UserEvent:
    status = "FILLED" if Decimal(total) >= Decimal("0.01") else "PARTIALLY_FILLED"
    letters = {"x": "TRADE", "X": status, "l": last, "z": total, "L": "60000", "ap": "60000", "t": trade, "n": "0.1",
               "N": "USDT", "m": True}  # fmt: skip
    return order_event(at_ms, **{**letters, **changes})


def account_event(at_ms: int = VENUE_MS, reason: str = "ORDER", **parts: Any) -> UserEvent:
    return event({"e": "ACCOUNT_UPDATE", "E": at_ms, "T": at_ms, "a": {"m": reason, "B": [], "P": [], **parts}})


def event(content: Mapping[str, Any]) -> UserEvent:
    return msgspec.json.decode(json.dumps(content).encode(), type=UserEvent)
