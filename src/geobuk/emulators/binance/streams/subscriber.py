"""What one socket wants to hear: stream names, listen keys, and whether frames are wrapped."""

from dataclasses import dataclass, field
from itertools import count

from geobuk.emulators.binance.streams.names import Route, Topic, topic_of
from geobuk.emulators.binance.streams.socket import Socket

_numbers = count(1)


@dataclass(eq=False, slots=True)
class Subscriber:
    """A socket with its wishes. ``keys`` maps a listen key to the event types wanted of it; empty: all."""

    socket: Socket
    route: Route
    is_combined: bool
    names: dict[str, Topic | None] = field(default_factory=dict)
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def streams(self) -> int:
        return len(self.names) + len(self.keys)

    def add(self, name: str) -> Topic | None:
        """Note a stream name; returns its topic if this route delivers it and it is new."""
        if name in self.names:
            return None
        topic = topic_of(name)
        self.names[name] = topic
        return topic if topic is not None and self.route.delivers(topic.kind) else None

    def frame(self, name: str, payload: bytes) -> bytes:
        """The payload as this socket gets it."""
        return b'{"stream":"' + name.encode() + b'","data":' + payload + b"}" if self.is_combined else payload
