"""Downloads: 200 files from a server on this machine, against reading the same addresses with bare aiohttp."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter

import aiohttp
from bench import ROOT, Bench
from measuring import Figure, in_turns, seconds, speed

from geobuk.app.download import DownloadRequest, perform, prepare_download
from geobuk.app.home import Home
from geobuk.data.sources.binance_archive import ArchiveFile
from geobuk.data.sources.fetch import Fetcher
from geobuk.data.sources.pacing import Pacer
from geobuk.data.sources.wire import Host, Wire, WireSpec
from geobuk.ops.clock import WallClock

FILES = 200
CONNECTIONS = 8
SLOW_BYTES = 12_500_000
"""What the slow server sends in a second: 100 Mbit/s."""
INSTRUMENTS = tuple(f"BENCH{number:02}USDT" for number in range(FILES // 10))
PERIOD = ("2023-01-01", "2023-10-31")


@dataclass(frozen=True)
class Server:
    """A running server, and what it serves: ten months of 1-minute bars of twenty instruments."""

    base: str
    size: int

    @property
    def files(self) -> list[ArchiveFile]:
        """All of them."""
        return [ArchiveFile("bars", name, "1m", f"2023-{month:02}") for name in INSTRUMENTS for month in range(1, 11)]


def run(bench: Bench) -> list[Figure]:
    """Megabytes a second to verified files on disk, bare reading beside it; then whole downloads, from a fast server
    and from a slow one, beside the seconds that the server alone takes.
    """
    numbers = count()
    with serving(0) as server:
        ours, bare = in_turns(5, partial(fetch_all, server, bench.folder, numbers), partial(read_all, server))
        (whole,) = in_turns(3, partial(download, server, bench.folder, numbers))
    with serving(SLOW_BYTES) as slow:
        (throttled,) = in_turns(1, partial(download, slow, bench.folder, numbers))
    megabytes = server.size / 1e6
    alone = slow.size / SLOW_BYTES
    bench.notes.append(
        f"download: {FILES} files, {megabytes:.0f} MB; bare aiohttp reads the files and their CHECKSUM files into "
        f"memory at {megabytes / bare.median:.0f} MB/s, ours verifies them and writes them to disk. The slow server "
        f"needs {alone:.1f} s for its bytes alone; the whole download from it took {throttled.median:.1f} s."
    )
    return [
        speed("download_fetch", "MB/s", megabytes, ours),
        speed("download_bare_read", "MB/s", megabytes, bare),
        seconds("download_to_catalog", whole),
        seconds("download_to_catalog_slow_server", throttled),
        Figure("download_slow_server_share", alone / throttled.median, "of the time is the server's"),
    ]


def fetch_all(server: Server, folder: Path, numbers: Iterator[int]) -> float:
    """Seconds to fetch and verify every file."""
    cache = folder / f"cache-{next(numbers)}"

    async def work() -> float:
        spec = WireSpec(connections=CONNECTIONS)
        async with Wire(spec, WallClock()) as wire:
            fetcher = Fetcher(wire, Host(server.base, Pacer(None)), cache, WallClock())
            start = perf_counter()
            await asyncio.gather(*(fetcher.fetch(file) for file in server.files))
            return perf_counter() - start

    elapsed = asyncio.run(work())
    shutil.rmtree(cache)
    return elapsed


def read_all(server: Server) -> float:
    """Seconds to read the same addresses with nothing but aiohttp."""

    async def read(session: aiohttp.ClientSession, slots: asyncio.Semaphore, file: ArchiveFile) -> None:
        async with slots:
            for path in (f"{file.path}.CHECKSUM", file.path):
                async with session.get(f"{server.base}/{path}") as reply:
                    await reply.read()

    async def work() -> float:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as session:
            slots = asyncio.Semaphore(CONNECTIONS)
            start = perf_counter()
            await asyncio.gather(*(read(session, slots, file) for file in server.files))
            return perf_counter() - start

    return asyncio.run(work())


def download(server: Server, folder: Path, numbers: Iterator[int]) -> float:
    """Seconds from the question to the stored, checked series."""
    home = Home(folder / f"download-{next(numbers)}")
    sets = [f"archive={server.base}", f"rest={server.base}", f"connections={CONNECTIONS}"]
    request = DownloadRequest(
        INSTRUMENTS, PERIOD, kinds=("bars",), interval="1m", sets=tuple(f"download.{text}" for text in sets)
    )
    start = perf_counter()
    done = perform(home, prepare_download(home, request))
    elapsed = perf_counter() - start
    rows = done.rows_new
    shutil.rmtree(home.root)
    if done.failures or rows != 304 * 1440 * len(INSTRUMENTS):
        raise RuntimeError(f"{rows} rows, {done.failures}")
    return elapsed


@contextmanager
def serving(bytes_per_second: int) -> Iterator[Server]:
    """The server in a process of its own, all its files made beforehand."""
    words = [sys.executable, "-m", "tests.servers.serve", str(bytes_per_second), *INSTRUMENTS]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        try:
            yield Server(said["base"], said["size"])
        finally:
            process.communicate("stop\n")
