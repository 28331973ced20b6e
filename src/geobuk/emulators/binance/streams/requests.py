"""The venue's control messages on a stream: what a client may ask for, and the words of a refusal."""

import json
from dataclasses import dataclass
from typing import Any

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


class StreamRequestError(Exception):
    """A refusal: ``code`` 0 unknown property, 1 wrong type, 2 invalid request, 3 no JSON."""

    def __init__(self, code: int, msg: str, request_id: Any = None) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg
        self.request_id = request_id

    def reply(self) -> dict[str, Any]:
        told: dict[str, Any] = {"code": self.code, "msg": self.msg}
        return told if self.request_id is None else {**told, "id": self.request_id}


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A control message. ``params`` are stream names, or a property with its value."""

    method: str
    params: tuple[Any, ...]
    request_id: Any


def read_request(text: bytes) -> StreamRequest:
    """A control message; raises StreamRequestError in the venue's words."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise StreamRequestError(
            3, f"Invalid JSON: expected value at line {error.lineno} column {error.colno}"
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise StreamRequestError(3, "Invalid JSON: expected value at line 1 column 1") from None
    if not isinstance(value, dict):
        raise StreamRequestError(2, "Invalid request: expected an object at line 1 column 0")
    return _of_object(value)


def _of_object(value: dict[str, Any]) -> StreamRequest:
    request_id = value.get("id")
    if "method" not in value:
        raise StreamRequestError(2, "Invalid request: missing field `method`", request_id)
    method = value["method"]
    if method not in METHODS:
        known = ", ".join(f"`{one}`" for one in METHODS)
        raise StreamRequestError(2, f"Invalid request: unknown variant `{method}`, expected one of {known}", request_id)
    params = value.get("params", [])
    if not isinstance(params, list):
        raise StreamRequestError(2, "Invalid request: params must be an array", request_id)
    if method in {"SUBSCRIBE", "UNSUBSCRIBE"} and not all(isinstance(name, str) for name in params):
        raise StreamRequestError(2, "Invalid request: stream name must be a string", request_id)
    if method in {"SET_PROPERTY", "GET_PROPERTY"}:
        _require_property(method, params, request_id)
    return StreamRequest(method, tuple(params), request_id)


def _require_property(method: str, params: list[Any], request_id: Any) -> None:
    expected = 2 if method == "SET_PROPERTY" else 1
    if len(params) > expected:
        raise StreamRequestError(2, "Invalid request: too many parameters", request_id)
    if len(params) < expected or not isinstance(params[0], str):
        raise StreamRequestError(2, "Invalid request: property name must be a string", request_id)
    if params[0] != "combined":
        raise StreamRequestError(0, "Unknown property", request_id)
    if method == "SET_PROPERTY" and not isinstance(params[1], bool):
        raise StreamRequestError(1, "Invalid value type: expected Boolean", request_id)
