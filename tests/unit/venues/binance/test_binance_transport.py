"""HTTP over real sockets: what may have reached the venue, and what can't have."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from tests.support.binance_wire import QUICK

from geobuk.venues.binance.transport import HttpTransport, NoReplyError, NotSentError, Reply

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def with_server(handler: Handler, scene: Callable[[HttpTransport, str], Awaitable[None]]) -> None:
    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wire = HttpTransport(replace(QUICK, connect_timeout_s=1.0))
        try:
            await scene(wire, f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await wire.close()
            await runner.cleanup()

    asyncio.run(main())


def test_the_address_arrives_byte_for_byte_and_the_reply_comes_back_whole() -> None:
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        return web.Response(status=418, body=b'{"x":1}', headers={"X-MBX-USED-WEIGHT-1M": "7"})

    async def scene(wire: HttpTransport, url: str) -> None:
        path = "/fapi/v1/order?symbol=%E5%B8%81USDT&batch=%5B%7B%22a%22%3A1%7D%5D&sign=a%2Bb%3D&id=a:b/c."
        reply = await wire.send("POST", url + path, {"X-MBX-APIKEY": "k"}, 2.0)
        assert (reply.status, reply.body, reply.headers["x-mbx-used-weight-1m"]) == (418, b'{"x":1}', "7")
        method, raw, headers, body = seen[0]
        assert (method, raw, body) == ("POST", path, b"")
        assert headers["X-MBX-APIKEY"] == "k"

    with_server(handler, scene)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_a_connection_that_breaks_after_sending_is_no_reply_and_is_not_sent_again(method: str) -> None:
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.method)
        if request.path == "/cut":
            assert request.transport is not None
            request.transport.close()
        return web.Response(body=b"{}")

    async def scene(wire: HttpTransport, url: str) -> None:
        await wire.send("GET", f"{url}/warm", {}, 2.0)
        with pytest.raises(NoReplyError):
            await wire.send(method, f"{url}/cut", {}, 2.0)
        assert seen == ["GET", method]

    with_server(handler, scene)


def test_a_silent_server_is_no_reply_after_the_time_given() -> None:
    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async def scene(wire: HttpTransport, url: str) -> None:
        with pytest.raises(NoReplyError, match="Timeout"):
            await wire.send("POST", url, {}, 0.05)

    with_server(handler, scene)


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        wire = HttpTransport(QUICK)
        with pytest.raises(NotSentError):
            await wire.send("POST", f"http://127.0.0.1:{port}/x", {}, 1.0)
        await wire.close()

    asyncio.run(main())


def test_connections_are_kept_alive() -> None:
    ports = set()

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response(body=b"{}")

    async def scene(wire: HttpTransport, url: str) -> None:
        for _ in range(5):
            assert isinstance(await wire.send("POST", url, {}, 1.0), Reply)
        assert len(ports) == 1

    with_server(handler, scene)
