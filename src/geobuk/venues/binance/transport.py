"""The seam to HTTP: bytes out, bytes in. What a reply means is not known here.

It says the one thing that only it can know: whether a request that got no reply may have reached the venue.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from geobuk.domain.errors import SettingsError
from geobuk.venues.binance.http_wire import BadReplyError, HttpWire
from geobuk.venues.binance.spec import BinanceSpec

_IDLE_S = 30.0
"""An idle connection older than this is not trusted with an order: the venue may just be closing it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. The names of ``headers`` are in lower case."""

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


@dataclass(slots=True)
class _Origin:
    """One server with its idle connections, the warmest last."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    heads: dict[tuple[str, ...], str]
    idle: list[HttpWire]


class HttpTransport:
    """Connections that are kept alive, one request at a time each; to be used inside one event loop.

    asyncio switches Nagle's algorithm off (TCP_NODELAY) on every connection that it makes.
    """

    def __init__(self, spec: BinanceSpec) -> None:
        self._connect_timeout_s = spec.connect_timeout_s
        self._origins: dict[str, _Origin] = {}
        self._open: set[HttpWire] = set()

    async def send(self, method: str, url: str, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """Send one request; parameters are in the address, already encoded."""
        slash = url.find("/", 8)
        origin = self._origin(url[:slash] if slash > 0 else url)
        request = _request(method, url[slash:] if slash > 0 else "/", origin, headers)
        wire = self._idle(origin) or await self._connect(origin)
        try:
            status, said, body = await wire.ask(request, timeout_s)
        except (OSError, TimeoutError, BadReplyError) as error:
            self._open.discard(wire)
            raise NoReplyError(_words(error)) from error
        except BaseException:
            self._open.discard(wire)
            raise
        if wire.is_usable:
            origin.idle.append(wire)
        else:
            wire.close()
            self._open.discard(wire)
        return Reply(status, body, said)

    async def close(self) -> None:
        wires = tuple(self._open)
        self._open.clear()
        self._origins.clear()
        for wire in wires:
            wire.close()
        await asyncio.gather(*(wire.ended() for wire in wires))

    def _idle(self, origin: _Origin) -> HttpWire | None:
        oldest = asyncio.get_running_loop().time() - _IDLE_S
        while origin.idle:
            wire = origin.idle.pop()
            if wire.is_usable and wire.idle_since >= oldest:
                return wire
            wire.close()
            self._open.discard(wire)
        return None

    async def _connect(self, origin: _Origin) -> HttpWire:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                _, wire = await loop.create_connection(
                    HttpWire,
                    origin.host,
                    origin.port,
                    ssl=origin.tls,
                    server_hostname=origin.host if origin.tls else None,
                )
        except (OSError, TimeoutError) as error:
            raise NotSentError(_words(error)) from error
        self._open.add(wire)
        return wire

    def _origin(self, address: str) -> _Origin:
        origin = self._origins.get(address)
        if origin is None:
            parts = urlsplit(address)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise SettingsError(f"{address!r} is no address of a server", cure="use https://host or http://host")
            tls = ssl.create_default_context() if parts.scheme == "https" else None
            port = parts.port or (443 if tls else 80)
            origin = self._origins[address] = _Origin(parts.hostname, port, tls, {}, [])
        return origin


def _request(method: str, path: str, origin: _Origin, headers: Mapping[str, str]) -> bytes:
    key = (method, *headers.values())
    head = origin.heads.get(key)
    if head is None:
        lines = [f"Host: {origin.host}:{origin.port}", "Accept: application/json", "User-Agent: geobuk"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if method != "GET":
            lines.append("Content-Length: 0")
        head = origin.heads[key] = " HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n"
    if not path.isascii() or not path.isprintable() or " " in path:
        raise SettingsError(f"{path[:80]!r} is no encoded path", cure="percent-encode it")
    return f"{method} {path}{head}".encode("ascii")


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
