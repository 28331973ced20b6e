"""Faults of stream events on their way to one subscriber."""

import random
from collections.abc import Iterable

import msgspec

from geobuk.emulators.binance.faults.board import FaultBoard, Subject
from geobuk.emulators.binance.faults.delays import delay_s
from geobuk.emulators.binance.faults.kinds import (
    DelayEvents,
    DepthGap,
    DropEvents,
    DuplicateEvents,
    EventField,
    ReorderEvents,
)
from geobuk.emulators.binance.streams.hub import Event

_KINDS = (DropEvents, DepthGap, DelayEvents, DuplicateEvents, ReorderEvents, EventField)
Delivery = tuple[str, bytes, float]


class BoardEventFaults:
    """Asks the board about each delivery."""

    def __init__(self, board: FaultBoard, seed: int = 1) -> None:
        self._board = board
        self._chance = random.Random(seed)  # noqa: S311  chance that repeats, not secrecy
        self._held: dict[int, list[Delivery]] = {}

    @property
    def is_quiet(self) -> bool:
        return not self._held and not (len(self._board) and self._board.has(*_KINDS))

    def deliveries(self, subscriber: int, event: Event, payload: bytes) -> Iterable[Delivery]:
        board = self._board
        subject = Subject(
            instrument=event.instrument, events=(event.stream, event.type), route=event.route.value or "public"
        )
        held = self._held.pop(subscriber, [])
        if board.striking(DropEvents, subject) is not None:
            return held
        if event.type == "depthUpdate" and board.striking(DepthGap, subject) is not None:
            return held
        changed = board.striking(EventField, subject)
        if changed is not None:
            payload = with_field(payload, changed.name, changed.value)
        late = board.striking(DelayEvents, subject)
        delivery = (event.stream, payload, 0.0 if late is None else delay_s(late, self._chance))
        if not held and board.striking(ReorderEvents, subject) is not None:
            self._held[subscriber] = [delivery]
            return ()
        copies = 1 if board.striking(DuplicateEvents, subject) is None else 2
        return [*[delivery] * copies, *held]

    def forget(self, subscriber: int) -> None:
        self._held.pop(subscriber, None)


def with_field(payload: bytes, name: str, value: object) -> bytes:
    """A payload with a field set, or taken away (UNSET); a name such as ``o.q`` goes into nested objects.

    In a list each element is changed.
    """
    content = msgspec.json.decode(payload)
    path = name.split(".")
    for row in content if isinstance(content, list) else [content]:
        _change(row, path, value)
    return msgspec.json.encode(content)


def _change(content: object, path: list[str], value: object) -> None:
    for step in path[:-1]:
        content = content.get(step) if isinstance(content, dict) else None
    if not isinstance(content, dict):
        return
    if value is msgspec.UNSET:
        content.pop(path[-1], None)
    else:
        content[path[-1]] = value
