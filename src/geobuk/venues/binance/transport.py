"""The seam to HTTP: bytes out, bytes in. What a reply means is not known here.

It says the one thing that only it can know: whether a request that got no reply may have reached the venue.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from yarl import URL

from geobuk.venues.binance.spec import BinanceSpec


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``headers`` has any spelling of the names."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class NotSentError(Exception):
    """There was no connection: the venue has seen nothing."""


class NoReplyError(Exception):
    """The request went out, or may have; the connection broke or the time ran out before a reply."""


class Transport(Protocol):
    """Sends one request and never repeats it."""

    async def send(self, method: str, url: str, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """The reply, whatever its status. Raises NotSentError or NoReplyError."""
        ...

    async def close(self) -> None:
        """Drop every connection."""
        ...


class HttpTransport:
    """One aiohttp session with connections that are kept alive; to be made inside a running event loop."""

    def __init__(self, spec: BinanceSpec) -> None:
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._connect_timeout_s = spec.connect_timeout_s
        # Both asyncio and aiohttp switch Nagle's algorithm off (TCP_NODELAY) on every connection they make.
        connector = aiohttp.TCPConnector(limit=spec.connections, keepalive_timeout=30.0, ttl_dns_cache=300)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            skip_auto_headers=("Content-Type",),
        )
        # A repeat of PUT or DELETE on a broken connection is decided where orders are understood, not inside aiohttp.
        self._session._retry_connection = False

    async def send(self, method: str, url: str, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """Send one request; parameters are in the address, already encoded."""
        timeout = self._timeouts.get(timeout_s)
        if timeout is None:
            timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=self._connect_timeout_s)
            self._timeouts[timeout_s] = timeout
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return Reply(response.status, await response.read(), response.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSentError(_words(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoReplyError(_words(error)) from error

    async def close(self) -> None:
        await self._session.close()
        await asyncio.sleep(0)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
