"""Performs one admitted operation, whichever door it came by: order counters, faults, the handler, the reply."""

import msgspec
from aiohttp import web

from geobuk.emulators.binance.errors import VenueError, from_refusal
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.gate import check_engine_window
from geobuk.emulators.binance.operations import Operation
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.request_facts import Faults, RequestFacts
from geobuk.matching.refusals import RefusedError


async def perform(
    exchange: Exchange, faults: Faults, operation: Operation, params: Params, account: str | None
) -> web.Response:
    """The reply, success or refusal. Raises VenueError -1015 where the account's order counters are full."""
    now = exchange.clock.now_ms()
    facts = RequestFacts(operation.method, operation.path, params, account)
    if account is not None and operation.counts_orders:
        exchange.limits.check_orders(account, operation.order_count, now)
    instead = await faults.before(facts)
    if instead is not None:
        return instead
    try:
        if operation.counts_orders:
            check_engine_window(exchange, params)
        response = json_response(operation.handler(exchange, account or "", params))
    except RefusedError as refused:
        response = error_response(from_refusal(refused))
    except VenueError as error:
        response = error_response(error)
    else:
        if account is not None and operation.counts_orders:
            short, long = exchange.limits.count_orders(account, operation.order_count, now)
            response.headers["X-MBX-ORDER-COUNT-10S"] = str(short)
            response.headers["X-MBX-ORDER-COUNT-1M"] = str(long)
    return await faults.after(facts, response) or response


def json_response(content: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), status=status, content_type="application/json")


def error_response(error: VenueError) -> web.Response:
    """An error as the venue words it, with Retry-After where waiting is the cure."""
    response = json_response(error.body(), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
