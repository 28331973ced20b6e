"""The HTTP server: raw requests in, the checks, one operation, JSON out with the venue's headers."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from geobuk.emulators.binance.errors import VenueError, from_refusal, unknown_path
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.gate import admitted_key, check_signed
from geobuk.emulators.binance.operations import OperationTable
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.perform import error_response, perform
from geobuk.emulators.binance.request_facts import Faults, NoFaults
from geobuk.emulators.binance.routes import every_operation
from geobuk.emulators.binance.signing import signed_payload
from geobuk.emulators.binance.warming import warm_kernels
from geobuk.matching.refusals import RefusedError

MAX_BODY_BYTES = 512 * 1024
BODY_SECONDS = 10.0
PUMP_SECONDS = 0.005

log = logging.getLogger(__name__)


class RoutePart(Protocol):
    """Something that serves paths of its own beside the REST ones: streams, the WebSocket API, a control page."""

    def add_routes(self, app: web.Application) -> None: ...


class BinanceEmulator:
    """The venue on a local port. ``port`` 0 lets the system choose; ``base_url`` is known after ``start``."""

    def __init__(
        self,
        exchange: Exchange,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        faults: Faults | None = None,
        parts: Sequence[RoutePart] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.exchange = exchange
        self.faults: Faults = faults or NoFaults()
        self.operations: OperationTable = every_operation()
        self._host, self._port, self._tls = host, port, tls
        self._parts = parts
        self._runner: web.AppRunner | None = None
        self._pumping: asyncio.Task[None] | None = None
        self.base_url = ""

    async def start(self) -> None:
        """Listen, and move the market along. What must be compiled is compiled before anyone can connect."""
        warm_kernels()
        self.exchange.pump()
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        for part in self._parts:
            part.add_routes(app)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base_url = f"{'https' if self._tls else 'http'}://{self._host}:{port}"
        self._pumping = asyncio.create_task(self._pump())

    async def stop(self) -> None:
        """Close every connection and end."""
        if self._pumping is not None:
            self._pumping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pumping
            self._pumping = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> "BinanceEmulator":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _pump(self) -> None:
        while True:
            try:
                self.exchange.pump()
            except Exception:  # a venue that stands still in silence would be worse
                log.exception("the emulated market could not be moved on")
            await asyncio.sleep(PUMP_SECONDS)

    async def _handle(self, request: web.Request) -> web.Response:
        ip = request.remote or "unknown"
        try:
            response = await self._answer(request, ip)
        except VenueError as error:
            response = error_response(error)
        except RefusedError as refused:
            response = error_response(from_refusal(refused))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            response = error_response(VenueError(500, -1000, "An unknown error occured while processing the request."))
        now = self.exchange.clock.now_ms()
        used = self.exchange.limits.used_weight(ip, now)
        response.headers.setdefault("X-MBX-USED-WEIGHT-1M", str(used))
        return response

    async def _answer(self, request: web.Request, ip: str) -> web.Response:
        exchange, now = self.exchange, self.exchange.clock.now_ms()
        exchange.limits.check_ban(ip, now)
        operation = self.operations.find(request.method, request.path)
        if operation is None:
            exchange.limits.charge(ip, 1, now)
            raise unknown_path(request.path, request.method)
        query = request.raw_path.partition("?")[2].partition("#")[0].encode("utf-8", "surrogateescape")
        body = await _body(request)
        params, broken = _parsed(query, body)
        exchange.limits.charge(ip, operation.weight_of(params), now)
        exchange.refresh()
        key = admitted_key(exchange, request.headers.get("X-MBX-APIKEY"), operation.security, ip)
        if broken is not None:
            raise broken
        if key is not None:
            params = params.sent_with(key.name)
            if operation.security.needs_signature:
                check_signed(exchange, key, params, signed_payload(query, body))
        account = key.account if key is not None else None
        return await perform(exchange, self.faults, operation, params, account)


async def _body(request: web.Request) -> bytes:
    if not request.body_exists:
        return b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise VenueError(413, -1130, f"The request body is larger than {MAX_BODY_BYTES} bytes.") from None
    except TimeoutError:
        raise VenueError(408, -1007, "Timeout waiting for the request body.") from None


def _parsed(query: bytes, body: bytes) -> tuple[Params, VenueError | None]:
    try:
        return Params.from_bytes(query, body), None
    except VenueError as error:
        return Params({}), error
