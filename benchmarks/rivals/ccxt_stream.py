"""Trades from a loopback socket to each library's event: ccxt.pro's watch_trades, and websockets with json."""

import asyncio
import json
from decimal import Decimal
from time import perf_counter
from typing import Any

MARKET = {
    "id": "BTCUSDT",
    "lowercaseId": "btcusdt",
    "symbol": "BTC/USDT:USDT",
    "base": "BTC",
    "quote": "USDT",
    "settle": "USDT",
    "baseId": "BTC",
    "quoteId": "USDT",
    "settleId": "USDT",
    "type": "swap",
    "spot": False,
    "margin": False,
    "swap": True,
    "future": False,
    "option": False,
    "active": True,
    "contract": True,
    "linear": True,
    "inverse": False,
    "contractSize": 1.0,
    "precision": {"amount": 0.001, "price": 0.1},
    "limits": {},
    "info": {},
}


def watch_trades(port: int, count: int) -> dict[str, Any]:
    """Seconds from the first trade to the last that ccxt.pro hands over; it parses every message."""
    return _run(_watch(port, count))


def plain(port: int, count: int) -> dict[str, Any]:
    """Seconds from the first trade to the last with websockets, json and Decimals in a tuple."""
    return _run(_plain(port, count))


def _run(work: Any) -> dict[str, Any]:
    try:
        import uvloop

        return uvloop.run(work)
    except ImportError:
        return asyncio.run(work)


async def _watch(port: int, count: int) -> dict[str, Any]:
    import ccxt.pro

    exchange = ccxt.pro.binanceusdm({"newUpdates": True})
    exchange.urls["api"]["ws"]["linear"] = f"ws://127.0.0.1:{port}/ws"
    exchange.set_markets([MARKET])
    start, last = 0.0, 0
    try:
        while last < count:
            trades = await exchange.watch_trades("BTC/USDT:USDT", params={"name": "aggTrade"})
            start = start or perf_counter()
            last = int(trades[-1]["id"])
        return {"seconds": perf_counter() - start}
    finally:
        await exchange.close()


async def _plain(port: int, count: int) -> dict[str, Any]:
    import websockets

    start = seen = 0
    async with websockets.connect(f"ws://127.0.0.1:{port}/market/stream?streams=btcusdt@aggTrade") as socket:
        async for frame in socket:
            start = start or perf_counter()
            told = json.loads(frame)["data"]
            _event = (
                told["s"],
                told["T"] * 1_000_000,
                Decimal(told["p"]),
                Decimal(told["q"]),
                -1 if told["m"] else 1,
                told["a"],
            )
            seen += 1
            if seen == count:
                break
        return {"seconds": perf_counter() - start}
