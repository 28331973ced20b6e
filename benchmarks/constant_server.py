"""A bare aiohttp server that answers every request with the same words: the ceiling for a server built on aiohttp.

python constant_server.py prints its port and ends with its standard input.
"""

import asyncio
import sys

import uvloop
from aiohttp import web

BODY = b'{"orderId":30000000001,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"load-0-0"}' + b" " * 400


async def run() -> None:
    """Listen until standard input ends."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=BODY, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(run())
