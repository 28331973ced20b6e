"""A local server that behaves like Binance's public archive and REST interface, with faults on request.

It is written from the venue's published layout and knows nothing of Geobuk's downloader.
"""

import asyncio
import hashlib
import io
import json
import re
import socket
import struct
import threading
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web
from tests.servers import market

_FILE = re.compile(
    r"^/data/futures/um/(daily|monthly)/(\w+)/(\w+)/(?:(\w+)/)?\3-(?:\w+)-(\d{4}-\d{2}(?:-\d{2})?)\.zip$"
)


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests whose path holds ``where``; ``value`` as the kind needs it."""

    where: str
    kind: str
    times: int = 1
    value: float = 0.0


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    range: str
    status: int = 0
    sent: int = 0


@dataclass
class BinanceServer:
    """Start it with ``with``; ``base`` is its address. ``now_ms`` decides what is published.

    ``hole_ms`` is a stretch for which REST has no rows; faults are named in :meth:`fail`.
    """

    now_ms: int
    instruments: tuple[str, ...] = ("BTCUSDT", "ETHUSDT")
    onboard_ms: int = 1_569_398_400_000
    with_header: bool = True
    micro: bool = False
    chunk: int = 1 << 16
    bytes_per_second: float = 0.0
    weight_limit: int = 2400
    faults: list[Fault] = field(default_factory=list)
    replaced: dict[str, bytes] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=lambda: {"tickSize": "0.10"})
    symbol_says: dict[str, object] = field(default_factory=dict)
    hole_ms: tuple[int, int] = (0, 0)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._made: dict[str, bytes] = {}
        self._used_weight = 0
        self._free_at = 0.0
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.base = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def fail(self, where: str, kind: str, times: int = 1, value: float = 0.0) -> None:
        """Let something go wrong."""
        self.faults.append(Fault(where, kind, times, value))

    def paths(self, part: str = "") -> list[str]:
        """Paths that were asked for, with ``part`` in them."""
        return [one.path for one in self.seen if part in one.path]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.method, request.path, dict(request.query), request.headers.get("Range", ""))
        self.seen.append(seen)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            fault = self._fault_for(request.path)
            early = await self._early(fault, request)
            reply = early or await (
                self._rest(request) if "/fapi/" in request.path else self._file(request, fault, seen)
            )
            seen.status = reply.status
            return reply
        finally:
            self.at_once -= 1

    def _fault_for(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times != 0 and fault.where in path and _concerns(fault, is_checksum=path.endswith(".CHECKSUM")):
                fault.times -= 1
                return fault
        return None

    async def _early(self, fault: Fault | None, request: web.Request) -> web.StreamResponse | None:
        """Faults that need no file."""
        if fault is None:
            return None
        statuses = {"missing": 404, "limited": 429, "banned": 418, "unavailable": 503, "forbidden": 403, "failing": 500}
        if fault.kind in statuses:
            headers = {"Retry-After": str(int(fault.value))} if fault.value else {}
            until = self.now_ms + 2000
            text = {"limited": "Way too many requests", "banned": f"Way too much; banned until {until}"}
            body = {"code": -1003, "msg": text.get(fault.kind, "Service Unavailable.")}
            return web.json_response(body, status=statuses[fault.kind], headers=headers)
        if fault.kind == "silent":
            await asyncio.sleep(fault.value or 3600)
        if fault.kind == "closed":
            _abort(request)
            raise ConnectionResetError
        if fault.kind == "nonsense":
            return web.Response(text="<html>maintenance</html>")
        return None

    async def _file(self, request: web.Request, fault: Fault | None, seen: Seen) -> web.StreamResponse:
        is_checksum = request.path.endswith(".CHECKSUM")
        path = request.path.removesuffix(".CHECKSUM")
        data = self._data(path)
        if data is None:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        name = path.rpartition("/")[2]
        if is_checksum:
            digest = hashlib.sha256(data if fault is None else b"other").hexdigest()
            return web.Response(text="not yet" if fault and fault.kind == "garbled_checksum" else f"{digest}  {name}\n")
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        start = int(seen.range.removeprefix("bytes=").rstrip("-") or 0)
        if fault is not None and fault.kind in {"no_range", "truncate_anew"}:
            start = 0
        if start and start >= len(data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        reply = web.StreamResponse(status=206 if start else 200, headers={"ETag": etag, "Accept-Ranges": "bytes"})
        if start:
            said = start + 7 if fault is not None and fault.kind == "wrong_range" else start
            reply.headers["Content-Range"] = f"bytes {said}-{len(data) - 1}/{len(data)}"
        reply.content_length = len(data) - start
        await reply.prepare(request)
        if request.method != "HEAD":
            await self._send(request, reply, _Body(path, data, start, fault), seen)
        return reply

    async def _send(self, request: web.Request, reply: web.StreamResponse, body: "_Body", seen: Seen) -> None:
        data, kind = body.data[body.start :], body.fault.kind if body.fault else ""
        half = max(1, len(data) // 2)
        if kind == "corrupt":
            data = data[:half] + bytes([data[half] ^ 0xFF]) + data[half + 1 :]
        chunk = max(1, len(data) // 25) if kind == "trickle" else self.chunk
        stop_at = half if kind in {"truncate", "truncate_anew", "reset", "silent_midway", "replace"} else len(data)
        for at in range(0, stop_at, chunk):
            piece = data[at : min(at + chunk, stop_at)]
            await self._pace(len(piece))
            await reply.write(piece)
            seen.sent += len(piece)
            if kind == "trickle":
                await asyncio.sleep(body.fault.value if body.fault and body.fault.value else 0.01)
        if kind == "replace":
            self.replaced[body.path] = _rezipped(body.path, body.data)
        if kind == "silent_midway":
            await asyncio.sleep(3600)
        if stop_at < len(data):
            await asyncio.sleep(0.02)  # what was written is on its way
            if kind == "reset":
                _abort(request)
            elif request.transport is not None:
                request.transport.close()

    async def _pace(self, count: int) -> None:
        """All replies together take no more than ``bytes_per_second``."""
        if self.bytes_per_second:
            now = self._loop.time()
            self._free_at = max(now, self._free_at) + count / self.bytes_per_second
            await asyncio.sleep(self._free_at - now)

    def _data(self, path: str) -> bytes | None:
        """The bytes of a file, if it is published."""
        if path in self.replaced:
            return self.replaced[path]
        match = _FILE.match(path)
        if match is None:
            return None
        span, kind, instrument, interval, period = match.groups()
        is_day = len(period) > len("2024-01")
        _, end = market.span_ms(period)
        due = end + (12 * market.HOUR_MS if is_day else 36 * market.HOUR_MS)
        if instrument not in self.instruments or is_day != (span == "daily") or due > self.now_ms:
            return None
        if end <= self.onboard_ms or (kind == "fundingRate" and is_day):
            return None
        if path not in self._made:
            form = {"with_header": self.with_header, "micro": self.micro}
            csv = market.archive_csv(kind, instrument, interval or "", period, **form, listed_ms=self.onboard_ms)
            self._made[path] = market.zipped(path.rpartition("/")[2].replace(".zip", ".csv"), csv)
        return self._made[path]

    def _rest(self, request: web.Request) -> Awaitable[web.StreamResponse]:
        name = request.path.rpartition("/")[2]
        answers: dict[str, Callable[[web.Request], object]] = {
            "time": lambda _: {"serverTime": self.now_ms},
            "exchangeInfo": lambda _: self._exchange_info(),
            "fundingInfo": lambda _: [
                {"symbol": "ETHUSDT", "fundingIntervalHours": 8, "adjustedFundingRateCap": "0.02"}
            ],
            "klines": self._klines,
            "markPriceKlines": self._klines,
            "indexPriceKlines": self._klines,
            "fundingRate": self._funding,
        }
        limit = int(request.query.get("limit", "500"))
        self._used_weight += 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10
        headers = {"X-MBX-USED-WEIGHT-1M": str(self._used_weight)}

        async def answer() -> web.StreamResponse:
            if name not in answers:
                return web.json_response({"code": -5000, "msg": f"Path {request.path} is invalid"}, status=404)
            wanted = request.query.get("symbol") or request.query.get("pair")
            if wanted is not None and wanted not in self.instruments:
                return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400, headers=headers)
            return web.json_response(answers[name](request), headers=headers, dumps=json.dumps)

        return answer()

    def _klines(self, request: web.Request) -> object:
        query, kind = request.query, request.path.rpartition("/")[2]
        symbol = query.get("pair" if kind == "indexPriceKlines" else "symbol", "")
        begin, end = int(query["startTime"]), min(int(query["endTime"]) + 1, self.now_ms)
        rows = market.klines(kind, symbol, query["interval"], max(begin, self.onboard_ms), end)
        first, last = self.hole_ms
        rows = (row for row in rows if not first <= int(str(row[0])) < last)
        return [row for row, _ in zip(rows, range(int(query["limit"])), strict=False)]

    def _funding(self, request: web.Request) -> object:
        query = request.query
        stamps = market.funding(query["symbol"], int(query["startTime"]), min(int(query["endTime"]) + 1, self.now_ms))
        rows = [
            {"symbol": query["symbol"], "fundingTime": at, "fundingRate": f"{rate:.8f}", "markPrice": ""}
            for at, rate in stamps
        ]
        return rows[: int(query["limit"])]

    def _exchange_info(self) -> object:
        weight = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": self.weight_limit}
        return {
            "serverTime": self.now_ms,
            "rateLimits": [weight, {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200}],
            "symbols": [self._symbol(name) for name in self.instruments],
        }

    def _symbol(self, name: str) -> dict[str, object]:
        return {
            "symbol": name,
            "pair": name,
            "contractType": "PERPETUAL",
            "status": "TRADING",
            "onboardDate": self.onboard_ms,
            "deliveryDate": 4133404800000,
            "baseAsset": name.removesuffix("USDT"),
            "quoteAsset": "USDT",
            "liquidationFee": "0.0125",
            "maintMarginPercent": "2.5000",
            "requiredMarginPercent": "5.0000",
            **self.symbol_says,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "100000", **self.rules},
                {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
                {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
                {"filterType": "MIN_NOTIONAL", "notional": "50"},
                {"filterType": "PERCENT_PRICE", "multiplierUp": "1.05", "multiplierDown": "0.95"},
            ],
        }


@dataclass
class _Body:
    path: str
    data: bytes
    start: int
    fault: Fault | None


def _concerns(fault: Fault, *, is_checksum: bool) -> bool:
    """Whether a fault is meant for this kind of file: most are for the zip file, not for its CHECKSUM."""
    if fault.kind == "missing":
        return True
    is_meant = fault.kind in {"wrong_checksum", "garbled_checksum"} or "CHECKSUM" in fault.where
    return is_meant == is_checksum


def _rezipped(path: str, data: bytes) -> bytes:
    """Other bytes with the same rows, as when the venue publishes a file anew."""
    name = path.rpartition("/")[2].replace(".zip", ".csv")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2024, 6, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _abort(request: web.Request) -> None:
    """Reset the connection: the peer sees an error, not an end."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
