"""Trades of one feed from a loopback socket to domain events, in a process of its own. Prints one JSON line.

python our_trades.py '{"port": …, "count": …}'
"""

import json
import sys
from collections.abc import Mapping
from time import perf_counter, process_time

import uvloop

from geobuk.domain.bar import Trade
from geobuk.venues.binance.feed import BinanceFeed, FeedSpec


async def nothing(path: str, params: Mapping[str, str]) -> bytes:
    """No gap may need REST here."""
    raise RuntimeError(f"{path} was asked for")


async def measure(port: int, count: int) -> dict[str, float]:
    """Seconds from the first event to the last; the sum of the numbers shows that none is missing."""
    spec = FeedSpec(stream_url=f"ws://127.0.0.1:{port}", interval="", has_quotes=False, stale_after_s=600.0)
    events = BinanceFeed(nothing, spec).events(["BTCUSDT"])
    seen = total = 0
    start = spent = 0.0
    async for event in events:
        if isinstance(event, Trade):
            if not seen:
                start, spent = perf_counter(), process_time()
            seen += 1
            total += event.trade_id
            if seen == count:
                break
    answer = {"seconds": perf_counter() - start, "cpu_seconds": process_time() - spent, "numbers": total}
    await events.aclose()
    return answer


async def main() -> dict[str, float]:
    return await measure(**json.loads(sys.argv[1]))


if __name__ == "__main__":
    print(json.dumps(uvloop.run(main())))
