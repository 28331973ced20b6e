"""Asks a server over HTTP: patience, retries, limits, and words for what goes wrong. It knows no files and no venue.

Every request is a GET or HEAD of public data, so that each may be repeated.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self, TypeVar

import aiohttp
import numpy as np

from geobuk.data.sources.mishaps import BrokenReplyError, explain
from geobuk.data.sources.pacing import Pacer, Sleep
from geobuk.domain.errors import DataError, NetworkError, UserError
from geobuk.ports import Clock

T = TypeVar("T")

_OK, _PARTIAL, _NOT_FOUND, _BAD_RANGE = 200, 206, 404, 416
_BUSY = (418, 429)
_TRANSIENT = (408, 500, 502, 503, 504)
_REFUSED = (401, 403, 407, 451)
_BAN_S = 60.0
"""How long to wait where a server limits us and does not say for how long: its windows are minutes."""
_HOPELESS = 3
"""Requests in a row that came to nothing after all their tries; then the server is given up."""
_LONGEST_BACKOFF_S = 30.0


class NotThereError(Exception):
    """The server has no such file (HTTP 404)."""


class BadRequestError(DataError):
    """The server understood and refused: an unknown instrument, an impossible range. Never repeated."""


class _LimitedError(Exception):
    def __init__(self, status: int, wait_s: float) -> None:
        super().__init__(f"HTTP {status}")
        self.wait_s = wait_s


class BadRangeError(BrokenReplyError):
    """The server has nothing from there on (HTTP 416): what lies here is not the beginning of its file."""


@dataclass(frozen=True, slots=True)
class WireSpec:
    """How patient to be. ``silence_s`` is the longest pause between two bytes; ``patience_s`` the longest ban.

    ``tries`` counts failures in a row without a single new byte between them.
    """

    connections: int = 8
    connect_s: float = 10.0
    silence_s: float = 30.0
    tries: int = 5
    backoff_s: float = 0.5
    patience_s: float = 300.0


@dataclass
class Host:
    """A server by its base address, and what it may be asked for. ``hopeless`` counts failures in a row."""

    base: str
    pacer: Pacer
    hopeless: int = 0

    @property
    def name(self) -> str:
        """As a person knows it."""
        return self.base.partition("://")[2].partition("/")[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply."""

    body: bytes
    headers: Mapping[str, str]


class Wire:
    """One session for all hosts; use it as an asynchronous context."""

    def __init__(self, spec: WireSpec, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        self.spec = spec
        self._clock, self._sleep = clock, sleep
        self._chance = np.random.default_rng()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self.spec.connect_s, sock_read=self.spec.silence_s, ceil_threshold=60
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.spec.connections),
            timeout=timeout,
            trust_env=True,
            headers={"User-Agent": "geobuk", "Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def read(self, host: Host, path: str, *, weight: float = 1.0) -> Reply:
        """The whole reply to a GET, repeated until it comes or there is no hope.

        Raises
        ------
        NotThereError
            HTTP 404.
        BadRequestError
            The server says that the request is wrong.
        NetworkError
            The server can't be reached, bans us for longer than our patience, or gave up on several requests.
        DataError
            This one request failed every time.
        """

        async def once() -> Reply:
            async with self.get(host, path, weight=weight) as reply:
                return Reply(await reply.read(), dict(reply.headers))

        return await self.persist(host, path, once)

    async def size(self, host: Host, path: str) -> int:
        """Bytes of a file by a HEAD request; 0 where the server does not say. Raises as :meth:`read`."""

        async def once() -> int:
            await host.pacer.take()
            async with self._open.head(host.base + path, allow_redirects=True) as reply:
                self._judge(reply.status, reply.headers, "")
                return int(reply.headers.get("Content-Length", "0"))

        return await self.persist(host, path, once)

    @asynccontextmanager
    async def get(
        self, host: Host, path: str, *, weight: float = 1.0, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One GET, paced, whose status is 200 or 206; to be called inside :meth:`persist`."""
        await host.pacer.take(weight)
        async with self._open.get(host.base + path, headers=headers) as reply:
            if reply.status not in {_OK, _PARTIAL}:
                text = (await reply.content.read(4096)).decode(errors="replace")
                self._judge(reply.status, reply.headers, text)
            yield reply

    async def persist(
        self, host: Host, what: str, once: Callable[[], Awaitable[T]], progress: Callable[[], int] = lambda: 0
    ) -> T:
        """Repeat ``once`` as long as there is hope. ``progress`` grows with every new byte received."""
        failures, limited_s, seen = 0, 0.0, progress()
        while True:
            try:
                result = await once()
            except _LimitedError as limited:
                limited_s += limited.wait_s
                if limited.wait_s > self.spec.patience_s or limited_s > 10 * self.spec.patience_s:
                    raise self._banned(host, limited) from None
                host.pacer.rest(limited.wait_s)
                continue
            except (BrokenReplyError, aiohttp.ClientError, TimeoutError) as error:
                failures = 1 if progress() > seen else failures + 1
                seen = progress()
                if failures >= self.spec.tries or isinstance(error, aiohttp.ClientSSLError):
                    raise self._given_up(host, what, error) from None
                await self._sleep(self._backoff(failures, getattr(error, "wait_s", 0.0)))
                continue
            host.hopeless = 0
            return result

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "a Wire is used inside `async with`"
        return self._session

    def _judge(self, status: int, headers: Mapping[str, str], text: str) -> None:
        """Raise what a status means; 200 and 206 pass."""
        if status in {_OK, _PARTIAL}:
            return
        if status == _NOT_FOUND:
            raise NotThereError
        if status in _BUSY:
            raise _LimitedError(status, self._wait_of(headers, text) or _BAN_S)
        if status == _BAD_RANGE:
            raise BadRangeError(f"HTTP {status}")
        if status in _TRANSIENT:
            raise BrokenReplyError(f"HTTP {status}", self._wait_of(headers, text))
        if status in _REFUSED:
            raise NetworkError(
                f"the server refuses to answer (HTTP {status}): {_short(text)}",
                cure="it may not serve your country or network; choose another server under [download] in the settings",
            )
        raise BadRequestError(f"the server refused the request (HTTP {status}): {_short(text)}")

    def _wait_of(self, headers: Mapping[str, str], text: str) -> float:
        """Seconds that a server asks to wait: Retry-After, or the end of the ban in its text; 0 where it is silent."""
        given = headers.get("Retry-After", "")
        if re.fullmatch(r"\d+(\.\d+)?", given):
            return float(given)
        until = re.search(r"banned until (\d{13})", text)
        return max(0.0, int(until[1]) / 1e3 - self._clock.now_ns() / 1e9) if until else 0.0

    def _backoff(self, failures: int, asked_s: float) -> float:
        """Twice as long after each failure, and by chance up to half of it longer, so that requests spread out."""
        wait = min(self.spec.backoff_s * 2.0 ** (failures - 1), _LONGEST_BACKOFF_S)
        return max(min(asked_s, self.spec.patience_s), wait * float(1.0 + 0.5 * self._chance.random()))

    def _banned(self, host: Host, limited: _LimitedError) -> NetworkError:
        return NetworkError(
            f"{host.name} has limited this address ({limited}) for {limited.wait_s:,.0f} s",
            cure=f"what is complete stays; run the same command again after {limited.wait_s / 60:,.0f} minutes",
        )

    def _given_up(self, host: Host, what: str, error: BaseException) -> UserError:
        """A server that can't be reached stops everything; a request that fails alone is the request's."""
        why, cure = explain(error, host.name, (self.spec.connect_s, self.spec.silence_s))
        host.hopeless += 1
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientSSLError | aiohttp.ConnectionTimeoutError):
            return NetworkError(why, cure=cure)
        if host.hopeless >= _HOPELESS:
            return NetworkError(f"{why}, {host.hopeless} requests in a row", cure=cure)
        return DataError(f"{what.rpartition('/')[2].partition('?')[0]} could not be fetched: {why}", cure=cure)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words[:200] or "no reason given"
