"""Fifty clients that ask without a pause, in a process of its own. Prints one JSON line of counts.

python load_client.py '{"url": …, "clients": …, "seconds": …, "price": …}'

Of a client's requests six in ten are orders and their cancels, four in ten questions: depth, position, open orders.
Every request is signed; the replies are read whole, and looked at no further than their status.
"""

import asyncio
import hmac
import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from time import perf_counter, process_time

import uvloop

WARM_UP_S = 2.0
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Client(asyncio.Protocol):
    """One connection: the next request goes out when the reply to the one before is whole."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self.requests = requests
        self.heard = bytearray()
        self.count = self.failed = 0
        self.first_failure = b""
        self.sent_at = 0.0
        self.waits: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.sent_at = perf_counter()
        self.transport.write(next(self.requests))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.heard += data
        end = self.heard.find(_END)
        if end < 0:
            return
        head = bytes(self.heard[:end]).lower()
        at = head.find(_LENGTH) + len(_LENGTH)
        length = int(head[at:].split(b"\r\n", 1)[0])
        if len(self.heard) < end + len(_END) + length:
            return
        if not self.heard.startswith(b"HTTP/1.1 200"):
            self.failed += 1
            self.first_failure = self.first_failure or bytes(self.heard)
        self.heard.clear()
        self.count += 1
        self.waits.append(perf_counter() - self.sent_at)
        self.ask()


def requests(number: int, price: str) -> Iterator[bytes]:
    """Three orders in ten requests, each cancelled by the id that the client gave it, and four questions."""
    key, secret = f"key-{number}", f"secret-{number}".encode()
    where = "symbol=BTCUSDT"
    order = f"{where}&side=BUY&type=LIMIT&quantity=0.010&price={price}&timeInForce=GTC&newClientOrderId="
    depth = b"GET /fapi/v1/depth?symbol=BTCUSDT&limit=20 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    run = time.time_ns() // 1_000_000  # ids of an earlier run may be open still
    questions = cycle((None, ("/fapi/v3/positionRisk", ""), ("/fapi/v1/openOrders", where)))
    for count in range(10**9):
        name = f"load-{run}-{number}-{count}"
        yield encoded(("POST", "/fapi/v1/order", order + name), key, secret)
        yield encoded(("DELETE", "/fapi/v1/order", f"{where}&origClientOrderId={name}"), key, secret)
        if count % 3 == 2:
            yield depth
        asked = next(questions)
        yield depth if asked is None else encoded(("GET", *asked), key, secret)


def encoded(what: tuple[str, str, str], key: str, secret: bytes) -> bytes:
    """A signed request."""
    method, path, params = what
    stamp = f"recvWindow=60000&timestamp={time.time_ns() // 1_000_000}"
    query = f"{params}&{stamp}" if params else stamp
    signature = hmac.digest(secret, query.encode(), "sha256").hex()
    return (
        f"{method} {path}?{query}&signature={signature} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: {key}\r\n\r\n"
    ).encode()


async def run(url: str, clients: int, seconds: float, price: str) -> dict[str, object]:
    """Requests a second after a warm-up, what of them failed, and how long replies took."""
    host, _, port = url.removeprefix("http://").partition(":")
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda number=number: Client(requests(number, price)), host, int(port))
        for number in range(clients)
    ]
    every = [client for _, client in made]
    await asyncio.sleep(WARM_UP_S)
    for client in every:
        client.waits.clear()
    before, start, cpu = sum(client.count for client in every), perf_counter(), process_time()
    await asyncio.sleep(seconds)
    spent, worked, count = perf_counter() - start, process_time() - cpu, sum(client.count for client in every) - before
    waits = sorted(wait for client in every for wait in client.waits)
    for transport, _ in made:
        transport.abort()
    failure = next((client.first_failure for client in every if client.first_failure), b"")
    return {
        "a_second": count / spent,
        "failed": sum(client.failed for client in every),
        "failure": failure.decode("latin-1")[:500],
        "median_ms": waits[len(waits) // 2] * 1e3,
        "p99_ms": waits[len(waits) * 99 // 100] * 1e3,
        "client_share": worked / spent,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.loads(sys.argv[1])))))
