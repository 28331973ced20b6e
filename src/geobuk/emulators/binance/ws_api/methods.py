"""Which operation answers which method, and how a request is read."""

import json
from dataclasses import dataclass
from typing import Any

from geobuk.emulators.binance.errors import VenueError, bad

METHODS: dict[str, tuple[str, str]] = {
    "order.place": ("POST", "/fapi/v1/order"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
    "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
    "account.status": ("GET", "/fapi/v2/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "account.balance": ("GET", "/fapi/v2/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.position": ("GET", "/fapi/v2/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v2/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
"""Method: HTTP method and path of the operation that answers it."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request as it came. ``params`` holds numbers as the text that was sent: the signature is over it."""

    request_id: Any
    method: str
    params: dict[str, object]


class UnreadableError(VenueError):
    """A frame that is no request; ``request_id`` is None where even that could not be read."""

    def __init__(self, msg: str, request_id: Any = None) -> None:
        super().__init__(400, -1135, msg)
        self.request_id = request_id


def read_api_request(text: bytes) -> ApiRequest:
    """A request; raises UnreadableError."""
    try:
        value = json.loads(text)
        as_sent = json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UnreadableError("JSON Request is invalid.") from None
    if not isinstance(value, dict):
        raise UnreadableError("JSON Request is invalid: an object is expected.")
    request_id = value.get("id")
    if not (request_id is None or isinstance(request_id, str | int)):
        raise UnreadableError("JSON Request is invalid: 'id' must be a string, an integer or null.")
    if not isinstance(value.get("method"), str):
        raise UnreadableError("JSON Request is invalid: 'method' is missing.", request_id)
    params = as_sent.get("params") or {}
    if not isinstance(params, dict):
        raise UnreadableError("JSON Request is invalid: 'params' must be an object.", request_id)
    return ApiRequest(request_id, value["method"], params)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def unknown_method(method: str) -> VenueError:
    return bad(-5000, f"Method {method[:64]} is invalid")
