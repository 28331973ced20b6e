"""Faults of whole sockets: refused, silent, cut, replaced by a newer one."""

from aiohttp import WSCloseCode

from geobuk.domain.times import NS_PER_SECOND
from geobuk.emulators.binance.faults.board import FaultBoard, Standing, Subject
from geobuk.emulators.binance.faults.kinds import Disconnect, NewestConnectionWins, RefuseConnections, SilentSockets
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.emulators.binance.streams.names import Route
from geobuk.emulators.binance.streams.subscriber import Subscriber


class BoardSocketFaults:
    """Asks the board as sockets open, and again at every step of time."""

    def __init__(self, board: FaultBoard, hub: Hub) -> None:
        self._board = board
        self._hub = hub
        self._storms: dict[int, int] = {}

    def refusal(self, route: Route) -> int | None:
        fault = self._board.striking(RefuseConnections, Subject(route=route.value or "public"))
        return None if fault is None else fault.status

    def opened(self, subscriber: Subscriber) -> None:
        """Silence a new socket if that is in force; close older ones of its listen keys if the newest wins."""
        subscriber.socket.is_silent = self._is_silent(subscriber)
        if subscriber.keys and self._board.striking(NewestConnectionWins, _subject(subscriber)) is not None:
            for other in self._hub.subscribers:
                if other is not subscriber and other.keys.keys() & subscriber.keys.keys():
                    other.socket.close(WSCloseCode.POLICY_VIOLATION, "a newer connection took over")

    def advance(self, now_ns: int) -> None:
        """Let what is due happen to the sockets that are open."""
        if self._board.has(SilentSockets) or any(one.socket.is_silent for one in self._hub.subscribers):
            for subscriber in self._hub.subscribers:
                subscriber.socket.is_silent = self._is_silent(subscriber)
        for standing in self._board:
            if isinstance(standing.fault, Disconnect):
                self._disconnect(standing, standing.fault, now_ns)

    def _is_silent(self, subscriber: Subscriber) -> bool:
        return self._board.in_force(SilentSockets, _subject(subscriber)) is not None

    def _disconnect(self, standing: Standing, fault: Disconnect, now_ns: int) -> None:
        due = self._storms.get(standing.number, 0)
        if due < 0 or now_ns < due or not standing.is_due(now_ns):
            return
        self._storms[standing.number] = now_ns + round(fault.repeat_s * NS_PER_SECOND) if fault.repeat_s > 0 else -1
        standing.struck += 1
        for subscriber in self._hub.subscribers:
            if fault.where.route and fault.where.route != _subject(subscriber).route:
                continue
            if fault.is_abrupt:
                subscriber.socket.cut("a fault cut the connection")
            else:
                subscriber.socket.close(WSCloseCode.GOING_AWAY, "disconnected")


def _subject(subscriber: Subscriber) -> Subject:
    return Subject(route=subscriber.route.value or "public")
