"""The control API under /control/api, and the page at /control."""

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Any

import msgspec
from aiohttp import web

from geobuk.domain.errors import UserError
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.control.guard import NotAllowedError, require_own
from geobuk.emulators.binance.control.state import StateView
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.faults.desk import FaultDesk, read_fault
from geobuk.emulators.binance.faults.kinds import ClockSkew, Fault
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.matching.refusals import RefusedError

Handler = Callable[[web.Request], Awaitable[object]]
_FASTEST = 100_000.0
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"


class ControlApi:
    """Shows the state and does what is asked. Errors are JSON: {"error": what, "cure": how}."""

    def __init__(self, exchange: Exchange, hub: Hub, faults: FaultDesk) -> None:
        self._exchange = exchange
        self._faults = faults
        self._view = StateView(exchange, hub, faults)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/control", self._page)
        app.router.add_get("/control/", self._page)
        for method, path, handler in (
            ("GET", "state", self._state),
            ("GET", "faults", self._list),
            ("GET", "faults/kinds", self._kinds),
            ("POST", "faults", self._add),
            ("DELETE", "faults", self._clear),
            ("DELETE", "faults/{number:[0-9]{1,12}}", self._remove),
            ("POST", "clock", self._clock),
            ("POST", "fund", self._fund),
            *(("POST", name, self._short(name)) for name in _SHORT),
        ):
            app.router.add_route(method, f"/control/api/{path}", _guarded(handler))

    async def _page(self, request: web.Request) -> web.Response:
        try:
            require_own(request)
        except NotAllowedError as error:
            return _told({"error": str(error)}, 403)
        page = files("geobuk.emulators.binance.control").joinpath("page.html").read_text(encoding="utf-8")
        headers = {
            "Content-Security-Policy": _POLICY,
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _state(self, _: web.Request) -> object:
        return self._view.state()

    async def _list(self, _: web.Request) -> object:
        return self._view.faults()

    async def _kinds(self, _: web.Request) -> object:
        return fault_kinds()

    async def _add(self, request: web.Request) -> object:
        return self._asked(await _body(request))

    def _short(self, name: str) -> Handler:
        async def handle(request: web.Request) -> object:
            return self._asked({**await _body(request), "fault": name})

        return handle

    def _asked(self, content: dict[str, Any]) -> object:
        return {"number": self._faults.add(read_fault(content))}

    async def _clear(self, _: web.Request) -> object:
        self._faults.clear()
        return {"removed": True}

    async def _remove(self, request: web.Request) -> object:
        number = int(request.match_info["number"])
        if not self._faults.remove(number):
            raise UserError(f"no fault has the number {number}", cure="see GET /control/api/faults")
        return {"removed": True}

    async def _clock(self, request: web.Request) -> object:
        """``speed`` of the market's time; ``skew_ms`` of what the venue says the time is."""
        asked, clock = await _body(request), self._exchange.clock
        speed = asked.get("speed", clock.speed)
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= _FASTEST:
            raise UserError(f"speed {speed!r}", cure=f"give a number from 0 (the market stands) to {_FASTEST:,.0f}")
        skew = asked.get("skew_ms")
        if skew is not None and (isinstance(skew, bool) or not isinstance(skew, int)):
            raise UserError(f"skew_ms {skew!r}", cure="give whole milliseconds")
        clock.set_speed(float(speed))
        if skew is not None:
            for standing in self._faults.board:
                if isinstance(standing.fault, ClockSkew):
                    self._faults.remove(standing.number)
            if skew:
                self._faults.add(ClockSkew(skew_ms=skew))
        return {"speed": clock.speed, "skew_ms": clock.skew_ns // NS_PER_MS}

    async def _fund(self, request: web.Request) -> object:
        """Pay ``amount`` of ``asset`` into ``account``, or out of it where it is below zero."""
        asked, engine = await _body(request), self._exchange.engine
        account, asset = str(asked.get("account") or engine.accounts[0]), str(asked.get("asset") or "USDT")
        try:
            amount = Decimal(str(asked.get("amount")))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount == 0 or abs(amount) > 10**12:
            raise UserError(f"amount {asked.get('amount')!r}", cure="give a number such as 1000, or -1000 to pay out")
        if account not in engine.accounts:
            raise UserError(f"no account {account!r}", cure=f"choose one of {', '.join(engine.accounts)}")
        engine.transfer(account, asset, amount)
        return {"account": account, "asset": asset, "amount": str(amount)}


_SHORT = ("price_shock", "trade_print", "liquidate", "deleverage", "change_filters", "change_funding")


def fault_kinds() -> list[dict[str, Any]]:
    """Every fault there is: name, what it does, its fields with their defaults (null: must be given)."""
    told = []
    for kind in sorted(_members(), key=lambda one: str(one.__struct_config__.tag)):
        fields = [
            {
                "name": field.name,
                "is_required": field.required,
                "default": None if field.default in {msgspec.NODEFAULT, msgspec.UNSET} else field.default,
            }
            for field in msgspec.structs.fields(kind)
            if field.name not in {"when", "where"}
        ]
        told.append({"fault": kind.__struct_config__.tag, "does": (kind.__doc__ or "").strip(), "fields": fields})
    return told


def _members() -> tuple[type[msgspec.Struct], ...]:
    return Fault.__args__


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise UserError("the body is no JSON", cure='send an object such as {"speed": 10}') from None
    if not isinstance(value, dict):
        raise UserError("the body is no JSON object", cure='send an object such as {"speed": 10}')
    return value


def _guarded(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            require_own(request)
            return _told(await handler(request), 200)
        except NotAllowedError as error:
            return _told({"error": str(error), "cure": "use the page at /control, or a program on this machine"}, 403)
        except UserError as error:
            return _told({"error": error.message, "cure": error.cure}, 400)
        except RefusedError as refused:
            return _told({"error": str(refused), "cure": ""}, 400)

    return handle


def _told(content: object, status: int) -> web.Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    body = msgspec.json.encode(content, enc_hook=str)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
