"""Requests a second that the emulator answers to fifty clients, beside a bare aiohttp server that answers a constant.

Emulator and clients are two processes, one core each. There is no other emulator of this venue to compare with.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import Bench, CaseFailedError
from emulator_process import Settings, emulator
from measuring import Figure, Timing, one_core

ROUNDS, SECONDS, CLIENTS = 3, 10.0, 50
HERE = Path(__file__).resolve().parent.parent


def run(bench: Bench) -> list[Figure]:
    """Both servers in turns; the market of the emulator moves all the while."""
    ours, theirs, waits = [], [], []
    with emulator(Settings(accounts=CLIENTS, kept=20_000)) as (url, _), constant_server() as constant_url:
        price = price_below(url)
        for _ in range(ROUNDS):
            answer = load(url, price)
            if answer["failed"]:
                raise CaseFailedError(f"{answer['failed']} requests failed, such as {answer['failure']}")
            ours.append(answer)
            theirs.append(load(constant_url, price))
            waits.append(answer["p99_ms"])
    own, ceiling = (Timing(tuple(1 / one["a_second"] for one in side)) for side in (ours, theirs))
    bench.notes.append(
        f"emulator_load: {CLIENTS} clients, {SECONDS:.0f} s a round; the clients' process was busy for "
        f"{max(one['client_share'] for one in ours):.0%} of the time, at the constant server for "
        f"{max(one['client_share'] for one in theirs):.0%}."
    )
    value, rival = 1 / own.median, 1 / ceiling.median
    wait = Timing(tuple(waits))
    return [
        Figure(
            "emulator_load",
            value,
            "requests/s",
            "aiohttp, constant",
            version("aiohttp"),
            rival,
            value / rival,
            own.spread,
        ),
        Figure("emulator_load_p99", wait.median, "ms", spread=wait.spread),
    ]


def load(url: str, price: str) -> dict[str, Any]:
    """What a fresh process of clients says."""
    arguments = json.dumps({"url": url, "clients": CLIENTS, "seconds": SECONDS, "price": price})
    done = subprocess.run(
        [sys.executable, str(HERE / "load_client.py"), arguments],
        check=True, capture_output=True, text=True, env=one_core(),
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def price_below(url: str) -> str:
    """A price at which orders rest, far below the market."""
    with urlopen(f"{url}/fapi/v1/ticker/bookTicker?symbol=BTCUSDT") as reply:
        best = Decimal(json.loads(reply.read())["bidPrice"])
    return str(round(best * Decimal("0.97"), 1))


@contextmanager
def constant_server() -> Iterator[str]:
    """The bare server, by its address."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "constant_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=one_core(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()
