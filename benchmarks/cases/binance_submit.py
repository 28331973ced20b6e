"""An order from submit to its acknowledgement: what the adapter adds to a bare round trip over the same loopback.

The other end is a process that answers each request with the same acknowledgement and does nothing else.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter_ns

import numpy as np
import uvloop
from bench import ROOT, Bench
from measuring import Figure, Timing

from geobuk.ops.clock import WallClock
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.rate_budget import Limit
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.trading import OrderDesk
from geobuk.venues.binance.trading_guard import TradingGuard
from geobuk.venues.binance.transport import HttpTransport

sys.path.insert(0, str(ROOT))
from tests.support.binance_orders import limits, order_reply, request

CALLS = 4_000
WARM_UP = 200
BODY = json.dumps(order_reply(), separators=(",", ":")).encode()
ACKNOWLEDGED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-MBX-USED-WEIGHT-1M: 1\r\n"
    b"X-MBX-ORDER-COUNT-10S: 1\r\nX-MBX-ORDER-COUNT-1M: 1\r\n\r\n%s" % (len(BODY), BODY)
)
OTHER_END = f"""
import socket, threading
answer = {ACKNOWLEDGED!r}
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
def serve(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    heard = b""
    while data := client.recv(65536):
        heard += data
        while b"\\r\\n\\r\\n" in heard:
            heard = heard.split(b"\\r\\n\\r\\n", 1)[1]
            client.sendall(answer)
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
"""


def run(bench: Bench) -> list[Figure]:
    """Microseconds in the middle and at the 99th percentile, and what of the middle is the adapter's own share."""
    own, slow, share = [], [], []
    for _ in range(bench.repeats):
        bare, submit = uvloop.run(_measure())
        own.append(float(np.percentile(submit, 50)))
        slow.append(float(np.percentile(submit, 99)))
        share.append(own[-1] - float(np.percentile(bare, 50)))
    return [
        _figure("binance_submit_to_ack", own),
        _figure("binance_submit_to_ack_p99", slow),
        _figure("binance_submit_own_share", share),
    ]


def _figure(name: str, repeats: list[float]) -> Figure:
    timing = Timing(tuple(repeats))
    return Figure(name, timing.median, "µs", spread=timing.spread)


async def _measure() -> tuple[np.ndarray, np.ndarray]:
    with subprocess.Popen([sys.executable, "-c", OTHER_END], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        try:
            return await _bare(port), await _submitted(port)
        finally:
            other.kill()


async def _bare(port: int) -> np.ndarray:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = b"POST /fapi/v1/order?" + b"x" * 250 + b" HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: " + b"k" * 64 + b"\r\n\r\n"

    async def once(_: int) -> None:
        writer.write(asked)
        await reader.readexactly(len(ACKNOWLEDGED))

    spent = await _timed(once)
    writer.close()
    await writer.wait_closed()
    return spent


async def _submitted(port: int) -> np.ndarray:
    spec = BinanceSpec(rest_url=f"http://127.0.0.1:{port}")
    rest = BinanceRest(spec, HttpTransport(spec), WallClock(), ApiCredentials("k" * 64, "s" * 64))
    rest.budget.set_limits([Limit(False, 60, 10**9), Limit(True, 60, 10**9), Limit(True, 10, 10**9)])
    known, rules = KnownOrders(), {"BTCUSDT": limits()}
    reader = AccountReader(rest, known, lambda name: rules[name].symbol_param)
    desk = OrderDesk(rest, known, reader, TradingGuard(), lambda: rules)
    orders = [request(f"bench-{number}") for number in range(CALLS + WARM_UP)]

    async def once(number: int) -> None:
        await desk.submit(orders[number])

    spent = await _timed(once)
    await rest.close()
    return spent


async def _timed(act: Callable[[int], Awaitable[None]]) -> np.ndarray:
    spent = np.empty(CALLS + WARM_UP)
    for number in range(CALLS + WARM_UP):
        start = perf_counter_ns()
        await act(number)
        spent[number] = (perf_counter_ns() - start) / 1e3
    return spent[WARM_UP:]
