"""An order from submit to its acknowledgement at the emulator, and how much of that is the client's own share.

The same orders go to another end that acknowledges at once; what a bare socket needs there for bytes encoded
beforehand is the server's and the wire's, the rest is the client's: encoding, signing, HTTP, the event loop, parsing.
"""

import hmac
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from time import perf_counter_ns
from typing import Any
from urllib.request import urlopen

import numpy as np
from bench import Bench, CaseFailedError, RivalCall
from emulator_process import Settings, emulator
from measuring import Figure, Rival, Timing, one_core

from geobuk.emulators.binance.keys import DEFAULT_KEY, DEFAULT_SECRET

ROUNDS, ORDERS = 5, 500
HERE = Path(__file__).resolve().parent.parent
RIVALS = {
    "ccxt": "order_clients:of_ccxt",
    "python-binance": "order_clients:of_python_binance",
    "binance-sdk-derivatives-trading-usds-futures": "order_clients:of_official",
}
SHORT = {"ccxt": "ccxt", "python-binance": "python_binance", "binance-sdk-derivatives-trading-usds-futures": "official"}
Samples = dict[str, list[float]]


@dataclass
class Side:
    """One client's rounds, in microseconds: percentiles of the whole round trip, of its own share by the clock, and of
    the processor's time that an order costs it."""

    whole: dict[int, list[float]] = field(default_factory=lambda: {50: [], 99: []})
    own: dict[int, list[float]] = field(default_factory=lambda: {50: [], 99: []})
    cpu: dict[int, list[float]] = field(default_factory=lambda: {50: [], 99: []})

    def take(self, samples: Samples, bare: float) -> None:
        for percent in (50, 99):
            self.whole[percent].append(float(np.percentile(samples["whole"], percent)))
            self.own[percent].append(float(np.percentile(samples["own"], percent)) - bare)
            self.cpu[percent].append(float(np.percentile(samples["cpu"], percent)))


def run(bench: Bench) -> list[Figure]:
    """Rounds of all clients in turns, against one emulator and one other end."""
    with emulator(Settings()) as (base_url, _), other_end(base_url) as (echo_url, price):
        arguments = {"base_url": base_url, "echo_url": echo_url, "orders": ORDERS, "price": price}
        calls = {name: RivalCall(name, function, arguments, environment="clients") for name, function in RIVALS.items()}
        working = {name: call for name, call in calls.items() if bench.ask(call) is not None}
        sides = {name: Side() for name in ("ours", *working)}
        bares: list[float] = []
        for _ in range(ROUNDS):
            bares.append(float(np.percentile(bare(echo_url, price), 50)))
            sides["ours"].take(ours(arguments), bares[-1])
            for name, call in working.items():
                answer = bench.ask(call)
                if answer is not None:
                    sides[name].take(answer, bares[-1])
    bench.notes.append(
        f"binance_round_trip: {ROUNDS * ORDERS:,} orders of each client; a bare socket needs "
        f"{np.median(bares):.0f} µs at the other end that only acknowledges (rounds from {min(bares):.0f} to "
        f"{max(bares):.0f} µs), which every client's own share leaves out."
    )
    return figures(bench, sides)


def figures(bench: Bench, sides: dict[str, Side]) -> list[Figure]:
    """Whole and own share, middle and 99th percentile, beside each rival's."""
    found = []
    kinds: tuple[tuple[str, Callable[[Side], dict[int, list[float]]]], ...] = (
        ("binance_round_trip", lambda side: side.whole),
        ("binance_own_share", lambda side: side.own),
        ("binance_own_cpu", lambda side: side.cpu),
    )
    for kind, part in kinds:
        for percent, tail in ((50, ""), (99, "_p99")):
            own = Timing(tuple(part(sides["ours"])[percent]))
            rivals = [(name, side) for name, side in sides.items() if name != "ours"]
            if not rivals:
                found.append(Figure(f"{kind}{tail}", own.median, "µs", spread=own.spread))
            for name, side in rivals:
                rival = bench.rival(name, Timing(tuple(part(side)[percent])))
                found.append(_figure(f"{kind}_{SHORT[name]}{tail}", own, rival))
    return found


def _figure(name: str, own: Timing, rival: Rival) -> Figure:
    theirs = rival.timing.median
    return Figure(name, own.median, "µs", rival.name, rival.version, theirs, theirs / own.median, own.spread)


def ours(arguments: dict[str, Any]) -> Samples:
    """One round of the adapter in a fresh process."""
    done = subprocess.run(
        [sys.executable, str(HERE / "our_orders.py"), json.dumps(arguments)],
        check=False, capture_output=True, text=True, env=one_core(),
    )  # fmt: skip
    if done.returncode:
        raise CaseFailedError(f"the adapter's orders failed: {done.stderr[-1500:]}")
    samples: Samples = json.loads(done.stdout.splitlines()[-1])
    return samples


def bare(echo_url: str, price: str) -> list[float]:
    """Microseconds of a blocking socket that sends an order made beforehand and reads until the reply has ended."""
    host, _, port = echo_url.removeprefix("http://").partition(":")
    asked = encoded(price, host)
    spent = []
    with socket.create_connection((host, int(port))) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(ORDERS):
            start = perf_counter_ns()
            wire.sendall(asked)
            heard = wire.recv(65_536)
            while not heard.endswith(b"}"):
                heard += wire.recv(65_536)
            spent.append((perf_counter_ns() - start) / 1e3)
    return spent


def encoded(price: str, host: str) -> bytes:
    """A signed order as bytes."""
    query = (
        f"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.010&price={price}&timeInForce=GTC"
        f"&newClientOrderId=bare-{perf_counter_ns()}&recvWindow=5000&timestamp={time.time_ns() // 1_000_000}"
    )
    signature = hmac.digest(DEFAULT_SECRET.encode(), query.encode(), "sha256").hex()
    head = f"Host: {host}\r\nX-MBX-APIKEY: {DEFAULT_KEY}\r\nContent-Length: 0\r\n\r\n"
    return f"POST /fapi/v1/order?{query}&signature={signature} HTTP/1.1\r\n{head}".encode()


@contextmanager
def other_end(base_url: str) -> Iterator[tuple[str, str]]:
    """The end that only acknowledges, in the emulator's own words, and a price far below the market."""
    with urlopen(f"{base_url}/fapi/v1/ticker/bookTicker?symbol=BTCUSDT") as reply:
        best = Decimal(json.loads(reply.read())["bidPrice"])
    price = str(round(best * Decimal("0.97"), 1))
    process = subprocess.Popen(
        [sys.executable, str(HERE / "order_echo.py"), json.dumps({"body": acknowledged(base_url, price)})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}", price
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def acknowledged(base_url: str, price: str) -> dict[str, Any]:
    """What the emulator answers to such an order; the order stays, far from the market."""
    host, _, port = base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(encoded(price, host))
        heard = b""
        while not heard.endswith(b"}"):
            heard += wire.recv(65_536)
    body: dict[str, Any] = json.loads(heard.partition(b"\r\n\r\n")[2])
    return body
