"""The recorder over real loopback sockets: all frames on tape, snapshots after gaps and reconnects."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.servers.sockets import Client, SocketServer, socket_server, until
from tests.support.binance_frames import aggregate_trade, book_ticker, depth_reply, depth_update

from geobuk.data.recordings.tape import read_tape
from geobuk.domain.errors import DataError, NetworkError
from geobuk.matching.book.market_event import Happening
from geobuk.matching.markets.rules import starting_rules
from geobuk.venues.binance.connection import StreamSpec
from geobuk.venues.binance.recorder import Recorder, RecorderSpec

BIDS, ASKS = [("99.0", "1")], [("101.0", "1")]


class TickingClock:
    """A clock that each look moves by a microsecond."""

    def __init__(self) -> None:
        self.at_ns = 1_791_354_000 * 10**9

    def now_ns(self) -> int:
        self.at_ns += 1000
        return self.at_ns


class Rest:
    def __init__(self, *snapshots: bytes | Exception) -> None:
        self.snapshots = list(snapshots)

    async def fetch(self, path: str, params: Mapping[str, str]) -> bytes:
        assert (path, params["symbol"]) == ("/fapi/v1/depth", "BTCUSDT")
        snapshot = self.snapshots.pop(0)
        if isinstance(snapshot, Exception):
            raise snapshot
        return snapshot


def recorder(folder: Path, server: SocketServer, rest: Rest) -> Recorder:
    spec = RecorderSpec(server.url, flush_s=0.02, stream=StreamSpec(first_delay_s=0.01, max_delay_s=0.05))
    return Recorder(folder, rest.fetch, TickingClock(), spec)


async def cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def tape(folder: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(file) as text:
            lines += [json.loads(line) for line in text]
    return lines


def frames(folder: Path) -> list[dict[str, Any]]:
    return [line["msg"] for line in tape(folder) if "stream" in line["msg"]]


def snapshots(folder: Path) -> list[int]:
    return [line["msg"]["lastUpdateId"] for line in tape(folder) if line.get("symbol") == "BTCUSDT"]


def sends(market: list[bytes], public: list[bytes]) -> Any:
    def on_open(client: Client) -> None:
        for frame in market if client.path.startswith("/market/") else public:
            client.send(frame)

    return on_open


def test_every_frame_is_on_tape_with_rising_local_time(tmp_path: Path) -> None:
    async def scene() -> None:
        async with socket_server() as server:
            market = [aggregate_trade(number) for number in range(500)]
            public = [book_ticker(1, "1.0", "1.1"), depth_update((90, 110, 80)), depth_update((111, 120, 110))]
            server.on_open = sends(market, public)
            one = recorder(tmp_path, server, Rest(depth_reply(100, BIDS, ASKS)))
            task = asyncio.create_task(one.run(["BTCUSDT"]))
            await until(lambda: one.frames == 503)
            await until(lambda: bool(snapshots(tmp_path)))
            await cancelled(task)
            assert len(frames(tmp_path)) == 503
            assert [json.loads(f) for f in market] == [f for f in frames(tmp_path) if "aggTrade" in f["stream"]]
            times = [line["local_ts_ns"] for line in tape(tmp_path)]
            assert times == sorted(times)
            assert snapshots(tmp_path) == [100]
            assert sorted(server.paths)[1].endswith("?streams=btcusdt@bookTicker/btcusdt@depth@100ms")

    asyncio.run(scene())


def test_gap_is_marked_and_followed_by_a_snapshot_that_reaches_over_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with socket_server() as server:
            server.on_open = sends([], [depth_update((90, 110, 80))])
            rest = Rest(
                NetworkError("down"),
                depth_reply(100, BIDS, ASKS),
                depth_reply(150, BIDS, ASKS),
                depth_reply(300, BIDS, ASKS),
            )
            one = recorder(tmp_path, server, rest)
            task = asyncio.create_task(one.run(["BTCUSDT"]))
            await until(lambda: snapshots(tmp_path) == [100])
            public = next(c for c in server.clients if c.path.startswith("/public/"))
            public.send(depth_update((290, 310, 280)))
            await until(lambda: snapshots(tmp_path) == [100, 150, 300])
            await cancelled(task)
            assert one.gaps == 1
            notes = [line["msg"]["recorder"] for line in tape(tmp_path) if "recorder" in line["msg"]]
            assert {"gap", "no snapshot", "live", "closed"} <= set(notes)

    asyncio.run(scene())


def test_reconnect_brings_a_fresh_snapshot(tmp_path: Path) -> None:
    async def scene() -> None:
        async with socket_server() as server:
            server.on_open = sends([], [depth_update((90, 110, 80))])
            one = recorder(tmp_path, server, Rest(depth_reply(100, BIDS, ASKS), depth_reply(105, BIDS, ASKS)))
            task = asyncio.create_task(one.run(["BTCUSDT"]))
            await until(lambda: snapshots(tmp_path) == [100])
            next(c for c in server.clients if c.path.startswith("/public/")).cut()
            await until(lambda: snapshots(tmp_path) == [100, 105])
            await cancelled(task)

    asyncio.run(scene())


def test_depth_frame_that_can_not_be_read_ends_the_recording_and_keeps_the_tape(tmp_path: Path) -> None:
    async def scene() -> None:
        async with socket_server() as server:
            server.on_open = sends([], [b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate"}}'])
            with pytest.raises(DataError, match="no depth frame"):
                await recorder(tmp_path, server, Rest()).run(["BTCUSDT"])
            assert len(frames(tmp_path)) == 1
            await until(lambda: not server.open_clients)

    asyncio.run(scene())


def test_tape_plays_in_the_matching_engines_market(tmp_path: Path) -> None:
    async def scene() -> None:
        async with socket_server() as server:
            server.on_open = sends([aggregate_trade(7, "100.0", "0.5")], [depth_update((90, 110, 80))])
            one = recorder(tmp_path, server, Rest(depth_reply(100, BIDS, ASKS)))
            task = asyncio.create_task(one.run(["BTCUSDT"]))
            await until(lambda: bool(snapshots(tmp_path)))
            next(c for c in server.clients if c.path.startswith("/market/")).send(aggregate_trade(8, "100.1", "0.5"))
            await until(lambda: len(frames(tmp_path)) == 3)
            await cancelled(task)

    asyncio.run(scene())
    rows = read_tape(tmp_path, starting_rules())["BTCUSDT"]
    assert [int(n) for n in rows["id"][rows["kind"] == Happening.TRADE]] == [8]
    assert (rows["kind"] == Happening.LEVEL).sum() == 2
