"""Fetches files of the archive into the cache: resumed where it stopped, verified before it counts.

A file is received under ``NAME.<checksum>.part`` and gets its name only after its checksum was right. What lies in the
cache is believed only after its checksum was compared again.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from geobuk.data.atomic import storage_error
from geobuk.data.sources.binance_archive import ArchiveFile, parse_checksum
from geobuk.data.sources.wire import BadRangeError, Host, Wire
from geobuk.domain.errors import DataError
from geobuk.ports import Clock

if TYPE_CHECKING:
    from hashlib import _Hash

    import aiohttp

_CHUNK = 1 << 18
_ELSEWHERE = "choose another folder with [download] cache in the settings"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A verified file in the cache."""

    file: ArchiveFile
    path: Path
    sha256: str
    size: int
    fetched_at_ns: int


@dataclass
class _Receiving:
    """One file on its way. ``most`` is the largest that its part ever was: bytes that come again are no progress."""

    part: Path
    expected: str
    most: int = 0


class Fetcher:
    """Files of one archive, at most ``connections`` at a time; ``on_bytes`` is told of every chunk."""

    def __init__(
        self, wire: Wire, host: Host, folder: Path, clock: Clock, on_bytes: Callable[[int], None] = lambda count: None
    ) -> None:
        self._wire, self._host, self._folder, self._clock = wire, host, folder, clock
        self._on_bytes = on_bytes
        self._slots = asyncio.Semaphore(wire.spec.connections)

    async def fetch(self, file: ArchiveFile) -> Fetched:
        """Bring one file into the cache.

        Raises
        ------
        NotThereError
            The archive does not have it (yet).
        DataError
            It came twice with a wrong checksum, or never whole; other files are not affected.
        NetworkError
            The server can't be used at all.
        StorageError
            The cache can't be written.
        """
        async with self._slots:
            try:
                return await self._fetch(file)
            except OSError as error:
                raise storage_error(self._target(file), error, elsewhere=_ELSEWHERE) from error

    def forget(self, file: ArchiveFile) -> None:
        """Remove a file from the cache, and folders that are empty then."""
        path = self._target(file)
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self._folder or any(folder.iterdir()):
                break
            folder.rmdir()

    def _target(self, file: ArchiveFile) -> Path:
        return self._folder / file.path

    async def _fetch(self, file: ArchiveFile) -> Fetched:
        target = self._target(file)
        for _ in range(2):  # a file that is replaced while it is fetched is right the second time
            expected = await self._expected(file)
            if await asyncio.to_thread(_has, target, expected):
                return self._fetched(file, expected)
            part = target.with_name(f"{target.name}.{expected[:12]}.part")
            await asyncio.to_thread(_make_room, part)
            digest = await self._persist(file, _Receiving(part, expected))
            if digest == expected:
                os.replace(part, target)
                return self._fetched(file, expected)
            part.unlink()
        raise DataError(
            f"{file.name} came twice with a checksum other than its CHECKSUM file says",
            cure="nothing of it was stored; run the same command again later, the archive may be replacing it",
        )

    async def _persist(self, file: ArchiveFile, receiving: _Receiving) -> str:
        def most() -> int:
            return receiving.most

        return await self._wire.persist(self._host, file.path, partial(self._receive, file, receiving), most)

    async def _expected(self, file: ArchiveFile) -> str:
        reply = await self._wire.read(self._host, f"/{quote(file.path)}.CHECKSUM")
        return parse_checksum(reply.body.decode(errors="replace"), file)

    async def _receive(self, file: ArchiveFile, receiving: _Receiving) -> str:
        """Receive what is missing of the part; returns the SHA-256 of the whole."""
        part = receiving.part
        digest, have = await asyncio.to_thread(_digest_of, part)
        if have and digest.hexdigest() == receiving.expected:
            return receiving.expected
        headers = {"Range": f"bytes={have}-"} if have else None
        try:
            async with self._wire.get(self._host, f"/{quote(file.path)}", headers=headers) as reply:
                resumes = have > 0 and _resumes_at(reply, have)
                digest, size = (digest, have) if resumes else (sha256(), 0)
                with part.open("ab" if resumes else "wb", buffering=0) as out:
                    async for chunk in reply.content.iter_chunked(_CHUNK):
                        _write(out, chunk)
                        digest.update(chunk)
                        size += len(chunk)
                        receiving.most = max(receiving.most, size)
                        self._on_bytes(len(chunk))
        except BadRangeError:
            part.unlink(missing_ok=True)
            raise
        return digest.hexdigest()

    def _fetched(self, file: ArchiveFile, expected: str) -> Fetched:
        path = self._target(file)
        return Fetched(file, path, expected, path.stat().st_size, self._clock.now_ns())


def _has(path: Path, expected: str) -> bool:
    return path.is_file() and _digest_of(path)[0].hexdigest() == expected


def _digest_of(path: Path) -> "tuple[_Hash, int]":
    digest, size = sha256(), 0
    if path.is_file():
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    return digest, size


def _make_room(part: Path) -> None:
    """The part's folder; parts of an earlier version of the file go."""
    part.parent.mkdir(parents=True, exist_ok=True)
    name = part.name.rsplit(".", 2)[0]
    for old in part.parent.glob(f"{name}.*.part"):
        if old != part:
            old.unlink()


def _resumes_at(reply: "aiohttp.ClientResponse", have: int) -> bool:
    """Whether the reply carries on where the part ends; a whole file (200) starts anew."""
    if reply.status != 206:
        return False
    said = reply.headers.get("Content-Range", "")
    if not said.startswith(f"bytes {have}-"):
        raise BadRangeError(f"with another part of the file than was asked for ({said or 'it does not say which'})")
    return True


def _write(out: BinaryIO, chunk: bytes) -> None:
    """All of it: a raw file may take less at once."""
    left = memoryview(chunk)
    while left:
        left = left[out.write(left) :]
