"""Who listens to what, and the delivery of each event to all who do. It knows no market and no account."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from geobuk.emulators.binance.streams.names import Kind, Route, Topic
from geobuk.emulators.binance.streams.subscriber import Subscriber


@dataclass(frozen=True, slots=True)
class Event:
    """What a fault may know of an event. ``stream`` is the stream's name, or empty on the user stream."""

    type: str
    instrument: str
    stream: str
    route: Route


class EventFaults(Protocol):
    """Trouble with events on their way to one subscriber."""

    @property
    def is_quiet(self) -> bool:
        """Whether there is none at present."""
        ...

    def deliveries(self, subscriber: int, event: Event, payload: bytes) -> Iterable[tuple[str, bytes, float]]:
        """(stream name, payload, seconds of delay) in the order of sending, instead of the one event."""
        ...


class NoEventFaults:
    """All events arrive once, whole and in order."""

    is_quiet = True

    def deliveries(self, subscriber: int, event: Event, payload: bytes) -> Iterable[tuple[str, bytes, float]]:
        del subscriber
        return ((event.stream, payload, 0.0),)


class Hub:
    """Subscribers by topic and by listen key. Each payload is encoded once, whoever listens."""

    def __init__(self, faults: EventFaults | None = None) -> None:
        self.faults: EventFaults = faults or NoEventFaults()
        self._by_topic: dict[Topic, dict[Subscriber, list[str]]] = {}
        self._by_key: dict[str, set[Subscriber]] = {}
        self._subscribers: dict[int, Subscriber] = {}

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        return tuple(self._subscribers.values())

    def join(self, subscriber: Subscriber) -> None:
        self._subscribers[subscriber.number] = subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a socket and all that it wanted."""
        self._subscribers.pop(subscriber.number, None)
        for name in list(subscriber.names):
            self.unsubscribe(subscriber, name)
        for key in list(subscriber.keys):
            self.unsubscribe(subscriber, key)

    def subscribe(self, subscriber: Subscriber, name: str, events: frozenset[str] = frozenset()) -> None:
        """Deliver a stream, or on the private route a listen key's events, from now on."""
        if subscriber.route is Route.PRIVATE:
            subscriber.keys[name] = events
            self._by_key.setdefault(name, set()).add(subscriber)
            return
        topic = subscriber.add(name)
        if topic is None:
            return
        self._by_topic.setdefault(topic, {}).setdefault(subscriber, []).append(name)

    def unsubscribe(self, subscriber: Subscriber, name: str) -> None:
        """Deliver it no more; what was not wanted is no error."""
        if subscriber.keys.pop(name, None) is not None:
            listeners = self._by_key.get(name, set())
            listeners.discard(subscriber)
            if not listeners:
                self._by_key.pop(name, None)
        topic = subscriber.names.pop(name, None)
        listening = self._by_topic.get(topic, {}) if topic is not None else {}
        if topic is None or subscriber not in listening:
            return
        listening[subscriber].remove(name)
        if not listening[subscriber]:
            del listening[subscriber]
        if not listening:
            del self._by_topic[topic]

    def topics(self, kind: Kind) -> Iterator[Topic]:
        """Topics of a kind that somebody listens to."""
        return (topic for topic in tuple(self._by_topic) if topic.kind is kind)

    def has(self, topic: Topic) -> bool:
        return topic in self._by_topic

    def publish(self, topic: Topic, event_type: str, instrument: str, payload: bytes) -> None:
        """Send a market event to all who listen to its topic."""
        frames: dict[tuple[str, bool], bytes] = {}
        for subscriber, names in tuple(self._by_topic.get(topic, {}).items()):
            for name in names:
                if not self.faults.is_quiet:
                    self._deliver(subscriber, Event(event_type, instrument, name, subscriber.route), payload)
                    continue
                key = (name, subscriber.is_combined)
                frame = frames.get(key)
                if frame is None:
                    frame = frames[key] = subscriber.frame(name, payload)
                subscriber.socket.push(frame)

    def publish_private(self, listen_key: str, event_type: str, instrument: str, payload: bytes) -> None:
        """Send a user event to all who listen to its key."""
        for subscriber in self.listeners(listen_key):
            wanted = subscriber.keys[listen_key]
            if wanted and event_type not in wanted:
                continue
            if self.faults.is_quiet:
                subscriber.socket.push(subscriber.frame(listen_key, payload))
            else:
                self._deliver(subscriber, Event(event_type, instrument, listen_key, Route.PRIVATE), payload)

    def listeners(self, listen_key: str) -> tuple[Subscriber, ...]:
        """Who listens to a key, in the order of their connecting."""
        return tuple(sorted(self._by_key.get(listen_key, ()), key=lambda subscriber: subscriber.number))

    def _deliver(self, subscriber: Subscriber, event: Event, payload: bytes) -> None:
        for name, told, delay_s in self.faults.deliveries(subscriber.number, event, payload):
            subscriber.socket.push(subscriber.frame(name, told), delay_s)

    def tend(self, now_ns: int) -> None:
        """Pings, pongs and lives of all sockets."""
        for subscriber in self.subscribers:
            subscriber.socket.tend(now_ns)
