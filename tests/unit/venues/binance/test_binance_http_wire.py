"""Replies as bytes, however they are cut; and bytes that are none."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.venues.binance.http_wire import Answer, BadReplyError, HttpWire

PLAIN = b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-MBX-USED-WEIGHT-1M: 5\r\n\r\n{"a":1}'
CHUNKED = b'HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n4\r\n":1}\r\n0\r\nTrailer: t\r\n\r\n'
HINTED = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
OLD = b"HTTP/1.0 200 OK\r\n\r\nall of it"


def answered(parts: Sequence[bytes], *, ends: bool = False) -> tuple[Answer, bool]:
    """What a wire makes of a server that sends these parts; and whether it may be used again."""

    async def main() -> tuple[Answer, bool]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                await reader.readuntil(b"\r\n\r\n")
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                if not ends:
                    await reader.read()
            writer.close()
            left.set()

        left = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        _, wire = await asyncio.get_running_loop().create_connection(HttpWire, "127.0.0.1", port)
        try:
            answer = await wire.ask(b"GET / HTTP/1.1\r\n\r\n", 2.0)
            return answer, wire.is_usable
        finally:
            wire.close()
            await wire.ended()
            await left.wait()
            server.close()
            await server.wait_closed()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("sent", "status", "body", "is_usable"),
    [
        (PLAIN, 200, b'{"a":1}', True),
        (CHUNKED, 400, b'{"a":1}', True),
        (HINTED, 200, b'{"a":1}', True),
        (EMPTY, 204, b"", True),
        (CLOSING, 200, b"{}", False),
    ],
)
def test_a_reply_is_read_whole_and_by_byte(sent: bytes, status: int, body: bytes, is_usable: bool) -> None:
    for parts in ([sent], [sent[n : n + 1] for n in range(len(sent))]):
        (got, headers, content), usable = answered(parts)
        assert (got, content, usable) == (status, body, is_usable)
        assert all(name == name.lower() for name in headers)


def test_a_reply_without_a_length_ends_with_its_connection() -> None:
    (status, _, body), usable = answered([OLD], ends=True)
    assert (status, body, usable) == (200, b"all of it", False)


def test_a_connection_that_ends_within_a_reply_is_no_reply() -> None:
    with pytest.raises(OSError, match="closed"):
        answered([PLAIN[:-1]], ends=True)


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"x" * 70_000,
    ],
)
def test_bytes_that_are_no_reply_are_told_as_such(sent: bytes) -> None:
    with pytest.raises(BadReplyError):
        answered([sent])


def test_more_than_the_reply_means_that_the_connection_is_not_used_again() -> None:
    _, usable = answered([PLAIN + b"surplus"])
    assert not usable


@given(st.binary(max_size=300))
def test_no_bytes_make_a_wire_fail_otherwise(noise: bytes) -> None:
    async def main() -> None:
        wire = HttpWire()
        wire.connection_made(_Deaf())
        asked = asyncio.ensure_future(wire.ask(b"", 5.0))
        await asyncio.sleep(0)
        wire.data_received(noise)
        wire.connection_lost(None)
        with suppress(BadReplyError, ConnectionError):
            await asked

    asyncio.run(main())


class _Deaf(asyncio.Transport):
    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    def abort(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False
