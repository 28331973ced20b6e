"""One HTTP/1.1 connection, one request at a time: as little as an order needs, because orders are in a hurry.

Source: RFC 9112 (HTTP/1.1), message syntax; no compression is asked for, redirects are not followed.
"""

import asyncio
from collections.abc import Mapping
from typing import cast

_MOST_HEAD = 64 * 1024
_MOST_BODY = 64 * 1024 * 1024
_BODILESS = frozenset({204, 304})
Answer = tuple[int, dict[str, str], bytes]


class BadReplyError(Exception):
    """The bytes that came are no HTTP reply that we can read."""


class HttpWire(asyncio.Protocol):
    """After each reply it may be used again if ``is_usable`` says so."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None
        self._head: tuple[int, dict[str, str]] | None = None
        self._keeps = True
        self._lost: Exception | None = None
        self._ended = self._loop.create_future()
        self.idle_since = self._loop.time()

    @property
    def is_usable(self) -> bool:
        return (
            self._keeps
            and self._lost is None
            and self._waiting is None
            and self._transport is not None
            and not self._transport.is_closing()
        )

    async def ask(self, request: bytes, timeout_s: float) -> Answer:
        """Send, and wait for the whole reply.

        Raises TimeoutError, OSError or BadReplyError; the connection is closed then.
        """
        assert self._transport is not None
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting = waiting
        timer = self._loop.call_later(timeout_s, self._give_up)
        try:
            self._transport.write(request)
            return await waiting
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self._waiting = None
            self.idle_since = self._loop.time()

    def close(self) -> None:
        """Drop the connection at once."""
        self._keeps = False
        if self._transport is not None:
            self._transport.abort()

    async def ended(self) -> None:
        """Wait until the connection is gone."""
        if self._transport is not None:
            await asyncio.shield(self._ended)

    def _give_up(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(TimeoutError("no reply in time"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._waiting is None or self._waiting.done():
            self.close()  # nobody asked: what comes now can't be told from a reply
            return
        try:
            answer = self._read()
        except (BadReplyError, ValueError) as error:
            self._fail(BadReplyError(str(error)))
            self.close()
            return
        if answer is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def eof_received(self) -> bool:
        if self._waiting is not None and self._head is not None and self._ends_with_connection():
            status, headers = self._head
            self._keeps = False
            if not self._waiting.done():
                self._waiting.set_result((status, headers, bytes(self._buffer)))
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = error or ConnectionResetError("the venue closed the connection")
        self._fail(self._lost)
        if not self._ended.done():
            self._ended.set_result(None)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def _read(self) -> Answer | None:
        """The reply, once all of it is there."""
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _MOST_HEAD:
                    raise BadReplyError("the reply's head has no end")
                return None
            head = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            self._head = _parse_head(head)
            if 100 <= self._head[0] < 200:
                self._head = None
                return self._read()
        status, headers = self._head
        body = self._body(status, headers)
        if body is None:
            return None
        self._keeps = self._keeps and headers.get("connection", "").lower() != "close" and not self._buffer
        self._head = None
        return status, headers, body

    def _body(self, status: int, headers: Mapping[str, str]) -> bytes | None:
        if status in _BODILESS:
            return b""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = headers.get("content-length")
        if length is None:
            return None  # it ends with the connection
        size = int(length)
        if not 0 <= size <= _MOST_BODY:
            raise BadReplyError(f"a body of {size} bytes")
        if len(self._buffer) < size:
            return None
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        return body

    def _ends_with_connection(self) -> bool:
        assert self._head is not None
        headers = self._head[1]
        return "content-length" not in headers and "transfer-encoding" not in headers

    def _chunks(self) -> bytes | None:
        """All chunks, once the last one and its trailer are there."""
        parts: list[bytes] = []
        at, total = 0, 0
        while True:
            end = self._buffer.find(b"\r\n", at)
            if end < 0:
                return None
            size = int(bytes(self._buffer[at:end]).partition(b";")[0], 16)
            total += size
            if size < 0 or total > _MOST_BODY:
                raise BadReplyError(f"a chunk of {size} bytes")
            at = end + 2
            if size == 0:
                trailer = self._buffer.find(b"\r\n", at)
                while trailer > at:
                    at = trailer + 2
                    trailer = self._buffer.find(b"\r\n", at)
                if trailer < 0:
                    return None
                del self._buffer[: trailer + 2]
                return b"".join(parts)
            if len(self._buffer) < at + size + 2:
                return None
            parts.append(bytes(self._buffer[at : at + size]))
            at += size + 2


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers by their names in lower case; a repeated header's last value counts."""
    first, _, rest = head.decode("latin-1").partition("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
        raise BadReplyError(f"no HTTP reply: {first[:80]!r}")
    headers = {}
    for line in rest.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.lower()] = value.strip()
    if words[0] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return int(words[1]), headers
