"""What the control page shows: the exchange's state as JSON values."""

from decimal import Decimal
from typing import Any

import msgspec

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.errors import VenueError, from_refusal
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.faults.desk import FaultDesk, tag_of
from geobuk.emulators.binance.operations import OperationTable
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.routes import every_operation
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.emulators.binance.streams.names import Route
from geobuk.emulators.binance.streams.subscriber import Subscriber
from geobuk.matching.refusals import RefusedError

_VIEWS = {
    "account": "/fapi/v3/account",
    "positions": "/fapi/v3/positionRisk",
    "orders": "/fapi/v1/openOrders",
    "conditionals": "/fapi/v1/openAlgoOrders",
}


class StateView:
    """Reads; changes nothing. Accounts are shown as their own clients would see them."""

    def __init__(self, exchange: Exchange, hub: Hub, faults: FaultDesk) -> None:
        self._exchange = exchange
        self._hub = hub
        self._faults = faults
        self._operations: OperationTable = every_operation()

    def state(self) -> dict[str, Any]:
        exchange = self._exchange
        return {
            "now_ms": exchange.clock.now_ms(),
            "server_ms": exchange.clock.server_ms(),
            "speed": exchange.clock.speed,
            "prices": "recorded" if exchange.spec.has_recorded_prices else "synthetic",
            "instruments": [self._instrument(name) for name in exchange.instruments],
            "accounts": [self._account(name) for name in exchange.engine.accounts],
            "keys": [
                {"key": key.name, "account": key.account, "is_valid": key.is_valid} for key in exchange.keys.all()
            ],
            "connections": self._connections(),
            "faults": self.faults(),
            "notes": [{"at_ms": at_ns // NS_PER_MS, "text": text} for at_ns, text in self._faults.board.notes],
        }

    def faults(self) -> list[dict[str, Any]]:
        return [
            {
                "number": one.number,
                "kind": tag_of(one.fault),
                "fault": msgspec.to_builtins(one.fault),
                "is_spent": one.is_spent,
                "is_due": one.is_due(self._exchange.clock.now_ns()),
                "seen": one.seen,
                "struck": one.struck,
            }
            for one in self._faults.board
        ]

    def _instrument(self, name: str) -> dict[str, Any]:
        engine = self._exchange.engine
        quote = engine.quote(name)
        rules = engine.rules(name)
        return {
            "name": name,
            "status": rules.status.value,
            "price_decimals": rules.price_decimals,
            "last": _text(engine.last_price(name), rules.price_decimals),
            "mark": _text(engine.mark_price(name), rules.price_decimals),
            "index": _text(engine.index_price(name), rules.price_decimals),
            "bid": _text(quote.bid if quote else None, rules.price_decimals),
            "ask": _text(quote.ask if quote else None, rules.price_decimals),
            "funding_rate": _text(engine.funding_rate(name), 8),
            "next_funding_ms": (engine.next_funding_ns(name) or 0) // NS_PER_MS,
        }

    def _account(self, name: str) -> dict[str, Any]:
        return {"name": name, **{view: self._seen(name, path) for view, path in _VIEWS.items()}}

    def _seen(self, account: str, path: str) -> object:
        operation = self._operations.find("GET", path)
        if operation is None:
            return None
        try:
            return operation.handler(self._exchange, account, Params({}))
        except VenueError as error:
            return error.body()
        except RefusedError as refused:
            return from_refusal(refused).body()

    def _connections(self) -> list[dict[str, Any]]:
        return [
            {
                "number": one.number,
                "route": one.route.value or "unrouted",
                "path": _shown(one),
                "from": one.socket.remote,
                "streams": one.streams,
                "sent": one.socket.sent,
                "waiting": one.socket.waiting,
                "is_silent": one.socket.is_silent,
            }
            for one in self._hub.subscribers
        ]


def _shown(subscriber: Subscriber) -> str:
    """The path a socket came by, without listen keys."""
    path = subscriber.socket.path
    return "/".join(path.partition("?")[0].split("/")[:3]) if subscriber.route is Route.PRIVATE else path[:80]


def _text(value: Decimal | None, decimals: int) -> str | None:
    return None if value is None else f"{value:.{decimals}f}"
