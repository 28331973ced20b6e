"""Orders of the adapter, each timed from submit to its acknowledgement. Prints one JSON line of microseconds.

python our_orders.py '{"base_url": …, "echo_url": …, "orders": …, "price": …}'
"""

import asyncio
import json
import sys
from dataclasses import replace
from decimal import Decimal
from time import perf_counter_ns, thread_time_ns

import uvloop

from geobuk.domain.errors import VenueError
from geobuk.domain.order import OrderRequest, OrderType, Side, TimeInForce
from geobuk.emulators.binance.keys import DEFAULT_KEY, DEFAULT_SECRET
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.venue import BinanceVenue

WARM_UP = 100


async def measure(base_url: str, echo_url: str, orders: int, price: str) -> dict[str, list[float]]:
    """At the emulator, each order cancelled after its time was taken, then at the other end that only answers."""
    wire = base_url.replace("http", "ws", 1)
    spec = BinanceSpec(
        rest_url=base_url,
        stream_url=wire,
        spot_url=base_url,
        allow_unrestricted_ip=True,
        audit_interval_s=0,
    )
    venue = await started(spec)
    try:
        reading = asyncio.create_task(read(venue))
        whole, _ = await timed(venue, "whole", orders, Decimal(price), is_cancelled=True)
        venue.rest.spec = replace(spec, rest_url=echo_url)
        venue.rest._addresses.clear()
        own, cpu = await timed(venue, "own", orders, Decimal(price), is_cancelled=False)
        venue.rest.spec = spec
        venue.rest._addresses.clear()
    finally:
        await venue.stop()
    await reading
    return {"whole": whole, "own": own, "cpu": cpu}


async def started(spec: BinanceSpec) -> BinanceVenue:
    """A venue at work. All clients of a run share one address and its weight, and before it has read the emulator's
    wide limits the adapter keeps to the usual ones: then it has to wait for the next minute.
    """
    for _ in range(30):
        venue = BinanceVenue(ApiCredentials(DEFAULT_KEY, DEFAULT_SECRET), ("BTCUSDT",), spec)
        try:
            await venue.start()
        except VenueError:
            await asyncio.sleep(3.0)
        else:
            return venue
    raise TimeoutError("the adapter could not start within 90 s")


async def timed(
    venue: BinanceVenue, name: str, orders: int, price: Decimal, *, is_cancelled: bool
) -> tuple[list[float], list[float]]:
    """Microseconds of each order after the warm-up: by the clock, and of the processor."""
    spent, worked = [], []
    for number in range(orders + WARM_UP):
        request = OrderRequest(
            f"{name}-{perf_counter_ns()}", "binance", "BTCUSDT", Side.BUY, OrderType.LIMIT, Decimal("0.010"),
            TimeInForce.GTC, "benchmark", price=price,
        )  # fmt: skip
        start, begun = perf_counter_ns(), thread_time_ns()
        await venue.submit(request)
        end, done = perf_counter_ns(), thread_time_ns()
        if number >= WARM_UP:
            spent.append((end - start) / 1e3)
            worked.append((done - begun) / 1e3)
        if is_cancelled:
            await venue.cancel("BTCUSDT", request.client_order_id)
        await asyncio.sleep(0)
    return spent, worked


async def read(venue: BinanceVenue) -> None:
    """Somebody listens to the account."""
    async for _ in venue.updates():
        pass


if __name__ == "__main__":
    print(json.dumps(uvloop.run(measure(**json.loads(sys.argv[1])))))
