"""The paths on which streams are asked for, and the conversation on each socket."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from geobuk.emulators.binance.streams.hub import Hub
from geobuk.emulators.binance.streams.limits import SocketLimits
from geobuk.emulators.binance.streams.names import Route
from geobuk.emulators.binance.streams.requests import StreamRequest, StreamRequestError, read_request
from geobuk.emulators.binance.streams.socket import Socket
from geobuk.emulators.binance.streams.subscriber import Subscriber

_FORMS = ("ws", "stream")


class ConnectionFaults(Protocol):
    """Trouble with sockets as they open."""

    def refusal(self, route: Route) -> int | None:
        """An HTTP status for a socket that is not to open."""
        ...

    def opened(self, subscriber: Subscriber) -> None:
        """A socket has opened and its first wishes are noted."""
        ...


class HealthySockets:
    """Every socket opens."""

    def refusal(self, route: Route) -> int | None:
        del route
        return None

    def opened(self, subscriber: Subscriber) -> None: ...


class StreamEndpoint:
    """Upgrades requests to streams. ``now_ns`` is the clock that sockets live by."""

    def __init__(
        self,
        hub: Hub,
        now_ns: Callable[[], int],
        limits: SocketLimits | None = None,
        faults: ConnectionFaults | None = None,
    ) -> None:
        self._hub = hub
        self._now_ns = now_ns
        self._limits = limits or SocketLimits()
        self._faults: ConnectionFaults = faults or HealthySockets()

    def add_routes(self, app: web.Application) -> None:
        """Serve every path of the venue's streams."""
        for prefix in ("", "/public", "/market", "/private"):
            for form in _FORMS:
                for rest in ("", "/", "/{streams:.+}"):
                    app.router.add_get(f"{prefix}/{form}{rest}", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One socket from its opening to its end."""
        route, form, wishes = _read_path(request)
        refused = self._faults.refusal(route)
        if refused is not None:
            return web.Response(status=refused, text="")
        response = web.WebSocketResponse(
            autoping=False, compress=False, max_msg_size=self._limits.most_message_bytes, decode_text=False
        )
        if not response.can_prepare(request).ok:
            return web.json_response({"code": -1000, "msg": "a WebSocket handshake is expected here"}, status=400)
        await response.prepare(request)
        socket = Socket(response, request, self._limits, self._now_ns())
        subscriber = Subscriber(socket, route, is_combined=form == "stream")
        self._hub.join(subscriber)
        writing = asyncio.create_task(socket.write())
        try:
            for name, events in wishes[: self._limits.most_streams]:
                self._hub.subscribe(subscriber, name, events)
            self._faults.opened(subscriber)
            await self._listen(subscriber)
        finally:
            self._hub.leave(subscriber)
            socket.cut("the client has gone")
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
        return response

    async def _listen(self, subscriber: Subscriber) -> None:
        socket = subscriber.socket
        while True:
            message = await socket.response.receive()
            if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                return
            if not socket.may_speak(self._now_ns()):
                socket.close(WSCloseCode.POLICY_VIOLATION, "Too many requests")
            self._heard(subscriber, message)

    def _heard(self, subscriber: Subscriber, message: WSMessage) -> None:
        if message.type is WSMsgType.PING:
            subscriber.socket.pong(message.data)
        elif message.type is WSMsgType.PONG:
            subscriber.socket.saw_pong()
        else:
            subscriber.socket.push(json.dumps(self._answer(subscriber, message.data)).encode())

    def _answer(self, subscriber: Subscriber, text: bytes) -> dict[str, Any]:
        try:
            asked = read_request(text)
            return {"result": self._perform(subscriber, asked), "id": asked.request_id}
        except StreamRequestError as error:
            return error.reply()

    def _perform(self, subscriber: Subscriber, asked: StreamRequest) -> Any:
        if asked.method == "SUBSCRIBE":
            new = [name for name in dict.fromkeys(asked.params) if name not in subscriber.names]
            if subscriber.streams + len(new) > self._limits.most_streams:
                text = f"Invalid request: more than {self._limits.most_streams} streams on one connection"
                raise StreamRequestError(2, text, asked.request_id)
            for name in new:
                self._hub.subscribe(subscriber, name)
        elif asked.method == "UNSUBSCRIBE":
            for name in asked.params:
                self._hub.unsubscribe(subscriber, name)
        elif asked.method == "LIST_SUBSCRIPTIONS":
            return [*subscriber.names, *subscriber.keys]
        elif asked.method == "SET_PROPERTY":
            subscriber.is_combined = asked.params[1]
        else:
            return subscriber.is_combined
        return None


def _read_path(request: web.Request) -> tuple[Route, str, list[tuple[str, frozenset[str]]]]:
    """The route, ``ws`` or ``stream``, and what is wanted at once: stream names, or listen keys with event types.

    A number in the place of a stream name (ccxt's ``/ws/0``) wants nothing.
    """
    parts = request.path.split("/", 3)[1:]
    route = Route(parts.pop(0)) if parts[0] not in _FORMS else Route.UNROUTED
    form, path_rest = parts[0], request.path.partition(f"/{parts[0]}")[2].strip("/")
    pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
    names = [name for name in path_rest.split("/") if name]
    if len(names) == 1 and names[0].isdigit():
        names = []
    if route is Route.PRIVATE:
        return route, form, [*((name, frozenset[str]()) for name in names), *_listen_keys(pairs)]
    names += [unquote(name) for key, text in pairs if key == "streams" for name in text.split("/") if name]
    return route, form, [(name, frozenset[str]()) for name in names]


def _listen_keys(pairs: list[tuple[str, str]]) -> list[tuple[str, frozenset[str]]]:
    found: list[tuple[str, frozenset[str]]] = []
    for name, text in pairs:
        if name in {"listenKey", "streams"} and text:
            found.extend((key, frozenset()) for key in text.split("/") if key)
        elif name == "events" and found:
            found[-1] = (found[-1][0], frozenset(event for event in text.split("/") if event))
    return found
