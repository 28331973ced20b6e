"""A recorder that is killed with SIGKILL leaves a tape that reads, and loses less than what was not flushed yet."""

import asyncio
import gzip
import json
import signal
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.servers.sockets import Client, socket_server, until
from tests.support.binance_frames import aggregate_trade

from geobuk.venues.binance.tape_writer import TapeWriter


def lines(folder: Path) -> list[int]:
    """Numbers of the trades on tape; raises if a file does not read to its end."""
    found: list[int] = []
    for file in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(file) as text:
            told = [json.loads(line)["msg"] for line in text]
        found += [msg["data"]["a"] for msg in told if "stream" in msg]
    return found


def test_tape_reads_after_a_kill_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        sent = 0

        async def talk(client: Client) -> None:
            nonlocal sent
            while not client.is_gone:
                for _ in range(20):
                    sent += 1
                    client.send(aggregate_trade(sent))
                await asyncio.sleep(0.005)

        talks: list[asyncio.Task[None]] = []

        def on_open(client: Client) -> None:
            if client.path.startswith("/market/"):
                talks.append(asyncio.create_task(talk(client)))

        async with socket_server() as server:
            server.on_open = on_open
            for round_ in range(3):
                before, start = len(lines(tmp_path)), sent
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "tests.support.recorded_process", str(tmp_path), server.url, cwd=ROOT
                )
                await until(lambda before=before: len(lines(tmp_path)) > before + 200, within_s=60)
                process.send_signal(signal.SIGKILL)
                await process.wait()
                kept = lines(tmp_path)
                assert kept[before:] == list(range(start + 1, start + 1 + len(kept) - before)), "no hole, no repeat"
                await asyncio.gather(*talks)
                assert len(TapeWriter(tmp_path).files) == round_ + 1
                assert lines(tmp_path) == kept

    asyncio.run(scene())
