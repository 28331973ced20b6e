"""A recorder in a process of its own, to be killed: python -m tests.support.recorded_process FOLDER STREAM_URL."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from geobuk.ops.clock import WallClock
from geobuk.venues.binance.recorder import Recorder, RecorderSpec


async def no_depth(path: str, params: Mapping[str, str]) -> bytes:
    return b'{"lastUpdateId":1,"bids":[["1.0","1"]],"asks":[["2.0","1"]]}'


if __name__ == "__main__":
    recorder = Recorder(Path(sys.argv[1]), no_depth, WallClock(), RecorderSpec(stream_url=sys.argv[2], flush_s=0.1))
    asyncio.run(recorder.run(["BTCUSDT"]))
