"""Sends pre-encoded trades over WebSocket as fast as the reader takes them, in a process of its own.

python trade_sender.py COUNT prints its port; every connection gets trades 1 … COUNT: combined frames at once on
``/stream``, raw ones after SUBSCRIBE on ``/ws``. It ends with its standard input.
"""

import base64
import hashlib
import json
import random
import socket
import sys
import threading
from contextlib import suppress

BLOCK = 256 * 1024


def main(count: int) -> None:
    """Serve until somebody closes the standard input."""
    trades = list(encoded(count))
    blobs = {
        "stream": b"".join(framed(b'{"stream":"btcusdt@aggTrade","data":' + trade + b"}") for trade in trades),
        "ws": b"".join(map(framed, trades)),
    }
    del trades
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listening, blobs), daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    sys.stdin.read()


def encoded(count: int) -> list[bytes]:
    """Trades as the venue sends them: prices walk by ticks, sizes differ."""
    rng = random.Random(7)
    price, trades = 841411, []
    for number in range(1, count + 1):
        price += rng.choice((-1, 0, 0, 0, 1))
        at = 1791354000000 + number // 100
        size = f"{rng.randint(1, 2000) / 1000:.3f}"
        trades.append(
            b'{"e":"aggTrade","E":%d,"s":"BTCUSDT","a":%d,"p":"%d.%d0","q":"%b","nq":"%b","f":%d,"l":%d,"T":%d,"m":%b,'
            b'"st":1}'
            % (
                *(
                    at + 50,
                    number,
                    price // 10,
                    price % 10,
                    size.encode(),
                    size.encode(),
                    number * 3,
                    number * 3 + 2,
                    at,
                ),
                rng.choice((b"true", b"false")),
            )
        )
    return trades


def framed(payload: bytes) -> bytes:
    """A server's text frame: no mask."""
    if len(payload) < 126:
        return bytes((0x81, len(payload))) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


def accept(listening: socket.socket, blobs: dict[str, bytes]) -> None:
    while True:
        client, _ = listening.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(client, blobs), daemon=True).start()


def serve(client: socket.socket, blobs: dict[str, bytes]) -> None:
    """Shake hands, wait for a subscription where the path needs one, send, and stay open."""
    with suppress(OSError), client:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += client.recv(4096)
        headers = {
            line.split(b":", 1)[0].lower(): line.split(b":", 1)[1].strip() for line in asked.split(b"\r\n")[1:-2]
        }
        accepted = base64.b64encode(
            hashlib.sha1(headers[b"sec-websocket-key"] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        )
        client.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
        )
        kind = "stream" if b"/stream" in asked.split(b"\r\n", 1)[0] else "ws"
        if kind == "ws":
            told = json.loads(unmasked(client))
            client.sendall(framed(json.dumps({"result": None, "id": told["id"]}).encode()))
        blob = memoryview(blobs[kind])
        for start in range(0, len(blob), BLOCK):
            client.sendall(blob[start : start + BLOCK])
        while client.recv(4096):
            pass


def unmasked(client: socket.socket) -> bytes:
    """The payload of a client's next short text frame."""
    head = client.recv(2, socket.MSG_WAITALL)
    length = head[1] & 0x7F
    if length == 126:
        length = int.from_bytes(client.recv(2, socket.MSG_WAITALL), "big")
    mask = client.recv(4, socket.MSG_WAITALL)
    payload = client.recv(length, socket.MSG_WAITALL)
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


if __name__ == "__main__":
    main(int(sys.argv[1]))
