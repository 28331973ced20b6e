"""One client's talk with the WebSocket API: who it is, what it asks, what it is told."""

import logging
from typing import Any

import msgspec
from aiohttp import web

from geobuk.emulators.binance.errors import VenueError, bad, mandatory
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.gate import admitted_key, check_signed, check_timestamp
from geobuk.emulators.binance.keys import ApiKey, KeyKind
from geobuk.emulators.binance.operations import OperationTable, Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.perform import perform
from geobuk.emulators.binance.request_facts import Faults
from geobuk.emulators.binance.ws_api.methods import (
    METHODS,
    ApiRequest,
    UnreadableError,
    read_api_request,
    unknown_method,
)

_SESSION_WEIGHT = 2

log = logging.getLogger(__name__)


class ApiSession:
    """Answers requests one by one; ``ip`` is charged their weight. ``returns_rate_limits`` is the URL's wish."""

    def __init__(
        self,
        exchange: Exchange,
        operations: OperationTable,
        faults: Faults,
        ip: str,
        *,
        returns_rate_limits: bool = True,
    ) -> None:
        self._exchange = exchange
        self._operations = operations
        self._faults = faults
        self._ip = ip
        self._returns_rate_limits = returns_rate_limits
        self._connected_ms = exchange.clock.server_ms()
        self._key: ApiKey | None = None
        self._since_ms: int | None = None

    async def answer(self, frame: bytes) -> bytes | None:
        """The reply to a frame; None where a fault leaves it without one."""
        try:
            asked = read_api_request(frame)
        except UnreadableError as error:
            return self._reply(error.request_id, error.status, error.body(), {})
        try:
            response = await self._answered(asked)
        except VenueError as error:
            return self._reply(asked.request_id, error.status, error.body(), asked.params)
        except Exception:
            log.exception("%s failed", asked.method)
            unknown = {"code": -1000, "msg": "An unknown error occured while processing the request."}
            return self._reply(asked.request_id, 500, unknown, asked.params)
        if not isinstance(response.body, bytes):
            return None
        return self._reply(asked.request_id, response.status, msgspec.Raw(response.body), asked.params)

    async def _answered(self, asked: ApiRequest) -> web.Response:
        exchange, now = self._exchange, self._exchange.clock.now_ms()
        exchange.limits.check_ban(self._ip, now)
        if asked.method.startswith("session."):
            exchange.limits.charge(self._ip, _SESSION_WEIGHT, now)
            return web.Response(body=msgspec.json.encode(self._session(asked)))
        twin = METHODS.get(asked.method)
        operation = None if twin is None else self._operations.find(*twin)
        if operation is None:
            exchange.limits.charge(self._ip, 1, now)
            raise unknown_method(asked.method)
        params = Params.from_json(asked.params)
        exchange.limits.charge(self._ip, operation.weight_of(params), now)
        exchange.refresh()
        key = self._admitted(operation.security, params)
        if key is not None:
            params = params.sent_with(key.name)
        return await perform(exchange, self._faults, operation, params, None if key is None else key.account)

    def _admitted(self, security: Security, params: Params) -> ApiKey | None:
        is_of_session = self._key is not None and not params.get("apiKey")
        name = self._key.name if is_of_session and self._key is not None else params.get("apiKey")
        key = admitted_key(self._exchange, name, security, self._ip)
        if key is not None and security.needs_signature:
            if not is_of_session:
                check_signed(self._exchange, key, params, payload_of(params))
            elif not params.get("timestamp"):
                raise mandatory("timestamp")
            else:
                check_timestamp(self._exchange, params)
        return key

    def _session(self, asked: ApiRequest) -> dict[str, Any]:
        if asked.method == "session.logon":
            params = Params.from_json(asked.params)
            key = admitted_key(self._exchange, params.get("apiKey"), Security.SIGNED, self._ip)
            if key is None or key.kind is not KeyKind.ED25519:
                raise bad(-4056, "HMAC_SHA256 API key is not supported.")
            check_signed(self._exchange, key, params, payload_of(params))
            self._key, self._since_ms = key, self._exchange.clock.server_ms()
        elif asked.method == "session.logout":
            self._key = self._since_ms = None
        elif asked.method != "session.status":
            raise unknown_method(asked.method)
        return {
            "apiKey": None if self._key is None else self._key.name,
            "authorizedSince": self._since_ms,
            "connectedSince": self._connected_ms,
            "returnRateLimits": self._returns_rate_limits,
            "serverTime": self._exchange.clock.server_ms(),
        }

    def _reply(self, request_id: Any, status: int, content: object, params: dict[str, object]) -> bytes:
        told: dict[str, Any] = {"id": request_id, "status": status}
        told["result" if status == 200 else "error"] = content
        wish = params.get("returnRateLimits")
        if self._returns_rate_limits if wish is None else str(wish).lower() == "true":
            told["rateLimits"] = self._rate_limits(params)
        return msgspec.json.encode(told)

    def _rate_limits(self, params: dict[str, object]) -> list[dict[str, object]]:
        limits, now = self._exchange.limits, self._exchange.clock.now_ms()
        weight, minute, seconds = limits.rows()
        told = [{**weight, "count": limits.used_weight(self._ip, now)}]
        name = params.get("apiKey") or (self._key.name if self._key else "")
        key = self._exchange.keys.find(str(name))
        if key is not None:
            in_seconds, in_minute = limits.orders_used(key.account, now)
            told += [{**seconds, "count": in_seconds}, {**minute, "count": in_minute}]
        return told


def payload_of(params: Params) -> bytes:
    """What is signed: all parameters but the signature, sorted by name, values as they were sent."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature").encode()
