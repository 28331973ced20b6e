"""Records the market as it comes: every frame with our time of its arrival, and a depth snapshot at each new start."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encoded

import msgspec

from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.ports import Clock
from geobuk.venues.binance.connection import Stream, StreamSpec, StreamState
from geobuk.venues.binance.market_history import Fetch, MarketHistory
from geobuk.venues.binance.market_reader import read_depth
from geobuk.venues.binance.tape_writer import TapeLine, TapeWriter, tape_line

STREAMS = {
    "market": ("aggTrade", "markPrice@1s", "forceOrder"),
    "public": ("bookTicker", "depth@100ms"),
}
"""What is recorded of each instrument, by the venue's path."""


@dataclass(frozen=True, slots=True)
class RecorderSpec:
    """``flush_s`` bounds what a kill can lose; ``rotate_ns`` how much is in a file."""

    stream_url: str = "wss://fstream.binance.com"
    flush_s: float = 1.0
    rotate_ns: int = NS_PER_HOUR
    streams_per_connection: int = 200
    stream: StreamSpec = field(default_factory=StreamSpec)
    seed: int = 0


class _DepthIds(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    last: int = msgspec.field(name="u")
    previous: int = msgspec.field(name="pu")


class _DepthFrame(msgspec.Struct):
    data: _DepthIds


@dataclass(slots=True)
class _Chain:
    """One instrument's depth ids: the newest, and from where on the tape has no gap."""

    last: int = -1
    since: int = -1
    is_asking: bool = False


class Recorder:
    """Writes tapes into one folder until cancelled. A gap in depth is marked and followed by a fresh snapshot.

    Lines: ``{"local_ts_ns":…,"msg":{"stream":…,"data":{…}}}`` for a frame; with ``"symbol"`` and the REST reply as
    ``msg`` for a snapshot; ``"msg":{"recorder":…,"path":…,"reason":…}`` for what befell a connection.
    """

    def __init__(
        self,
        folder: Path,
        fetch: Fetch,
        clock: Clock,
        spec: RecorderSpec | None = None,
        on_state: Callable[[str, StreamState, str], None] = lambda path, state, reason: None,
    ) -> None:
        self._spec = spec or RecorderSpec()
        self._history = MarketHistory(fetch)
        self._now_ns = clock.now_ns
        self._on_state = on_state
        self._writer = TapeWriter(folder, self._spec.rotate_ns)
        self._lines: list[TapeLine] = []
        self._chains: dict[str, _Chain] = {}
        self._ids = msgspec.json.Decoder(_DepthFrame)
        self._group: asyncio.TaskGroup | None = None
        self.frames = 0
        self.gaps = 0

    async def run(self, instruments: Sequence[str]) -> None:
        """Record until cancelled. Raises StorageError if the disk refuses, DataError for frames that can't be read."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for path, kinds in STREAMS.items():
                    size = max(self._spec.streams_per_connection // len(kinds), 1)
                    for start in range(0, len(instruments), size):
                        group.create_task(self._stream(path, kinds, instruments[start : start + size]).run())
                group.create_task(self._flush_for_ever())
        except* UserError as errors:
            raise _first(errors) from None
        finally:
            self._group = None
            lines, self._lines = self._lines, []
            try:
                self._writer.write(lines)
            finally:
                self._writer.close()

    def _stream(self, path: str, kinds: Sequence[str], names: Sequence[str]) -> Stream:
        streams = "/".join(percent_encoded(f"{name.lower()}@{kind}", safe="@_") for name in names for kind in kinds)
        address = f"{self._spec.stream_url}/{path}/stream?streams={streams}"

        async def url() -> str:
            return address

        def on_state(state: StreamState, reason: str) -> None:
            self._note(state, path, reason)
            if path == "public" and state is StreamState.LIVE:
                for name in names:
                    self._chains[name] = _Chain()
            self._on_state(path, state, reason)

        take = self._take_public if path == "public" else self._take
        return Stream(url, take, on_state, self._spec.stream, self._spec.seed)

    def _take(self, frame: bytes) -> None:
        self.frames += 1
        self._lines.append(tape_line(self._now_ns(), frame))

    def _take_public(self, frame: bytes) -> None:
        self._take(frame)
        if frame.find(b"@depth", 0, 64) < 0:
            return
        try:
            told = self._ids.decode(frame).data
        except msgspec.DecodeError as error:
            raise DataError(f"no depth frame ({error}): {frame[:200]!r}", cure="compare with the docs") from error
        chain = self._chains.setdefault(told.symbol, _Chain())
        if chain.last != told.previous and told.last > chain.last:
            if chain.last >= 0:
                self.gaps += 1
                self._note("gap", "public", f"{told.symbol}: {told.previous} does not follow {chain.last}")
            chain.since = told.previous
            self._ask_depth(told.symbol, chain)
        chain.last = max(chain.last, told.last)

    def _ask_depth(self, name: str, chain: _Chain) -> None:
        if not chain.is_asking and self._group is not None:
            chain.is_asking = True
            self._start(self._snapshot(name, chain))

    async def _snapshot(self, name: str, chain: _Chain) -> None:
        """Record snapshots until one is not older than the changes since the last gap."""
        pause_s = 0.25
        while True:
            try:
                body = await self._history.depth(name)
                last_id = read_depth(body).last_update_id
            except UserError as error:
                self._note("no snapshot", "public", f"{name}: {error}")
            else:
                self._lines.append(tape_line(self._now_ns(), body, name))
                if last_id >= chain.since:
                    chain.is_asking = False
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, 30.0)

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._spec.flush_s)
            lines, self._lines = self._lines, []
            if lines:
                # Shielded: a cancellation must not let the next write overtake this one.
                writing = asyncio.ensure_future(asyncio.to_thread(self._writer.write, lines))
                try:
                    await asyncio.shield(writing)
                except asyncio.CancelledError:
                    await writing
                    raise

    def _note(self, what: str, path: str, reason: str) -> None:
        told = msgspec.json.encode({"recorder": what, "path": path, "reason": reason})
        self._lines.append(tape_line(self._now_ns(), told))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._group is not None
        self._group.create_task(work)


def _first(errors: BaseExceptionGroup[UserError]) -> UserError:
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, UserError)
    return found
