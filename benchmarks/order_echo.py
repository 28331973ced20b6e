"""Acknowledges every order at once and does nothing else: what is left of a client's time here is its own.

python order_echo.py '{"body": …}' prints its port and ends with its standard input. ``body`` is an acknowledgement of
the emulator's as a JSON object; each reply has the client order id of its request and the next number.
"""

import asyncio
import json
import sys
from typing import cast
from urllib.parse import unquote

import uvloop

_ID = b"newClientOrderId="
_LENGTH = b"content-length:"


class Acknowledging(asyncio.Protocol):
    """One connection; requests with a body are waited for whole."""

    number = 30_000_000_001
    before = middle = after = b""

    def __init__(self) -> None:
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        end = self.heard.find(b"\r\n\r\n")
        while end >= 0:
            end += 4
            at = self.heard.lower().find(_LENGTH, 0, end)
            if at >= 0:
                end += int(self.heard[at + len(_LENGTH) : self.heard.index(b"\r\n", at)])
            if len(self.heard) < end:
                return
            asked, self.heard = self.heard[:end], self.heard[end:]
            self.transport.write(self.reply(asked))
            end = self.heard.find(b"\r\n\r\n")

    def reply(self, asked: bytes) -> bytes:
        """The acknowledgement of one request."""
        kind = type(self)
        kind.number += 1
        at = asked.find(_ID)
        key = b"unnamed"
        if at >= 0:
            key = asked[at + len(_ID) :].split(b"&", 1)[0].split(b" ", 1)[0].rstrip()
            if b"%" in key:
                key = unquote(key.decode()).encode()
        body = b"%s%d%s%s%s" % (kind.before, kind.number, kind.middle, key, kind.after)
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nX-MBX-ORDER-COUNT-10S: 1\r\n"
            b"X-MBX-ORDER-COUNT-1M: 1\r\nX-MBX-USED-WEIGHT-1M: 1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )


async def run(body: dict[str, object]) -> None:
    """Listen until standard input ends."""
    text = json.dumps({**body, "orderId": "ORDER-NUMBER", "clientOrderId": "ORDER-KEY"}, separators=(",", ":"))
    before, rest = text.split('"ORDER-NUMBER"')
    middle, after = rest.split("ORDER-KEY")
    Acknowledging.before, Acknowledging.middle, Acknowledging.after = before.encode(), middle.encode(), after.encode()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Acknowledging, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(run(json.loads(sys.argv[1])["body"]))
