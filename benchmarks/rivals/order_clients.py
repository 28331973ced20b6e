"""Orders of other people's clients, each timed from the call to its result, in microseconds.

At the emulator each order is cancelled after its time was taken; the other end acknowledges at once and does nothing.
"""

import asyncio
from time import perf_counter_ns, thread_time_ns
from typing import Any

WARM_UP = 100
Timed = tuple[list[float], list[float]]
"""Microseconds by the clock, and of the processor."""
KEY, SECRET = "emulator-key", "emulator-secret"


def of_ccxt(**arguments: Any) -> dict[str, Any]:
    return _run(_ccxt(**arguments))


def of_python_binance(**arguments: Any) -> dict[str, Any]:
    return _run(_python_binance(**arguments))


def of_official(base_url: str, echo_url: str, orders: int, price: str) -> dict[str, Any]:
    """Blocking calls in the main thread, as its examples have them."""
    from binance_common.configuration import ConfigurationRestAPI
    from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
        DerivativesTradingUsdsFutures,
    )

    def times(url: str, is_cancelled: bool) -> Timed:
        config = ConfigurationRestAPI(api_key=KEY, api_secret=SECRET, base_path=url, timeout=5000)
        rest = DerivativesTradingUsdsFutures(config_rest_api=config).rest_api
        spent, worked = [], []
        for number in range(orders + WARM_UP):
            key = f"official-{perf_counter_ns()}"
            start, begun = perf_counter_ns(), thread_time_ns()
            rest.new_order(
                symbol="BTCUSDT", side="BUY", type="LIMIT", quantity=0.01, price=float(price), time_in_force="GTC",
                new_client_order_id=key,
            ).data()  # fmt: skip
            end, done = perf_counter_ns(), thread_time_ns()
            if number >= WARM_UP:
                spent.append((end - start) / 1e3)
                worked.append((done - begun) / 1e3)
            if is_cancelled:
                rest.cancel_order(symbol="BTCUSDT", orig_client_order_id=key).data()
        return spent, worked

    return _told(times(base_url, True), times(echo_url, False))


async def _ccxt(base_url: str, echo_url: str, orders: int, price: str) -> dict[str, Any]:
    import ccxt.async_support as ccxt

    versions = {"": "v1", "V2": "v2", "V3": "v3"}

    def urls(url: str) -> dict[str, str]:
        return {f"fapi{kind}{v}": f"{url}/fapi/{p}" for kind in ("Public", "Private") for v, p in versions.items()}

    exchange = ccxt.binanceusdm(
        {
            "apiKey": KEY,
            "secret": SECRET,
            "enableRateLimit": False,
            "options": {"fetchCurrencies": False},
            "urls": {"api": urls(base_url)},
        }
    )
    symbol = "BTC/USDT:USDT"

    async def once() -> Any:
        return (await exchange.create_order(symbol, "limit", "buy", 0.01, float(price)))["id"]

    async def end(key: Any) -> None:
        await exchange.cancel_order(key, symbol)

    try:
        await exchange.load_markets()
        whole = await _timed(once, end, orders)
        exchange.urls["api"].update(urls(echo_url))
        return _told(whole, await _timed(once, None, orders))
    finally:
        await exchange.close()


async def _python_binance(base_url: str, echo_url: str, orders: int, price: str) -> dict[str, Any]:
    from binance import AsyncClient

    client = AsyncClient(KEY, SECRET)

    async def once() -> Any:
        order = await client.futures_create_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", quantity="0.010", price=price, timeInForce="GTC"
        )
        return order["orderId"]

    async def end(key: Any) -> None:
        await client.futures_cancel_order(symbol="BTCUSDT", orderId=key)

    try:
        client.FUTURES_URL = f"{base_url}/fapi"
        whole = await _timed(once, end, orders)
        client.FUTURES_URL = f"{echo_url}/fapi"
        return _told(whole, await _timed(once, None, orders))
    finally:
        await client.close_connection()


async def _timed(once: Any, end: Any, orders: int) -> Timed:
    spent, worked = [], []
    for number in range(orders + WARM_UP):
        start, begun = perf_counter_ns(), thread_time_ns()
        key = await once()
        after, done = perf_counter_ns(), thread_time_ns()
        if number >= WARM_UP:
            spent.append((after - start) / 1e3)
            worked.append((done - begun) / 1e3)
        if end is not None:
            await end(key)
        await asyncio.sleep(0)
    return spent, worked


def _told(at_emulator: Timed, at_other_end: Timed) -> dict[str, Any]:
    return {"whole": at_emulator[0], "own": at_other_end[0], "cpu": at_other_end[1]}


def _run(work: Any) -> dict[str, Any]:
    import uvloop

    result: dict[str, Any] = uvloop.run(work)
    return result
