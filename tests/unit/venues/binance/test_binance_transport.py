"""HTTP over real sockets: what may have reached the venue, and what can't have."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.support.binance_wire import QUICK

from geobuk.domain.errors import SettingsError
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


def test_orders_do_not_queue_behind_any_number_of_slow_calls() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/slow":
            await asyncio.sleep(5)
        return web.Response(body=b"{}")

    async def scene(wire: HttpTransport, url: str) -> None:
        slow = [asyncio.create_task(wire.send("GET", f"{url}/slow", {}, 5.0)) for _ in range(40)]
        await asyncio.sleep(0)
        assert (await wire.send("POST", f"{url}/order", {}, 2.0)).status == 200
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    with_server(handler, scene)


def test_tls_is_spoken_and_a_certificate_of_another_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    at = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(at).not_valid_after(at + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    async def main() -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

        async def handler(_: web.BaseRequest) -> web.Response:
            return web.Response(body=b"{}")

        runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        port = runner.addresses[0][1]
        wire = HttpTransport(QUICK)
        assert (await wire.send("GET", f"https://localhost:{port}/x", {}, 2.0)).body == b"{}"
        with pytest.raises(NotSentError, match="certificate"):
            await wire.send("GET", f"https://127.0.0.1:{port}/x", {}, 2.0)
        await wire.close()
        await runner.cleanup()

    asyncio.run(main())


def test_what_is_no_address_or_no_encoded_path_is_refused() -> None:
    async def main() -> None:
        wire = HttpTransport(QUICK)
        with pytest.raises(SettingsError, match="no address of a server"):
            await wire.send("GET", "ftp://host/x", {}, 1.0)
        for path in ("/a b", "/a\r\nX: y", "/é"):
            with pytest.raises(SettingsError, match="percent-encode"):
                await wire.send("GET", f"http://127.0.0.1:1{path}", {}, 1.0)
        await wire.close()

    asyncio.run(main())
