"""Where trouble is let in, what a slow way to the engine costs, and names beyond ASCII."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from aiohttp import web
from tests.support.clocks import HandClock
from tests.support.emulated_venue import Desk, at_the_venue

from geobuk.emulators.binance.perform import json_response
from geobuk.emulators.binance.request_facts import RequestFacts
from geobuk.matching.markets.rules import starting_rules

TURTLE = "币安人生USDT"


class Trouble:
    """Does what it is told before and after each order."""

    def __init__(self, before: Callable[[], web.Response | None], after: Callable[[], web.Response | None]) -> None:
        self._before, self._after = before, after

    async def before(self, request: RequestFacts) -> web.Response | None:
        return self._before() if request.path == "/fapi/v1/order" and request.method == "POST" else None

    async def after(self, request: RequestFacts, response: web.Response) -> web.Response | None:
        return self._after() if request.path == "/fapi/v1/order" and request.method == "POST" else None


def nothing() -> None:
    return None


def test_an_order_that_was_too_long_on_its_way_is_not_executed() -> None:
    def slow_way(clock: HandClock) -> Trouble:
        def wait() -> None:
            clock.at_ns += 6_000_000_000

        return Trouble(wait, nothing)

    async def act(desk: Desk) -> None:
        late = await desk.order()
        assert (late.status, late.code) == (400, -5028)
        assert (await desk.order(recvWindow=7000)).status == 200
        assert len((await desk.signed("GET", "/fapi/v1/openOrders")).body) == 1

    at_the_venue(act, faults=slow_way)


def test_trouble_before_prevents_and_trouble_after_hides() -> None:
    unavailable = {"code": 0, "msg": "Service Unavailable."}

    def refuse(_: HandClock) -> Trouble:
        return Trouble(lambda: json_response(unavailable, 503), nothing)

    def hide(_: HandClock) -> Trouble:
        return Trouble(nothing, lambda: json_response({"code": -1007, "msg": "Timeout"}, 408))

    async def refused(desk: Desk) -> None:
        assert (await desk.order()).status == 503
        assert (await desk.signed("GET", "/fapi/v1/openOrders")).body == []

    async def hidden(desk: Desk) -> None:
        assert (await desk.order(newClientOrderId="once")).code == -1007
        found = await desk.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="once")
        assert found.body["status"] == "NEW"

    at_the_venue(refused, faults=refuse)
    at_the_venue(hidden, faults=hide)


def test_an_instrument_may_have_a_name_beyond_ascii() -> None:
    (dot,) = starting_rules(("DOTUSDT",))
    rules = replace(dot, instrument=replace(dot.instrument, name=TURTLE, base="币安人生"))

    async def act(desk: Desk) -> None:
        desk.quote("1.135800", "1.135900", "1.135850", TURTLE, "5000.0")
        book = await desk.public("/fapi/v1/depth", symbol=TURTLE, limit=5)
        assert book.body["bids"][0] == ["1.135800", "5000.0"]
        raw = await desk.send("GET", f"/fapi/v1/ticker/bookTicker?symbol={quote(TURTLE)}")
        assert raw.body["symbol"] == TURTLE
        placed = await desk.order(symbol=TURTLE, quantity="10", price="1.130000")
        assert (placed.status, placed.body["symbol"]) == (200, TURTLE)

    at_the_venue(act, more_rules=(rules,))
