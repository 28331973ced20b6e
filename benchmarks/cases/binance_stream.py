"""Trade messages from a loopback socket to domain events on one core, beside ccxt.pro and websockets with json.

The sender is a process of its own with frames encoded beforehand, so that it is never the brake; every reader has one
event loop. All readers get the same trades, the slower ones fewer.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import Bench, CaseFailedError, RivalCall
from measuring import Figure, one_core, speed

COUNT, CCXT_COUNT, PLAIN_COUNT = 300_000, 10_000, 30_000
HERE = Path(__file__).resolve().parent.parent


def run(bench: Bench) -> list[Figure]:
    """Messages a second; the rivals where their environment can be made."""
    counts = {"ccxt": CCXT_COUNT, "websockets": PLAIN_COUNT}
    functions = {"ccxt": "ccxt_stream:watch_trades", "websockets": "ccxt_stream:plain"}
    with sender(COUNT) as port, sender(CCXT_COUNT) as ccxt_port, sender(PLAIN_COUNT) as plain_port:
        ports = {"ccxt": ccxt_port, "websockets": plain_port}
        calls = [
            RivalCall(name, functions[name], {"port": ports[name], "count": counts[name]}, environment="clients")
            for name in counts
        ]
        own, rivals = bench.compare(lambda: ours(port), *calls)
    measured = {rival.name for rival in rivals}
    for name in counts.keys() - measured:
        bench.notes.append(f"binance_stream: {name} was not measured, for want of its environment .venv-clients.")
    figures = [
        speed(f"binance_stream_{one.name}", "messages/s", COUNT, own, one, rival_work=counts[one.name])
        for one in rivals
    ]
    return figures or [speed("binance_stream", "messages/s", COUNT, own)]


def ours(port: int) -> float:
    """Seconds of one fresh process."""
    arguments = json.dumps({"port": port, "count": COUNT})
    done = subprocess.run(
        [sys.executable, str(HERE / "our_trades.py"), arguments],
        check=True, capture_output=True, text=True, env=one_core(),
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    if answer["numbers"] != COUNT * (COUNT + 1) // 2:
        raise CaseFailedError("the feed lost or repeated trades")
    return float(answer["seconds"])


@contextmanager
def sender(count: int) -> Iterator[int]:
    """A sender of so many trades, by its port."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "trade_sender.py"), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()
